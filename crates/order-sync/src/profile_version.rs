//! Which rules were in use, since when, and who approved them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A version of the profile: recorded when an engine first runs with it, and never forgotten.
///
/// Every prepared order names the hash of the profile it was checked against; this says what that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProfileVersion {
    /// Content hash of the profile ([`order_mapping::Profile::content_hash`]).
    pub hash: String,
    /// When an engine first ran with it.
    pub first_used_at: DateTime<Utc>,
    /// Who approved it, and when; none where nobody is on record.
    pub approval: Option<Approval>,
}

impl ProfileVersion {
    /// A version that came into use.
    pub fn new(
        hash: impl Into<String>,
        first_used_at: DateTime<Utc>,
        approval: Option<Approval>,
    ) -> Self {
        Self {
            hash: hash.into(),
            first_used_at,
            approval,
        }
    }
}

/// Who approved a profile, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Approval {
    /// Who, as the embedder names people.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Approval {
    /// An approval.
    pub fn new(by: impl Into<String>, at: DateTime<Utc>) -> Self {
        Self { by: by.into(), at }
    }
}
