//! What the warehouse says when it refuses.

use std::sync::Arc;

use bytes::Bytes;
use connector_http::{Classifier, ErrorKind, Operation, VendorError, Verdict};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::cancel::CANCEL_STATE;
use super::contract::Contract;
use super::lookup::GET;
use super::members::text_of;

/// Most complaints that are kept of one answer.
const COMPLAINTS_MAX: usize = 200;

/// Reads error answers: the contract's problem object, a bare list of complaints, an OAuth2 error; anything else says nothing.
#[derive(Debug)]
pub(super) struct Problems {
    pub(super) contract: Arc<Contract>,
}

impl Problems {
    fn complaint(&self, complaint: Map<String, Value>) -> VendorError {
        complaint_of(&self.contract, complaint)
    }

    fn list(&self, complaints: Vec<Value>) -> Vec<VendorError> {
        complaints
            .into_iter()
            .take(COMPLAINTS_MAX)
            .filter_map(|complaint| match complaint {
                Value::Object(complaint) => Some(self.complaint(complaint)),
                Value::String(message) => Some(VendorError::new(None, Some(message), None)),
                _ => None,
            })
            .filter(|complaint| !complaint.is_empty())
            .collect()
    }
}

/// One complaint, in the contract's names.
pub(super) fn complaint_of(contract: &Contract, mut complaint: Map<String, Value>) -> VendorError {
    let names = &contract.problem;
    let mut text = |name: &str| complaint.remove(name).and_then(text_of);
    VendorError::new(text(&names.code), text(&names.message), text(&names.field))
}

impl Classifier for Problems {
    fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        let names = &self.contract.problem;
        match serde_json::from_slice(response.body()) {
            Ok(Value::Array(complaints)) => self.list(complaints),
            Ok(Value::Object(mut problem)) => {
                if let Some(Value::Array(complaints)) = problem.remove(&names.errors) {
                    let complaints = self.list(complaints);
                    if !complaints.is_empty() {
                        return complaints;
                    }
                }
                let mut text = |name: &str| problem.remove(name).and_then(text_of);
                let code = text(&names.code).or_else(|| text("error"));
                let message = text(&names.detail)
                    .or_else(|| text("error_description"))
                    .or_else(|| text(&names.message))
                    .or_else(|| text("title"));
                let complaint = VendorError::new(code, message, text(&names.field));
                if complaint.is_empty() {
                    Vec::new()
                } else {
                    vec![complaint]
                }
            }
            _ => Vec::new(),
        }
    }

    fn verdict(
        &self,
        operation: &Operation,
        response: &Response<Bytes>,
        errors: &[VendorError],
    ) -> Verdict {
        // "Not there" is what allows a second send, so only the warehouse itself may say it, not a gateway or a wrong path.
        let contract = &self.contract;
        let order = contract.order_not_found_code.as_str();
        let proofs: &[&str] = if operation.name() == GET.name() {
            &[order]
        } else if operation.name() == CANCEL_STATE.name() {
            &[order, &contract.cancel_not_found_code]
        } else {
            return Verdict::ByStatus;
        };
        let said = |proof: &&str| errors.iter().any(|error| error.code() == Some(*proof));
        let proven = order.trim().is_empty() || proofs.iter().any(said);
        if response.status() == StatusCode::NOT_FOUND && !proven {
            return Verdict::Refused(ErrorKind::Unexpected);
        }
        Verdict::ByStatus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &'static str) -> Vec<VendorError> {
        let contract = Arc::new(Contract::default());
        let response = Response::new(Bytes::from_static(body.as_bytes()));
        Problems { contract }.vendor_errors(&GET, &response)
    }

    #[test]
    fn every_shape_of_an_error_body_is_read() {
        let listed = read(
            r#"{"title":"t","errors":[{"code":"A","field":"/x","message":"m"},{"code":"B"},7]}"#,
        );
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[0].pointer(), Some("/x"));
        assert_eq!(listed[1].code(), Some("B"));
        assert_eq!(
            read(r#"[{"code":"C"},"plain"]"#)[1].message(),
            Some("plain")
        );
        assert_eq!(
            read(r#"{"detail":"d","errors":[]}"#)[0].message(),
            Some("d")
        );
        let oauth = read(r#"{"error":"invalid_client","error_description":"wrong"}"#);
        assert_eq!(
            (oauth[0].code(), oauth[0].message()),
            (Some("invalid_client"), Some("wrong"))
        );
        for nothing in ["", "<html>no</html>", "{}", "null", "[]", "{\"errors\":7}"] {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
    }
}
