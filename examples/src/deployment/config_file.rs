//! Configuration: one TOML with a section per crate, each section the crate's own type.

use std::path::{Path, PathBuf};

use order_mapping::{Profile, ProfileDocument, ProfileFinding, SkuOverrides, nearest_word};
use order_sync::adapters::{FilesOptions, ShopOptions};
use order_sync::{Cadence, HealthLimits, Settings};
use serde::Deserialize;
use sparklayer_client::WireNames;
use toml::Spanned;
use whistl_client::order_files::FolderLayout;
use whistl_client::orders::Contract;

use super::bad_input::{BadInput, InputFault};

/// The file of --config.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConfigFile {
    /// Whose orders they are; part of every key in the database.
    pub merchant: Spanned<String>,
    /// Name of the secret with the key of client references.
    pub reference_key_env: Spanned<String>,
    /// `[engine]`: times and limits.
    #[serde(default)]
    pub engine: Settings,
    /// `[runner]`: how often each flow runs, and how long a worker may take to stop. A single run needs none of it.
    #[serde(default)]
    pub runner: Cadence,
    /// `[health]`: from when on a worker's health is amber and red.
    #[serde(default)]
    pub health: HealthLimits,
    /// `[mapping]`: the rules of the mapping.
    #[serde(default)]
    pub mapping: Profile,
    /// `[sku]`: declared aliases and pairs of article codes.
    #[serde(default)]
    pub sku: SkuOverrides,
    /// `[sparklayer]`
    pub sparklayer: SparkLayerSection,
    /// `[warehouse]`
    pub warehouse: WarehouseSection,
    /// `[catalogue]`
    pub catalogue: CatalogueSection,
}

/// `[sparklayer]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SparkLayerSection {
    /// `live`, `test`, or an address.
    pub environment: Spanned<String>,
    /// The site id that the vendor gave.
    pub site_id: String,
    /// Name of the secret with the client id.
    pub client_id_env: Spanned<String>,
    /// Name of the secret with the client secret.
    pub client_secret_env: Spanned<String>,
    /// How the shop uses what SparkLayer leaves open.
    #[serde(default)]
    pub shop: ShopOptions,
    /// Names on the wire that are not certain.
    #[serde(default)]
    pub wire_names: WireNames,
}

/// `[warehouse]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WarehouseSection {
    /// Which of the two sections counts.
    pub route: Route,
    /// `[warehouse.http]`
    pub http: Option<HttpSection>,
    /// `[warehouse.files]`
    pub files: Option<FilesSection>,
}

/// The way orders go to the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::exhaustive_enums,
    reason = "programs of this package match on it"
)]
pub enum Route {
    /// Over HTTP.
    Http,
    /// As files in a shared folder.
    Files,
}

/// `[warehouse.http]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HttpSection {
    /// Where the interface is.
    pub base_url: Spanned<String>,
    /// How the warehouse is told who calls.
    pub auth: AuthScheme,
    /// User or client id, where the scheme has one.
    pub client_id_env: Option<Spanned<String>>,
    /// Password, client secret or key.
    pub secret_env: Spanned<String>,
    /// Header of the key.
    #[serde(default = "api_key_header")]
    pub api_key_header: String,
    /// The names of the assumed contract.
    #[serde(default)]
    pub contract: Contract,
}

/// How the warehouse is told who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::exhaustive_enums,
    reason = "programs of this package match on it"
)]
pub enum AuthScheme {
    /// Client credentials, exchanged for a token.
    Oauth2,
    /// A key in a header.
    ApiKey,
    /// User and password with every call.
    Basic,
}

fn api_key_header() -> String {
    "X-Api-Key".to_owned()
}

/// `[warehouse.files]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FilesSection {
    /// The share's root.
    pub root: Spanned<PathBuf>,
    /// The folders below it.
    #[serde(default)]
    pub layout: FolderLayout,
    /// What the files carry.
    #[serde(default)]
    pub options: FilesOptions,
}

/// `[catalogue]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CatalogueSection {
    /// CSV with the columns sku and description.
    pub file: Spanned<PathBuf>,
}

/// A configuration file with its text, so that faults name their lines.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// Where it is.
    pub path: PathBuf,
    text: String,
    /// The mapping's sections, judged, and the line of everything in the file.
    document: ProfileDocument,
    /// What it says.
    pub config: ConfigFile,
}

