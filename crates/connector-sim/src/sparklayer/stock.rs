//! Stock levels by location and SKU.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use http::StatusCode;
use serde_json::{Value, json};

use super::article::Assortment;
use super::counted_id;
use super::options::StockLocation;
use super::purchase::fault;
use super::switches::OmittedMembers;
use crate::problem::Problem;

/// External id of the location that is meant where none is named (documented).
const DEFAULT_LOCATION: &str = "default";

/// The stock of one SKU at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockLevel {
    /// External id of the location.
    pub location: String,
    /// SKU.
    pub sku: String,
    /// Units at the location.
    pub level: i64,
    /// When more is expected.
    pub restock_date: Option<NaiveDate>,
    /// Negative: how far it may be oversold (documented in the older reference).
    pub min_stock_level: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    level: i64,
    restock_date: Option<NaiveDate>,
    min_stock_level: Option<i64>,
}

/// How many rows an update held, and how many of them changed something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StockWrite {
    pub(crate) rows: u64,
    pub(crate) changed: u64,
}

/// What an update may hold.
#[derive(Debug)]
pub(crate) struct StockRules<'a> {
    pub(crate) max_rows: Option<usize>,
    pub(crate) omitted: OmittedMembers,
    pub(crate) refuse_unknown_skus: bool,
    pub(crate) articles: &'a Assortment,
}

/// The store behind the stock operations.
#[derive(Debug)]
pub(crate) struct StockBook {
    locations: Vec<StockLocation>,
    /// By location id and SKU.
    levels: BTreeMap<(String, String), Level>,
    /// What the platform has in location `default`, by SKU: levels that were set from the merchant's side.
    platform: BTreeMap<String, i64>,
    locations_created: u64,
}

