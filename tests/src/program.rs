//! Programs of this workspace, for tests that run them as processes.

use std::path::{Path, PathBuf};

/// The path of a program, built if it is not there yet; the environment variable may name one that is.
pub fn program(package: &str, name: &str, variable: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above this package");
    escargot::CargoBuild::new()
        .manifest_path(root.join("Cargo.toml"))
        .package(package)
        .bin(name)
        .run()
        .unwrap_or_else(|error| panic!("{name} does not build: {error}"))
        .path()
        .to_owned()
}

/// The demonstration; `FULL_SYNC_BIN` may name one that is built.
pub fn full_sync() -> PathBuf {
    program("connector-examples", "full_sync", "FULL_SYNC_BIN")
}
