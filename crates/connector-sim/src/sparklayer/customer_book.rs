//! Customers and their addresses, mostly by the older reference.

use chrono::{DateTime, Utc};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::amount::{decimal, number};
use super::counted_id;
use super::purchase::fault;
use super::switches::CustomerIds;
use crate::problem::Problem;
use crate::virtual_clock::wire_time;

/// Addresses of a customer at most (documented in an older page).
const MAX_ADDRESSES: usize = 500;
/// Members only the server writes.
const SERVER_MEMBERS: [&str; 4] = ["id", "created_at", "updated_at", "addresses"];
/// Members without which an address is refused (documented in the older reference).
const ADDRESS_REQUIRED: [&str; 3] = ["address_line1", "city", "country_code"];

type Members = Map<String, Value>;

/// One customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    members: Members,
    addresses: Vec<Members>,
}

impl Customer {
    pub(crate) fn id(&self) -> &str {
        text(&self.members, "id").unwrap_or_default()
    }

    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        text(&self.members, member)
    }

    pub(crate) fn group(&self) -> &str {
        self.text("group").unwrap_or("base")
    }

    /// Slugs of the customer's price lists, in their order.
    pub(crate) fn price_lists(&self) -> impl Iterator<Item = &str> {
        self.members
            .get("price_lists")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    pub(crate) fn address(&self, id: &str) -> Option<&Members> {
        self.addresses.iter().find(|address| is_called(address, id))
    }

    /// Whether an order of so much may go on account: the customer has an account and stays within its limit (documented).
    pub(crate) fn may_owe(&self, total: Decimal) -> bool {
        let Some(account) = self.members.get("payment_on_account") else {
            return false;
        };
        let of = |member: &str| account.get(member).and_then(decimal);
        let balance = of("balance").unwrap_or_default();
        of("credit_limit").is_none_or(|limit| balance.saturating_add(total) <= limit)
    }

    /// Moves the account's balance; a customer without an account has none.
    pub(crate) fn move_balance(&mut self, by: Decimal) {
        if let Some(account) = self
            .members
            .get_mut("payment_on_account")
            .and_then(Value::as_object_mut)
        {
            let balance = account.get("balance").and_then(decimal).unwrap_or_default();
            account.insert("balance".to_owned(), number(balance.saturating_add(by)));
        }
    }

    pub(crate) fn answer(&self) -> Value {
        let mut members = self.members.clone();
        members.insert("addresses".to_owned(), self.addresses());
        Value::Object(members)
    }

    pub(crate) fn addresses(&self) -> Value {
        self.addresses.iter().cloned().map(Value::Object).collect()
    }
}

/// All customers.
#[derive(Debug, Default)]
pub(crate) struct CustomerBook {
    customers: Vec<Customer>,
    issued: u64,
    addresses_issued: u64,
}

