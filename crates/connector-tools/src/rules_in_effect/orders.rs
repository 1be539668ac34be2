//! What decides about an order as a whole, in words.

use order_mapping::{
    Code, IgnoreRules, PartialPolicy, PartialRules, PaymentRule, PurchaseOrderPolicy,
    ReleasePolicy, SeverityLevels, Trigger,
};

use super::{List, characters, counted, forbidden, said};

impl List<'_> {
    pub(super) fn purchase_order(&mut self, policy: &PurchaseOrderPolicy) {
        self.switch(
            "mapping.purchase_order.required",
            policy.required,
            "every order needs a PO number",
            "not every order needs a PO number",
        );
        let kinds: Vec<String> = policy.required_for.iter().map(said).collect();
        let means = match (policy.required, kinds.is_empty()) {
            (true, _) => "every order needs one anyway".to_owned(),
            (false, true) => "no way of payment needs one".to_owned(),
            (false, false) => format!("these ways of payment need one: {}", kinds.join(", ")),
        };
        self.add("mapping.purchase_order.required_for", means);
        self.add(
            "mapping.purchase_order.max_length",
            format!(
                "a PO number has at most {}; a longer one holds its order, never cut",
                characters(policy.max_length)
            ),
        );
        self.add(
            "mapping.purchase_order.unit",
            format!("the length of a PO number counts {}", counted(policy.unit)),
        );
        self.add(
            "mapping.purchase_order.forbidden",
            forbidden("a PO number", &policy.forbidden),
        );
        self.switch(
            "mapping.purchase_order.trim",
            policy.trim,
            "white space around a PO number is left out, with a note",
            "a PO number goes out exactly as the buyer wrote it",
        );
    }

    pub(super) fn release(&mut self, policy: &ReleasePolicy) {
        for (member, what, rule) in [
            ("upfront", "orders paid beforehand", &policy.upfront),
            ("invoice", "orders by invoice", &policy.invoice),
            ("hokodo", "orders financed by Hokodo", &policy.hokodo),
        ] {
            let means = match rule {
                PaymentRule::Release => format!("{what} leave at once"),
                PaymentRule::Hold => format!("{what} are held"),
                PaymentRule::When(trigger) => leave(what, trigger),
                other => format!("{what}: {}", said(other)),
            };
            self.add(&format!("mapping.release.{member}"), means);
        }
        let means = leave("orders on account", &policy.on_account);
        self.add("mapping.release.on_account", means);
        let means = match &policy.unconfirmed {
            Some(trigger) => leave("orders that the shop has not confirmed", trigger),
            None => "orders that the shop has not confirmed are held until it does".to_owned(),
        };
        self.add("mapping.release.unconfirmed", means);
        let means = match policy.grace_minutes {
            0 => "orders need not wait before they leave".to_owned(),
            minutes => format!("every order is held for {minutes} minutes after it was placed"),
        };
        self.add("mapping.release.grace_minutes", means);
    }

    pub(super) fn ignore(&mut self, rules: &IgnoreRules) {
        let credit_note = match &rules.credit_note {
            Some(prefix) => format!(
                "a record with a number of {prefix} and digits is a credit note: no work for the warehouse"
            ),
            None => "credit notes are not told by their number".to_owned(),
        };
        self.add("mapping.ignore.credit_note", credit_note);
        for (member, on, what) in [
            (
                "stock_adjustment",
                rules.stock_adjustment,
                "records with no quantity above zero",
            ),
            (
                "only_non_stock_lines",
                rules.only_non_stock_lines,
                "orders of which the warehouse picks no line",
            ),
            ("not_an_order", rules.not_an_order, "carts and quotes"),
        ] {
            let effect = if on {
                "are ignored, and counted"
            } else {
                "are held"
            };
            self.add(
                &format!("mapping.ignore.{member}"),
                format!("{what} {effect}"),
            );
        }
    }

    pub(super) fn partial(&mut self, rules: &PartialRules) {
        let words = |policy: PartialPolicy| match policy {
            PartialPolicy::FillOrKill => "goes at once and whole, or is cancelled",
            PartialPolicy::ShipAvailable => "goes as far as there is stock, the rest later",
            PartialPolicy::ShipComplete => "waits until everything is there",
            _ => "follows a rule of a later version",
        };
        self.add(
            "mapping.partial.default",
            format!("an order {}", words(rules.default)),
        );
        for (member, of, policies) in [
            (
                "by_customer_group",
                "customer group",
                &rules.by_customer_group,
            ),
            ("by_tag", "tag", &rules.by_tag),
        ] {
            if policies.is_empty() {
                let means = format!("no {of} changes that");
                self.add(&format!("mapping.partial.{member}"), means);
            }
            for (name, policy) in policies {
                let means = format!("an order with {of} {name} {}", words(*policy));
                self.add(&format!("mapping.partial.{member}.{name}"), means);
            }
        }
        let metadata = rules.metadata.as_ref().map_or_else(
            || "no metadata value changes that".to_owned(),
            |name| format!("an order's metadata value {name} names its policy"),
        );
        self.add("mapping.partial.metadata", metadata);
    }

    pub(super) fn severity(&mut self, levels: &SeverityLevels) {
        if levels.is_empty() {
            let means = "every finding has the severity of the failure catalogue";
            self.add("mapping.severity", means);
        }
        for (id, level) in levels.iter() {
            let key = format!("mapping.severity.{id}");
            let means = match Code::from_id(id) {
                Some(code) => {
                    let info = code.info();
                    let level = levels.level(code);
                    format!("{} is {level} instead of {}", info.title, info.default)
                }
                None => format!("{level} for an unknown code, so it changes nothing"),
            };
            self.add(&key, means);
        }
    }
}

fn leave(what: &str, trigger: &Trigger) -> String {
    format!("{what} leave once there is {trigger}; until then they are held")
}
