//! Laws of `order-mapping`, and of the file readers of `whistl-client`, over arbitrary bytes.
//!
//! One function per target. It takes bytes as a fuzzer makes them, reads them as the text that the target judges, and panics
//! when a law does not hold. What it returns names what came out (codes, faults, verdicts), so that a loop without compiler
//! support can tell an input that does something new from one more of the same.
//!
//! Three ways to run them: over the kept corpus (`cargo xtask test`), under libFuzzer (`cargo xtask fuzz`, nightly compiler), and
//! by plain mutation of the corpus (`cargo xtask fuzz --stable`). An input that broke a law stays in the corpus once the law holds.

mod address;
mod answer_files;
mod carrier_replies;
mod diagnostics;
mod dtd_order;
mod good_order;
mod hunt;
mod mutation;
mod one_file;
mod order_json;
mod phone;
mod postcode;
mod profile_toml;
mod sku;
mod stock_file;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

pub use address::address;
pub use answer_files::answer_files;
pub use carrier_replies::{shipment_reply, tracking_reply};
pub use dtd_order::dtd_order;
pub use hunt::{Finding, Hunt, hunt};
pub use mutation::Mutator;
pub use order_json::order_json;
pub use phone::phone;
pub use postcode::postcode;
pub use profile_toml::profile_toml;
pub use sku::sku;
pub use stock_file::stock_file;

/// What an input led to, by name: ids of codes, faults, verdicts.
pub type Outcomes = BTreeSet<Cow<'static, str>>;

/// A target: its laws, and how its corpus is found.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the target, of its corpus folder and of its libFuzzer program.
    pub name: &'static str,
    /// Asserts the laws over one input.
    pub run: fn(&[u8]) -> Outcomes,
    /// Pieces that mutations put in, beside bytes and pieces of the corpus.
    pub pieces: &'static [&'static str],
    /// Outcomes that the kept corpus has to reach, so that it does not rot into one that proves nothing.
    pub reached: &'static [&'static str],
}

impl Target {
    /// The folder of the kept corpus.
    #[must_use]
    pub fn corpus(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(self.name)
    }
}

/// Every target.
pub const TARGETS: [Target; 11] = [
    sku::TARGET,
    phone::TARGET,
    postcode::TARGET,
    address::TARGET,
    order_json::TARGET,
    profile_toml::TARGET,
    dtd_order::TARGET,
    answer_files::TARGET,
    stock_file::TARGET,
    carrier_replies::SHIPMENT,
    carrier_replies::TRACKING,
];
