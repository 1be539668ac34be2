//! A schema for each round.

use tokio_postgres::NoTls;

use crate::task::StoreAt;

/// The place of a round's store.
pub(crate) fn named(url: &str, seed: u64) -> StoreAt {
    StoreAt::Postgres {
        url: url.to_owned(),
        schema: format!("round_{seed:x}"),
    }
}

/// A connection that ends with its task; for what is done beside the store.
pub(crate) async fn connect(url: &str) -> Result<tokio_postgres::Client, String> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .map_err(|error| error.to_string())?;
    // Ends once the client is dropped; what it ends with was told to the client.
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    Ok(client)
}

/// Removes the schema of a round.
pub(crate) async fn drop(store: &StoreAt) -> Result<(), String> {
    let StoreAt::Postgres { url, schema } = store else {
        return Ok(());
    };
    connect(url)
        .await?
        .batch_execute(&format!("DROP SCHEMA {schema} CASCADE"))
        .await
        .map_err(|error| error.to_string())
}
