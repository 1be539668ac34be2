//! Configuration: one TOML with a section per crate, each section the crate's own type.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use order_mapping::{
    Profile, ProfileDocument, ProfileFinding, SkuAlias, SkuOverrides, nearest_word,
};
use order_sync::Settings;
use order_sync::adapters::{FilesOptions, ShopOptions};
use serde::Deserialize;
use sparklayer_client::WireNames;
use toml::Spanned;
use whistl_client::order_files::FolderLayout;
use whistl_client::orders::Contract;

use crate::bad_input::{BadInput, InputFault};

/// The file of --config.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// Whose orders they are; part of every key in the database.
    pub(crate) merchant: Spanned<String>,
    /// Environment variable with the key of client references.
    pub(crate) reference_key_env: Spanned<String>,
    #[serde(default)]
    pub(crate) engine: Settings,
    #[serde(default)]
    pub(crate) mapping: Profile,
    #[serde(default)]
    pub(crate) sku: SkuOverrides,
    pub(crate) sparklayer: SparkLayerSection,
    pub(crate) warehouse: WarehouseSection,
    pub(crate) catalogue: CatalogueSection,
}

/// `[sparklayer]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SparkLayerSection {
    /// `live`, `test`, or an address.
    pub(crate) environment: Spanned<String>,
    pub(crate) site_id: String,
    pub(crate) client_id_env: Spanned<String>,
    pub(crate) client_secret_env: Spanned<String>,
    #[serde(default)]
    pub(crate) shop: ShopOptions,
    #[serde(default)]
    pub(crate) wire_names: WireNames,
}

/// `[warehouse]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WarehouseSection {
    pub(crate) route: Route,
    pub(crate) http: Option<HttpSection>,
    pub(crate) files: Option<FilesSection>,
}

/// The way orders go to the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Route {
    Http,
    Files,
}

/// `[warehouse.http]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpSection {
    pub(crate) base_url: Spanned<String>,
    pub(crate) auth: AuthScheme,
    /// User or client id, where the scheme has one.
    pub(crate) client_id_env: Option<Spanned<String>>,
    /// Password, client secret or key.
    pub(crate) secret_env: Spanned<String>,
    /// Header of the key.
    #[serde(default = "api_key_header")]
    pub(crate) api_key_header: String,
    #[serde(default)]
    pub(crate) contract: Contract,
}

/// How the warehouse is told who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthScheme {
    Oauth2,
    ApiKey,
    Basic,
}

fn api_key_header() -> String {
    "X-Api-Key".to_owned()
}

/// `[warehouse.files]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilesSection {
    /// The share's root.
    pub(crate) root: Spanned<PathBuf>,
    #[serde(default)]
    pub(crate) layout: FolderLayout,
    #[serde(default)]
    pub(crate) options: FilesOptions,
}

/// `[catalogue]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogueSection {
    /// CSV with the columns sku and description.
    pub(crate) file: Spanned<PathBuf>,
}

/// What the demonstration uses: `data/demo.toml` and the alias list beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DemoConfig {
    pub(crate) engine: Settings,
    pub(crate) shop: ShopOptions,
    pub(crate) mapping: Profile,
    pub(crate) sku: SkuOverrides,
}

const DEMO: &str = include_str!("../../../data/demo.toml");
const ONLINE_RETAIL_ALIASES: &str = include_str!("../../../data/online_retail_aliases.toml");

impl DemoConfig {
    /// Reads both files, and keeps the aliases of articles that the shop has: a declaration about others would be a fault.
    pub(crate) fn load(codes: &BTreeSet<&str>) -> Result<Self, BadInput> {
        let mut demo: Self = parse(DEMO, Path::new("examples/data/demo.toml"))?;
        let retail: SkuOverrides = parse(
            ONLINE_RETAIL_ALIASES,
            Path::new("examples/data/online_retail_aliases.toml"),
        )?;
        demo.sku.aliases.extend(retail.aliases);
        let has = |row: &SkuAlias| {
            codes.contains(row.alias.as_str()) && codes.contains(row.canonical.as_str())
        };
        demo.sku.aliases.retain(has);
        Ok(demo)
    }
}

/// A configuration file with its text, so that faults name their lines.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    text: String,
    /// The mapping's sections, judged, and the line of everything in the file.
    document: ProfileDocument,
    pub(crate) config: ConfigFile,
}

impl Loaded {
    /// Reads the file. Values are judged later; unknown keys and wrong types are refused here: those of the mapping all at once,
    /// else the first.
    pub(crate) fn read(path: &Path) -> Result<Self, BadInput> {
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
    pub(crate) fn fault_at<T>(
        &self,
        value: &Spanned<T>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> InputFault {
        InputFault::new(what, remedy).at_line(&self.path, line_at(&self.text, value.span().start))
    }

    /// A fault at a place of the file (a JSON pointer), or as near to it as the file has something.
    pub(crate) fn fault_in(
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
    pub(crate) fn check_sections(&self) -> Vec<InputFault> {
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

fn parse<T: serde::de::DeserializeOwned>(text: &str, path: &Path) -> Result<T, BadInput> {
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
    use order_mapping::Severity;

    use super::*;
    use crate::built_in_orders::built_in_orders;

    #[test]
    fn the_demonstration_is_configured_soundly() {
        let dataset = built_in_orders(2010);
        let demo = DemoConfig::load(&dataset.codes()).unwrap();
        assert_eq!(demo.sku.aliases.len(), 2, "the third pair stays undeclared");
        assert!(demo.engine.check().is_empty());
        let faults = demo.mapping.check();
        assert!(
            faults.iter().all(|one| one.severity < Severity::Error),
            "{faults:?}"
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let text = "[engine]\nsettel = 1000\n";
        let bad = parse::<DemoConfig>(text, Path::new("shop.toml"))
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
        let bad =
            parse::<DemoConfig>("[engine]\nsettle = = 1\n", Path::new("shop.toml")).unwrap_err();
        assert!(bad.to_string().starts_with("error: shop.toml:2: "), "{bad}");
    }
}
