//! A stored reply that cannot be read.

use crate::xml::XmlFault;

/// A document that is not the reply it was taken for. It names the place, never the content: that may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnreadableReply(pub(crate) String);

impl From<XmlFault> for UnreadableReply {
    fn from(fault: XmlFault) -> Self {
        Self(fault.to_string())
    }
}