impl Loaded {
    /// Reads the file. Values are judged later; unknown keys and wrong types are refused here: those of the mapping all at once,
    /// else the first.
    ///
    /// # Errors
    /// What was refused, with its line.
    pub fn read(path: &Path) -> Result<Self, BadInput> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let remedy = "give the path of a TOML file; examples/full_sync.example.toml is one";
            InputFault::new(format!("cannot be read: {error}"), remedy).in_file(path)
        })?;
        let document = ProfileDocument::read(&text).map_err(|bad| {
            let faults = bad.faults().iter().map(|fault| {
                at(
                    InputFault::new(fault.message.as_str(), fault.remedy()),
                    path,
                    fault.line,
                )
            });
            BadInput::of(faults.collect())
        })?;
        if !document.is_readable() {
            let unreadable = document.findings().iter().filter(|one| one.is_of_form());
            return Err(BadInput::of(
                unreadable.map(|one| mapping_fault(one, path)).collect(),
            ));
        }
        let config = parse(&text, path)?;
        Ok(Self {
            path: path.to_owned(),
            text,
            document,
            config,
        })
    }

    /// A fault at the place of a value.
    #[must_use]
    pub fn fault_at<T>(
        &self,
        value: &Spanned<T>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> InputFault {
        InputFault::new(what, remedy).at_line(&self.path, line_at(&self.text, value.span().start))
    }

    /// A fault at a place of the file (a JSON pointer), or as near to it as the file has something.
    #[must_use]
    pub fn fault_in(
        &self,
        pointer: &str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> InputFault {
        at(
            InputFault::new(what, remedy),
            &self.path,
            self.document.line(pointer),
        )
    }

    /// Contradictions within the sections that need nothing from outside.
    #[must_use]
    pub fn check_sections(&self) -> Vec<InputFault> {
        let mut faults = Vec::new();
        if self.config.merchant.get_ref().trim().is_empty() {
            faults.push(self.fault_at(
                &self.config.merchant,
                "`merchant` is empty",
                "name the merchant",
            ));
        }
        for fault in self.config.engine.check() {
            // The text begins with the key in backticks.
            let key = fault.split('`').nth(1).unwrap_or_default().to_owned();
            let what = format!("[engine]: {fault}");
            let place = format!("/engine/{key}");
            faults.push(self.fault_in(&place, what, "correct the value in [engine]"));
        }
        for fault in self.config.runner.check() {
            let what = format!("[runner]: {fault}");
            faults.push(self.fault_in("/runner", what, "correct the value in [runner]"));
        }
        let mapping = self.document.findings().iter();
        faults.extend(
            mapping
                .filter(|one| one.is_fault())
                .map(|one| mapping_fault(one, &self.path)),
        );
        faults
    }
}

fn at(fault: InputFault, path: &Path, line: Option<u64>) -> InputFault {
    match line {
        Some(line) => fault.at_line(path, line),
        None => fault.in_file(path),
    }
}

/// A finding of the mapping's sections, in the words of this program.
fn mapping_fault(found: &ProfileFinding, path: &Path) -> InputFault {
    let one = &found.diagnostic;
    let place: &str = &one.path;
    let mut steps = place.splitn(3, '/').skip(1);
    let what = match (steps.next(), steps.next()) {
        (Some(section), Some(rest)) => {
            format!("[{section}]: {} at /{rest}: {}", one.code, one.message)
        }
        _ => format!("{}: {}", one.code, one.message),
    };
    at(
        InputFault::new(what, found.remedy.as_str()),
        path,
        found.line,
    )
}

/// Reads a text as TOML of a type.
///
/// # Errors
/// The first fault, with file, line and, for an unknown key, the nearest known one.
pub fn parse<T: serde::de::DeserializeOwned>(text: &str, path: &Path) -> Result<T, BadInput> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().trim().to_owned();
        let remedy = hint(&message).unwrap_or_else(|| {
            "correct the line; examples/full_sync.example.toml explains every key".to_owned()
        });
        let fault = InputFault::new(message, remedy);
        match error.span() {
            Some(span) => fault.at_line(path, line_at(text, span.start)).into(),
            None => fault.in_file(path).into(),
        }
    })
}

/// For an unknown key, the known one that is nearest to it: both stand in backticks in the message.
fn hint(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") && !message.starts_with("unknown variant") {
        return None;
    }
    let unknown = quoted.next()?;
    nearest_word(unknown, quoted).map(|known| format!("did you mean `{known}`?"))
}

/// The line of a byte, from 1.
fn line_at(text: &str, byte: usize) -> u64 {
    1 + text
        .bytes()
        .take(byte)
        .filter(|byte| *byte == b'\n')
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "read for its form only")]
    struct Probe {
        engine: Settings,
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let text = "[engine]\nsettel = 1000\n";
        let bad = parse::<Probe>(text, Path::new("shop.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            bad.starts_with("error: shop.toml:2: unknown field `settel`"),
            "{bad}"
        );
        assert!(bad.ends_with("remedy: did you mean `settle`?"), "{bad}");
    }

    #[test]
    fn text_that_is_no_toml_is_named_with_its_line() {
        let bad = parse::<Probe>("[engine]\nsettle = = 1\n", Path::new("shop.toml")).unwrap_err();
        assert!(bad.to_string().starts_with("error: shop.toml:2: "), "{bad}");
    }
}
