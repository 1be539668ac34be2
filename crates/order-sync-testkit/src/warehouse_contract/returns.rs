//! What comes back, where the warehouse tells it: read as despatches are.

use order_mapping::ReturnReceipt;

use super::WarehouseWorld;
use super::fixtures::{all_of_it_leaves, handed_over};
use crate::broken_off::broken_off;

/// Reads returns from a cursor to the end of the feed; none where they are not told.
async fn told(
    world: &dyn WarehouseWorld,
    from: Option<&str>,
) -> Option<(Vec<ReturnReceipt>, Option<String>)> {
    if !world.warehouse().capabilities().returns {
        return None;
    }
    let mut cursor = from.map(str::to_owned);
    let mut receipts: Vec<ReturnReceipt> = Vec::new();
    for _ in 0..100 {
        let page = world.warehouse().returns(cursor.as_deref()).await;
        let page = page.expect("returns can be read");
        assert_eq!(page.unreadable, Vec::<String>::new(), "every row is sound");
        for one in page.receipts {
            match receipts.iter().find(|known| known.id == one.id) {
                Some(known) => assert_eq!(*known, one, "what is told again is the same"),
                None => receipts.push(one),
            }
        }
        cursor = page.cursor;
        if !page.more {
            return Some((receipts, cursor));
        }
    }
    panic!("the pages of returns do not come to an end");
}

pub async fn what_came_back_is_told_with_its_order_and_its_units(world: &dyn WarehouseWorld) {
    let Some((before, _)) = told(world, None).await else {
        return;
    };
    assert!(before.is_empty());
    let (reference, _) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let [first, _] = world.articles();
    world.take_back(&reference, &first, 2).await;
    let Some((receipts, _)) = told(world, None).await else {
        return;
    };
    assert_eq!(receipts.len(), 1);
    let receipt = &receipts[0];
    assert!(!receipt.id.is_empty());
    assert_eq!(receipt.reference.as_ref(), Some(&reference));
    let units: u32 = receipt.lines.iter().map(|line| line.quantity).sum();
    assert_eq!(units, 2);
    let names_it = |line: &order_mapping::ReturnedLine| {
        line.sku.as_deref() == Some(first.as_str()) || line.line_id.is_some()
    };
    assert!(receipt.lines.iter().all(names_it));
}

pub async fn a_cursor_goes_on_and_tells_the_same_again(world: &dyn WarehouseWorld) {
    let (reference, _) = handed_over(world, "a").await;
    all_of_it_leaves(world, &reference).await;
    let [first, second] = world.articles();
    world.take_back(&reference, &first, 2).await;
    let Some((before, cursor)) = told(world, None).await else {
        return;
    };
    world.take_back(&reference, &second, 1).await;
    if world.warehouse().capabilities().returns {
        drop(world.warehouse().returns(cursor.as_deref()));
        broken_off(world.warehouse().returns(cursor.as_deref()));
    }
    for _ in 0..2 {
        let Some((news, _)) = told(world, cursor.as_deref()).await else {
            return;
        };
        assert!(
            news.iter().any(|one| one.id != before[0].id),
            "the second one is not told"
        );
    }
    let Some((all, end)) = told(world, None).await else {
        return;
    };
    assert_eq!(all.len(), 2);
    let Some((_, still)) = told(world, end.as_deref()).await else {
        return;
    };
    assert_eq!(still, end, "with nothing new the cursor stays");
}
