//! How a simulated warehouse is set up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use chrono::{DateTime, Utc};

use super::charges::ChargeRates;
use crate::server::Reach;
use crate::virtual_clock::default_start;

/// OAuth2 client id of the demo account.
pub const DEMO_WAREHOUSE_CLIENT_ID: &str = "demo-warehouse";
/// OAuth2 client secret of the demo account. It opens nothing but a simulator.
pub const DEMO_WAREHOUSE_CLIENT_SECRET: &str = "demo-warehouse-secret";
/// Service codes the demo account may use. Assumed: real codes are agreed per account.
pub const DEMO_SERVICE_CODES: [&str; 3] = ["WHI_STD", "WHI_EXP", "WHI_INT"];

/// Settings of a [`WhistlSim`](crate::WhistlSim). The default is the demo account on a free port, without deliberate short picks.
#[derive(Clone)]
#[non_exhaustive]
pub struct WhistlOptions {
    /// Where to listen; loopback only, unless `reach` says otherwise. Default `127.0.0.1:0`, a free port.
    pub addr: SocketAddr,
    /// Who may reach it. Default this machine only.
    pub reach: Reach,
    /// First instant of the virtual clock. Default 2010-12-03T18:00:00Z.
    pub clock_start: DateTime<Utc>,
    /// OAuth2 client id. Default [`DEMO_WAREHOUSE_CLIENT_ID`].
    pub client_id: String,
    /// OAuth2 client secret. Default [`DEMO_WAREHOUSE_CLIENT_SECRET`].
    pub client_secret: String,
    /// Life of a token on the virtual clock. Default 3600 s.
    pub token_lifetime_secs: u32,
    /// Also accepts this key in `X-Api-Key`. Default none.
    pub api_key: Option<String>,
    /// Also accepts this user and password by HTTP Basic. Default none.
    pub basic: Option<(String, String)>,
    /// Known service codes. Default [`DEMO_SERVICE_CODES`].
    pub service_codes: Vec<String>,
    /// Refuses SKUs without a stock record, once any stock was seeded. Default yes.
    pub refuse_unknown_skus: bool,
    /// Lines in a parcel at most. Default 20.
    pub max_lines_per_parcel: usize,
    /// Units in a parcel at most. Default 500.
    pub max_units_per_parcel: u32,
    /// How many lines in a thousand are picked one unit short although the stock is there. Default 0.
    pub short_pick_per_mille: u16,
    /// How many orders in a thousand leave in two despatches. Default 0.
    pub part_despatch_per_mille: u16,
    /// Chooses which lines and orders those are, and the tracking numbers.
    pub seed: u64,
    /// How many sequence numbers back a stock delta may reach; `None` is all. Default `None`.
    pub inventory_history: Option<u64>,
    /// Keeps what is missing open for later instead of giving it up as short. An order that may not leave in parts then waits until
    /// everything is there. Default no.
    pub back_orders: bool,
    /// Ticks that an order spends on the picking floor before it leaves; meanwhile a change is refused. Default 0.
    pub ticks_to_pick: u32,
    /// Answers a request to cancel with `pending` and decides at the next tick. Default no.
    pub cancels_wait_for_tick: bool,
    /// Takes an order with an unknown service code and holds it, instead of refusing it. Default no.
    pub hold_unknown_services: bool,
    /// Holds an order for abroad whose lines lack commodity code or origin. Default no.
    pub hold_without_customs: bool,
    /// Cuts texts that are too long for the carrier, as the real warehouse does, instead of refusing the order. Default no: a cut then
    /// never goes unseen. What was cut is on the order ([`AcceptedOrder::cuts`](crate::AcceptedOrder::cuts)).
    pub cut_long_texts: bool,
    /// Most that a parcel may weigh, packaging of 200 g included; counts where every line of the order has a weight. Default none.
    pub max_parcel_grams: Option<u32>,
    /// Checks the goods and contacts of every order when it is about to get its labels, as one warehouse is known to; a fault holds it.
    /// Default no.
    pub label_checks: bool,
    /// Prices of the warehouse's work.
    pub charges: ChargeRates,
}

impl Default for WhistlOptions {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            reach: Reach::default(),
            clock_start: default_start(),
            client_id: DEMO_WAREHOUSE_CLIENT_ID.to_owned(),
            client_secret: DEMO_WAREHOUSE_CLIENT_SECRET.to_owned(),
            token_lifetime_secs: 3600,
            api_key: None,
            basic: None,
            service_codes: DEMO_SERVICE_CODES.map(str::to_owned).to_vec(),
            refuse_unknown_skus: true,
            max_lines_per_parcel: 20,
            max_units_per_parcel: 500,
            short_pick_per_mille: 0,
            part_despatch_per_mille: 0,
            seed: 1,
            inventory_history: None,
            back_orders: false,
            ticks_to_pick: 0,
            cancels_wait_for_tick: false,
            hold_unknown_services: false,
            hold_without_customs: false,
            cut_long_texts: false,
            max_parcel_grams: None,
            label_checks: false,
            charges: ChargeRates::default(),
        }
    }
}

