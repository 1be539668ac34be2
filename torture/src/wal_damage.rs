//! A store whose files are damaged: copied at random moments while a victim writes, cut or with bits changed, and opened again.
//!
//! One life of a victim gives a series of copies. Each is damaged several times and only opened: it is refused with a remedy, or is an
//! earlier state that is whole and known to be earlier. What the victim leaves behind when it is killed is damaged once more, and this
//! one goes the whole way: the engine works over it, and orders are counted at the warehouse.

mod backup;
mod damage;
mod images;
mod opened;

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use order_sync::{Clock as _, SystemClock};

use self::damage::Damage;
use self::images::Image;
use self::opened::{Contents, Findings, Opened};
use crate::budget::Budget;
use crate::lanes::{self, Purse};
use crate::moment;
use crate::settling;
use crate::site::SETTLE;
use crate::tally::Tally;
use crate::task::{Canary, StoreAt};
use crate::worker::Worker;
use crate::world::World;

/// Sound orders that are placed before each copy, beside the others.
const ORDERS: u32 = 5;
/// Copies of a victim's life; the last is what is left when it is killed.
const IMAGES: usize = 5;
/// Damages of a round: all but one of them are only opened.
const DAMAGES: u64 = 20;
const PATIENCE: Duration = Duration::from_secs(9);

/// Rounds side by side, over SQLite.
pub(crate) fn run(budget: &Budget) -> Result<Tally, String> {
    let purse = Purse::new(budget);
    let findings = Findings::default();
    let mut tally = lanes::run("wal-damage", 4, &purse, |_, seed| {
        round(&purse, &findings, seed, budget)
    })?;
    tally.notes.push(findings.told());
    Ok(tally)
}

async fn round(
    purse: &Purse,
    findings: &Findings,
    seed: u64,
    budget: &Budget,
) -> Result<Tally, String> {
    let mut damages = 0;
    while damages < DAMAGES && purse.take() {
        damages += 1;
    }
    if damages == 0 {
        return Ok(Tally::default());
    }
    let about = format!("wal-damage, round of seed {seed}");
    let mut world = World::start(seed).await?;
    let images = life(&mut world, budget.canary).await?;
    // Whoever restores a store does so later than all that it may have forgotten.
    let later = later_than(&world);
    let mut copies = Vec::new();
    for image in images {
        copies.push((image.contents(later).await?, image));
    }
    let mut reports = Vec::new();
    for number in 1..damages {
        let copy = world.random().choice(&copies).ok_or("no copy was made")?;
        let damage = Damage::random(world.random());
        let folder = world.folder().join(format!("damaged-{number}"));
        let opened = tried(copy, damage, budget.canary, &folder, later).await?;
        findings.count(&opened);
        if let Opened::Wrong(what) = opened {
            reports.push(format!("{about}: {damage}: {what}"));
        }
    }
    let mut tally = whole_way(&mut world, &copies, later, findings, budget, &about).await?;
    (tally.cycles, tally.whole_way) = (damages, 1);
    tally.reports.extend(reports);
    Ok(tally)
}

/// A time of day that no order of this world was placed after.
fn later_than(world: &World) -> DateTime<Utc> {
    world.shop.now() + TimeDelta::seconds(5)
}

/// Lets a victim work, copies its store at random moments, and kills it.
async fn life(world: &mut World, canary: Option<Canary>) -> Result<Vec<Image>, String> {
    let place = StoreAt::Sqlite(world.folder().join("engine.db"));
    let mut victim = None;
    let mut images = Vec::new();
    for number in 0..IMAGES {
        let sends = number > 0 && world.random().bool();
        world.day(ORDERS, sends).await?;
        world.disturb(ORDERS);
        let victim = match &mut victim {
            Some(victim) => victim,
            none => none.insert(Worker::start(world, &world.task(place.clone(), canary))?),
        };
        moment::random(world, victim, PATIENCE).await;
        let image = Image::named(world.folder(), number);
        if number + 1 == IMAGES {
            victim.kill().await;
        } else {
            victim.stand_still().await?;
        }
        image.take(world.folder())?;
        if number + 1 < IMAGES {
            victim.resume()?;
        }
        images.push(image);
    }
    Ok(images)
}

/// Damages a copy of a copy, and opens it.
async fn tried(
    (whole, image): &(Contents, Image),
    damage: Damage,
    canary: Option<Canary>,
    folder: &Path,
    now: DateTime<Utc>,
) -> Result<Opened, String> {
    let damaged = image.copied_to(folder)?;
    damage.done_to(&damaged, canary)?;
    let opened = opened::look(&damaged, whole, damage.strikes_database(), now).await;
    std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    Ok(opened)
}

/// Damages what the victim has left, does what the message asks for where it is refused, and lets the engine bring all to rest.
async fn whole_way(
    world: &mut World,
    copies: &[(Contents, Image)],
    later: DateTime<Utc>,
    findings: &Findings,
    budget: &Budget,
    about: &str,
) -> Result<Tally, String> {
    let (last, backups) = copies.split_last().ok_or("no copy was made")?;
    let damage = Damage::random(world.random());
    let folder = world.folder().join("last");
    let opened = tried(last, damage, budget.canary, &folder, later).await?;
    findings.count(&opened);
    let path = world.folder().join("engine.db");
    let wrong = match &opened {
        Opened::Wrong(what) => Some(format!("{about}: {damage}: {what}")),
        _ => None,
    };
    if opened.is_usable() {
        damage.done_to(&path, budget.canary)?;
    } else {
        let backup = world.random().choice(backups);
        backup::restore(&path, backup.map(|(_, image)| image))?;
    }
    // A call that the victim had begun is over by then.
    tokio::time::sleep(SETTLE).await;
    let now = SystemClock::new().now();
    world.restored_after((later - now).to_std().unwrap_or_default());
    let store = StoreAt::Sqlite(path);
    let mut tally = settling::settle(world, &store, budget.canary, about).await?;
    tally.reports.extend(wrong);
    Ok(tally)
}
