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
    /// The reply is whole, and the end of the connection comes so much later.
    SlowClose(Duration),
    /// What the client sends vanishes; the connection stays open.
    BlackHoleRequest,
    /// What the server answers vanishes; the connection stays open.
    BlackHoleReply,
    /// The request goes through, and the connection ends in good order in place of the reply.
    DropReply,
    /// One bit of every piece of the reply is turned, chosen by the seed.
    GarbleReply,
    /// Every piece of the reply comes twice.
    DuplicateReply,
}
