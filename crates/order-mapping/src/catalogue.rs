//! The failure catalogue: every code of this crate with its row.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{CodeInfo, Kind, Owner, Pii, Retry, Severity, Stage};

/// Defines [`Code`] and its rows: `Variant "ID" number kind default>=floor stage owner retry pii "title" "explain" "remedy"`.
///
/// A number is given once and never again; each section has a hundred of its own.
macro_rules! codes {
    ($($variant:ident $id:literal $number:literal $kind:ident $default:ident >= $floor:ident $stage:ident $owner:ident $retry:ident $pii:ident
        $title:literal $explain:literal $remedy:literal)*) => {
        /// A failure code. The id text is the contract: it is never reused, while messages may change.
        ///
        /// It serialises as its id text. Reading an id of a later version is an error; readers that have to survive one keep the
        /// text and ask [`Code::from_id`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code {
            $(
                #[doc = concat!("`", $id, "`: ", $title, ".")]
                $variant = $number,
            )*
        }

        impl Code {
            /// What the code means.
            #[must_use]
            pub fn info(self) -> &'static CodeInfo {
                match self {
                    $(Self::$variant => const {
                        &CodeInfo {
                            id: $id,
                            number: $number,
                            kind: Kind::$kind,
                            default: Severity::$default,
                            floor: Severity::$floor,
                            stage: Stage::$stage,
                            owner: Owner::$owner,
                            title: $title,
                            explain: $explain,
                            remedy: $remedy,
                            retry: Retry::$retry,
                            pii: Pii::$pii,
                            since: "0.1.0",
                        }
                    },)*
                }
            }

            /// The id text.
            #[must_use]
            pub fn id(self) -> &'static str {
                self.info().id
            }

            /// The code with this id text, if this version knows it.
            #[must_use]
            pub fn from_id(id: &str) -> Option<Self> {
                match id {
                    $($id => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The id as a number.
            #[must_use]
            pub const fn number(self) -> u16 {
                self as u16
            }

            /// Every code, in the catalogue's order.
            #[must_use]
            pub fn all() -> &'static [Self] {
                &[$(Self::$variant),*]
            }
        }
    };
}

