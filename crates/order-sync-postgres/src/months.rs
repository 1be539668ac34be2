//! Partitions for the months in which orders come to rest.

use std::sync::Arc;

use order_sync::MerchantId;

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Context;

/// This month and so many after it.
const AHEAD: i64 = 2;

/// Makes the partitions that are not there yet. The tables' owner's function does it, so that a role that owns nothing may ask.
pub(crate) async fn prepare(context: &Arc<Context>) -> Result<(), Failure> {
    let transaction = context.begin(&MerchantId::new("")).await?;
    // The table is locked for a moment: whoever cannot have it at once lets the others go on.
    let patience = Query::new("SELECT set_config('lock_timeout', '500', true)");
    let prepare = Query::new("SELECT prepare_months($1::bigint::integer)").number(AHEAD);
    transaction
        .finish(vec![patience, prepare])
        .await
        .map(|_| ())
}
