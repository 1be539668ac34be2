//! The PostgreSQL store: beside the file store in the same run, with several workers, and under claims.
//!
//! Workers connect as a role that owns nothing, so row-level security stands before them as in a deployment; each has a pool of its own,
//! and where several are measured each is a process. The server has to force its log to the disk.
//!
//! Subjects: `orders` (both stores in turns, over HTTP and without it), `workers` (two beside one), `scaling` (1 to 8 that wait for
//! their vendor), `failover` (one is killed), `merchants` (a thousand of them) and `claims` (a million closed orders).

pub(crate) mod claims;
pub(crate) mod database;
pub(crate) mod failover;
mod filled;
pub(crate) mod merchants;
pub(crate) mod orders;
pub(crate) mod scaling;
pub(crate) mod worker;
pub(crate) mod workers;

use crate::engines;

/// A server that does not wait for its disk makes no figures that anybody could use.
pub(crate) fn refuse_a_server_without_syncs() {
    engines::runtime().block_on(async {
        let client = database::connect(&database::url()).await;
        for (setting, wanted) in [("fsync", "on"), ("synchronous_commit", "on")] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await;
            let found: String = row.unwrap().get(0);
            assert_eq!(found, wanted, "the server's setting `{setting}`");
        }
    });
}