codes! {
    // Configuration.
    SkuPolicyBad "SKU_POLICY_BAD" 100 DataFormat Error>=Error Config Integration AfterConfigChange Business
        "the SKU policy contradicts itself"
        "Length limits or extra characters of the SKU policy cannot be met by any code, or name characters outside printable ASCII."
        "correct [mapping.sku]"
    ShipTableDuplicate "SHIP_TABLE_DUPLICATE" 101 DataFormat Error>=Error Config Operations AfterConfigChange Business
        "two service rules for the same case"
        "Two rules of the service table have the same option, countries and postcode areas once written in the same way. Only the first could ever be used."
        "delete one of the two rules"
    ShipRuleUnreachable "SHIP_RULE_UNREACHABLE" 102 DataFormat Warning>=Info Config Operations AfterConfigChange Business
        "a service rule can never be used"
        "An earlier rule for the same option already covers every country and postcode area of this one."
        "move the narrower rule in front of the wider one"
    ShipRuleOverlap "SHIP_RULE_OVERLAP" 107 DataFormat Warning>=Info Config Operations AfterConfigChange Business
        "two service rules for some of the same orders"
        "Neither of two rules for one option covers the other, and some orders fit both; the first one decides about those."
        "narrow one of the two rules, or put the one that is meant in front"
    ShipCodeBad "SHIP_CODE_BAD" 103 DataFormat Error>=Error Config Operations AfterConfigChange Business
        "a service rule has no usable code"
        "The code of a service rule is empty, longer than 24 characters or not printable ASCII without spaces, or its option or one of its limits is empty or unknown."
        "enter the service code that the warehouse gave you"
    ReleaseTriggerEmpty "RELEASE_TRIGGER_EMPTY" 104 Business Warning>=Info Config Finance AfterConfigChange Business
        "a release trigger has no conditions"
        "A trigger without conditions never releases an order, so every order it governs stays held."
        "add a status, tag, metadata or credit condition to the trigger"
    NonStockPrefixEmpty "NON_STOCK_PREFIX_EMPTY" 105 DataFormat Error>=Error Config Operations AfterConfigChange Business
        "an empty non-stock entry"
        "An empty prefix or code would make every line a non-stock line; it is not used."
        "delete the empty entry of [mapping.non_stock]"
    ZoneBad "ZONE_BAD" 130 DataFormat Error>=Error Config Operations AfterConfigChange Business
        "a postal zone cannot be used"
        "A zone has no name, covers no postcode, or has an item that is no postcode area, district or range of districts. The item covers nothing."
        "correct the item of [mapping.zones]"
    ConfigLimitBad "CONFIG_LIMIT_BAD" 106 DataFormat Error>=Error Config Integration AfterConfigChange Business
        "a limit cannot be used"
        "A limit, percentage, country or list of the profile has a value with which no order could pass, or that is out of range."
        "correct the value at the path given"
    CustomsPolicyBad "CUSTOMS_POLICY_BAD" 131 DataFormat Error>=Error Config Operations AfterConfigChange Business
        "a value of the customs section cannot be used"
        "A number of the sender or the customs data of a kit's component does not have its form, a limit fits nothing, or data that is always needed is not asked for. Such a number or datum counts as missing."
        "correct [mapping.customs], or the customs data of the component in [[mapping.kits]]"
    KitEmpty "KIT_EMPTY" 150 DataFormat Error>=Error Config Merchandising AfterConfigChange Business
        "a kit without components"
        "Nothing could be picked for the kit, so its lines are held."
        "list the kit's components in [[mapping.kits]], or delete the kit"
    KitNested "KIT_NESTED" 151 DataFormat Error>=Error Config Merchandising AfterConfigChange Business
        "a kit within a kit"
        "A component is a kit itself. Kits are taken apart once only, so its lines are held."
        "list the components of the inner kit instead of it"
    ProfileKeyUnknown "PROFILE_KEY_UNKNOWN" 120 DataFormat Error>=Error Config Integration AfterConfigChange Business
        "an unknown key in the configuration"
        "The configuration has a key or section that this version does not know, so what it is meant to say would have no effect."
        "write the key as documented, or delete it"
    ProfileKeyMissing "PROFILE_KEY_MISSING" 121 DataFormat Error>=Error Config Integration AfterConfigChange Business
        "a key is missing in the configuration"
        "An entry lacks a key for which no default makes sense, or the configuration has none of the sections that are judged."
        "add the key"
    ProfileValueBad "PROFILE_VALUE_BAD" 122 DataFormat Error>=Error Config Integration AfterConfigChange Business
        "a value of the wrong kind in the configuration"
        "The value has another type than the key takes, is none of the known words, or stands for a section without being one."
        "write the value in the documented form"
    SeverityBelowFloor "SEVERITY_BELOW_FLOOR" 123 DataFormat Error>=Error Config Integration AfterConfigChange Business
        "a severity lower than its code allows"
        "Some findings must never be lowered, because goods, money or personal data depend on them. The lowest severity allowed is used instead."
        "raise the level in [mapping.severity] to the floor of the code, or delete it"

    // Catalogue.
    SkuCollision "SKU_COLLISION" 200 DataFormat Error>=Error Catalogue Merchandising AfterConfigChange Business
        "several articles share one warehouse code"
        "Different codes of the shop become the same code at the warehouse, which compares without case. Sending any of them could ship the wrong goods, and stock could not be told apart, so none of them is mapped but the one that has had the code on record."
        "rename an article in the shop, declare a manual code for it, or declare it an alias of the other"
    SkuNearCollision "SKU_NEAR_COLLISION" 201 DataFormat Warning>=Info Catalogue Merchandising AfterSourceFix Business
        "codes that people confuse"
        "The codes differ only by letters and digits that look alike (O and 0, I, L and 1) or by leading zeros."
        "rename one of the articles when you can; orders are not stopped"
    SkuChanged "SKU_CHANGED" 202 DataFormat Info>=Info Catalogue Merchandising Never Business
        "a code was changed for the warehouse"
        "The shop's code has characters or letter cases that the warehouse does not take, so it goes out in another form."
        "none; the registry knows both forms"
    SkuNonAscii "SKU_NON_ASCII" 203 DataFormat Error>=Error Catalogue Merchandising AfterConfigChange Business
        "a code with characters outside printable ASCII"
        "Characters outside printable ASCII are never turned into others or left out without a person, because look-alikes would become another article."
        "rename the article in the shop or declare a manual code for it"
    SkuEmptyAfterStrip "SKU_EMPTY_AFTER_STRIP" 204 DataFormat Error>=Error Catalogue Merchandising AfterConfigChange Business
        "nothing is left of a code"
        "The code has no character that the warehouse takes."
        "rename the article in the shop or declare a manual code for it"
    SkuTooShort "SKU_TOO_SHORT" 205 DataFormat Error>=Error Catalogue Merchandising AfterConfigChange Business
        "a code is too short"
        "What is left of the code is shorter than the warehouse asks for."
        "rename the article in the shop or declare a manual code for it"
    SkuTooLong "SKU_TOO_LONG" 206 DataFormat Error>=Error Catalogue Merchandising AfterConfigChange Business
        "a code is too long"
        "The code is longer than the warehouse takes. A code is never cut: two long codes often share their beginning."
        "rename the article in the shop or declare a manual code for it"
    SkuNumberLike "SKU_NUMBER_LIKE" 207 DataFormat Warning>=Info Catalogue Integration AfterSourceFix Business
        "a code that programs read as a number"
        "An importer without types reads the code as a number and changes it: leading zeros, an E between digits, or more digits than a number keeps."
        "use an interface with typed fields, or rename the article"
    SkuNullLike "SKU_NULL_LIKE" 208 DataFormat Warning>=Info Catalogue Integration AfterSourceFix Business
        "a code that programs read as nothing"
        "An importer without types reads the code as a missing value or as true or false."
        "use an interface with typed fields, or rename the article"
    SkuDuplicate "SKU_DUPLICATE" 209 DataFormat Warning>=Info Catalogue Merchandising AfterSourceFix Business
        "one code with several descriptions"
        "The catalogue lists the same code more than once with different descriptions."
        "remove or rename the surplus article"
    SkuAliasNoCanonical "SKU_ALIAS_NO_CANONICAL" 210 DataFormat Error>=Error Catalogue Integration AfterConfigChange Business
        "an alias without a mapped article"
        "An alias has to name one article of the catalogue that is mapped and is no alias itself; stock that comes back is given to that one."
        "name the canonical article of the alias"
    SkuManualBad "SKU_MANUAL_BAD" 211 DataFormat Error>=Error Catalogue Integration AfterConfigChange Business
        "a manual code that the warehouse does not take"
        "The warehouse code of a manual row is outside the policy's characters or length."
        "correct the manual row"
    SkuOverrideConflict "SKU_OVERRIDE_CONFLICT" 212 DataFormat Error>=Error Catalogue Integration AfterConfigChange Business
        "two declarations for one article"
        "Manual rows or aliases say different things of the same article, so none of them is used."
        "delete all but one declaration"
    SkuMappingChanged "SKU_MAPPING_CHANGED" 213 DataFormat Error>=Error Catalogue Integration AfterConfigChange Business
        "an article would get another warehouse code"
        "The rules now give the article another code than the one on record. Goods under the old code may lie at the warehouse, so the change waits for a person."
        "declare a manual row with the code that is right: the old one to keep it, the new one once the warehouse knows it"
    SkuCodeRetired "SKU_CODE_RETIRED" 214 DataFormat Error>=Error Catalogue Integration AfterConfigChange Business
        "a warehouse code that has meant another article"
        "The code belongs to an article that has left the catalogue or has another code by now. It is never given to another one: goods, stock figures and returns under it may still turn up."
        "declare a manual row with another code, or declare the old article an alias if both are the same goods"
    SkuRenamed "SKU_RENAMED" 215 DataFormat Error>=Error Catalogue Merchandising AfterConfigChange Business
        "the shop gave an article another code"
        "The shop's own id of the article is on record with another code. Goods under the old code may lie at the warehouse, and the old pair stays reserved, so the new code waits for a person."
        "declare the old code an alias of the new one, with a manual row for the warehouse code that the goods have; or only a manual row, if the new code means other goods; or undo the renaming in the shop"
    SkuVariantChanged "SKU_VARIANT_CHANGED" 216 DataFormat Warning>=Info Catalogue Merchandising AfterSourceFix Business
        "a code stands for another article of the shop"
        "The code is on record with another id of the shop: the article was made anew, or its code was given to another one. Orders go on under the same warehouse code. It is told once."
        "look whether both are the same goods; if not, give the new article a code of its own in the shop"

    // Kind of record, release.
    OrderUnconfirmed "ORDER_UNCONFIRMED" 300 Business Hold>=Hold Order CustomerService OnEvent Business
        "not confirmed by the shop"
        "The order is a draft that the shop has not completed, or its kind is unknown."
        "complete the draft in the shop; the order goes by itself"
    OrderAwaitingApproval "ORDER_AWAITING_APPROVAL" 301 Business Hold>=Hold Order CustomerService OnEvent None
        "waits for approval by the buying company"
        "Somebody of the buying company has to approve the order first."
        "none, or remind the buyer"
    PaymentTypeUnknown "PAYMENT_TYPE_UNKNOWN" 302 Business Hold>=Hold Order Finance AfterSourceFix Business
        "no known way of payment"
        "The record names no payment method, or one this version does not know. Unknown means hold."
        "set the payment method in the shop"
    ReleasePending "RELEASE_PENDING" 303 Business Hold>=Hold Order Finance OnEvent None
        "waits for release"
        "The release rule of this way of payment is not met yet."
        "approve the credit by the status, tag or decision that the rule names"

    ReleaseGrace "RELEASE_GRACE" 304 Business Hold>=Hold Order CustomerService OnEvent None
        "within the grace window"
        "The profile holds every order back for some minutes after it was placed, so that the buyer can still change it."
        "none: the order goes by itself when the window ends"

    CurrencyUnknown "CURRENCY_UNKNOWN" 305 DataFormat Error>=Error Order Finance AfterSourceFix Business
        "an unknown currency"
        "The currency of the order is none of ISO 4217, so its prices mean nothing."
        "correct the currency in the shop"
    CurrencyMismatch "CURRENCY_MISMATCH" 306 DataFormat Error>=Error Order Finance AfterSourceFix Business
        "prices in different currencies"
        "A price or the total of the order is in another currency than the order itself. The warehouse has one currency for an order."
        "correct the prices in the shop"

    // Lines.
    LinesEmpty "LINES_EMPTY" 400 DataFormat Error>=Error Order CustomerService AfterSourceFix None
        "an order without lines"
        "There is nothing to pick."
        "correct or cancel the order in the shop"
    LineDuplicate "LINE_DUPLICATE" 401 DataFormat Error>=Error Order Integration AfterSourceFix Business
        "two lines with one id"
        "Lines are told apart by their id, in despatches too; two with the same id cannot be accounted for."
        "correct the order in the shop"
    LineNonStock "LINE_NON_STOCK" 402 Business Info>=Info Order Finance Never Business
        "a line that the warehouse does not pick"
        "Postage, fees and the like stay in the shop and in finance; the line is kept out of the warehouse order."
        "none"
    SkuMissing "SKU_MISSING" 403 DataFormat Error>=Error Order Merchandising AfterSourceFix Business
        "a line without article code"
        "The line cannot be picked without a code."
        "give the product a code in the shop"
    SkuUnmapped "SKU_UNMAPPED" 404 DataFormat Error>=Error Order Merchandising AfterConfigChange Business
        "an article that the registry does not know"
        "Codes cross by the registry only; a clean-looking code that is not in it may not exist at the warehouse."
        "add the product to the catalogue or declare a manual row; held orders go by themselves"
    QtyFractional "QTY_FRACTIONAL" 405 DataFormat Error>=Error Order CustomerService AfterSourceFix Business
        "a fraction of a unit"
        "Quantities are whole units and are never rounded."
        "correct the quantity in the shop"
    QtyZero "QTY_ZERO" 406 DataFormat Error>=Error Order CustomerService AfterSourceFix Business
        "a quantity of zero or less"
        "A line of an order has a quantity of zero or less beside lines that are to be sent."
        "correct or remove the line in the shop"
    QtyTooLarge "QTY_TOO_LARGE" 407 DataFormat Error>=Error Order CustomerService AfterSourceFix Business
        "a quantity beyond the limit"
        "The line stands for more units than the warehouse takes on one; the limit is [mapping.lines] max_quantity."
        "split the line in the shop"
    QtyNotWholePacks "QTY_NOT_WHOLE_PACKS" 450 DataFormat Error>=Error Order CustomerService AfterSourceFix Business
        "a quantity that makes up no whole packs"
        "The ordered quantity times the pack size is no whole number of the warehouse's units. It is never rounded."
        "correct the quantity in the shop, or the ratio in [[mapping.packs]]"
    UnitUnmapped "UNIT_UNMAPPED" 451 DataFormat Error>=Error Order Merchandising AfterConfigChange Business
        "an ordered unit without pack size"
        "The pack sizes of the article name units, and the line's unit is none of them, so how many units to pick is not known."
        "add the unit to [[mapping.packs]]; held orders go by themselves"
    PackConverted "PACK_CONVERTED" 452 Business Info>=Info Order Merchandising Never Business
        "ordered units became units of the warehouse"
        "The article has a pack size, and the quantity was multiplied by it."
        "none"
    KitExploded "KIT_EXPLODED" 453 Business Info>=Info Order Merchandising Never Business
        "a kit was taken apart"
        "The warehouse picks the components of the kit, each on a line of its own; what it sends is counted as kits again."
        "none"
    PartialPolicyUnclear "PARTIAL_POLICY_UNCLEAR" 454 DataFormat Error>=Error Order CustomerService AfterSourceFix Business
        "no clear word on partial shipments"
        "The order names something that is no policy for partial shipments, or two different ones. Guessing could send what was to wait, or cancel what was wanted."
        "leave one policy on the order in the shop"

    // Shipping option.
    ShipMissing "SHIP_MISSING" 500 DataFormat Error>=Error Order Operations AfterSourceFix Business
        "no shipping option"
        "The order names no shipping option, so no service can be looked up."
        "choose a shipping option in the shop"
    ShipUnmapped "SHIP_UNMAPPED" 501 DataFormat Error>=Error Order Operations AfterConfigChange Business
        "a shipping option without service code"
        "The service table has no entry for this option and destination. The nearest entries are a hint and are never used."
        "add the option to the service table; every held order with it goes by itself"

    ShipWeightUnknown "SHIP_WEIGHT_UNKNOWN" 502 DataFormat Error>=Error Order Operations AfterSourceFix Business
        "the weight that the service depends on is not known"
        "A service rule of this option has a weight limit, and a line of the order has no weight. A weight is never guessed."
        "enter the product's weight in the catalogue, or choose the service without weight"
    ShipValueUnknown "SHIP_VALUE_UNKNOWN" 503 DataFormat Error>=Error Order Operations AfterSourceFix Business
        "the total that the service depends on is not known"
        "A service rule of this option has a value limit, and the order has no total."
        "look why the order has no total in the shop"

    // Purchase order number.
    PoMissing "PO_MISSING" 600 DataFormat Error>=Error Order Finance AfterSourceFix Business
        "no purchase order number"
        "The profile asks for a PO number for this way of payment and the order has none."
        "ask the buyer for the number and enter it in the shop"
    PoConflict "PO_CONFLICT" 601 DataFormat Error>=Error Order Finance AfterSourceFix Business
        "two different purchase order numbers"
        "Two places of the record hold different PO numbers; choosing one would be a guess."
        "leave the right number in one place of the record"
    PoTooLong "PO_TOO_LONG" 602 DataFormat Error>=Error Order Finance AfterSourceFix Business
        "a purchase order number that does not fit"
        "The number is longer than the warehouse keeps. It is never cut, because the buyer's invoice check compares it as a whole."
        "agree a shorter number with the buyer"
    PoForbiddenChar "PO_FORBIDDEN_CHAR" 604 DataFormat Error>=Error Order Finance AfterSourceFix Business
        "a purchase order number with a forbidden character"
        "The number has a character that the warehouse's feed uses for itself, or one that nobody sees. It is never changed, because the buyer's invoice check compares it as a whole."
        "correct the number in the shop with the buyer"
    PoTrimmed "PO_TRIMMED" 603 DataFormat Info>=Info Order Finance Never Business
        "white space around the purchase order number was left out"
        "White space before and after the number does not belong to it; everything between is sent as written."
        "none"

    // Phone.
    PhoneMissing "PHONE_MISSING" 700 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "no phone number"
        "A consignment cannot be created without a number, and none is invented."
        "ask the buyer and enter the number in the shop"
    PhoneLetters "PHONE_LETTERS" 701 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "letters in a phone number"
        "Letters would be read as a telephone keypad or left out, and both give another, valid number."
        "correct the number in the shop"
    PhoneShape "PHONE_SHAPE" 702 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "not a phone number"
        "The text has signs that no phone number has, or no digits."
        "correct the number in the shop"
    PhoneLength "PHONE_LENGTH" 703 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a phone number of the wrong length"
        "The number has too few or too many digits for its country."
        "correct the number in the shop"
    PhoneCountry "PHONE_COUNTRY" 704 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "an unknown country calling code"
        "The digits after the plus sign are no country calling code."
        "correct the number in the shop"
    PhoneMultiple "PHONE_MULTIPLE" 705 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "several phone numbers in one field"
        "Which one to ring cannot be known."
        "leave one number in the field"
    PhoneSpreadsheet "PHONE_SPREADSHEET" 706 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a phone number damaged by a spreadsheet"
        "The text is a decimal or scientific number; digits may be lost."
        "enter the number again; format the column as text before the next import"
    PhoneTooLongForTarget "PHONE_TOO_LONG_FOR_TARGET" 707 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a phone number longer than the warehouse keeps"
        "The number is right, but the warehouse would cut it and so ring somebody else."
        "enter another number of the buyer"
    PhoneUnlistedRange "PHONE_UNLISTED_RANGE" 708 DataFormat Hold>=Info Order CustomerService AfterSourceFix Personal
        "a phone number in an unlisted range"
        "The length is right, but the range is not listed as in use. It may be new."
        "ring the number, or ask the buyer for another"
    PhonePlaceholder "PHONE_PLACEHOLDER" 709 DataFormat Hold>=Hold Order CustomerService AfterSourceFix Personal
        "a made-up phone number"
        "The number is one digit repeated or the digits in order, as typed to get past a form."
        "ask the buyer and enter the number in the shop"
    PhoneFictitious "PHONE_FICTITIOUS" 710 DataFormat Hold>=Info Order CustomerService AfterSourceFix Personal
        "a phone number reserved for drama"
        "The number is in a range that is kept for films and examples and never rings. A test profile may allow it."
        "ask the buyer and enter the number in the shop"
    PhoneCostlyType "PHONE_COSTLY_TYPE" 711 DataFormat Warning>=Info Order CustomerService AfterSourceFix Personal
        "a premium, personal, pager or voicemail number"
        "A courier's text to it will fail or cost money."
        "ask the buyer for another number when you can"
    PhoneExtension "PHONE_EXTENSION" 712 DataFormat Warning>=Info Order CustomerService Never Personal
        "a phone number with an extension"
        "Carriers have no field for an extension; it goes with the delivery instructions."
        "none"
    PhoneAssumedCountry "PHONE_ASSUMED_COUNTRY" 713 DataFormat Info>=Info Order CustomerService Never Personal
        "a phone number without its leading zero or plus"
        "The country was taken from the address or the profile."
        "none"
    PhoneFromFallback "PHONE_FROM_FALLBACK" 714 DataFormat Info>=Info Order CustomerService Never Personal
        "the phone number comes from another place"
        "The shipping address has no usable number, so the next place of the configured chain was used."
        "none, or correct the number of the shipping address"
    PhoneOtherCountry "PHONE_OTHER_COUNTRY" 715 DataFormat Info>=Info Order CustomerService Never Personal
        "a phone number of another country than the address"
        "The calling code is not that of the country that the goods go to. That is usual for a buyer with offices abroad, and the carrier may ring in another language. Great Britain and the Crown dependencies share a code."
        "none; compare number and country when the parcel cannot be delivered"

    // Address.
    AddressMissingPart "ADDRESS_MISSING_PART" 800 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a part of the address is missing"
        "Name, first line, town and country are needed for a label."
        "complete the address in the shop"
    AddressLineTooLong "ADDRESS_LINE_TOO_LONG" 801 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a part of the address does not fit"
        "The text is longer than the label field, and for address lines moving whole words between the lines did not help. Nothing is cut."
        "shorten the text in the shop"
    AddressTooManyLines "ADDRESS_TOO_MANY_LINES" 818 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "more address lines than the label has"
        "The label has two address lines, and the words of all lines do not fit into them. Nothing is cut."
        "shorten the address in the shop"
    TextAbbreviated "TEXT_ABBREVIATED" 819 DataFormat Warning>=Info Order CustomerService Never Personal
        "words of the address were shortened"
        "The address lines did not fit, so words of a fixed list, such as Road and Estate, were written in their short form, as the profile allows."
        "none, or shorten the address in the shop"
    PostcodeMissing "POSTCODE_MISSING" 831 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "no postcode"
        "Addresses of this country have a postcode, and a label needs it."
        "ask the buyer and enter the postcode in the shop"
    PostcodeShape "POSTCODE_SHAPE" 802 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "not a UK postcode"
        "The text does not have the form of a UK postcode. Look-alike letters and digits are not repaired."
        "correct the postcode in the shop"
    PostcodeArea "POSTCODE_AREA" 803 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a postcode of an area that does not exist"
        "The letters in front are none of the 126 postcode areas."
        "correct the postcode in the shop"
    PostcodeNonGeographic "POSTCODE_NON_GEOGRAPHIC" 804 DataFormat Warning>=Info Order CustomerService AfterSourceFix Personal
        "a postcode for mail only"
        "The postcode belongs to a mail handling centre or a bank; parcels may be refused."
        "ask the buyer for a street address"
    CountryUnknown "COUNTRY_UNKNOWN" 805 DataFormat Error>=Error Order CustomerService AfterSourceFix Business
        "an unknown or ambiguous country"
        "The text is no ISO 3166 code or name and no known alias."
        "enter the two-letter country code in the shop"
    CountryAlias "COUNTRY_ALIAS" 806 DataFormat Info>=Info Order CustomerService Never Business
        "the country was written in another way"
        "An alias, a name or a default was turned into the two-letter code."
        "none"
    CountryPostcodeMismatch "COUNTRY_POSTCODE_MISMATCH" 807 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "country and postcode contradict each other"
        "The postcode belongs to another country than the address names."
        "correct the country or the postcode in the shop"
    CountryCrownDependency "COUNTRY_CROWN_DEPENDENCY" 808 DataFormat Error>=Info Order CustomerService AfterSourceFix Personal
        "Jersey, Guernsey or Isle of Man with country GB"
        "The Crown dependencies have codes of their own, and customs need them."
        "set the country to JE, GG or IM in the shop, or let the profile correct it"
    NiDataRequired "NI_DATA_REQUIRED" 809 Business Hold>=Hold Order Operations AfterConfigChange Personal
        "a parcel to Northern Ireland"
        "Since 1 May 2025 business parcels from Great Britain to Northern Ireland need customs data of sender and receiver; without it they count as at risk. The finding lists what is missing."
        "enter the data in [mapping.customs] and in the shop; or clear it with the warehouse, then set northern_ireland_cleared"
    BfpoRestricted "BFPO_RESTRICTED" 810 DataFormat Error>=Info Order Operations AfterConfigChange Personal
        "a forces address"
        "Most couriers do not carry to BFPO addresses."
        "agree a service with the warehouse, then set bfpo_allowed"
    TextForbiddenChar "TEXT_FORBIDDEN_CHAR" 811 DataFormat Error>=Error Order CustomerService AfterSourceFix Personal
        "a forbidden character"
        "The text has a character that the warehouse's feed uses for itself (the tilde joins address lines) or cannot carry."
        "remove the character in the shop"
    TextTransliterated "TEXT_TRANSLITERATED" 812 DataFormat Info>=Info Order CustomerService Never Personal
        "letters were written in ASCII"
        "The target takes ASCII only; accented Latin letters and typographic signs were replaced by plain ones."
        "none"
    TextInvisibleRemoved "TEXT_INVISIBLE_REMOVED" 813 DataFormat Info>=Info Order CustomerService Never Personal
        "invisible characters were removed"
        "Control, zero-width and direction characters, and pictures, do not belong on a label."
        "none"
    TextReflowed "TEXT_REFLOWED" 814 DataFormat Info>=Info Order CustomerService Never Personal
        "words were moved between address lines"
        "An address line was longer than the label field; whole words moved to the other line and none was lost."
        "none"
    TextScriptUnsupported "TEXT_SCRIPT_UNSUPPORTED" 815 DataFormat Hold>=Hold Order CustomerService AfterSourceFix Personal
        "a script that cannot be written in ASCII"
        "Other scripts than Latin are not spelled out by a machine, because nobody at the warehouse could check the result."
        "enter the address in Latin letters in the shop"
    EmailUnusable "EMAIL_UNUSABLE" 816 DataFormat Warning>=Info Order CustomerService AfterSourceFix Personal
        "an e-mail address that cannot be sent"
        "The address does not fit the warehouse's field or is no address. It is never cut; the profile says whether it is left out or the order is held."
        "enter a shorter address in the shop, when delivery messages matter"
    NotesShortened "NOTES_SHORTENED" 817 DataFormat Warning>=Info Order CustomerService Never Personal
        "the delivery instructions were shortened"
        "The instructions are longer than the label field and were cut at the end of a word."
        "tell the warehouse the rest when it matters"
    PostcodeDistrictUnknown "POSTCODE_DISTRICT_UNKNOWN" 830 DataFormat Warning>=Info Order CustomerService AfterSourceFix Personal
        "a postcode of a district that is not known"
        "The form and the area are right, but the table of districts does not have this one. It may be new, or misspelt."
        "compare the postcode with the address"

    // Customs.
    CustomsDataMissing "CUSTOMS_DATA_MISSING" 900 Business Error>=Hold Order Merchandising AfterSourceFix Business
        "customs data is missing"
        "The destination needs customs data that the order, an article or the profile does not have. Carriers refuse such a parcel, or customs keep it."
        "enter the data with the article in the shop; data of the sender and the Incoterm in [mapping.customs]"
    CustomsDataBad "CUSTOMS_DATA_BAD" 901 DataFormat Error>=Warning Order Merchandising AfterSourceFix Business
        "customs data that cannot be declared"
        "A trader number, commodity code, country of origin, value or description does not have the form that customs and carriers take. It is neither repaired nor cut. Where the destination does not need it, it is left out."
        "correct the data in the shop, or switch check_formats off when it is right"

    // Stock.
    StockUnknownSku "STOCK_UNKNOWN_SKU" 1000 DataFormat Error>=Error Stock Operations AfterConfigChange Business
        "the warehouse reports stock of an unknown code"
        "The stock feed has a code that the SKU registry cannot bring back to an article of the shop, so its level is not published."
        "add the article to the catalogue, or declare the pair; for a collision declare the alias"
    StockFigureOdd "STOCK_FIGURE_ODD" 1001 Warehouse Warning>=Info Stock WarehouseOperations OnEvent Business
        "stock figures that make no sense"
        "There are fewer than none of something, or more is allocated and unsellable than is on hand. What is below zero counts as nothing available."
        "none when the next count is right; else ask the warehouse to count the article"

    // Requested date.
    RequestedDatePast "REQUESTED_DATE_PAST" 1100 DataFormat Warning>=Info Order CustomerService AfterSourceFix Business
        "the requested delivery date is over"
        "The buyer asked for delivery on a date before the day on which the order was checked, perhaps because the order was held."
        "agree a new date with the buyer and enter it in the shop"
    RequestedDateNotWorkingDay "REQUESTED_DATE_NOT_WORKING_DAY" 1101 DataFormat Warning>=Info Order CustomerService AfterSourceFix Business
        "the requested delivery date is no working day"
        "The date is a weekend, a bank holiday or a closed day of the calendar; the goods are planned for the last working day before it."
        "agree another date with the buyer, or add the day to [mapping.calendar] open_days"
    RequestedDateTooSoon "REQUESTED_DATE_TOO_SOON" 1102 DataFormat Warning>=Info Order CustomerService AfterSourceFix Business
        "the requested delivery date cannot be met"
        "Cut-off, working days and the lead time of the calendar let the goods arrive only after the date; the finding names the last day on which they could have left."
        "tell the buyer the date that can be met, or choose a faster service"

    // On the way.
    StatusUnknown "STATUS_UNKNOWN" 1200 DataFormat Warning>=Info Order Integration AfterConfigChange Business
        "an unknown status of a shipment"
        "The tracking feed sent a status text that the status table does not have. The text is kept and moves nothing, so the shop may show less than the carrier knows."
        "add the text to [mapping.shipment]; events that are read again then count"

    // Any stage.
    TooMany "TOO_MANY" 1 DataFormat Error>=Info Order Integration AfterSourceFix None
        "more findings than are listed"
        "The list was cut; the rest is only counted."
        "fix what is listed, then look again"
}

