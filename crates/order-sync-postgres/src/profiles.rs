//! Which versions of the profile were in use.

use order_sync::{MerchantId, ProfileVersion};

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, orders};

const PROFILE: &str = "a version of the profile";

/// Records a version; one that is on record only gets an approval where it has none.
pub(crate) async fn record(
    mut transaction: Transaction,
    merchant: &MerchantId,
    version: &ProfileVersion,
) -> Result<(), Failure> {
    let sql = "SELECT version FROM profile_versions WHERE merchant = $1 AND hash = $2 FOR UPDATE";
    let reads = vec![Query::of(merchant, sql).key(&version.hash)];
    let rows = transaction.read(reads).await?.pop().unwrap_or_default();
    let known: Option<ProfileVersion> = json_text::all(PROFILE, &rows)?.pop();
    // Two that record it at once meet in the key; the one that comes later looks again.
    let (sql, version) = match known {
        Some(mut known) if known.approval.is_none() && version.approval.is_some() => {
            known.approval.clone_from(&version.approval);
            let sql = "UPDATE profile_versions SET version = $3 WHERE merchant = $1 AND hash = $2";
            (sql, known)
        }
        Some(_) => return transaction.end().await,
        None => {
            let sql = "INSERT INTO profile_versions (merchant, hash, version) VALUES ($1, $2, $3)";
            (sql, version.clone())
        }
    };
    let query = Query::of(merchant, sql)
        .key(&version.hash)
        .text(json_text::write(PROFILE, &version)?);
    transaction.finish(vec![query]).await.map(|_| ())
}

/// Every version, in the order they came.
pub(crate) async fn load(
    transaction: Transaction,
    merchant: &MerchantId,
) -> Result<Vec<ProfileVersion>, Failure> {
    let sql = "SELECT version FROM profile_versions WHERE merchant = $1 ORDER BY number";
    json_text::all(
        PROFILE,
        &orders::rows(transaction, Query::of(merchant, sql)).await?,
    )
}