impl WhistlOptions {
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

    /// Accepts these OAuth2 client credentials.
    #[must_use]
    pub fn with_client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = id.into();
        self.client_secret = secret.into();
        self
    }

    /// Lets tokens live that long.
    #[must_use]
    pub fn with_token_lifetime_secs(mut self, seconds: u32) -> Self {
        self.token_lifetime_secs = seconds;
        self
    }

    /// Also accepts this key in `X-Api-Key`.
    #[must_use]
    pub fn with_api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Also accepts this user and password by HTTP Basic.
    #[must_use]
    pub fn with_basic(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.basic = Some((user.into(), password.into()));
        self
    }

    /// Replaces the known service codes.
    #[must_use]
    pub fn with_service_codes(
        mut self,
        codes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.service_codes = codes.into_iter().map(Into::into).collect();
        self
    }

    /// Takes SKUs without a stock record too; they are picked short.
    #[must_use]
    pub fn with_unknown_skus_accepted(mut self) -> Self {
        self.refuse_unknown_skus = false;
        self
    }

    /// Limits a parcel; each limit is at least 1.
    #[must_use]
    pub fn with_parcel_limits(mut self, lines: usize, units: u32) -> Self {
        self.max_lines_per_parcel = lines.max(1);
        self.max_units_per_parcel = units.max(1);
        self
    }

    /// Picks that many lines in a thousand one unit short.
    #[must_use]
    pub fn with_short_picks_per_mille(mut self, rate: u16) -> Self {
        self.short_pick_per_mille = rate;
        self
    }

    /// Sends that many orders in a thousand in two despatches.
    #[must_use]
    pub fn with_part_despatches_per_mille(mut self, rate: u16) -> Self {
        self.part_despatch_per_mille = rate;
        self
    }

    /// Chooses which lines and orders those are, and the tracking numbers.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Keeps what is missing open for later.
    #[must_use]
    pub fn with_back_orders(mut self) -> Self {
        self.back_orders = true;
        self
    }

    /// Lets an order spend that many ticks on the picking floor.
    #[must_use]
    pub fn with_ticks_to_pick(mut self, ticks: u32) -> Self {
        self.ticks_to_pick = ticks;
        self
    }

    /// Decides requests to cancel at the next tick only.
    #[must_use]
    pub fn with_cancels_decided_by_tick(mut self) -> Self {
        self.cancels_wait_for_tick = true;
        self
    }

    /// Holds orders with an unknown service code.
    #[must_use]
    pub fn with_unknown_services_held(mut self) -> Self {
        self.hold_unknown_services = true;
        self
    }

    /// Holds orders for abroad without customs data.
    #[must_use]
    pub fn with_customs_data_needed(mut self) -> Self {
        self.hold_without_customs = true;
        self
    }

    /// Cuts texts that are too long for the carrier.
    #[must_use]
    pub fn with_long_texts_cut(mut self) -> Self {
        self.cut_long_texts = true;
        self
    }

    /// Checks goods and contacts when an order is about to get its labels.
    #[must_use]
    pub fn with_label_checks(mut self) -> Self {
        self.label_checks = true;
        self
    }

    /// Limits the weight of a parcel.
    #[must_use]
    pub fn with_parcel_weight(mut self, grams: u32) -> Self {
        self.max_parcel_grams = Some(grams);
        self
    }

    /// Lets a stock delta reach back that many sequence numbers only.
    #[must_use]
    pub fn with_inventory_history(mut self, sequences: u64) -> Self {
        self.inventory_history = Some(sequences);
        self
    }
}

impl fmt::Debug for WhistlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhistlOptions")
            .field("addr", &self.addr)
            .field("reach", &self.reach)
            .field("clock_start", &self.clock_start)
            .field("token_lifetime_secs", &self.token_lifetime_secs)
            .field("service_codes", &self.service_codes)
            .field("refuse_unknown_skus", &self.refuse_unknown_skus)
            .field("max_lines_per_parcel", &self.max_lines_per_parcel)
            .field("max_units_per_parcel", &self.max_units_per_parcel)
            .field("short_pick_per_mille", &self.short_pick_per_mille)
            .field("part_despatch_per_mille", &self.part_despatch_per_mille)
            .field("seed", &self.seed)
            .field("inventory_history", &self.inventory_history)
            .field("back_orders", &self.back_orders)
            .field("ticks_to_pick", &self.ticks_to_pick)
            .field("cancels_wait_for_tick", &self.cancels_wait_for_tick)
            .field("hold_unknown_services", &self.hold_unknown_services)
            .field("hold_without_customs", &self.hold_without_customs)
            .field("cut_long_texts", &self.cut_long_texts)
            .field("max_parcel_grams", &self.max_parcel_grams)
            .field("label_checks", &self.label_checks)
            .field("charges", &self.charges)
            .finish_non_exhaustive()
    }
}
