//! Real endpoints, as a configuration file names them. Secrets come from the environment or from files.

use std::path::Path;

use order_mapping::{CatalogueItem, SourceSku};
use order_sync::ReferenceKey;
use sparklayer_client::{Credentials, Environment, SparkLayer};
use toml::Spanned;
use url::Url;
use whistl_client::order_files::DropFolder;
use whistl_client::orders::{Auth, WarehouseOrders};

use super::bad_input::{BadInput, InputFault};
use super::config_file::{AuthScheme, FilesSection, HttpSection, Loaded, Route};
use super::secret::Secret;
use super::vendor_clients::{VendorClients, WarehouseRoute};

/// Everything a run against real endpoints needs, checked.
#[derive(Debug)]
#[non_exhaustive]
pub struct LiveParts {
    /// The vendors' clients.
    pub clients: VendorClients,
    /// The articles of the shop.
    pub catalogue: Vec<CatalogueItem>,
    /// The key of client references.
    pub reference_key: ReferenceKey,
}

/// Checks a configuration as a whole and builds the clients, which name the program by `user_agent`; nothing is sent.
///
/// # Errors
/// Every fault that was found, each with its line and remedy.
pub fn connect(loaded: &Loaded, user_agent: &str) -> Result<LiveParts, BadInput> {
    let mut faults = loaded.check_sections();
    let mut keep = |fault: InputFault| faults.push(fault);
    let reference_key = secret(loaded, &loaded.config.reference_key_env)
        .map_err(&mut keep)
        .ok();
    if reference_key.as_ref().is_some_and(|key| key.len() < 16) {
        let remedy = "set it to at least 16 random characters, and never change it for the life of the database";
        keep(loaded.fault_at(
            &loaded.config.reference_key_env,
            "the reference key is shorter than 16 characters",
            remedy,
        ));
    }
    let shop = shop(loaded, user_agent, &mut keep);
    let warehouse = warehouse(loaded, user_agent, &mut keep);
    let catalogue = catalogue(loaded)
        .map_err(|bad| bad.faults().iter().cloned().for_each(&mut keep))
        .ok();
    match (reference_key, shop, warehouse, catalogue) {
        (Some(key), Some(shop), Some(warehouse), Some(catalogue)) if faults.is_empty() => {
            Ok(LiveParts {
                clients: VendorClients {
                    shop,
                    options: loaded.config.sparklayer.shop.clone(),
                    warehouse,
                },
                catalogue,
                reference_key: ReferenceKey::new(key),
            })
        }
        _ => Err(BadInput::of(faults)),
    }
}

/// The value of a name; never part of a message.
fn secret(loaded: &Loaded, variable: &Spanned<String>) -> Result<String, InputFault> {
    Secret::read(variable.get_ref())
        .map_err(|fault| loaded.fault_at(variable, fault.what, fault.remedy))
}

fn address(loaded: &Loaded, text: &Spanned<String>) -> Result<Url, InputFault> {
    let remedy = "write it as https://host/ (http only for this machine)";
    let url = Url::parse(text.get_ref()).map_err(|error| {
        loaded.fault_at(
            text,
            format!("`{}` is no address: {error}", text.get_ref()),
            remedy,
        )
    })?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(loaded.fault_at(
            text,
            format!("`{}` is no web address", text.get_ref()),
            remedy,
        ))
    }
}

fn shop(
    loaded: &Loaded,
    user_agent: &str,
    keep: &mut impl FnMut(InputFault),
) -> Option<SparkLayer> {
    let section = &loaded.config.sparklayer;
    let environment = match section.environment.get_ref().as_str() {
        "live" => Some(Environment::Live),
        "test" => Some(Environment::Test),
        _ => address(loaded, &section.environment)
            .map(Environment::Custom)
            .map_err(&mut *keep)
            .ok(),
    };
    let client_id = secret(loaded, &section.client_id_env)
        .map_err(&mut *keep)
        .ok();
    let client_secret = secret(loaded, &section.client_secret_env)
        .map_err(&mut *keep)
        .ok();
    if section.site_id.trim().is_empty() {
        keep(loaded.fault_in(
            "/sparklayer/site_id",
            "`site_id` is empty",
            "write the site id that the vendor gave you",
        ));
        return None;
    }
    let credentials = Credentials {
        site_id: section.site_id.clone(),
        client_id: client_id?,
        client_secret: client_secret?.into(),
    };
    let environment = environment?;
    if environment == Environment::Live && !section.wire_names.confirmed {
        let what = "the wire names of [sparklayer.wire_names] are not confirmed, and the environment is live";
        let remedy = "compare them with the vendor's description, then set `confirmed = true`";
        keep(loaded.fault_in("/sparklayer/wire_names/confirmed", what, remedy));
        return None;
    }
    if environment == Environment::Live && loaded.config.mapping.phone.allow_fictitious {
        let what =
            "[mapping.phone] allows numbers that are kept for drama, and the environment is live";
        let remedy = "take `allow_fictitious` out";
        keep(loaded.fault_in("/mapping/phone/allow_fictitious", what, remedy));
    }
    SparkLayer::builder(credentials, user_agent)
        .with_environment(environment)
        .with_wire_names(section.wire_names.clone())
        .build()
        .map_err(|error| {
            keep(loaded.fault_at(
                &section.environment,
                format!("[sparklayer]: {error}"),
                "correct [sparklayer]",
            ));
        })
        .ok()
}

