//! Bugs that are planted on purpose, to prove that the simulation finds them. Exists under `cfg(canary)` only: never in a build for
//! use, and no feature can switch it on.

use std::sync::OnceLock;

/// Every planted bug: its name, and what it does.
pub const ALL: [(&str, &str); 36] = [
    (
        "settle_zero",
        "an order with a lost reply is asked for at once, not after the settle window",
    ),
    (
        "guard_after_claim",
        "the deadline is counted from when the claim returned",
    ),
    (
        "no_deadline_guard",
        "a send begins however old its claim is",
    ),
    (
        "token_ignored",
        "a result is written whoever holds the order by now",
    ),
    (
        "cursor_early",
        "the watermark moves before what it passes is on record",
    ),
    ("intent_after_post", "an order is sent, and then claimed"),
    (
        "strict_cursor",
        "`>` for `>=`: the window begins after the watermark, with no overlap and no sweep",
    ),
    (
        "foreign_member_lost",
        "a PUT leaves out what others wrote (planted in the simulation's own shop adapter)",
    ),
    ("buffer_forgotten", "the safety buffer is offered for sale"),
    (
        "chain_skipped",
        "a timeline entry does not carry the digest of the one before",
    ),
    (
        "blind_retry",
        "a create whose reply was lost is repeated without asking",
    ),
    (
        "lease_end_means_unsent",
        "an order whose lease ran out while it was sent is sent again without asking",
    ),
    (
        "reference_per_attempt",
        "every attempt has a reference of its own",
    ),
    (
        "parcels_counted_twice",
        "a parcel that is read again counts again",
    ),
    (
        "shorts_counted_twice",
        "short units that are read again count again",
    ),
    (
        "despatch_cursor_early",
        "the cursor of despatches moves before the page is on record",
    ),
    (
        "proof_skipped",
        "an order is closed without a fresh read of the shop",
    ),
    (
        "exceptions_never_close",
        "an exception stays open although nothing is wrong any more",
    ),
    (
        "overtaken_stock_taken",
        "an older stock batch overwrites a newer one",
    ),
    (
        "in_flight_forgotten",
        "units on orders that the stock batch cannot know are offered again",
    ),
    (
        "unreadable_forgotten",
        "an order that could not be read is not read again",
    ),
    (
        "missed_order_passed",
        "an order that could not be fetched does not hold the watermark back",
    ),
    (
        "personal_data_in_note",
        "the recipient's name stands in the note of a refusal",
    ),
    (
        "personal_data_in_log",
        "the recipient's name stands in a line of the log",
    ),
    (
        "secret_in_alert",
        "the key of client references stands in an alert",
    ),
    (
        "despatch_applied_again",
        "a despatch on record already is put on record again",
    ),
    (
        "ghosts_ignored",
        "an order at the warehouse that nobody sent is not told",
    ),
    (
        "doubles_ignored",
        "two live orders under one reference are not told",
    ),
    (
        "open_circuit_ignored",
        "calls are made although their circuit is open",
    ),
    (
        "create_tries_circuit",
        "a create finds out whether the warehouse is back, with no read before it",
    ),
    (
        "wait_forgotten",
        "an order is sent again before the time to wait that came with a 429",
    ),
    (
        "kits_counted_by_parcel",
        "what an earlier parcel brought of a kit does not count for the next one",
    ),
    (
        "return_taken_again",
        "a return that is read again goes on record again",
    ),
    (
        "tracking_goes_back",
        "what a carrier says of a parcel takes the place of what it said before",
    ),
    ("changes_ignored", "an order on record is never read again"),
    (
        "lost_reply_is_success",
        "a create whose reply was lost counts as accepted",
    ),
];

static PLANTED: OnceLock<&'static str> = OnceLock::new();

/// Plants a bug for the rest of the process.
///
/// # Errors
/// Where there is no bug of that name, or another one is planted already.
pub fn plant(name: &str) -> Result<(), String> {
    let known = ALL.iter().find(|(known, _)| *known == name);
    let (known, _) = known.ok_or_else(|| format!("no canary is called {name}"))?;
    PLANTED
        .set(known)
        .map_err(|_| "a canary is planted already".to_owned())
}

/// Whether that bug is planted.
#[must_use]
pub fn planted(name: &str) -> bool {
    debug_assert!(
        ALL.iter().any(|(known, _)| *known == name),
        "{name} is not listed"
    );
    PLANTED.get().is_some_and(|planted| *planted == name)
}
