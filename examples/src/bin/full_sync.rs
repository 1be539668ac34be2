//! Runs every flow once against simulated or real endpoints.
fn main() {}