impl CustomerBook {
    /// By internal or external id (documented in the older reference).
    pub(crate) fn find(&self, id: &str) -> Result<&Customer, Problem> {
        self.customers
            .iter()
            .find(|customer| is_called(&customer.members, id))
            .ok_or_else(unknown_customer)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Result<&mut Customer, Problem> {
        self.customers
            .iter_mut()
            .find(|customer| is_called(&customer.members, id))
            .ok_or_else(unknown_customer)
    }

    /// As carts name a customer: `sparklayer`, `platform` or `email` (documented).
    pub(crate) fn look_up(&self, lookup_by: &str, id: &str) -> Option<&Customer> {
        // Assumed: cart-platform-customer.
        let member = match lookup_by {
            "sparklayer" => "id",
            "platform" => "external_id",
            "email" => "email",
            _ => return None,
        };
        self.customers.iter().find(|customer| {
            customer
                .text(member)
                .is_some_and(|text| text.eq_ignore_ascii_case(id))
        })
    }

    pub(crate) fn create(
        &mut self,
        body: &Value,
        ids: CustomerIds,
        now: DateTime<Utc>,
    ) -> Result<&Customer, Problem> {
        let mut members = writable(body)?;
        self.check(&members, None)?;
        self.issued += 1;
        let id = match ids {
            CustomerIds::Uuid => counted_id::uuid(counted_id::CUSTOMER, self.issued),
            CustomerIds::Prefixed => format!("cu_{}", self.issued),
        };
        // Assumed: customer-defaults.
        for (member, default) in [("status", "active"), ("group", "base"), ("role", "main")] {
            members
                .entry(member)
                .or_insert_with(|| Value::from(default));
        }
        members.insert("id".to_owned(), json!(id));
        members.insert("created_at".to_owned(), json!(wire_time(now)));
        members.insert("updated_at".to_owned(), json!(wire_time(now)));
        self.customers.push(Customer {
            members,
            addresses: Vec::new(),
        });
        self.find(&id)
    }

    /// Sets the members that are sent; `null` removes one.
    pub(crate) fn update(
        &mut self,
        id: &str,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<&Customer, Problem> {
        let changes = writable(body)?;
        let stored = self.find(id)?;
        let own_id = stored.id().to_owned();
        let mut members = stored.members.clone();
        merge(&mut members, changes);
        self.check(&members, Some(&own_id))?;
        members.insert("updated_at".to_owned(), json!(wire_time(now)));
        self.find_mut(&own_id)?.members = members;
        self.find(&own_id)
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<(), Problem> {
        let own_id = self.find(id)?.id().to_owned();
        self.customers.retain(|customer| customer.id() != own_id);
        Ok(())
    }

    pub(crate) fn add_address(&mut self, id: &str, body: &Value) -> Result<Value, Problem> {
        let mut address = writable(body)?;
        let number = self.addresses_issued + 1;
        let customer = self.find_mut(id)?;
        check_address(&address, &customer.addresses, None)?;
        if customer.addresses.len() >= MAX_ADDRESSES {
            return Err(Problem::bad_request("a customer has 500 addresses at most"));
        }
        address.insert("id".to_owned(), json!(format!("ca_{number}")));
        customer.addresses.push(address.clone());
        self.addresses_issued = number;
        Ok(Value::Object(address))
    }

    pub(crate) fn update_address(
        &mut self,
        id: &str,
        address_id: &str,
        body: &Value,
    ) -> Result<Value, Problem> {
        let changes = writable(body)?;
        let customer = self.find_mut(id)?;
        let mut address = customer
            .address(address_id)
            .cloned()
            .ok_or_else(unknown_address)?;
        merge(&mut address, changes);
        let own_id = text(&address, "id").unwrap_or_default().to_owned();
        check_address(&address, &customer.addresses, Some(&own_id))?;
        if let Some(stored) = customer
            .addresses
            .iter_mut()
            .find(|stored| text(stored, "id") == Some(&own_id))
        {
            *stored = address.clone();
        }
        Ok(Value::Object(address))
    }

    pub(crate) fn delete_address(&mut self, id: &str, address_id: &str) -> Result<(), Problem> {
        let customer = self.find_mut(id)?;
        let before = customer.addresses.len();
        customer
            .addresses
            .retain(|address| !is_called(address, address_id));
        if customer.addresses.len() == before {
            return Err(unknown_address());
        }
        Ok(())
    }

    fn check(&self, members: &Members, own_id: Option<&str>) -> Result<(), Problem> {
        let Some(email) = text(members, "email").filter(|email| email.contains('@')) else {
            return Err(refused("required", "email", "must be an e-mail address"));
        };
        check_external_id(members)?;
        let mut others = self
            .customers
            .iter()
            .filter(|customer| Some(customer.id()) != own_id);
        // Assumed: customer-conflict.
        let clash = others.find_map(|other| {
            if other
                .text("email")
                .is_some_and(|held| held.eq_ignore_ascii_case(email))
            {
                return Some("email");
            }
            let external_id = text(members, "external_id")?;
            (other.text("external_id") == Some(external_id)).then_some("external_id")
        });
        clash.map_or(Ok(()), |member| Err(taken(member, "another customer")))
    }
}

pub(crate) fn unknown_address() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no address has that id")
}

fn unknown_customer() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no customer has that id")
}

fn check_address(
    address: &Members,
    others: &[Members],
    own_id: Option<&str>,
) -> Result<(), Problem> {
    let missing: Vec<Value> = ADDRESS_REQUIRED
        .iter()
        .filter(|member| text(address, member).is_none())
        .map(|member| fault("required", member, "is required"))
        .collect();
    if !missing.is_empty() {
        return Err(Problem::bad_request("the address is not complete").with_errors(missing));
    }
    check_external_id(address)?;
    let external_id = text(address, "external_id");
    let clash = external_id.is_some()
        && others
            .iter()
            .any(|other| text(other, "id") != own_id && text(other, "external_id") == external_id);
    if clash {
        return Err(taken("external_id", "another address of the customer"));
    }
    Ok(())
}

/// External ids must not look like internal ones (documented in the older reference).
fn check_external_id(members: &Members) -> Result<(), Problem> {
    match text(members, "external_id") {
        Some(id) if id.starts_with("cu_") || id.starts_with("ca_") => Err(refused(
            "invalid",
            "external_id",
            "must not begin like an internal id",
        )),
        _ => Ok(()),
    }
}

fn refused(code: &str, member: &str, message: &str) -> Problem {
    Problem::bad_request("a member is missing or invalid")
        .with_errors(vec![fault(code, member, message)])
}

fn taken(member: &str, holder: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        format!("{member} belongs to {holder}"),
    )
    .with_errors(vec![fault("taken", member, "is taken")])
}

fn writable(body: &Value) -> Result<Members, Problem> {
    let mut members = body
        .as_object()
        .cloned()
        .ok_or_else(|| Problem::bad_request("the body is not a JSON object"))?;
    members.retain(|member, _| !SERVER_MEMBERS.contains(&member.as_str()));
    Ok(members)
}

fn merge(members: &mut Members, changes: Members) {
    for (member, value) in changes {
        if value.is_null() {
            members.remove(&member);
        } else {
            members.insert(member, value);
        }
    }
}

fn is_called(members: &Members, id: &str) -> bool {
    !id.is_empty() && (text(members, "id") == Some(id) || text(members, "external_id") == Some(id))
}

fn text<'a>(members: &'a Members, member: &str) -> Option<&'a str> {
    members
        .get(member)?
        .as_str()
        .filter(|text| !text.is_empty())
}