fn warehouse(
    loaded: &Loaded,
    user_agent: &str,
    keep: &mut impl FnMut(InputFault),
) -> Option<WarehouseRoute> {
    let section = &loaded.config.warehouse;
    match (section.route, &section.http, &section.files) {
        (Route::Http, Some(http), _) => warehouse_http(loaded, http, user_agent, keep),
        (Route::Files, _, Some(files)) => warehouse_files(loaded, files).map_err(keep).ok(),
        (Route::Http, None, _) => {
            keep(loaded.fault_in(
                "/warehouse/route",
                "`route` is http, but there is no [warehouse.http]",
                "add the section",
            ));
            None
        }
        (Route::Files, _, None) => {
            keep(loaded.fault_in(
                "/warehouse/route",
                "`route` is files, but there is no [warehouse.files]",
                "add the section",
            ));
            None
        }
    }
}

fn warehouse_http(
    loaded: &Loaded,
    section: &HttpSection,
    user_agent: &str,
    keep: &mut impl FnMut(InputFault),
) -> Option<WarehouseRoute> {
    let url = address(loaded, &section.base_url).map_err(&mut *keep).ok();
    let password = secret(loaded, &section.secret_env).map_err(&mut *keep).ok();
    let user = match (&section.client_id_env, section.auth) {
        (Some(variable), _) => secret(loaded, variable).map_err(&mut *keep).ok(),
        (None, AuthScheme::ApiKey) => Some(String::new()),
        (None, _) => {
            let remedy = "name the environment variable that holds the client id";
            keep(loaded.fault_in(
                "/warehouse/http",
                "[warehouse.http] has no `client_id_env`, which its `auth` needs",
                remedy,
            ));
            None
        }
    };
    let (url, password, user) = (url?, password?, user?);
    let auth = match section.auth {
        AuthScheme::Oauth2 => Auth::oauth2(user, password),
        AuthScheme::ApiKey => Auth::api_key(&section.api_key_header, password),
        AuthScheme::Basic => Auth::basic(user, password),
    };
    let create_timeout = loaded
        .config
        .engine
        .longest_create()
        .min(std::time::Duration::from_secs(15));
    WarehouseOrders::builder(url, auth, user_agent)
        .with_contract(section.contract.clone())
        .with_create_timeout(create_timeout)
        .build()
        .map_err(|error| {
            keep(loaded.fault_at(
                &section.base_url,
                format!("[warehouse.http]: {error}"),
                "correct [warehouse.http]",
            ));
        })
        .map(WarehouseRoute::Http)
        .ok()
}

fn warehouse_files(loaded: &Loaded, section: &FilesSection) -> Result<WarehouseRoute, InputFault> {
    if !section.root.get_ref().is_dir() {
        let what = format!("`{}` is no folder", section.root.get_ref().display());
        return Err(loaded.fault_at(&section.root, what, "mount the share, or correct `root`"));
    }
    let folder = DropFolder::new(section.root.get_ref().clone(), section.layout.clone()).map_err(
        |error| {
            loaded.fault_in(
                "/warehouse/files/layout",
                format!("[warehouse.files.layout]: {error}"),
                "correct the layout",
            )
        },
    )?;
    Ok(WarehouseRoute::Files(Box::new((
        folder,
        section.options.clone(),
    ))))
}

/// The articles of the shop, from a CSV with the columns sku and description; a relative path counts from the configuration.
fn catalogue(loaded: &Loaded) -> Result<Vec<CatalogueItem>, BadInput> {
    let file = &loaded.config.catalogue.file;
    let folder = loaded.path.parent().unwrap_or(Path::new(""));
    let path = folder.join(file.get_ref());
    let mut reader = csv::Reader::from_path(&path).map_err(|error| {
        let what = format!("the catalogue {} cannot be read: {error}", path.display());
        loaded.fault_at(
            file,
            what,
            "give a CSV file with the columns sku and description",
        )
    })?;
    let unreadable = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        InputFault::new(
            "the row is no CSV in UTF-8",
            "save the file as CSV in UTF-8",
        )
        .at_line(&path, line)
    };
    let headers = reader.headers().map_err(|error| unreadable(&error))?;
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header.trim_start_matches('\u{feff}').trim() == name)
    };
    let description = column("description");
    let Some(sku) = column("sku") else {
        return Err(InputFault::new(
            "the header has no column sku",
            "name the columns sku,description",
        )
        .at_line(&path, 1)
        .into());
    };
    let mut items = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let code = record.get(sku).unwrap_or_default();
        if code.is_empty() {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(
                InputFault::new("`sku` is empty", "fill it in, or remove the row")
                    .at_line(&path, line)
                    .into(),
            );
        }
        let text = description
            .and_then(|place| record.get(place))
            .filter(|text| !text.is_empty());
        items.push(CatalogueItem::new(
            SourceSku::new(code),
            text.map(str::to_owned),
        ));
    }
    Ok(items)
}
