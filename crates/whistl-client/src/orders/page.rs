//! Lists, cursors, and records that cannot be read.

use std::fmt;

use connector_http::{Error, Reply};
use serde::{Deserialize, Serialize};

use super::contract::Contract;
use super::members::{Members, Unreadable};

/// A place in a list, opaque: keep it and hand it back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor read back from where it was kept.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A record of a list that is not what the contract says. Its neighbours are not affected; keep it where people see it, for
/// the cursor passes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// Its place in the answer, from 0.
    pub index: usize,
    /// What it is about, if that could be read: the client reference, or the SKU of an inventory row.
    pub about: Option<String>,
    /// What is wrong.
    pub problem: Unreadable,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// The records that could not be read.
    pub malformed: Vec<Malformed>,
    /// Where to read on. `None`: the warehouse named no place; keep the one you have.
    pub next: Option<Cursor>,
    /// Whether there is more at once. If so, `next` is there and differs from the cursor that was asked with.
    pub more: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            malformed: Vec::new(),
            next: None,
            more: false,
        }
    }
}

/// Reads the elements of a list one by one, good and malformed apart.
pub(super) fn records<T>(
    members: &mut Members,
    list: &str,
    about: &str,
    read: impl Fn(Members) -> Result<T, Unreadable>,
) -> Result<(Vec<T>, Vec<Malformed>), Unreadable> {
    let mut items = Vec::new();
    let mut malformed = Vec::new();
    for (index, (value, path)) in members.list(list)?.into_iter().enumerate() {
        let subject = value.get(about).cloned().and_then(super::members::text_of);
        match Members::of(value, path).and_then(&read) {
            Ok(item) => items.push(item),
            Err(problem) => malformed.push(Malformed {
                index,
                about: subject,
                problem,
            }),
        }
    }
    Ok((items, malformed))
}

/// Reads a page and makes sure that reading on ends some time.
pub(super) fn read_page<T>(
    reply: &Reply,
    contract: &Contract,
    (list, about): (&str, &str),
    (since, limit): (Option<&Cursor>, u16),
    read: impl Fn(Members) -> Result<T, Unreadable>,
) -> Result<Page<T>, Error> {
    let unreadable = |problem: Unreadable| reply.decode_error(problem.to_string());
    let mut members = super::client::object_of(reply)?;
    let names = &contract.page;
    let next = members.text(&names.next).map_err(unreadable)?;
    let next = next.filter(|next| !next.is_empty()).map(Cursor);
    let more = members.flag(&names.more).map_err(unreadable)?;
    let (items, malformed) = records(&mut members, list, about, read).map_err(unreadable)?;
    let moved = next.is_some() && next.as_ref() != since;
    // Without a word about more, a full page that moved the cursor may have a successor.
    let full = items.len().saturating_add(malformed.len()) >= usize::from(limit);
    let more = more.unwrap_or(moved && full);
    if more && !moved {
        return Err(reply.decode_error("more is promised, but the cursor does not move"));
    }
    Ok(Page {
        items,
        malformed,
        next,
        more,
    })
}
