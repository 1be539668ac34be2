//! JSON bodies out and in, with a readable place in every complaint.

use connector_http::{Error, ErrorKind, Operation, Reply};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::classifier::is_html;
use crate::members::{Member, Members, Value};
use crate::value::text;

/// Writes a request body.
pub(crate) fn body(operation: &Operation, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| {
        let detail = "the request cannot be written";
        Error::before_sending(ErrorKind::Build, operation.name(), detail)
    })
}

/// A refusal on this side, before anything is sent.
pub(crate) fn refused(operation: &Operation, detail: &'static str) -> Error {
    Error::before_sending(ErrorKind::InvalidRequest, operation.name(), detail)
}

/// An answer that is not what was expected at a place. The place is a JSON pointer; texts of the answer are left out.
pub(crate) fn misfit(reply: &Reply, what: &str, place: &str) -> Error {
    let place = if place.is_empty() { "the top" } else { place };
    reply.decode_error(format!("expected {what} at {place}"))
}

/// Reads an answer whose type knows its own members. The cause of a failure may quote the body, so only its place is kept: the path of
/// the member, if its names look like names, and line and column.
pub(crate) fn decode<T: DeserializeOwned>(reply: &Reply, what: &str) -> Result<T, Error> {
    let mut json = serde_json::Deserializer::from_slice(reply.body());
    let fail = |path: &str, cause: &serde_json::Error| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.[]".contains(c);
        let place = match path {
            "." | "?" => String::new(),
            path if path.len() <= 96 && path.chars().all(is_plain) => format!(" at {path}"),
            _ => " inside".to_owned(),
        };
        let position = match (cause.line(), cause.column()) {
            // Well-formed, but of another kind.
            (0, _) => String::new(),
            (line, column) => format!(" (line {line} column {column})"),
        };
        reply.decode_error(format!("expected {what}, failed{place}{position}"))
    };
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| fail(&error.path().to_string(), error.inner()))?;
    json.end().map_err(|cause| fail(".", &cause))?;
    Ok(value)
}

fn raw(reply: &Reply, what: &str) -> Result<Box<RawValue>, Error> {
    serde_json::from_slice(reply.body()).map_err(|cause| {
        reply.decode_error(format!(
            "expected {what}, stopped at line {} column {}",
            cause.line(),
            cause.column()
        ))
    })
}

/// Reads an answer that is one object.
pub(crate) fn object<T: Value>(reply: &Reply, what: &str) -> Result<T, Error> {
    T::read_value(&raw(reply, what)?)
        .flatten()
        .ok_or_else(|| misfit(reply, what, ""))
}

/// Reads an answer that is a list of objects.
pub(crate) fn list<T: Value>(reply: &Reply, what: &str) -> Result<Vec<T>, Error> {
    items(reply, &raw(reply, what)?, what, "")
}

/// Reads a list of objects that stands at a place of an answer.
pub(crate) fn items<T: Value>(
    reply: &Reply,
    raw: &RawValue,
    what: &str,
    place: &str,
) -> Result<Vec<T>, Error> {
    let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get())
        .map_err(|_| misfit(reply, &format!("a list of {what}s"), place))?;
    let read = items.iter().enumerate().map(|(index, item)| {
        T::read_value(item)
            .flatten()
            .ok_or_else(|| misfit(reply, &format!("a {what}"), &format!("{place}/{index}")))
    });
    read.collect()
}

/// The members of an answer that is one object.
pub(crate) fn members(reply: &Reply, what: &str) -> Result<Members, Error> {
    Members::parse(&raw(reply, what)?).ok_or_else(|| misfit(reply, what, ""))
}

/// An answer of which nothing is read. A gateway's page with status 200 is no proof that the vendor did anything.
pub(crate) fn nothing(reply: &Reply) -> Result<(), Error> {
    if is_html(reply.body()) {
        Err(reply.decode_error("an HTML page in place of an answer"))
    } else {
        Ok(())
    }
}

/// A text that an answer cannot do without.
pub(crate) fn needed_text(
    reply: &Reply,
    members: &Members,
    name: &str,
    what: &str,
) -> Result<String, Error> {
    members
        .get(name)
        .and_then(text)
        .flatten()
        .ok_or_else(|| misfit(reply, what, &format!("/{name}")))
}

/// A member of an answer by a configured name; `None` if it is not there or not readable. Adds the pointers of what is
/// not readable.
pub(crate) fn found<T: Member>(
    members: &Members,
    name: &str,
    unreadable: &mut Vec<String>,
) -> Option<T> {
    let place = format!("/{name}");
    let read = T::read(members.get(name)?);
    match &read {
        Some(value) => value.collect_member(&place, unreadable),
        None => unreadable.push(place),
    }
    read
}
