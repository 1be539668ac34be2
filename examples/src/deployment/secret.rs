//! Values that are secret, by the name of a variable: never on a command line, never in a message.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Why a secret could not be had. Holds its name and the place it was looked for, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
#[non_exhaustive]
pub struct SecretFault {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl SecretFault {
    fn new(what: String, remedy: String) -> Self {
        Self { what, remedy }
    }
}

/// Where secrets come from.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::exhaustive_structs,
    reason = "it has no members, and is made by programs"
)]
pub struct Secret;

impl Secret {
    /// The value of a name: of the environment variable `NAME`; or of the file that the variable `NAME_FILE` names (container secrets);
    /// or of the file `NAME` in the folder of the variable `CREDENTIALS_DIRECTORY` (systemd). White space around it does not count.
    ///
    /// # Errors
    /// [`SecretFault`]: it is in none of them, in two of them, or its file cannot be read.
    pub fn read(name: &str) -> Result<String, SecretFault> {
        Self::find(name)?.ok_or_else(|| {
            SecretFault::new(
                format!("the environment variable {name} is not set"),
                format!(
                    "set {name} before the program starts, or {name}_FILE to a file that holds it"
                ),
            )
        })
    }

    /// As [`Secret::read`], for what may be left out.
    ///
    /// # Errors
    /// As [`Secret::read`], except that nothing is no fault.
    pub fn find(name: &str) -> Result<Option<String>, SecretFault> {
        look(name, &|variable| std::env::var_os(variable))
    }
}

fn look(
    name: &str,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<String>, SecretFault> {
    let direct = variable(name);
    let file_variable = format!("{name}_FILE");
    let file = variable(&file_variable).filter(|path| !path.is_empty());
    let value = match (direct, file) {
        (Some(direct), Some(_)) if !direct.is_empty() => {
            return Err(SecretFault::new(
                format!("both {name} and {file_variable} are set"),
                "set one of them".to_owned(),
            ));
        }
        (_, Some(path)) => in_file(name, Path::new(&path))?,
        (Some(direct), None) => direct.into_string().map_err(|_| {
            SecretFault::new(
                format!("the environment variable {name} is no text"),
                "write it in UTF-8".to_owned(),
            )
        })?,
        (None, None) => match variable("CREDENTIALS_DIRECTORY") {
            Some(folder) => {
                let path = PathBuf::from(folder).join(name);
                if !path.is_file() {
                    return Ok(None);
                }
                in_file(name, &path)?
            }
            None => return Ok(None),
        },
    };
    let value = value.trim();
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

fn in_file(name: &str, path: &Path) -> Result<String, SecretFault> {
    std::fs::read_to_string(path).map_err(|error| {
        SecretFault::new(
            format!(
                "the file {} that holds {name} cannot be read: {error}",
                path.display()
            ),
            "let the user of this program read it, as one line of text".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, variables: &[(&str, &str)]) -> Result<Option<String>, SecretFault> {
        look(name, &|wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn a_secret_comes_from_the_environment_or_a_file_and_never_from_two_places() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("KEY");
        std::fs::write(&file, "from a file\n").unwrap();
        let path = file.to_str().unwrap();
        let directory = folder.path().to_str().unwrap();
        for (variables, value) in [
            (vec![("KEY", "direct")], Some("direct")),
            (vec![("KEY_FILE", path)], Some("from a file")),
            (vec![("KEY", ""), ("KEY_FILE", path)], Some("from a file")),
            (
                vec![("CREDENTIALS_DIRECTORY", directory)],
                Some("from a file"),
            ),
            (
                vec![("KEY", "direct"), ("CREDENTIALS_DIRECTORY", directory)],
                Some("direct"),
            ),
            (vec![("CREDENTIALS_DIRECTORY", "/nowhere")], None),
            (vec![("KEY", " ")], None),
            (vec![], None),
        ] {
            assert_eq!(
                found("KEY", &variables).unwrap().as_deref(),
                value,
                "{variables:?}"
            );
        }
        let both = found("KEY", &[("KEY", "direct"), ("KEY_FILE", path)]).unwrap_err();
        assert!(both.what.contains("KEY and KEY_FILE"), "{both}");
        let missing = found("KEY", &[("KEY_FILE", "/nowhere/key")]).unwrap_err();
        assert!(missing.what.contains("/nowhere/key"), "{missing}");
    }
}
