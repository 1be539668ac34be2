//! The engine over a shop and a warehouse in memory: what each answer of either makes it do.

mod despatches;
mod fakes;
mod orders;
mod stock_and_audit;
mod transmit;
