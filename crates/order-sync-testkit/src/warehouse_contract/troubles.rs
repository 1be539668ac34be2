//! Troubles on the way: an error says honestly what may have happened.

use order_sync::{ChangeAnswer, FailureClass, Lookup};

use super::changes::decided_cancellation;
use super::fixtures::{
    Draft, all_of_it_leaves, assert_error_names_nobody, found, handed_over, reference, submitted,
    told, units_of,
};
use super::{Trouble, WarehouseWorld};

pub async fn what_cannot_be_asked_for_is_not_said_to_be_absent(world: &dyn WarehouseWorld) {
    let (reference, order) = handed_over(world, "a").await;
    for trouble in Trouble::ALL {
        if !world.trouble(trouble).await {
            continue;
        }
        let answer = world.warehouse().lookup(&reference, &order).await;
        let says_no = matches!(answer, Ok(Lookup::Absent | Lookup::Refused { .. }));
        assert!(!says_no, "{trouble:?}: a second order would be sent");
        if let Err(error) = &answer {
            assert_ne!(
                error.class(),
                FailureClass::Rejected,
                "{trouble:?}: {error}"
            );
            assert_error_names_nobody(error);
        }
        world.peace().await;
        found(world.warehouse(), &reference, &order).await;
    }
}

pub async fn what_was_not_refused_by_the_warehouse_is_not_called_rejected(
    world: &dyn WarehouseWorld,
) {
    for trouble in Trouble::ALL {
        if !world.trouble(trouble).await {
            continue;
        }
        let (reference, order) = (reference(&format!("{trouble:?}")), Draft::of(world).order());
        if let Err(error) = world.warehouse().submit(&reference, &order).await {
            // It would be parked for a person, although nothing is wrong with it.
            let blames = [FailureClass::Rejected, FailureClass::Unsupported];
            assert!(!blames.contains(&error.class()), "{trouble:?}: {error}");
            assert_error_names_nobody(&error);
        }
        world.peace().await;
    }
}

pub async fn what_may_have_been_applied_is_not_called_never_sent(world: &dyn WarehouseWorld) {
    for trouble in Trouble::ALL {
        if !world.trouble(trouble).await {
            continue;
        }
        let (reference, order) = (reference(&format!("{trouble:?}")), Draft::of(world).order());
        let answer = world.warehouse().submit(&reference, &order).await;
        world.peace().await;
        world.take_in().await;
        let is_there = !world.taken(&reference).await.is_empty();
        match answer {
            Err(error) if error.class() == FailureClass::Ambiguous => {}
            Err(error) => assert!(!is_there, "{trouble:?}: it is there, and {error}"),
            Ok(answer) => assert!(is_there, "{trouble:?}: {answer:?}, and it is not there"),
        }
    }
}

pub async fn after_any_trouble_an_order_is_there_once(world: &dyn WarehouseWorld) {
    for trouble in Trouble::ALL {
        if !world.trouble(trouble).await {
            continue;
        }
        let (reference, order) = (reference(&format!("{trouble:?}")), Draft::of(world).order());
        let _ = world.warehouse().submit(&reference, &order).await;
        world.peace().await;
        world.take_in().await;
        // As the engine does: it asks, and sends again only what is not there.
        let answer = world.warehouse().lookup(&reference, &order).await;
        if answer.expect("it can be asked for") == Lookup::Absent {
            submitted(world.warehouse(), &reference, &order).await;
            world.take_in().await;
        }
        assert_eq!(
            world.taken(&reference).await,
            [units_of(&order)],
            "{trouble:?}"
        );
        let differences = found(world.warehouse(), &reference, &order).await;
        assert_eq!(differences, Vec::<String>::new());
    }
}

pub async fn despatches_that_cannot_be_read_are_an_error_and_not_lost(world: &dyn WarehouseWorld) {
    let (a, order) = handed_over(world, "a").await;
    let (b, _) = handed_over(world, "b").await;
    all_of_it_leaves(world, &a).await;
    let cursor = told(world, None).await.cursor;
    all_of_it_leaves(world, &b).await;
    for trouble in Trouble::ALL {
        if !world.trouble(trouble).await {
            continue;
        }
        let page = world.warehouse().despatches(cursor.as_deref()).await;
        // Where this trouble does not concern reading, everything is told.
        let says_nothing = page.as_ref().is_ok_and(|page| page.consignments.is_empty());
        assert!(!says_nothing, "{trouble:?}: nothing new, says {page:?}");
        world.peace().await;
        let told = told(world, cursor.as_deref()).await;
        assert_eq!(told.units(&b, &order), units_of(&order), "{trouble:?}");
    }
}

pub async fn a_list_that_cannot_be_read_is_an_error(world: &dyn WarehouseWorld) {
    handed_over(world, "a").await;
    if !world.warehouse().capabilities().lists_orders {
        return;
    }
    for trouble in Trouble::ALL {
        if world.trouble(trouble).await {
            let listing = world.warehouse().list(None).await;
            // An empty list would make a loss of every order.
            let is_empty = listing
                .as_ref()
                .is_ok_and(|listing| listing.rows.is_empty());
            assert!(!is_empty, "{trouble:?}: {listing:?}");
            world.peace().await;
        }
    }
}

pub async fn a_cancellation_after_any_trouble_has_one_answer(world: &dyn WarehouseWorld) {
    if !world.warehouse().capabilities().cancels {
        return;
    }
    for trouble in Trouble::ALL {
        let (reference, order) = handed_over(world, &format!("{trouble:?}")).await;
        if !world.trouble(trouble).await {
            continue;
        }
        let lost = world
            .warehouse()
            .cancel(&reference, "cancel-1", "by the buyer")
            .await;
        if let Err(error) = &lost {
            assert_ne!(
                error.class(),
                FailureClass::Rejected,
                "{trouble:?}: {error}"
            );
        }
        world.peace().await;
        let answer = decided_cancellation(world, &reference).await;
        let is = world.taken(&reference).await;
        match answer {
            Some(ChangeAnswer::Accepted) => assert!(is.is_empty(), "{trouble:?}"),
            answer => assert_eq!(is, [units_of(&order)], "{trouble:?}: {answer:?}"),
        }
    }
}
