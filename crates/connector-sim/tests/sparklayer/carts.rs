//! Carts, from the first to the order.

use connector_sim::{CompletedType, ShippingRate, ShopArticle};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, path};

/// A shop with two articles, two rates and one customer, who has a cart.
struct Shopping {
    caller: Caller,
    customer: String,
    cart: String,
}

impl Shopping {
    async fn start() -> Self {
        let caller = Caller::new().await;
        let shop = &caller.shop;
        let price = |text: &str| text.parse().unwrap();
        shop.put_article(
            ShopArticle::new("MUG", "Mug", price("4.20"))
                .with_tax_rate(price("20"))
                .with_quantities(Some(6), Some(60))
                .with_pack_size(6),
        );
        shop.put_article(
            ShopArticle::new("TEA", "Tea", price("1.05")).with_customer_groups(["trade"]),
        );
        shop.put_shipping_rate(
            ShippingRate::new("standard", "Standard Delivery", price("5.00"))
                .with_tax_rate(price("20")),
        );
        shop.put_shipping_rate(
            ShippingRate::new("ferry", "Ferry", price("9.00")).with_country_codes(["IE"]),
        );
        let customer = shop
            .create_customer(&json!({
                "email": "buying@shop.example", "external_id": "gid-7", "group": "trade", "currency_code": "gbp",
                "payment_on_account": { "credit_limit": 100, "balance": 0 },
            }))
            .unwrap();
        let address = json!({ "first_name": "Goods", "last_name": "In", "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB" });
        let address = shop.create_customer_address(&customer, &address).unwrap();
        shop.update_customer(
            &customer,
            &json!({ "default_shipping_address_id": address, "default_billing_address_id": address }),
        )
        .unwrap();
        let mut shopping = Self {
            caller,
            customer,
            cart: String::new(),
        };
        shopping.open_cart().await;
        shopping
    }

    async fn open_cart(&mut self) {
        let body = json!({ "customer_id": self.customer, "customer_lookup_by": "sparklayer" });
        let (status, answer) = self.caller.send(Method::POST, "/api/v1/carts", &body).await;
        assert_eq!(status, StatusCode::CREATED);
        self.cart = answer["cart_id"].as_str().unwrap().to_owned();
    }

    fn path(&self, part: &str) -> String {
        format!("/api/v1/carts/{}{part}", self.cart)
    }

    async fn update(&self, body: Value) -> (StatusCode, Value) {
        self.caller.send(Method::PATCH, &self.path(""), &body).await
    }

