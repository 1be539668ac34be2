//! The kinds of faults.

use crate::budget::Budget;
use crate::tally::Tally;

/// A kind of fault.
pub(crate) struct Kind {
    /// Its name on the command line and in the table of figures.
    pub(crate) name: &'static str,
    /// What is done, for people.
    pub(crate) what: &'static str,
    /// Cycles of the short form, for continuous integration.
    pub(crate) quick: u64,
    /// Cycles of the full form.
    pub(crate) full: u64,
    /// It needs PostgreSQL's programs on this machine.
    pub(crate) postgres: bool,
    /// Runs it.
    pub(crate) run: fn(&Budget) -> Result<Tally, String>,
}

/// All of them, a line each.
pub(crate) const KINDS: &[Kind] = &[];

/// The kind of that name.
pub(crate) fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
