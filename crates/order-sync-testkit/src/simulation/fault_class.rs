//! The classes of faults, and what becomes of each at the ports.

/// A class of faults that a history may have.
///
/// The simulation stands at the ports. A class that lives below them (a body that is no JSON, a slow socket) is what the adapters make
/// of it: an error of the port with its class. See [`FaultClass::how`] for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultClass {
    /// Connection refused.
    Refused,
    /// Reset before the body was sent.
    ResetBeforeBody,
    /// Reset after the body was sent.
    ResetAfterBody,
    /// Applied, and the reply lost.
    ReplyLost,
    /// The reply lost, and applied later, within the settle window.
    ReplyLostAppliedLate,
    /// The vendor applies it twice.
    AppliedTwice,
    /// Too many requests, with or without a time to wait.
    TooManyRequests,
    /// Server errors for a while.
    ServerErrors,
    /// Credentials refused in the middle of a run.
    Unauthorised,
    /// A page of HTML under status 200.
    Html,
    /// A body that ends too early.
    TruncatedJson,
    /// An answer that takes long, perhaps longer than anybody waits.
    SlowBody,
    /// The listing shifts while it is paged.
    PageShifts,
    /// A page comes twice.
    DuplicatePage,
    /// An item shows in the listing only later.
    MissingUntilLater,
    /// Many items share a time stamp.
    EqualTimestamps,
    /// Our clock steps back.
    ClockStepsBack,
    /// Stock batches overtake each other.
    StockOutOfOrder,
    /// Stock changes are missing from the feed.
    StockGap,
    /// A dropped file is picked up before its rename is durable, and the machine dies.
    PickedUpBeforeSync,
    /// Another writer's stale copy overwrites the shop's record.
    PutLosesEdit,
    /// The process is killed.
    ProcessKill,
    /// The process stands still while time goes on.
    ProcessPause,
    /// The store is busy, full, or lost after the commit was sent.
    StoreError,
}

impl FaultClass {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Refused,
        Self::ResetBeforeBody,
        Self::ResetAfterBody,
        Self::ReplyLost,
        Self::ReplyLostAppliedLate,
        Self::AppliedTwice,
        Self::TooManyRequests,
        Self::ServerErrors,
        Self::Unauthorised,
        Self::Html,
        Self::TruncatedJson,
        Self::SlowBody,
        Self::PageShifts,
        Self::DuplicatePage,
        Self::MissingUntilLater,
        Self::EqualTimestamps,
        Self::ClockStepsBack,
        Self::StockOutOfOrder,
        Self::StockGap,
        Self::PickedUpBeforeSync,
        Self::PutLosesEdit,
        Self::ProcessKill,
        Self::ProcessPause,
        Self::StoreError,
    ];

    /// Its name in stories and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::ResetBeforeBody => "reset before body",
            Self::ResetAfterBody => "reset after body",
            Self::ReplyLost => "reply lost",
            Self::ReplyLostAppliedLate => "reply lost, applied late",
            Self::AppliedTwice => "applied twice by the vendor",
            Self::TooManyRequests => "429",
            Self::ServerErrors => "5xx burst",
            Self::Unauthorised => "401 mid-run",
            Self::Html => "200 with HTML",
            Self::TruncatedJson => "truncated JSON",
            Self::SlowBody => "slow body",
            Self::PageShifts => "page shifts while paging",
            Self::DuplicatePage => "duplicate page",
            Self::MissingUntilLater => "missing item until later",
            Self::EqualTimestamps => "equal timestamps",
            Self::ClockStepsBack => "clock step back",
            Self::StockOutOfOrder => "out-of-order stock",
            Self::StockGap => "gap in sequence",
            Self::PickedUpBeforeSync => "file picked up between rename and fsync",
            Self::PutLosesEdit => "PUT loses concurrent edit",
            Self::ProcessKill => "process kill",
            Self::ProcessPause => "process pause",
            Self::StoreError => "store error",
        }
    }

    /// How the simulation brings it about.
    #[must_use]
    pub const fn how(self) -> &'static str {
        match self {
            Self::Refused => "nothing arrives; `NeverSent` for a write, `Unavailable` for a read",
            Self::ResetBeforeBody => {
                "nothing arrives; `Ambiguous` for a create, since the client cannot prove it, else `Unavailable`"
            }
            Self::ResetAfterBody => {
                "applied or not, evenly; `Ambiguous` for a create, else `Unavailable`"
            }
            Self::ReplyLost => "applied; the caller waits for its time-out, then as above",
            Self::ReplyLostAppliedLate => {
                "the time-out first, then applied, visible to look-ups within one settle window of the call"
            }
            Self::AppliedTwice => {
                "the warehouse makes two orders of one create; both live until its people cancel one"
            }
            Self::TooManyRequests => "not applied; `Throttled`, half of them with a time to wait",
            Self::ServerErrors => {
                "all calls of a port fail for 5 to 90 s; a create is applied or not, evenly, and `Ambiguous`, else `Unavailable`"
            }
            Self::Unauthorised => "not applied; `Unauthorised`",
            Self::Html => {
                "applied; `Ambiguous` for a create, `Unreadable` for a read, `Unavailable` for a repeatable write"
            }
            Self::TruncatedJson => {
                "as 200 with HTML: the adapters tell the two apart in their message only"
            }
            Self::SlowBody => {
                "applied at once, answered after up to twice the time-out; beyond it as a lost reply"
            }
            Self::PageShifts => {
                "a row of an earlier page changes between two pages, so the rest moves up by one and one row is skipped"
            }
            Self::DuplicatePage => "a page is served again under another token",
            Self::MissingUntilLater => {
                "an order shows in the listing up to 8 minutes late, within the overlap"
            }
            Self::EqualTimestamps => "the shop keeps whole minutes",
            Self::ClockStepsBack => {
                "the time of day of our machine steps back by 1 to 10 minutes; monotonic time goes on"
            }
            Self::StockOutOfOrder => "an earlier batch is served again, with its own sequence",
            Self::StockGap => {
                "changes are skipped; the source says so and answers with a snapshot, as its contract asks"
            }
            Self::PickedUpBeforeSync => {
                "file route: the warehouse has picked the file up, and the process dies before anything of it is on record"
            }
            Self::PutLosesEdit => {
                "after our write, a foreign writer puts back the record as it read it before"
            }
            Self::ProcessKill => {
                "the worker's future is dropped at a call of a store or a port; it starts again later"
            }
            Self::ProcessPause => {
                "the worker's future is not polled for 0.8 to 12 leases; while a create has not left it for 1.6 at most"
            }
            Self::StoreError => {
                "refused as busy or full, or lost after the commit took effect, by `WatchedStore`"
            }
        }
    }
}

impl std::fmt::Display for FaultClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