impl StockBook {
    pub(crate) fn new(mut locations: Vec<StockLocation>) -> Self {
        locations.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            locations,
            levels: BTreeMap::new(),
            platform: BTreeMap::new(),
            locations_created: 0,
        }
    }

    pub(crate) fn locations(&self) -> Value {
        self.locations.iter().map(location).collect()
    }

    /// A new location; its external id must be free.
    pub(crate) fn create_location(&mut self, body: &Value) -> Result<Value, Problem> {
        let place = StockLocation::new(
            counted_id::uuid(counted_id::STOCK_LOCATION, self.locations_created + 1),
            "",
            "",
        );
        let place = self.changed_location(place, body)?;
        self.locations_created += 1;
        let answer = location(&place);
        self.locations.push(place);
        self.locations.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(answer)
    }

    /// Another name or external id for a location.
    pub(crate) fn update_location(&mut self, id: &str, body: &Value) -> Result<Value, Problem> {
        let stored = self.locations.iter().find(|place| place.id == id);
        let stored = stored
            .cloned()
            .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no stock location has that id"))?;
        let place = self.changed_location(stored, body)?;
        let answer = location(&place);
        if let Some(stored) = self.locations.iter_mut().find(|stored| stored.id == id) {
            *stored = place;
        }
        Ok(answer)
    }

    fn changed_location(
        &self,
        mut place: StockLocation,
        body: &Value,
    ) -> Result<StockLocation, Problem> {
        // Assumed: stock-location-members.
        for (member, text) in [
            ("name", &mut place.name),
            ("external_id", &mut place.external_id),
        ] {
            if let Some(sent) = body.get(member).and_then(Value::as_str) {
                sent.clone_into(text);
            }
            if text.is_empty() {
                return Err(Problem::bad_request("the stock location is not valid")
                    .with_errors(vec![fault("required", member, "is required")]));
            }
        }
        let taken = self
            .by_external_id(&place.external_id)
            .is_some_and(|other| other.id != place.id);
        if taken {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "external_id belongs to another stock location",
            ));
        }
        Ok(place)
    }

    fn by_external_id(&self, external_id: &str) -> Option<&StockLocation> {
        self.locations
            .iter()
            .find(|place| place.external_id == external_id)
    }

    /// Sets a level from the merchant's side. `false` where the location is unknown.
    pub(crate) fn set(&mut self, external_id: &str, sku: &str, level: i64) -> bool {
        let Some(id) = self
            .by_external_id(external_id)
            .map(|place| place.id.clone())
        else {
            return false;
        };
        let level = Level {
            level,
            restock_date: None,
            min_stock_level: None,
        };
        if external_id == DEFAULT_LOCATION {
            self.platform.insert(sku.to_owned(), level.level);
        }
        self.levels.insert((id, sku.to_owned()), level);
        true
    }

    /// Units that may be sold from location `default`, oversell included; `None` where nothing is known.
    pub(crate) fn sellable(&self, sku: &str) -> Option<i64> {
        let place = self.by_external_id(DEFAULT_LOCATION)?;
        let level = self.levels.get(&(place.id.clone(), sku.to_owned()))?;
        Some(
            level
                .level
                .saturating_sub(level.min_stock_level.unwrap_or_default().min(0)),
        )
    }

    /// Puts location `default` back to the platform's levels; gives the SKUs that differed.
    pub(crate) fn overwrite_from_platform(&mut self) -> Vec<String> {
        let Some(id) = self
            .by_external_id(DEFAULT_LOCATION)
            .map(|place| place.id.clone())
        else {
            return Vec::new();
        };
        let mut overwritten = Vec::new();
        for (sku, units) in &self.platform {
            match self.levels.get_mut(&(id.clone(), sku.clone())) {
                Some(stored) if stored.level == *units => continue,
                Some(stored) => stored.level = *units,
                None => {
                    let level = Level {
                        level: *units,
                        restock_date: None,
                        min_stock_level: None,
                    };
                    self.levels.insert((id.clone(), sku.clone()), level);
                }
            }
            overwritten.push(sku.clone());
        }
        overwritten
    }

    /// `batch-delete-stock`: the levels of these SKUs at every location.
    pub(crate) fn delete(&mut self, body: &Value) -> Result<(), Problem> {
        // Assumed: stock-delete.
        let skus = skus(body)?;
        self.levels
            .retain(|(_, sku), _| !skus.contains(&sku.as_str()));
        Ok(())
    }

    pub(crate) fn levels(&self) -> Vec<StockLevel> {
        let name = |id: &str| {
            let place = self.locations.iter().find(|place| place.id == id);
            place.map_or_else(String::new, |place| place.external_id.clone())
        };
        self.levels
            .iter()
            .map(|((id, sku), level)| StockLevel {
                location: name(id),
                sku: sku.clone(),
                level: level.level,
                restock_date: level.restock_date,
                min_stock_level: level.min_stock_level,
            })
            .collect()
    }

    /// `batch-fetch-stock`: without a filter only the location with external id `default` (documented).
    pub(crate) fn fetch(&self, body: &Value) -> Result<Value, Problem> {
        let skus = skus(body)?;
        let filter = body.get("filter");
        let all =
            filter.and_then(|filter| filter.get("all_stock_locations")) == Some(&Value::Bool(true));
        let named: Option<Vec<&str>> = filter
            .and_then(|filter| filter.get("stock_location_ids")?.as_array())
            .map(|ids| ids.iter().filter_map(Value::as_str).collect());
        let wanted = |place: &&StockLocation| match (&named, all) {
            (_, true) => true,
            (Some(ids), false) => ids.contains(&place.id.as_str()),
            (None, false) => place.external_id == DEFAULT_LOCATION,
        };
        let places: Vec<&StockLocation> = self.locations.iter().filter(wanted).collect();
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for sku in skus.into_iter().filter(|sku| seen.insert(*sku)) {
            let levels: Vec<Value> = places
                .iter()
                .filter_map(|place| {
                    let level = self.levels.get(&(place.id.clone(), sku.to_owned()))?;
                    Some(json!({
                        "stock_location_id": place.id,
                        "stock_level": level.level,
                        "restock_date": level.restock_date,
                        "min_stock_level": level.min_stock_level,
                    }))
                })
                .collect();
            if !levels.is_empty() {
                rows.push(json!({ "sku": sku, "stock_levels": levels }));
            }
        }
        Ok(Value::Array(rows))
    }

    /// `batch-update-stock`: all rows or none.
    pub(crate) fn update(
        &mut self,
        body: &Value,
        rules: &StockRules<'_>,
    ) -> Result<StockWrite, Problem> {
        let rows = body
            .as_array()
            .filter(|rows| !rows.is_empty())
            .ok_or_else(|| {
                Problem::bad_request("the body must be an array with at least one row")
            })?;
        // Assumed: stock-max-rows.
        if rules.max_rows.is_some_and(|most| rows.len() > most) {
            return Err(Problem::bad_request("the update has too many rows"));
        }
        let mut faults = Vec::new();
        let mut read = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            let Some((key, level)) = self.read_row(place, row, &mut faults) else {
                continue;
            };
            // Assumed: stock-unknown-sku.
            let (_, sku) = &key;
            if rules.refuse_unknown_skus && rules.articles.article(sku).is_none() {
                faults.push(fault(
                    "sku-not-found",
                    &format!("{place}/sku"),
                    "names no article",
                ));
            }
            if read.insert(key, level).is_some() {
                faults.push(fault(
                    "duplicate",
                    &place.to_string(),
                    "repeats the SKU and location of an earlier row",
                ));
            }
        }
        if !faults.is_empty() {
            return Err(Problem::bad_request("the stock rows are not valid").with_errors(faults));
        }
        let mut write = StockWrite::default();
        for (key, mut level) in read {
            write.rows += 1;
            // Assumed: stock-omitted-members.
            if rules.omitted == OmittedMembers::Keep
                && let Some(old) = self.levels.get(&key)
            {
                level.restock_date = level.restock_date.or(old.restock_date);
                level.min_stock_level = level.min_stock_level.or(old.min_stock_level);
            }
            let old = self.levels.insert(key, level.clone());
            write.changed += u64::from(old.as_ref() != Some(&level));
        }
        Ok(write)
    }

    fn read_row(
        &self,
        place: usize,
        row: &Value,
        faults: &mut Vec<Value>,
    ) -> Option<((String, String), Level)> {
        let before = faults.len();
        let mut complain = |code: &str, member: &str, message: &str| {
            faults.push(fault(code, &format!("{place}/{member}"), message));
        };
        let member = |name: &str| row.get(name).filter(|value| !value.is_null());
        let text = |name: &str| {
            member(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let location = match (
            member("stock_location_id"),
            member("stock_location_external_id"),
        ) {
            (Some(id), None) => {
                // Assumed: stock-unknown-location.
                let known = id
                    .as_str()
                    .and_then(|id| self.locations.iter().find(|place| place.id == id));
                if known.is_none() {
                    complain(
                        "stock-location-not-found",
                        "stock_location_id",
                        "names no location",
                    );
                }
                known
            }
            (None, Some(external_id)) => {
                let known = external_id.as_str().and_then(|id| self.by_external_id(id));
                if known.is_none() {
                    complain(
                        "stock-location-not-found",
                        "stock_location_external_id",
                        "names no location",
                    );
                }
                known
            }
            _ => {
                complain(
                    "invalid",
                    "stock_location_id",
                    "give exactly one of id and external id",
                );
                None
            }
        };
        let sku = text("sku");
        if sku.is_none() {
            complain("required", "sku", "is required");
        }
        let level = member("stock_level")
            .and_then(Value::as_i64)
            .filter(|level| i32::try_from(*level).is_ok());
        if level.is_none() {
            complain("required", "stock_level", "must be a 32-bit integer");
        }
        let restock_date = text("restock_date").and_then(|date| date.parse::<NaiveDate>().ok());
        if member("restock_date").is_some() && restock_date.is_none() {
            complain("invalid", "restock_date", "must be a date");
        }
        let min_stock_level = member("min_stock_level").and_then(Value::as_i64);
        if member("min_stock_level").is_some() && min_stock_level.is_none() {
            complain("invalid", "min_stock_level", "must be an integer");
        }
        if faults.len() > before {
            return None;
        }
        Some((
            (location?.id.clone(), sku?.to_owned()),
            Level {
                level: level?,
                restock_date,
                min_stock_level,
            },
        ))
    }
}

fn location(place: &StockLocation) -> Value {
    json!({ "id": place.id, "name": place.name, "external_id": place.external_id })
}

fn skus(body: &Value) -> Result<Vec<&str>, Problem> {
    body.get("skus")
        .and_then(Value::as_array)
        .and_then(|skus| skus.iter().map(Value::as_str).collect())
        .ok_or_else(|| Problem::bad_request("skus must be an array of strings"))
}
