//! The engine's database: a fresh one that is removed at the end, a given one, or a copy of it for a dry run.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use connector_examples::deployment::{Failure, InputFault, PersonalDataKeys, StoreChoice};
use order_sync::{MerchantId, OrderState, Store};
use tempfile::TempDir;

/// The schema of demonstrations in PostgreSQL, apart from that of a deployment.
const DEMO_SCHEMA: &str = "order_sync_demo";

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) store: Arc<dyn Store>,
    /// Where it is, when it stays.
    pub(crate) kept: Option<String>,
    /// Removed when this is dropped, which has to come after the store.
    _folder: Option<TempDir>,
}

impl Database {
    /// Opens what the command line asks for; for a dry run of a file, a copy.
    pub(crate) async fn open(given: Option<&StoreChoice>, dry_run: bool) -> Result<Self, Failure> {
        let keys = PersonalDataKeys::read()?;
        let given = match given {
            None => return Self::fresh(None, &keys),
            Some(StoreChoice::File(path)) if dry_run => return Self::fresh(Some(path), &keys),
            Some(choice @ StoreChoice::Postgres(_)) if dry_run => {
                let what = "a dry run works on a copy, and a database in PostgreSQL is not copied";
                let remedy = "leave the store out: the plan is then that of a first run";
                return Err(InputFault::new(what, remedy).at(choice.place()).into());
            }
            Some(choice) => choice,
        };
        Ok(Self {
            store: given.open(&keys).await?.store,
            kept: Some(given.place()),
            _folder: None,
        })
    }

    /// One in a folder that is removed at the end, with the content of a file or empty.
    fn fresh(
        content: Option<&std::path::PathBuf>,
        keys: &PersonalDataKeys,
    ) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::broken)?;
        let path = folder.path().join("full_sync.db");
        if let Some(content) = content {
            StoreChoice::copy_file(content, &path)?;
        }
        Ok(Self {
            store: Arc::new(StoreChoice::open_file(&path, keys)?),
            kept: None,
            _folder: Some(folder),
        })
    }

    /// Refuses a database that has orders: simulators that live in this process start empty, and everything on record would look lost.
    pub(crate) async fn expect_no_orders(&self, merchant: &MerchantId) -> Result<(), Failure> {
        let counts = self.store.counts(merchant, &OrderState::ALL).await?;
        let orders: u64 = counts.values().map(|count| count.orders).sum();
        let Some(place) = self.kept.as_ref().filter(|_| orders > 0) else {
            return Ok(());
        };
        let what = format!(
            "the database has {orders} orders already, and the simulators of this process start empty"
        );
        let remedy = "take another file, or start `connector-sim` by itself and name it in a file for --config";
        Err(InputFault::new(what, remedy).at(place.as_str()).into())
    }
}

/// The demonstration's own schema, unless another one was asked for; and the merchant of this run.
///
/// Simulators start empty with every run, so each run on a shared database is another merchant's: nothing of an earlier one looks
/// lost, two may run at once, and their rows stay for whoever wants to look at them.
pub(crate) fn demonstration(
    store: Option<StoreChoice>,
    schema: Option<&str>,
    merchant: &str,
    now: DateTime<Utc>,
) -> (Option<StoreChoice>, MerchantId) {
    match with_schema(store, Some(schema.unwrap_or(DEMO_SCHEMA))) {
        Some(choice @ StoreChoice::Postgres(_)) => {
            let moment = now.format("%Y%m%dt%H%M%S");
            let run = format!("{merchant}-{moment}-{:06x}", fastrand::u32(..1 << 24));
            (Some(choice), MerchantId::new(run))
        }
        choice => (choice, MerchantId::new(merchant)),
    }
}

/// The same in another schema, where it has schemas.
pub(crate) fn with_schema(
    mut store: Option<StoreChoice>,
    schema: Option<&str>,
) -> Option<StoreChoice> {
    if let (Some(StoreChoice::Postgres(postgres)), Some(schema)) = (&mut store, schema) {
        postgres.options.schema = schema.to_owned();
    }
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_demonstration_on_a_shared_database_is_a_merchant_of_its_own() {
        let run = |text: &str, schema| {
            let store = StoreChoice::read(text).unwrap();
            let (store, merchant) =
                demonstration(Some(store), schema, "demo", DateTime::UNIX_EPOCH);
            (store.unwrap().place(), merchant.as_str().to_owned())
        };
        let url = "postgres://u@localhost/shop";
        let (place, merchant) = run(url, None);
        assert!(place.ends_with("schema order_sync_demo"), "{place}");
        assert!(merchant.starts_with("demo-19700101t000000-"), "{merchant}");
        assert_ne!(run(url, None).1, merchant);
        assert!(run(url, Some("mine")).0.ends_with("schema mine"));
        assert_eq!(
            run("shop.db", None),
            ("shop.db".to_owned(), "demo".to_owned())
        );
    }
}
