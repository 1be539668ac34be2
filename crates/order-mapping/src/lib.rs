#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod amendment;
mod atp;
mod bank_holidays;
mod calendar;
#[cfg(canary)]
pub mod canary;
mod catalogue;
mod code_info;
mod country;
mod currency;
mod customs;
mod customs_policy;
mod declared_rows;
mod despatch;
mod diagnostic;
mod digest;
mod evidence;
mod fold;
mod fulfilment;
mod goods_back;
mod hold;
#[cfg(test)]
mod hostile_order_tests;
mod ignore;
mod json_pointer;
mod kit_customs;
mod kits;
mod line_units;
mod lines;
mod local_time;
mod map;
mod money;
mod nearest;
mod non_stock;
mod order;
mod packs;
mod partial;
mod personal;
mod phone;
mod phone_policy;
mod pick_quantity;
mod place;
mod plain_texts;
mod postcode;
mod postcode_districts;
mod profile;
#[cfg(feature = "schema")]
mod profile_schema;
#[cfg(feature = "toml")]
mod profile_toml;
mod purchase_order;
mod reference;
mod release;
mod run_schedule;
mod services;
mod severity_levels;
mod shipment;
mod shipment_status;
mod sku_confusable;
mod sku_declarations;
mod sku_findings;
mod sku_history;
mod sku_index;
mod sku_policy;
mod sku_registry;
mod sku_registry_build;
mod sku_sources;
mod sku_untyped;
mod sku_variants;
mod stock;
mod stock_feed;
mod text;
mod text_id;
mod working_time;
mod zones;

// The order as the shop captured it.
pub use currency::CurrencyCode;
pub use money::Money;
pub use order::{
    Address, LineCustoms, LineId, OrderKind, OrderLine, OtherPhone, PaymentTerms, PersonalDetails,
    PurchaseOrderCandidate, SalesOrder, ShippingMethodLabel, SourceOrderId, SourceSku, VariantId,
    VisibleOrderNumber,
};
pub use personal::Personal;

// The order as the warehouse gets it, and what comes back.
pub use despatch::{Consignment, LineQuantity, Parcel, TrackingNumber};
pub use fulfilment::{
    CommodityCode, ContentHash, CountryCode, CustomsDeclaration, CustomsMovement, DeclaredGoods,
    Eori, FulfilmentLine, FulfilmentOrder, LabelEmail, LabelPhone, LabelPostcode, LabelText,
    PurchaseOrderNumber, ReceiverEori, ReceiverUkims, Recipient, RuleName, ServiceCode,
    UkimsNumber, WarehouseSku,
};
pub use goods_back::{ReturnReceipt, ReturnedLine};
pub use pick_quantity::PickQuantity;
pub use reference::{CLIENT_REFERENCE_MAX, ClientOrderRef};

// From one to the other.
pub use amendment::{AmendField, FieldChange, differences};
pub use atp::{ArticleStock, AtpCalculator, LevelChange, LevelDiff, StockLevel, diff_levels};
pub use declared_rows::DeclaredRows;
pub use fold::{FoldedLine, Folding};
pub use hold::{Hold, HoldId, HoldKind, Holds, PlacedBy, StockEffect};
pub use kits::{KitPart, complete_kits};
pub use line_units::{LineUnits, UnitsChange, UnitsFault};
pub use lines::{LineDemand, LineRules};
pub use map::{Mapper, Mapping, map_order};
pub use non_stock::{LeftOutLine, NonStockClass, NonStockRules};
pub use packs::PackRatio;
pub use partial::{LineDecision, OpenLine, PartialDecision, PartialPolicy};
pub use release::{Condition, CreditDecision, PaymentRule, ReleaseFacts, ReleasePolicy, Trigger};
pub use sku_history::{RecordedSku, SkuHistory};
pub use sku_registry::{
    CatalogueItem, ManualPair, SkuAlias, SkuOrigin, SkuOverrides, SkuRegistry, SourceFinder,
};
pub use stock::{
    AvailableToPromise, Buffer, FeedBasis, SkuBuffer, StockPolicy, StockPosition,
    available_to_promise, in_flight_counts,
};
pub use stock_feed::{ReportedSku, StockDelta, StockRow, StockSnapshot, check_stock_rows};

// Days, deadlines and the way of a shipment.
pub use bank_holidays::{BankHoliday, Nation};
pub use calendar::{DespatchBy, DespatchReason};
pub use run_schedule::RunDays;
pub use shipment::{Milestone, ShipmentProgress, TrackingEvent};
pub use shipment_status::ShipmentStatus;
pub use working_time::SlaClock;

// Configuration.
pub use address::{AddressPolicy, EmailChoice};
pub use calendar::CalendarPolicy;
pub use customs_policy::{CustomsDatum, CustomsPolicy, Incoterm};
pub use evidence::{Evidence, EvidenceNote};
pub use ignore::IgnoreRules;
pub use kit_customs::ComponentCustoms;
pub use kits::{Kit, KitComponent, KitTable};
pub use lines::LinePolicy;
pub use nearest::nearest_word;
pub use non_stock::{NonStockEntry, NonStockPolicy};
pub use packs::{PackRule, PackTable};
pub use partial::PartialRules;
pub use phone_policy::{PhoneForm, PhonePlace, PhonePolicy};
pub use profile::Profile;
#[cfg(feature = "schema")]
pub use profile_schema::profile_schema;
#[cfg(feature = "toml")]
pub use profile_toml::{ProfileDocument, ProfileFinding, TomlFault, TomlFaults, UnsoundProfile};
pub use purchase_order::{PaymentKind, PurchaseOrderPolicy};
pub use services::{ServiceRule, ServiceTable, ValueRange, WeightRange};
pub use severity_levels::SeverityLevels;
pub use shipment_status::{StatusRule, StatusTable};
pub use sku_policy::{SkuCase, SkuPolicy, SkuScheme};
pub use text::TextUnit;
pub use zones::ZoneTable;

// Values by themselves.
pub use phone::{PhoneFault, PhoneFinding, PhoneNumber};
pub use postcode::{PostcodeFault, UkPostcode};

// What went wrong.
pub use catalogue::{Code, explain};
pub use code_info::{CodeInfo, Kind, Owner, Pii, Retry, Stage};
pub use diagnostic::{Applicability, Arg, Diagnostic, Fix, Seen, Severity, Subject};
pub use json_pointer::JsonPointer;
