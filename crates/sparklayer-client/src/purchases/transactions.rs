//! The payments and refunds of a purchase.

use connector_http::{Error, ErrorKind, Idempotency, Operation};
use http::Method;
use rust_decimal::Decimal;
use serde_json::value::{RawValue, to_raw_value};

use super::{LookupBy, Purchases};
use crate::json::decode;
use crate::members::{Members, Value, wire_object};
use crate::money::Money;
use crate::raw_json::RawJson;
use crate::value::decimal;
use crate::wire_names::AmountShape;

static LIST: Operation = Operation::new(
    "purchases.transactions",
    Idempotency::ReadOnly,
    "/api/v1/purchases/{lookupBy}/{identifier}/transactions",
);
/// Documented as an upsert by purchase and `platform_id`.
static PUT: Operation = Operation::new(
    "purchases.put_transaction",
    Idempotency::Idempotent,
    "/api/v1/purchases/{lookupBy}/{identifier}/transactions",
);

/// What a transaction moved, in major units; negative for a refund (documented).
///
/// The JSON type is not documented: an object with number and currency, a number and a text are read, and
/// [`WireNames::transaction_total`](crate::WireNames::transaction_total) says what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionTotal {
    /// Major units.
    pub amount: Decimal,
    /// ISO 4217, if it was stated.
    pub currency: Option<String>,
}

impl TransactionTotal {
    /// An amount with its currency.
    #[must_use]
    pub fn new(amount: Decimal, currency: impl Into<String>) -> Self {
        Self {
            amount,
            currency: Some(currency.into()),
        }
    }

    fn to_raw(&self, shape: AmountShape) -> Result<Box<RawValue>, serde_json::Error> {
        match shape {
            AmountShape::Object => {
                let currency = self.currency.as_deref().unwrap_or_default();
                Money::new(self.amount, currency).write_value()
            }
            AmountShape::Number => self.amount.write_value(),
            AmountShape::Text => to_raw_value(&self.amount.to_string()),
        }
    }
}

impl Value for TransactionTotal {
    fn read_value(raw: &RawValue) -> Option<Option<Self>> {
        if raw.get().starts_with('{') {
            let money = Money::read_value(raw)?;
            return Some(money.map(|money| Self {
                amount: money.amount,
                currency: Some(money.currency).filter(|currency| !currency.is_empty()),
            }));
        }
        let amount = decimal(raw)?;
        Some(amount.map(|amount| Self {
            amount,
            currency: None,
        }))
    }

    fn write_value(&self) -> Result<Box<RawValue>, serde_json::Error> {
        self.to_raw(AmountShape::default())
    }
}

wire_object! {
    /// A payment or refund of a purchase. Member names documented.
    pub struct Transaction {
        /// The payment provider's id of it: the key by which it is created or replaced.
        platform_id: Option<String> = "platform_id",
        /// What was paid; negative for a refund.
        total: Option<TransactionTotal> = "total",
        /// Whether it counts towards the payment status and the customer's balance. From `true` to `false` reverses it.
        apply_to_balance: Option<bool> = "apply_to_balance",
        /// The provider's own record, stored verbatim. **Take card data out of it first.**
        full_transaction: Option<RawJson> = "full_transaction",
    }
}

impl Transaction {
    /// A payment, or a refund by a negative total, for information only.
    #[must_use]
    pub fn new(platform_id: impl Into<String>, total: TransactionTotal) -> Self {
        Self {
            platform_id: Some(platform_id.into()),
            total: Some(total),
            apply_to_balance: Some(false),
            ..Self::default()
        }
    }

    /// The same transaction, counting towards payment status and balance.
    #[must_use]
    pub const fn applied_to_balance(mut self) -> Self {
        self.apply_to_balance = Some(true);
        self
    }

    /// As it is written, with the total in the shape that is configured; one that was read and not changed keeps its own.
    fn to_wire(&self, shape: AmountShape) -> Result<Vec<u8>, serde_json::Error> {
        let raw = self.write_value()?;
        let read = self.member("total").and_then(TransactionTotal::read_value);
        if let (Some(total), Some(mut members)) = (&self.total, Members::parse(&raw))
            && read.flatten().as_ref() != Some(total)
        {
            members.set("total", total.to_raw(shape)?);
            return serde_json::to_vec(&members.to_raw()?);
        }
        serde_json::to_vec(&raw)
    }
}