    async fn fill(&self, mugs: u32) -> Value {
        let body = json!({ "line_items": [{ "sku": "MUG", "quantity": mugs }] });
        let (status, answer) = self.update(body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    async fn calculate(&self, body: Value) -> (StatusCode, Value) {
        let path = self.path("/calculate");
        self.caller.send(Method::POST, &path, &body).await
    }

    async fn complete(&self, body: Value) -> (StatusCode, Value) {
        let path = self.path("/complete");
        self.caller.send(Method::POST, &path, &body).await
    }
}

fn codes(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_cart_is_for_a_customer_that_exists() {
    let shopping = Shopping::start().await;
    let create = async |body: Value| {
        shopping
            .caller
            .send(Method::POST, "/api/v1/carts", &body)
            .await
    };
    for (lookup_by, id) in [("platform", "gid-7"), ("email", "Buying@shop.example")] {
        let (status, _) =
            create(json!({ "customer_id": id, "customer_lookup_by": lookup_by })).await;
        assert_eq!(status, StatusCode::CREATED, "{lookup_by}");
    }
    let (status, problem) =
        create(json!({ "customer_id": "gid-7", "customer_lookup_by": "sparklayer" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(codes(&problem), ["resource-id-not-found"]);
    let (status, _) =
        create(json!({ "customer_id": "gid-7", "customer_lookup_by": "phone" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(shopping.caller.shop.open_carts(), 3);
}

#[tokio::test]
async fn the_locale_is_that_of_the_header() {
    let shopping = Shopping::start().await;
    let (_, cart) = shopping.caller.get(&shopping.path("")).await;
    assert_eq!(cart["cart"]["locale"], "en-US");
    let body = json!({ "customer_id": shopping.customer, "customer_lookup_by": "sparklayer" });
    let answer = shopping
        .caller
        .request(Method::POST, "/api/v1/carts")
        .header("Accept-Language", "de-DE")
        .json(&body)
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let id = answer["cart_id"].as_str().unwrap();
    let (_, cart) = shopping.caller.get(&format!("/api/v1/carts/{id}")).await;
    assert_eq!(cart["cart"]["locale"], "de-DE");
}

#[tokio::test]
async fn lines_are_replaced_and_each_has_a_result() {
    let shopping = Shopping::start().await;
    let (status, answer) = shopping
        .update(json!({ "line_items": [
            { "sku": "MUG", "quantity": 12 }, { "sku": "MOON", "quantity": 1 }, { "sku": "TEA", "quantity": 0 },
        ] }))
        .await;
    assert_eq!(status, StatusCode::OK);
    let results: Vec<(&str, bool)> = answer["line_item_results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["sku"].as_str().unwrap(),
                row["success"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(results, [("MUG", true), ("MOON", false), ("TEA", true)]);
    assert_eq!(
        answer["line_item_results"][1]["errors"][0]["code"],
        "sku-not-found"
    );
    let money = |amount: &str| json!({ "amount": amount, "currency_code": "GBP" });
    assert_eq!(
        answer["cart"]["items"],
        json!([{ "sku": "MUG", "quantity": 12, "line_total": { "net": money("50.40"), "gross": money("60.48"), "tax": money("10.08") } }])
    );
    let (_, again) = shopping
        .update(json!({ "line_items": [{ "sku": "TEA", "quantity": 2 }] }))
        .await;
    assert_eq!(again["cart"]["items"].as_array().unwrap().len(), 1);
    let (_, emptied) = shopping.update(json!({ "po_number": "PO-1" })).await;
    assert_eq!(
        emptied["cart"]["items"],
        json!([]),
        "no array empties the cart"
    );
}

#[tokio::test]
async fn texts_stay_until_an_empty_one_clears_them() {
    let shopping = Shopping::start().await;
    let texts = json!({ "customer_reference": "ref", "po_number": "PO-1", "shipping_requested_date": "2010-12-24" });
    shopping.update(texts.clone()).await;
    let (_, kept) = shopping
        .update(json!({ "custom_fields": [{ "name": "x" }] }))
        .await;
    for (member, value) in texts.as_object().unwrap() {
        assert_eq!(&kept["cart"][member], value);
    }
    let (_, cleared) = shopping
        .update(json!({ "po_number": "", "custom_fields": [] }))
        .await;
    assert_eq!(cleared["cart"]["po_number"], "");
    assert_eq!(cleared["cart"]["customer_reference"], "ref");
    assert_eq!(cleared["cart"]["custom_fields"], json!([]));
}

#[tokio::test]
async fn a_bad_update_changes_nothing() {
    let shopping = Shopping::start().await;
    shopping.fill(6).await;
    let too_many: Vec<Value> = (0..251)
        .map(|number| json!({ "sku": format!("S{number}"), "quantity": 1 }))
        .collect();
    for (body, property) in [
        (json!({ "line_items": {} }), "/line_items"),
        (json!({ "line_items": too_many }), "/line_items"),
        (
            json!({ "line_items": [{ "sku": "MUG", "quantity": 1.5 }] }),
            "/line_items/0/quantity",
        ),
        (
            json!({ "line_items": [{ "sku": "MUG", "quantity": -1 }] }),
            "/line_items/0/quantity",
        ),
        (
            json!({ "line_items": [{ "quantity": 1 }] }),
            "/line_items/0/sku",
        ),
        (
            json!({ "line_items": [{ "sku": "MUG", "quantity": 1 }, { "sku": "MUG", "quantity": 2 }] }),
            "/line_items/1",
        ),
        (
            json!({ "shipping_address_id": "ca_99" }),
            "/shipping_address_id",
        ),
        (
            json!({ "temporary_shipping_address": "here" }),
            "/temporary_shipping_address",
        ),
        (json!({ "po_number": 5 }), "/po_number"),
        (json!({ "custom_fields": {} }), "/custom_fields"),
    ] {
        let (status, problem) = shopping.update(body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["errors"][0]["property"], property);
    }
    let (_, cart) = shopping.caller.get(&shopping.path("")).await;
    assert_eq!(cart["cart"]["items"][0]["quantity"], 6);
}

#[tokio::test]
async fn an_empty_cart_is_not_calculated_or_completed() {
    let shopping = Shopping::start().await;
    let (status, problem) = shopping.calculate(json!({})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(codes(&problem), ["cart-empty"]);
    let (status, problem) = shopping
        .complete(json!({ "payment_method": "paymentByInvoice" }))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(codes(&problem), ["cart-empty"]);
}

#[tokio::test]
async fn a_calculation_has_totals_and_what_may_be_chosen() {
    let shopping = Shopping::start().await;
    shopping.fill(12).await;
    let (status, answer) = shopping
        .calculate(json!({ "shipping_rate_handle": "standard" }))
        .await;
    assert_eq!(status, StatusCode::OK);
    let amount = |pointer: &str| answer.pointer(pointer).unwrap()["amount"].clone();
    assert_eq!(amount("/totals/items/pre_discount/net"), "50.40");
    assert_eq!(amount("/totals/shipping/pre_discount/gross"), "6.00");
    assert_eq!(amount("/totals/total/pre_discount/net"), "55.40");
    assert_eq!(amount("/totals/total/pre_discount/tax"), "11.08");
    assert_eq!(amount("/totals/total/post_discount/gross"), "66.48");
    let handles: Vec<&Value> = answer["shipping_methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| &method["handle"])
        .collect();
    assert_eq!(handles, ["standard"], "the ferry does not go there");
    assert_eq!(
        answer["payment_methods"],
        json!(["upfrontPayment", "paymentByInvoice", "paymentOnAccount"])
    );
    for handle in [json!("ferry"), json!("none"), json!(5)] {
        let (status, problem) = shopping
            .calculate(json!({ "shipping_rate_handle": handle }))
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(codes(&problem), ["cart-shipping-rate-handle-unavailable"]);
    }
    // The body may be left out.
    let bare = shopping
        .caller
        .request(Method::POST, &shopping.path("/calculate"));
    let bare: Value = bare.send().await.unwrap().json().await.unwrap();
    assert_eq!(bare["totals"]["shipping"], Value::Null);
}

#[tokio::test]
async fn a_temporary_address_wins() {
    let shopping = Shopping::start().await;
    let address = json!({ "first_name": "Drop", "last_name": "Ship", "address_line1": "1 Quay", "city": "Cork", "country_code": "IE" });
    shopping
        .update(json!({
            "line_items": [{ "sku": "MUG", "quantity": 6 }],
            "temporary_shipping_address": address,
        }))
        .await;
    let (status, answer) = shopping
        .complete(json!({ "payment_method": "paymentByInvoice", "shipping_rate_handle": "ferry" }))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let purchase = shopping.caller.shop.purchase(&shopping.cart).unwrap();
    let package = &purchase["packages"][0];
    assert_eq!(package["shipping_address"]["name"], "Drop Ship");
    assert_eq!(package["shipping_address"]["city"], "Cork");
    assert_eq!(package["shipping_method"]["name"], "Ferry");
    assert_eq!(purchase["billing_address"]["city"], "Bedford");
}

#[tokio::test]
async fn validation_errors_stop_completing_unless_they_are_ignored() {
    let shopping = Shopping::start().await;
    let answer = shopping.fill(61).await;
    assert_eq!(answer["validation_errors"][0]["sku"], "MUG");
    let complete = |ignored: Value| json!({ "payment_method": "paymentByInvoice", "ignore_validation_errors": ignored });
    let (status, problem) = shopping.complete(complete(json!([]))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        codes(&problem),
        [
            "cart-validation-errors",
            "maximum-order-item-quantity",
            "order-item-pack-size"
        ]
    );
    let one = json!(["maximum-order-item-quantity"]);
    let (status, problem) = shopping.complete(complete(one)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        codes(&problem),
        ["cart-validation-errors", "order-item-pack-size"]
    );
    let (status, _) = shopping.complete(complete(json!("*"))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let both = json!(["maximum-order-item-quantity", "order-item-pack-size"]);
    assert_eq!(
        shopping.complete(complete(both)).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a_star_ignores_every_kind_of_error() {
    let shopping = Shopping::start().await;
    shopping
        .caller
        .shop
        .update_customer(&shopping.customer, &json!({ "group": "retail" }))
        .unwrap();
    shopping.caller.shop.set_stock("default", "MUG", 4).unwrap();
    let (_, answer) = shopping
        .update(json!({ "line_items": [{ "sku": "MUG", "quantity": 5 }, { "sku": "TEA", "quantity": 1 }] }))
        .await;
    let found = json!({ "errors": answer["validation_errors"] });
    assert_eq!(
        codes(&found),
        [
            "minimum-order-item-quantity",
            "order-item-pack-size",
            "order-item-availability",
            "order-item-customer-restriction"
        ]
    );
    let body = json!({ "payment_method": "paymentByInvoice", "ignore_validation_errors": ["*"] });
    assert_eq!(shopping.complete(body).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn completing_makes_a_purchase_and_takes_the_cart_away() {
    let shopping = Shopping::start().await;
    shopping
        .update(json!({
            "line_items": [{ "sku": "MUG", "quantity": 6 }],
            "customer_reference": "ref", "po_number": "PO-77", "shipping_requested_date": "2010-12-24",
            "custom_fields": [{ "name": "Delivery Date", "value": "soon" }],
        }))
        .await;
    let body = json!({ "payment_method": "paymentOnAccount", "shipping_rate_handle": "standard" });
    let (status, answer) = shopping.complete(body.clone()).await;
    assert_eq!(
        (status, answer),
        (StatusCode::CREATED, json!({ "purchase_id": shopping.cart }))
    );

    let (_, purchase) = shopping.caller.get(&path(&shopping.cart)).await;
    assert_eq!(purchase["type"], "order");
    assert_eq!(purchase["payment_method"], "paymentOnAccount");
    assert_eq!(
        purchase["customer_identifiers"]["sparklayer"],
        shopping.customer
    );
    assert_eq!(purchase["customer_reference"], "PO-77");
    assert_eq!(purchase["custom_fields"][0]["name"], "Delivery Date");
    assert_eq!(purchase["metadata"][0]["value"], "2010-12-24");
    assert_eq!(
        purchase["calculated_total"],
        json!({ "number": "36.24", "currency": "GBP" })
    );
    let line = &purchase["packages"][0]["line_items"][0];
    assert_eq!(line["identifiers"]["sku"], "MUG");
    assert_eq!(line["quantity"], 6);
    assert_eq!(
        line["line_total"]["total_net"],
        json!({ "number": "25.20", "currency": "GBP" })
    );
    let customer = shopping.caller.shop.customer(&shopping.customer).unwrap();
    assert_eq!(customer["payment_on_account"]["balance"], json!(36.24));

    assert_eq!(
        shopping.complete(body).await.0,
        StatusCode::NOT_FOUND,
        "the cart is gone"
    );
    assert_eq!(shopping.calculate(json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(shopping.update(json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        shopping.caller.get(&shopping.path("")).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(shopping.caller.shop.open_carts(), 0);
    assert_eq!(shopping.caller.shop.writes().carts_completed, 1);
    assert_eq!(
        shopping
            .caller
            .get("/api/v1/purchases?type=order")
            .await
            .1
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn only_an_allowed_payment_method_completes() {
    let shopping = Shopping::start().await;
    shopping.fill(60).await;
    let (_, answer) = shopping.calculate(json!({})).await;
    assert_eq!(
        answer["payment_methods"],
        json!(["upfrontPayment", "paymentByInvoice"]),
        "302.40 is over the limit"
    );
    for body in [
        json!({}),
        json!({ "payment_method": "barter" }),
        json!({ "payment_method": "paymentOnAccount" }),
    ] {
        let (status, problem) = shopping.complete(body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["errors"][0]["property"], "/payment_method");
    }
    shopping
        .update(
            json!({ "line_items": [{ "sku": "MUG", "quantity": 6 }], "shipping_address_id": null }),
        )
        .await;
    let (status, problem) = shopping
        .complete(json!({ "payment_method": "upfrontPayment" }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["errors"][0]["property"], "/shipping_address_id");
}

#[tokio::test]
async fn open_questions_about_completing_have_switches() {
    let shopping = Shopping::start().await;
    let shop = &shopping.caller.shop;
    let mut switches = shop.switches();
    switches.completed_type = CompletedType::OrderUnconfirmed;
    switches.purchase_po_number = true;
    shop.set_switches(switches);
    shopping
        .update(json!({ "line_items": [{ "sku": "MUG", "quantity": 6 }], "customer_reference": "ref", "po_number": "PO-77" }))
        .await;
    let (status, _) = shopping
        .complete(json!({ "payment_method": "paymentByInvoice" }))
        .await;
    assert_eq!(status, StatusCode::CREATED);
    let purchase = shop.purchase(&shopping.cart).unwrap();
    assert_eq!(purchase["type"], "order_unconfirmed");
    assert_eq!(
        (&purchase["po_number"], &purchase["customer_reference"]),
        (&json!("PO-77"), &json!("ref"))
    );
    shop.complete_draft(&shopping.cart).unwrap();
    assert_eq!(
        shop.run_platform_connector().promoted,
        std::slice::from_ref(&shopping.cart)
    );
    assert_eq!(shop.purchase(&shopping.cart).unwrap()["type"], "order");
}

#[tokio::test]
async fn a_switch_shows_open_carts_as_purchases() {
    let mut shopping = Shopping::start().await;
    assert_eq!(
        shopping.caller.get(&path(&shopping.cart)).await.0,
        StatusCode::NOT_FOUND
    );
    let mut switches = shopping.caller.shop.switches();
    switches.carts_are_purchases = true;
    shopping.caller.shop.set_switches(switches);
    shopping.open_cart().await;
    shopping.fill(6).await;
    let (_, open) = shopping.caller.get(&path(&shopping.cart)).await;
    assert_eq!(open["type"], "cart");
    assert_eq!(open["packages"][0]["line_items"][0]["quantity"], 6);
    assert!(open["dates"].get("placed_at").is_none());
    let body = json!({ "payment_method": "paymentByInvoice" });
    assert_eq!(shopping.complete(body).await.0, StatusCode::CREATED);
    let (_, completed) = shopping.caller.get(&path(&shopping.cart)).await;
    assert_eq!(completed["type"], "order");
    assert_eq!(completed["dates"]["placed_at"], "2010-12-03T18:00:00Z");
    assert_eq!(shopping.caller.shop.purchases().len(), 1);
}

#[tokio::test]
async fn a_price_list_of_the_customer_sets_the_price() {
    let shopping = Shopping::start().await;
    let shop = &shopping.caller.shop;
    shop.create_price_list("wholesale", [("MUG", "3.00".parse().unwrap())])
        .unwrap();
    shop.update_customer(
        &shopping.customer,
        &json!({ "price_lists": ["none", "wholesale"] }),
    )
    .unwrap();
    let breaks = json!([{ "sku": "MUG", "pricing": [{ "quantity": 1, "price": 3 }, { "quantity": 12, "price": 2.5 }] }]);
    let path = "/api/v1/price-lists/wholesale/pricing";
    shopping.caller.send(Method::PATCH, path, &breaks).await;
    for (mugs, net) in [(6, "18.00"), (12, "30.00"), (18, "45.00")] {
        let answer = shopping.fill(mugs).await;
        assert_eq!(
            answer["cart"]["items"][0]["line_total"]["net"]["amount"],
            net
        );
    }
}
