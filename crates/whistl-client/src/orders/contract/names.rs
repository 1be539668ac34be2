//! The tables of names.

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident = $default:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$doc])*
                #[doc = concat!(" Default `", $default, "` (assumed).")]
                pub $field: String,
            )+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default.to_owned(),)+ }
            }
        }

        impl $name {
            pub(super) fn all(&self) -> Vec<&str> {
                vec![$(&self.$field,)+]
            }
        }
    };
}

names! {
    /// Paths below the base URL.
    Paths {
        /// OAuth2 token.
        token = "/oauth/token",
        /// Creating (POST) and listing (GET) orders.
        orders = "/v1/orders",
        /// One order; `{reference}` stands for the client reference and must be a whole segment.
        order = "/v1/orders/{reference}",
        /// Despatches after a cursor.
        despatches = "/v1/despatches",
        /// Inventory.
        inventory = "/v1/inventory",
        /// Asking to cancel an order (POST) and what became of it (GET).
        cancel = "/v1/orders/{reference}/cancel",
        /// Amending an order.
        amend = "/v1/orders/{reference}/amend",
        /// Charges of one order.
        order_charges = "/v1/orders/{reference}/charges",
        /// Acknowledgements after a cursor.
        acknowledgements = "/v1/acknowledgements",
        /// Returns after a cursor.
        returns = "/v1/returns",
        /// Charges after a cursor or of a period.
        charges = "/v1/charges",
    }
}

names! {
    /// Names of query parameters.
    QueryNames {
        /// Cursor or sequence to read after.
        since = "since",
        /// Page size.
        limit = "limit",
        /// First day of a period.
        from = "from",
        /// Last day of a period.
        to = "to",
    }
}

names! {
    /// Members of an order; the purchase order number is `Contract::po_field`.
    OrderNames {
        /// The client reference.
        reference = "reference",
        /// The number the buyer sees.
        order_number = "orderNumber",
        /// The service code.
        service_code = "serviceCode",
        /// The currency.
        currency = "currency",
        /// The date the buyer asked for.
        requested_date = "requestedDate",
        /// Text for the driver.
        instructions = "instructions",
        /// The recipient.
        recipient = "recipient",
        /// The lines.
        lines = "lines",
        /// Whether what is there may leave before the rest.
        may_part_ship = "allowPartShipment",
        /// What is declared to customs.
        customs = "customs",
    }
}

names! {
    /// Members of the customs part of an order.
    CustomsNames {
        /// Who pays duty and bears the risk.
        incoterm = "incoterm",
        /// The sender's trader number.
        sender_eori = "senderEori",
        /// The sender's number in the UK Internal Market Scheme.
        sender_ukims = "senderUkims",
        /// The receiver's trader number.
        recipient_eori = "recipientEori",
    }
}

names! {
    /// Members of a recipient.
    RecipientNames {
        /// The person's name.
        name = "name",
        /// The company.
        company = "company",
        /// First address line.
        line1 = "line1",
        /// Second address line.
        line2 = "line2",
        /// City.
        city = "city",
        /// County.
        county = "county",
        /// Postcode.
        postcode = "postcode",
        /// Country, two letters.
        country = "country",
        /// Phone, digits only.
        phone = "phone",
        /// E-mail address.
        email = "email",
    }
}

names! {
    /// Members of an order line.
    LineNames {
        /// The client's line id.
        line_id = "lineId",
        /// The SKU.
        sku = "sku",
        /// The quantity.
        quantity = "quantity",
        /// The description.
        description = "description",
        /// The unit price, decimal text.
        unit_price = "unitPrice",
        /// The commodity code of the goods.
        commodity_code = "commodityCode",
        /// The country of origin of the goods, two letters.
        origin = "originCountry",
        /// The value of one unit for customs, decimal text.
        customs_value = "customsValue",
        /// The net weight of one unit in grams.
        net_weight = "netWeightGrams",
        /// Units set aside, in an answer.
        allocated = "allocated",
        /// Units that have left, in an answer.
        despatched = "despatched",
        /// Units that will not be sent, in an answer.
        short = "short",
        /// Units that were cancelled, in an answer.
        cancelled = "cancelled",
    }
}

names! {
    /// What the warehouse adds to an order.
    AcceptedNames {
        /// The warehouse's own id.
        order_id = "orderId",
        /// When it was accepted.
        accepted_at = "acceptedAt",
        /// Where it stands.
        status = "status",
        /// Counts its changes.
        version = "version",
        /// Why it is held.
        hold_reason = "holdReason",
    }
}

names! {
    /// Members of a request to change an order, and of its answer.
    ChangeNames {
        /// The client's id of the request.
        request_id = "requestId",
        /// The order's reference.
        reference = "reference",
        /// Why it is asked for, and why it was refused.
        reason = "reason",
        /// The version that was read, and in an answer the new one.
        version = "version",
        /// What the warehouse decided.
        outcome = "outcome",
        /// When it did.
        decided_at = "decidedAt",
        /// The units that were cancelled.
        lines = "lines",
        /// The complaints about an amendment.
        refused = "refused",
    }
}

