//! Despatches of orders, and despatches of none.

use order_sync::Store;

use super::fixtures::{ACCEPTED, at, captured, consignment, despatched, id, merchant, moved};

pub async fn ids_are_unique_within_an_order_only(store: &dyn Store) {
    for text in ["a", "b"] {
        captured(store, text).await;
        moved(store, text, &ACCEPTED).await;
    }
    let has = |text: &'static str, despatch: &'static str| async move {
        store
            .has_consignment(&merchant(), &id(text), despatch)
            .await
            .unwrap()
    };
    for (text, parcel) in [("a", "P-1"), ("b", "P-2")] {
        assert!(!has(text, "1").await, "of {text} it was not read yet");
        let record = moved(store, text, &[]).await;
        let commit = despatched(&record, consignment("1", &record, &[(parcel, 1)]), 20);
        store.commit(commit).await.unwrap().unwrap();
        assert!(has(text, "1").await);
    }
    assert!(!has("unheard of", "1").await);
    // Read once more it is no second one, and takes nothing away from the other order's.
    let record = moved(store, "a", &[]).await;
    let commit = despatched(&record, consignment("1", &record, &[("P-1", 1)]), 21);
    store.commit(commit).await.unwrap().unwrap();
    assert!(has("a", "1").await && has("b", "1").await);
    assert_eq!(store.parcels(&merchant(), &id("a")).await.unwrap().len(), 1);
    assert_eq!(store.parcels(&merchant(), &id("b")).await.unwrap().len(), 1);
}

pub async fn what_no_order_claims_is_kept_once_and_forgotten(store: &dyn Store) {
    let record = captured(store, "a").await;
    let merchant = merchant();
    let second = consignment("D-2", &record, &[("P-1", 1)]);
    let first = consignment("D-1", &record, &[]);
    store
        .keep_unmatched(&merchant, second.clone(), at(1))
        .await
        .unwrap();
    store
        .keep_unmatched(&merchant, first.clone(), at(2))
        .await
        .unwrap();
    let again = consignment("D-2", &record, &[]);
    store.keep_unmatched(&merchant, again, at(3)).await.unwrap();
    let kept = store.unmatched(&merchant).await.unwrap();
    assert_eq!(kept, [(second.clone(), at(1)), (first.clone(), at(2))]);
    let applied = store.has_consignment(&merchant, &id("a"), "D-2").await;
    assert!(
        !applied.unwrap(),
        "it was not applied, so its shorts still have to count"
    );
    store.forget_unmatched(&merchant, &second).await.unwrap();
    let unheard_of = consignment("unheard of", &record, &[]);
    store
        .forget_unmatched(&merchant, &unheard_of)
        .await
        .unwrap();
    assert_eq!(store.unmatched(&merchant).await.unwrap(), [(first, at(2))]);
}

pub async fn one_id_of_two_references_is_two_despatches(store: &dyn Store) {
    let merchant = merchant();
    let one = consignment("1", &captured(store, "a").await, &[]);
    let other = consignment("1", &captured(store, "b").await, &[]);
    for (despatch, moment) in [(&one, 1), (&other, 2)] {
        store
            .keep_unmatched(&merchant, despatch.clone(), at(moment))
            .await
            .unwrap();
    }
    let kept = store.unmatched(&merchant).await.unwrap();
    assert_eq!(kept, [(one.clone(), at(1)), (other.clone(), at(2))]);
    store.forget_unmatched(&merchant, &one).await.unwrap();
    assert_eq!(store.unmatched(&merchant).await.unwrap(), [(other, at(2))]);
}
