//! What every store keeps to.

use order_sync_postgres::PostgresStore;
use order_sync_testkit::store_contract;

use crate::server::Namespace;

async fn postgres() -> Option<(PostgresStore, Namespace)> {
    let namespace = Namespace::new().await?;
    let options = namespace
        .options()
        .with_callers_clock(store_contract::start());
    let store = namespace.open(options).await;
    Some((store, namespace))
}

store_contract!(of_postgres, postgres);
