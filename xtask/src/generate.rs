//! Files that are written from the types: `cargo xtask generate` writes them, `cargo xtask generate --check` compares.

mod failure_codes;
mod simulator_assumptions;

use std::path::Path;

/// A file of the workspace and what stands in it.
struct Generated {
    /// Its path from the workspace's folder.
    path: &'static str,
    /// Gives the whole text.
    text: fn() -> Result<String, String>,
}

/// Every generated file.
const FILES: &[Generated] = &[
    Generated {
        path: "crates/order-mapping/schema/profile.schema.json",
        text: profile_schema,
    },
    Generated {
        path: "docs/failure-codes.md",
        text: || Ok(failure_codes::page()),
    },
    Generated {
        path: "docs/simulator-assumptions.md",
        text: simulator_assumptions::page,
    },
];

fn profile_schema() -> Result<String, String> {
    let schema = order_mapping::profile_schema();
    let text = serde_json::to_string_pretty(&schema).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

/// Writes every file whose text is another one.
pub(crate) fn write(workspace: &Path) -> Result<(), String> {
    for file in FILES {
        let text = (file.text)()?;
        if is_current(workspace, file, &text) {
            println!("unchanged: {}", file.path);
            continue;
        }
        let path = workspace.join(file.path);
        let folder = path.parent().unwrap_or(workspace);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| format!("{} cannot be written: {error}", file.path))?;
        println!("written: {}", file.path);
    }
    Ok(())
}

/// Fails when a file's text is not what would be written.
pub(crate) fn check(workspace: &Path) -> Result<(), String> {
    let mut old = Vec::new();
    for file in FILES {
        if !is_current(workspace, file, &(file.text)()?) {
            old.push(file.path);
        }
    }
    if old.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "not as the types have it now: {}; run `cargo xtask generate`",
            old.join(", ")
        ))
    }
}

fn is_current(workspace: &Path, file: &Generated, text: &str) -> bool {
    // A checkout may have other line ends.
    std::fs::read_to_string(workspace.join(file.path))
        .is_ok_and(|there| there.replace("\r\n", "\n") == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_are_as_the_types_have_them() {
        assert_eq!(check(&crate::workspace()), Ok(()));
    }

    #[test]
    fn a_file_that_differs_or_is_missing_is_named() {
        let nowhere = crate::workspace().join("xtask").join("src");
        let told = check(&nowhere).unwrap_err();
        for file in FILES {
            assert!(told.contains(file.path), "{told}");
        }
        assert!(told.ends_with("run `cargo xtask generate`"), "{told}");
    }
}
