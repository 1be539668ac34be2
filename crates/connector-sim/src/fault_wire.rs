//! Faults as JSON, for programs in any language that arm them at `POST /__sim/faults`.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Fault, FaultKind, PathRule};
use crate::sparklayer::operations::SparkLayerOperation;

/// A kind of fault as programs in other languages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultName {
    /// The value of `kind`.
    pub name: &'static str,
    /// The member it needs besides.
    pub needs: Option<&'static str>,
    /// What it does, in a few words.
    pub does: &'static str,
}

const fn named(name: &'static str, needs: Option<&'static str>, does: &'static str) -> FaultName {
    FaultName { name, needs, does }
}

/// Every kind of fault. Also at `GET /__sim/fault-kinds`.
pub const FAULT_NAMES: &[FaultName] = &[
    named(
        "throttle",
        None,
        "429; retry_after, seconds, is optional and becomes the Retry-After header",
    ),
    named(
        "throttle-until",
        Some("retry_after"),
        "429; Retry-After is an HTTP date, so many seconds after the virtual clock",
    ),
    named(
        "status",
        Some("status"),
        "this status with a problem document",
    ),
    named("empty-status", Some("status"), "this status without a body"),
    named(
        "concurrent-update",
        None,
        "409 as of two writers that met; a repetition succeeds",
    ),
    named("html", None, "502 with a gateway's HTML page"),
    named("unauthorised", None, "401 whatever the token"),
    named(
        "lose-reply-before-applying",
        None,
        "nothing is done and the connection breaks",
    ),
    named(
        "lose-reply-after-applying",
        None,
        "the request is carried out and the connection breaks",
    ),
    named(
        "truncated-body",
        None,
        "the request is carried out; half of the answer's body arrives",
    ),
    named(
        "slow",
        Some("millis"),
        "the request is carried out after so many milliseconds",
    ),
    named(
        "apply-late",
        Some("millis"),
        "the connection breaks; the request is carried out after so many milliseconds",
    ),
    named(
        "apply-twice",
        None,
        "the request is carried out twice where it succeeded",
    ),
];

/// One body of `POST /__sim/faults`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFault {
    kind: String,
    status: Option<u16>,
    retry_after: Option<u32>,
    millis: Option<u64>,
    operation: Option<String>,
    method: Option<String>,
    path: Option<String>,
    path_prefix: Option<String>,
    times: Option<u32>,
    after: Option<u32>,
}

/// Reads a fault; the error names the member.
pub(crate) fn read(body: &[u8]) -> Result<Fault, String> {
    let wire: WireFault = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let kind = kind(&wire)?;
    let fault = match (&wire.operation, &wire.path, &wire.path_prefix) {
        (Some(id), None, None) => {
            let operation = SparkLayerOperation::from_id(id)
                .ok_or_else(|| format!("operation: {id} is no operation; see /__sim/operations"))?;
            if wire.method.is_some() {
                return Err("method: an operation has its own".to_owned());
            }
            Fault::on_operation(operation, kind)
        }
        (None, Some(path), None) => {
            Fault::new(method(&wire)?, PathRule::Template(path.clone()), kind)
        }
        (None, None, prefix) => {
            let prefix = prefix.clone().unwrap_or_else(|| "/".to_owned());
            Fault::new(method(&wire)?, PathRule::Prefix(prefix), kind)
        }
        _ => return Err("give one of operation, path and path_prefix".to_owned()),
    };
    Ok(fault
        .times(wire.times.unwrap_or(1))
        .after(wire.after.unwrap_or(0)))
}

fn method(wire: &WireFault) -> Result<Option<Method>, String> {
    wire.method
        .as_ref()
        .map(|method| {
            Method::from_bytes(method.to_ascii_uppercase().as_bytes())
                .map_err(|_| format!("method: {method} is no method"))
        })
        .transpose()
}