/// What a code means, what to do about it, and who owns it, as a text for a terminal.
///
/// ```
/// use order_mapping::{Code, explain};
/// assert!(explain(Code::ShipUnmapped).contains("add the option to the service table"));
/// ```
#[must_use]
pub fn explain(code: Code) -> String {
    code.info().explanation()
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::from_id(&id).ok_or_else(|| de::Error::custom("not a code of this version"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_complete_and_unique() {
        for (index, code) in Code::all().iter().enumerate() {
            let row = code.info();
            assert_eq!(Code::from_id(row.id), Some(*code));
            assert!(
                row.default >= row.floor,
                "{} starts below its floor",
                row.id
            );
            assert!(row.id.len() <= 63);
            assert_eq!((row.number, row.number > 0), (code.number(), true));
            assert!(explain(*code).contains(row.remedy));
            assert!(
                row.id.chars().all(|c| c.is_ascii_uppercase() || c == '_'),
                "{}",
                row.id
            );
            for text in [row.title, row.explain, row.remedy, row.since] {
                assert!(!text.trim().is_empty(), "{} has an empty text", row.id);
            }
            assert!(
                Code::all()
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.id() != row.id)
            );
        }
        assert_eq!(Code::from_id("NO_SUCH_CODE"), None);
    }

    #[test]
    fn owners_are_named_for_people() {
        assert_eq!(Owner::CustomerService.to_string(), "customer service");
        assert_eq!(Code::SkuCollision.info().owner, Owner::Merchandising);
        assert_eq!(Code::ReleasePending.info().kind, Kind::Business);
    }
}