impl Purchases {
    /// The transactions of a purchase, those for information only included. Documented; that the answer is a bare array
    /// is assumed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if there is no such purchase; [`Decode`](ErrorKind::Decode) if the answer is
    /// not a list of objects.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// for paid in shop.purchases().transactions(LookupBy::Visible, "#1001").await? {
    ///     println!("{:?}: {:?}", paid.platform_id, paid.total);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn transactions(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
    ) -> Result<Vec<Transaction>, Error> {
        let address = self.address(&LIST, lookup_by, identifier, "transactions")?;
        let reply = self
            .client
            .call(&LIST, Method::GET, &address, None, &self.options)
            .await?;
        decode(&reply, "a list of transactions")
    }

    /// Creates a transaction, or replaces the one with the same `platform_id`. Documented, but for the type of the
    /// total. Returns what was stored, if the answer shows it.
    ///
    /// Do not record the same payment in the platform as well: it would count twice (documented).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) with unconfirmed names against a live address, since the total might be
    /// misread; [`InvalidRequest`](ErrorKind::InvalidRequest) without a `platform_id`, or without a total that can be
    /// written in the configured shape; [`NotFound`](ErrorKind::NotFound) if there is no such purchase. An ambiguous
    /// error may be repeated: the `platform_id` makes it one transaction.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the transaction was written; call it again.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, SparkLayer, Transaction, TransactionTotal};
    /// # async fn example(shop: SparkLayer) -> Result<(), Box<dyn std::error::Error>> {
    /// let total = TransactionTotal::new("15.99".parse()?, "GBP");
    /// let paid = Transaction::new("pi_3Nx", total).applied_to_balance();
    /// shop.purchases().put_transaction(LookupBy::Visible, "#1001", &paid).await?;
    /// # Ok(()) }
    /// ```
    pub async fn put_transaction(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        transaction: &Transaction,
    ) -> Result<Option<Transaction>, Error> {
        self.client
            .need_confirmed_names(&PUT, "writing a transaction")?;
        let refused = |detail: &'static str| {
            Error::before_sending(ErrorKind::InvalidRequest, PUT.name(), detail)
        };
        if transaction
            .platform_id
            .as_ref()
            .is_none_or(|id| id.trim().is_empty())
        {
            return Err(refused("the transaction has no platform_id"));
        }
        let shape = self.client.wire_names().transaction_total;
        let has_currency = |total: &TransactionTotal| total.currency.is_some();
        if shape == AmountShape::Object && !transaction.total.as_ref().is_none_or(has_currency) {
            return Err(refused("the total has no currency"));
        }
        let address = self.address(&PUT, lookup_by, identifier, "transactions")?;
        let body = transaction.to_wire(shape).map_err(|_| {
            Error::before_sending(
                ErrorKind::Build,
                PUT.name(),
                "the transaction cannot be written",
            )
        })?;
        let reply = self
            .client
            .call(&PUT, Method::PUT, &address, Some(body), &self.options)
            .await?;
        // What is answered is not documented: an object is taken for the transaction, anything else says no more than
        // its status.
        Ok(serde_json::from_slice(reply.body()).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(transaction: &Transaction, shape: AmountShape) -> String {
        String::from_utf8(transaction.to_wire(shape).unwrap()).unwrap()
    }

    #[test]
    fn the_total_is_written_in_the_configured_shape_and_an_old_one_in_its_own() {
        let total = TransactionTotal::new("-15.90".parse().unwrap(), "GBP");
        let made = Transaction::new("t-1", total.clone());
        let rest = r#"{"apply_to_balance":false,"platform_id":"t-1","total":"#;
        for (shape, text) in [
            (
                AmountShape::Object,
                r#"{"currency":"GBP","number":"-15.90"}"#,
            ),
            (AmountShape::Number, "-15.90"),
            (AmountShape::Text, r#""-15.90""#),
        ] {
            assert_eq!(wire(&made, shape), format!("{rest}{text}}}"));
        }
        let text = r#"{"odd":1e400,"platform_id":7,"total":15.990}"#;
        let mut read: Transaction = serde_json::from_str(text).unwrap();
        assert_eq!(wire(&read, AmountShape::Object), text);
        read.total = Some(total);
        assert_eq!(
            wire(&read, AmountShape::Text),
            r#"{"odd":1e400,"platform_id":7,"total":"-15.90"}"#
        );
    }
}
