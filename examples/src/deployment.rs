//! What programs that run against real endpoints share (`full_sync --config`, `worker`): one configuration file for each merchant,
//! secrets from the environment or from files, the vendors' clients, and the engine's database.

mod bad_input;
mod config_file;
mod endpoints;
mod personal_data_keys;
mod secret;
mod store_choice;
mod vendor_clients;

pub use bad_input::{BadInput, Failure, InputFault};
pub use config_file::{
    AuthScheme, CatalogueSection, ConfigFile, FilesSection, HttpSection, Loaded, Route,
    SparkLayerSection, WarehouseSection, parse,
};
pub use endpoints::{LiveParts, connect};
pub use personal_data_keys::PersonalDataKeys;
pub use secret::{Secret, SecretFault};
pub use store_choice::{OpenStore, PostgresChoice, StoreChoice};
pub use vendor_clients::{VendorClients, WarehouseRoute};
