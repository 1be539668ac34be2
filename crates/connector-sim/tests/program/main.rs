//! The program `connector-sim`, started as a newcomer starts it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[cfg(unix)]
mod readme;
mod running;
mod starting;
