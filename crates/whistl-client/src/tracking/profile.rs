//! What is assumed about tracking, as data.

use std::collections::{BTreeMap, BTreeSet};

use connector_http::BuildError;
use serde::{Deserialize, Serialize};

use super::event::ParcelStage;

/// Everything about the tracking interface that no documentation says.
///
/// ```
/// use whistl_client::tracking::{ParcelStage, TrackingProfile};
/// let profile = TrackingProfile::default();
/// assert_eq!(profile.stage(Some(1)), ParcelStage::Delivered);
/// assert_eq!(profile.stage(Some(6)), ParcelStage::Unknown);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TrackingProfile {
    /// What an event category means. Default: one integrator's mapping (seen in use; meanings assumed): 1 delivered; 2, 3 and 7 in
    /// transit; 4 exception; 5 and 8 held.
    pub categories: BTreeMap<u32, ParcelStage>,
    /// How a moment is written in a request, in the letters of `strftime`. Default `%Y-%m-%dT%H:%M:%S`, as events have it (assumed).
    pub date_format: String,
    /// Error codes that are about credentials. Default none: no list is published.
    pub credential_errors: BTreeSet<i64>,
}

impl Default for TrackingProfile {
    fn default() -> Self {
        Self {
            categories: [
                (1, ParcelStage::Delivered),
                (2, ParcelStage::InTransit),
                (3, ParcelStage::InTransit),
                (4, ParcelStage::Exception),
                (5, ParcelStage::Held),
                (7, ParcelStage::InTransit),
                (8, ParcelStage::Held),
            ]
            .into(),
            date_format: "%Y-%m-%dT%H:%M:%S".to_owned(),
            credential_errors: BTreeSet::new(),
        }
    }
}

impl TrackingProfile {
    /// What a category means; unknown where the profile does not say.
    #[must_use]
    pub fn stage(&self, category: Option<u32>) -> ParcelStage {
        category
            .and_then(|category| self.categories.get(&category).copied())
            .unwrap_or(ParcelStage::Unknown)
    }

    /// Checks that the date format can be used.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] naming the member.
    pub fn check(&self) -> Result<(), BuildError> {
        use chrono::format::{Item, StrftimeItems};
        let wrong = StrftimeItems::new(&self.date_format).any(|item| matches!(item, Item::Error));
        if wrong || self.date_format.trim().is_empty() {
            return Err(BuildError::new("tracking: date_format is not usable"));
        }
        Ok(())
    }
}
