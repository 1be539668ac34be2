//! Ids that are counted instead of drawn, so that a run repeats itself.

/// A UUID of version 4 in form. `kind` keeps the ids of different things apart.
pub(crate) fn uuid(kind: u16, number: u64) -> String {
    let number = number & 0xffff_ffff_ffff;
    format!("51d0{kind:04x}-0000-4000-8000-{number:012x}")
}

/// Kind of a cart.
pub(crate) const CART: u16 = 1;
/// Kind of a package.
pub(crate) const PACKAGE: u16 = 2;
/// Kind of a customer.
pub(crate) const CUSTOMER: u16 = 3;
/// Kind of a stock location.
pub(crate) const STOCK_LOCATION: u16 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparklayer::purchase::is_uuid;

    #[test]
    fn they_have_the_form_and_differ() {
        assert!(is_uuid(&uuid(CART, 1)));
        assert!(is_uuid(&uuid(u16::MAX, u64::MAX)));
        assert_ne!(uuid(CART, 1), uuid(PACKAGE, 1));
        assert_ne!(uuid(CART, 1), uuid(CART, 2));
    }
}
