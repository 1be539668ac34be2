//! What can be done to a connection.

use std::time::Duration;

/// What a [`FaultProxy`](crate::FaultProxy) does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Toxic {
    /// Nothing: bytes go both ways as they come.
    #[default]
    None,
    /// Every piece of the reply waits for `delay` and up to `jitter` more, by the seed.
    Latency {
        /// At least so long.
        delay: Duration,
        /// Up to so much longer.
        jitter: Duration,
    },
    /// A reset (RST) as soon as the connection stands; the server hears nothing.
    ResetAtOnce,
    /// A reset after so many bytes of the request have gone to the server.
    ResetRequestAfter(usize),
    /// A reset after so many bytes of the reply have gone to the client.
    ResetReplyAfter(usize),
    /// The request goes through, and when the server begins to answer the client is reset.
    ResetAfterRequest,
    /// Accepted and never answered; no connection to the server.
    HalfOpen,
    /// The reply ends in good order after so many bytes.
    TruncateReply(usize),
    /// The reply comes at so many bytes a second (at least 1).
    Bandwidth(u32),
    /// Replies are whole, and whichever side closes the connection, the other hears of it so much later.
    SlowClose(Duration),
    /// What the client sends vanishes; the connection stays open.
    BlackHoleRequest,
    /// What the server answers vanishes; the connection stays open.
    BlackHoleReply,
    /// The request goes through, and the connection ends in good order in place of the reply.
    DropReply,
    /// The request reaches the server so much later, even if the client has given up and gone by then.
    LateRequest(Duration),
    /// The top bit of one byte of every piece of the reply is turned, at a place chosen by the seed. Text that was ASCII is
    /// not UTF-8 any more then: damage that a reader can tell, as behind TLS all damage is.
    GarbleReply,
    /// Every piece of the reply comes twice.
    DuplicateReply,
}

impl Toxic {
    /// Whether it does something to a connection whose reply has come to so many bytes.
    pub(super) const fn acts_on_reply(self, bytes: usize) -> bool {
        match self {
            Self::ResetReplyAfter(limit) | Self::TruncateReply(limit) => bytes >= limit,
            Self::ResetAfterRequest
            | Self::DropReply
            | Self::BlackHoleReply
            | Self::Latency { .. }
            | Self::Bandwidth(_)
            | Self::GarbleReply
            | Self::DuplicateReply => true,
            Self::None
            | Self::LateRequest(_)
            | Self::SlowClose(_)
            | Self::ResetAtOnce
            | Self::ResetRequestAfter(_)
            | Self::HalfOpen
            | Self::BlackHoleRequest => false,
        }
    }
}