names! {
    /// Members around a list.
    PageNames {
        /// The orders of an order list.
        orders = "orders",
        /// The despatches of a despatch list.
        despatches = "despatches",
        /// The acknowledgements of their list.
        acknowledgements = "acknowledgements",
        /// The returns of a list of returns.
        returns = "returns",
        /// The charges of a list of charges.
        charges = "charges",
        /// The cursor to read on from.
        next = "next",
        /// Whether there is more at once.
        more = "more",
    }
}

names! {
    /// Members of a despatch.
    DespatchNames {
        /// The despatch's id.
        despatch_id = "despatchId",
        /// The client reference.
        reference = "reference",
        /// The warehouse's id of the order.
        order_id = "orderId",
        /// When it left.
        despatched_at = "despatchedAt",
        /// The parcels.
        parcels = "parcels",
        /// The quantities that will not be sent.
        shorts = "shorts",
    }
}

names! {
    /// Members of a parcel.
    ParcelNames {
        /// The parcel's id.
        parcel_id = "parcelId",
        /// The carrier.
        carrier = "carrier",
        /// The service.
        service = "service",
        /// The tracking number.
        tracking_number = "trackingNumber",
        /// The tracking page.
        tracking_url = "trackingUrl",
        /// The contents.
        lines = "lines",
        /// The weight with packaging, in grams.
        weight = "weightGrams",
    }
}

names! {
    /// Members of a line of a parcel, and of a short line.
    ParcelLineNames {
        /// The client's line id.
        line_id = "lineId",
        /// The SKU.
        sku = "sku",
        /// The quantity.
        quantity = "quantity",
        /// Why it is short.
        reason = "reason",
        /// Whether the units follow later.
        back_ordered = "backOrdered",
    }
}

names! {
    /// Members of an inventory answer.
    InventoryNames {
        /// Snapshot or delta.
        kind = "kind",
        /// The moment it describes.
        as_of = "asOf",
        /// The sequence number it goes up to.
        sequence = "sequence",
        /// The sequence number that a delta begins after.
        from_sequence = "fromSequence",
        /// The rows.
        items = "items",
    }
}

names! {
    /// Members of an inventory row.
    InventoryItemNames {
        /// The SKU.
        sku = "sku",
        /// Units in the warehouse.
        on_hand = "onHand",
        /// Units of these that are promised to accepted orders.
        allocated = "allocated",
        /// Units of these that cannot be sold.
        unsellable = "unsellable",
        /// The row's sequence number.
        sequence = "sequence",
    }
}

names! {
    /// Members of an acknowledgement.
    AcknowledgementNames {
        /// Its id.
        acknowledgement_id = "acknowledgementId",
        /// The client reference.
        reference = "reference",
        /// The warehouse's id of the order.
        order_id = "orderId",
        /// What happened.
        kind = "kind",
        /// When.
        at = "at",
        /// The request it answers.
        request_id = "requestId",
        /// Why.
        reason = "reason",
        /// The complaints about a rejected order.
        errors = "errors",
    }
}

names! {
    /// Members of a return.
    ReturnNames {
        /// Its id.
        return_id = "returnId",
        /// The client reference, where it is known.
        reference = "reference",
        /// The warehouse's id of the order.
        order_id = "orderId",
        /// When it came.
        received_at = "receivedAt",
        /// The number under which it was announced.
        authorisation = "authorisation",
        /// Its lines.
        lines = "lines",
    }
}

names! {
    /// Members of a line of a return.
    ReturnLineNames {
        /// The client's line id.
        line_id = "lineId",
        /// The SKU.
        sku = "sku",
        /// The quantity.
        quantity = "quantity",
        /// The condition of the goods.
        condition = "condition",
        /// Why they came back.
        reason = "reason",
        /// Units that went back on the shelf.
        restocked = "restocked",
    }
}

names! {
    /// Members of a charge.
    ChargeNames {
        /// Its id.
        charge_id = "chargeId",
        /// The client reference, where it is of an order.
        reference = "reference",
        /// What it is for.
        kind = "kind",
        /// In the warehouse's words.
        description = "description",
        /// How many.
        quantity = "quantity",
        /// The amount, decimal text.
        amount = "amount",
        /// The currency.
        currency = "currency",
        /// First day of its period.
        period_from = "periodFrom",
        /// Last day of its period.
        period_to = "periodTo",
        /// When it was made.
        at = "at",
    }
}

names! {
    /// How a token is asked for and an API key is sent.
    AuthNames {
        /// The header of an API key.
        api_key_header = "X-Api-Key",
        /// The form member of the grant type.
        grant_type = "grant_type",
        /// The form member of the client id.
        client_id = "client_id",
        /// The form member of the secret.
        client_secret = "client_secret",
        /// The form member of the scope.
        scope = "scope",
        /// The answer's member of the token.
        access_token = "access_token",
        /// The answer's member of the token's kind.
        token_type = "token_type",
        /// The answer's member of its lifetime in seconds.
        expires_in = "expires_in",
    }
}

names! {
    /// Members of an error answer.
    ProblemNames {
        /// The list of complaints.
        errors = "errors",
        /// A complaint's code.
        code = "code",
        /// A complaint's JSON pointer.
        field = "field",
        /// A complaint's text.
        message = "message",
        /// The text of the whole answer, taken where there is no list.
        detail = "detail",
    }
}
