//! The identifiers by which a purchase is found.

/// Which of its identifiers names a purchase. Documented.
///
/// ```
/// assert_eq!(sparklayer_client::LookupBy::Visible.as_str(), "visible");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LookupBy {
    /// SparkLayer's UUID, the cart's id.
    Sparklayer,
    /// The platform's internal order id.
    Platform,
    /// The merchant's own id.
    Internal,
    /// The number that the buyer sees.
    Visible,
}

impl LookupBy {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sparklayer => "sparklayer",
            Self::Platform => "platform",
            Self::Internal => "internal",
            Self::Visible => "visible",
        }
    }
}

pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_five_groups_of_hex() {
        assert!(is_uuid("63428136-658f-48a6-beb7-7f333dfd9686"));
        for bad in [
            "",
            "63428136658f48a6beb77f333dfd9686",
            "63428136-658f-48a6-beb7-7f333dfd968g",
            "../x",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }
}
