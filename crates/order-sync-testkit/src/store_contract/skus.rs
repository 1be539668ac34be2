//! What has been on record about article codes.

use order_mapping::{RecordedSku, SkuHistory};
use order_sync::Store;
use serde_json::json;

use super::fixtures::merchant;

fn pair(source: &str, warehouse: &str, since: u32, retired: Option<u32>) -> RecordedSku {
    serde_json::from_value(json!({
        "source": source, "warehouse": warehouse, "since": since, "retired": retired,
    }))
    .unwrap()
}

fn history(version: u32, mut pairs: Vec<RecordedSku>) -> SkuHistory {
    pairs.sort();
    SkuHistory {
        version,
        content_hash: format!("hash-{version}"),
        pairs,
    }
}

async fn save(store: &dyn Store, history: &SkuHistory) -> bool {
    store
        .save_sku_history(&merchant(), history.clone())
        .await
        .unwrap()
}

async fn read(store: &dyn Store) -> SkuHistory {
    store.sku_history(&merchant()).await.unwrap()
}

pub async fn a_history_comes_back_whole(store: &dyn Store) {
    assert_eq!(read(store).await, SkuHistory::default());
    let mut alias = pair("MUG-OLD", "MUGRED", 1, None);
    alias.alias = true;
    let mut variant = pair("mug-red", "MUGRED2", 1, None);
    variant.variants = vec!["11".into(), "9".into()];
    let saved = history(
        1,
        vec![
            alias,
            variant,
            pair("ÜBER", "UBER", 1, Some(1)),
            pair("MUG-RED", "MUGRED", 1, None),
        ],
    );
    assert!(save(store, &saved).await);
    assert_eq!(read(store).await, saved);
    assert!(save(store, &saved).await, "again is no change");
    assert_eq!(read(store).await, saved);
}

pub async fn a_later_history_takes_the_place_of_an_earlier_one(store: &dyn Store) {
    let codes = ["A", "B", "C", "D"];
    let first = history(1, codes.map(|code| pair(code, code, 1, None)).to_vec());
    assert!(save(store, &first).await);
    // One stays, one goes out of use, one is another article now, one is gone, two are new.
    let second = history(
        2,
        vec![
            pair("A", "A", 1, None),
            pair("AA", "AA", 2, None),
            pair("B", "B", 1, Some(2)),
            pair("C", "C-2", 2, None),
            pair("E", "E", 2, None),
        ],
    );
    assert!(save(store, &second).await);
    assert_eq!(read(store).await, second);
    let empty = history(3, Vec::new());
    assert!(save(store, &empty).await);
    assert_eq!(read(store).await, empty);
}

pub async fn a_lower_version_is_not_written(store: &dyn Store) {
    let later = history(5, vec![pair("A", "A", 5, None)]);
    assert!(save(store, &later).await);
    let overtaken = history(4, vec![pair("B", "B", 4, None)]);
    assert!(!save(store, &overtaken).await);
    assert_eq!(read(store).await, later);
    let mut same_version = later;
    same_version.pairs.push(pair("B", "B", 5, None));
    assert!(save(store, &same_version).await);
    assert_eq!(read(store).await, same_version);
}

pub async fn a_code_that_was_taken_up_again_is_there_twice(store: &dyn Store) {
    let twice = history(
        3,
        vec![
            pair("A", "A-1", 1, Some(2)),
            pair("A", "A-1", 3, None),
            pair("A", "A-2", 2, Some(3)),
            pair("B", "B", 1, None),
        ],
    );
    assert!(save(store, &twice).await);
    assert_eq!(read(store).await, twice);
    let later = history(
        4,
        vec![
            pair("A", "A-1", 1, Some(2)),
            pair("A", "A-1", 3, Some(4)),
            pair("A", "A-2", 2, Some(3)),
            pair("A", "A-2", 4, None),
            pair("B", "B", 1, None),
        ],
    );
    assert!(save(store, &later).await);
    assert_eq!(read(store).await, later);
}