fn kind(wire: &WireFault) -> Result<FaultKind, String> {
    let status = || match wire.status {
        Some(status @ 200..=599) => Ok(status),
        _ => Err("status: must be between 200 and 599".to_owned()),
    };
    Ok(match wire.kind.as_str() {
        "throttle" => FaultKind::Throttle {
            retry_after: wire.retry_after,
        },
        "throttle-until" => FaultKind::ThrottleUntil {
            retry_after: wire.retry_after.ok_or("retry_after: is required")?,
        },
        "status" => FaultKind::Status(status()?),
        "empty-status" => FaultKind::EmptyStatus(status()?),
        "concurrent-update" => FaultKind::ConcurrentUpdate,
        "html" => FaultKind::Html,
        "unauthorised" => FaultKind::Unauthorised,
        "lose-reply-before-applying" => FaultKind::LoseReplyBeforeApplying,
        "lose-reply-after-applying" => FaultKind::LoseReplyAfterApplying,
        "truncated-body" => FaultKind::TruncatedBody,
        "slow" => FaultKind::Slow(wire.millis.ok_or("millis: is required")?),
        "apply-late" => FaultKind::ApplyLate(wire.millis.ok_or("millis: is required")?),
        "apply-twice" => FaultKind::ApplyTwice,
        other => {
            let names: Vec<&str> = FAULT_NAMES.iter().map(|kind| kind.name).collect();
            return Err(format!("kind: {other} is none of {}", names.join(", ")));
        }
    })
}

/// A fault that is armed, as `GET /__sim/faults` shows it; it can be sent back as it is.
pub(crate) fn write(fault: &Fault) -> Value {
    let mut wire = match fault.kind() {
        FaultKind::Throttle { retry_after } => {
            json!({ "kind": "throttle", "retry_after": retry_after })
        }
        FaultKind::ThrottleUntil { retry_after } => {
            json!({ "kind": "throttle-until", "retry_after": retry_after })
        }
        FaultKind::Status(status) => json!({ "kind": "status", "status": status }),
        FaultKind::EmptyStatus(status) => json!({ "kind": "empty-status", "status": status }),
        FaultKind::ConcurrentUpdate => json!({ "kind": "concurrent-update" }),
        FaultKind::Html => json!({ "kind": "html" }),
        FaultKind::Unauthorised => json!({ "kind": "unauthorised" }),
        FaultKind::LoseReplyBeforeApplying => json!({ "kind": "lose-reply-before-applying" }),
        FaultKind::LoseReplyAfterApplying => json!({ "kind": "lose-reply-after-applying" }),
        FaultKind::TruncatedBody => json!({ "kind": "truncated-body" }),
        FaultKind::Slow(millis) => json!({ "kind": "slow", "millis": millis }),
        FaultKind::ApplyLate(millis) => json!({ "kind": "apply-late", "millis": millis }),
        FaultKind::ApplyTwice => json!({ "kind": "apply-twice" }),
    };
    if let Some(members) = wire.as_object_mut() {
        if let Some(method) = fault.method() {
            members.insert("method".to_owned(), json!(method.as_str()));
        }
        let (name, path) = match fault.path_rule() {
            PathRule::Prefix(prefix) => ("path_prefix", prefix),
            PathRule::Template(template) => ("path", template),
        };
        members.insert(name.to_owned(), json!(path));
        members.insert("times".to_owned(), json!(fault.remaining()));
        members.insert("after".to_owned(), json!(fault.skipping()));
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_written_and_read() {
        for FaultName { name, needs, .. } in FAULT_NAMES {
            let mut body =
                json!({ "kind": name, "method": "put", "path": "/a/{b}", "times": 3, "after": 2 });
            if let Some(member) = needs {
                let error = read(body.to_string().as_bytes()).unwrap_err();
                assert!(error.starts_with(member), "{error}");
                body[*member] = json!(503);
            }
            let fault = read(body.to_string().as_bytes()).unwrap();
            let written = write(&fault);
            assert_eq!(written["kind"], *name);
            assert_eq!(written["times"], 3);
            assert_eq!(written["after"], 2);
            assert_eq!(read(written.to_string().as_bytes()).unwrap(), fault);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, member) in [
            (json!({ "kind": "rain" }), "kind"),
            (json!({ "kind": "html", "tines": 1 }), "tines"),
            (
                json!({ "kind": "html", "operation": "getCart", "path": "/" }),
                "operation",
            ),
            (json!({ "kind": "html", "operation": "getMoon" }), "getMoon"),
            (
                json!({ "kind": "html", "operation": "getCart", "method": "GET" }),
                "method",
            ),
            (json!({ "kind": "html", "method": "G T" }), "method"),
            (json!({ "kind": "status", "status": 99 }), "status"),
        ] {
            let error = read(body.to_string().as_bytes()).unwrap_err();
            assert!(error.contains(member), "{body}: {error}");
        }
    }

    #[test]
    fn an_operation_is_its_method_and_path() {
        let fault = read(br#"{"kind":"html","operation":"createTransaction"}"#).unwrap();
        assert_eq!(
            fault,
            Fault::on_operation(SparkLayerOperation::CreateTransaction, FaultKind::Html)
        );
    }
}
