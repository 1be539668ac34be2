//! How a simulated shop is set up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use chrono::{DateTime, Utc};

use super::switches::SparkLayerSwitches;
use crate::server::Reach;
use crate::virtual_clock::default_start;

/// Site id of the demo shop.
pub const DEMO_SITE_ID: &str = "demo-wholesale";
/// Client id of the demo shop's API key.
pub const DEMO_CLIENT_ID: &str = "5b7a1f0e-0d2c-4c1b-9a53-3f1c5f9e2d10";
/// Client secret of the demo shop's API key. It opens nothing but a simulator.
pub const DEMO_CLIENT_SECRET: &str =
    "demo0secret0demo0secret0demo0secret0demo0secret0demo0secret0demo";

/// A place that holds stock.
///
/// Members: documented. The id's form (UUID): documented.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockLocation {
    /// SparkLayer's id, a UUID.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The merchant's own id, for example `default`.
    pub external_id: String,
}

impl StockLocation {
    /// A location.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        external_id: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            external_id: external_id.into(),
        }
    }
}

/// Settings of a [`SparkLayerSim`](crate::SparkLayerSim). The default is the demo shop on a free port.
#[derive(Clone)]
#[non_exhaustive]
pub struct SparkLayerOptions {
    /// Where to listen; loopback only, unless `reach` says otherwise. Default `127.0.0.1:0`, a free port.
    pub addr: SocketAddr,
    /// Who may reach it. Default this machine only.
    pub reach: Reach,
    /// First instant of the virtual clock. Default 2010-12-03T18:00:00Z.
    pub clock_start: DateTime<Utc>,
    /// The site. Default [`DEMO_SITE_ID`].
    pub site_id: String,
    /// Client id. Default [`DEMO_CLIENT_ID`].
    pub client_id: String,
    /// Client secret. Default [`DEMO_CLIENT_SECRET`].
    pub client_secret: String,
    /// How it behaves where the vendor's documentation leaves it open.
    pub switches: SparkLayerSwitches,
    /// Stock locations. Default: one with external id `default`, and one with external id `whistl`.
    pub locations: Vec<StockLocation>,
}

impl Default for SparkLayerOptions {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            reach: Reach::default(),
            clock_start: default_start(),
            site_id: DEMO_SITE_ID.to_owned(),
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.to_owned(),
            switches: SparkLayerSwitches::default(),
            locations: vec![
                StockLocation::new("0f4b7a52-3d0e-4c57-8a11-5d1f6f0c0001", "Default", "default"),
                StockLocation::new("0f4b7a52-3d0e-4c57-8a11-5d1f6f0c0002", "Whistl", "whistl"),
            ],
        }
    }
}

impl SparkLayerOptions {
    /// Listens there; loopback only, unless `reach` says otherwise.
    #[must_use]
    pub fn with_addr(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Says who may reach it.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Starts the virtual clock there.
    #[must_use]
    pub fn with_clock_start(mut self, start: DateTime<Utc>) -> Self {
        self.clock_start = start;
        self
    }

    /// Accepts this site and API key.
    #[must_use]
    pub fn with_account(
        mut self,
        site_id: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        self.site_id = site_id.into();
        self.client_id = client_id.into();
        self.client_secret = client_secret.into();
        self
    }

    /// Lets tokens live that long.
    #[must_use]
    pub fn with_token_lifetime_secs(mut self, seconds: u32) -> Self {
        self.switches.token_lifetime_secs = seconds;
        self
    }

    /// Sets the rows of a list without `limit`.
    #[must_use]
    pub fn with_default_limit(mut self, rows: usize) -> Self {
        self.switches.default_limit = rows;
        self
    }

    /// Sets how it behaves where the vendor's documentation leaves it open.
    #[must_use]
    pub fn with_switches(mut self, switches: SparkLayerSwitches) -> Self {
        self.switches = switches;
        self
    }

    /// Replaces the stock locations.
    #[must_use]
    pub fn with_locations(mut self, locations: Vec<StockLocation>) -> Self {
        self.locations = locations;
        self
    }
}

impl fmt::Debug for SparkLayerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SparkLayerOptions")
            .field("addr", &self.addr)
            .field("reach", &self.reach)
            .field("clock_start", &self.clock_start)
            .field("site_id", &self.site_id)
            .field("switches", &self.switches)
            .field("locations", &self.locations)
            .finish_non_exhaustive()
    }
}
