//! The lines of kits at the customs gate: each component is judged by its own data, where it has some.

use super::{Gate, Goods, Missing};
use crate::kit_customs::Own;
use crate::{
    CustomsDatum, DeclaredGoods, FulfilmentLine, KitComponent, LineId, Money, OrderLine, SourceSku,
};

/// What goes with the line of one component.
pub(super) struct ComponentGoods<'a> {
    kit_line: &'a LineId,
    article: &'a SourceSku,
    goods: Goods,
    description: Option<String>,
    value: Option<Money>,
}

impl ComponentGoods<'_> {
    /// Writes the data to the line of the component.
    pub(super) fn write(self, lines: &mut [FulfilmentLine]) {
        let is_of_kit = |line: &FulfilmentLine| {
            let part = line.part_of.as_ref();
            part.is_some_and(|part| part.line_id == *self.kit_line)
        };
        let mut lines = lines.iter_mut();
        if let Some(line) = lines.find(|line| line.source_sku == *self.article && is_of_kit(line)) {
            let (commodity_code, origin) = self.goods;
            line.description = self.description;
            let declared = DeclaredGoods {
                commodity_code,
                origin,
                value: self.value,
            };
            line.declared = (declared != DeclaredGoods::default()).then(|| Box::new(declared));
        }
    }
}

/// The data of one component.
struct Judged<'a> {
    component: &'a KitComponent,
    description: Own<String>,
    code: Own<crate::CommodityCode>,
    origin: Own<crate::CountryCode>,
    value: Own<Money>,
}

impl<'a> Gate<'a> {
    /// A line of a kit of which some component has customs data. What a component does not have is asked of the line, once.
    pub(super) fn kit_line(
        &mut self,
        index: usize,
        line: &'a OrderLine,
        components: &'a [KitComponent],
    ) -> Vec<ComponentGoods<'a>> {
        let judged: Vec<Judged<'a>> = components
            .iter()
            .map(|component| {
                let customs = component.customs.as_ref();
                Judged {
                    component,
                    description: Own::of(customs.map(|one| one.description(self.policy))),
                    code: Own::of(customs.map(|one| one.commodity_code(self.policy))),
                    origin: Own::of(customs.map(|one| one.origin())),
                    value: Own::of(customs.map(|one| one.value())),
                }
            })
            .collect();
        if judged.iter().any(|one| !one.description.is_given()) {
            self.description(index, line);
        }
        let some_code = judged.iter().any(|one| !one.code.is_given());
        let code = some_code
            .then(|| self.commodity_code(index, line))
            .flatten();
        let some_origin = judged.iter().any(|one| !one.origin.is_given());
        let origin = some_origin.then(|| self.origin(index, line)).flatten();
        // A price of the whole kit cannot be shared out beside values of single components.
        let valued = judged.iter().any(|one| one.value.is_given());
        if !valued {
            self.value(index, line);
        }
        judged
            .into_iter()
            .map(|one| {
                let no_value = valued && !matches!(one.value, Own::Right(_));
                for (what, lacking) in [
                    (CustomsDatum::Description, one.description.is_bad()),
                    (CustomsDatum::CommodityCode, one.code.is_bad()),
                    (CustomsDatum::Origin, one.origin.is_bad()),
                    (CustomsDatum::Value, no_value),
                ] {
                    if lacking && self.needs(what) {
                        self.missing.push(Missing {
                            what,
                            path: format!("/lines/{index}"),
                            line: Some(line),
                            component: Some(&one.component.sku),
                        });
                    }
                }
                ComponentGoods {
                    kit_line: &line.id,
                    article: &one.component.sku,
                    goods: (one.code.or(code.as_ref()), one.origin.or(origin.as_ref())),
                    description: one.description.or(None),
                    value: one.value.or(None),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::super::tests::{belfast, codes, order, profile};
    use crate::{
        CatalogueItem, Code, ComponentCustoms, FulfilmentOrder, Kit, KitComponent, Mapping,
        Profile, ReleaseFacts, SalesOrder, SkuOverrides, SkuRegistry, map_order,
    };

    fn customs(description: &str, code: &str, origin: &str, pence: i64) -> ComponentCustoms {
        ComponentCustoms {
            description: Some(description.into()),
            commodity_code: Some(code.into()),
            origin: Some(origin.into()),
            value: Some(Decimal::new(pence, 2)),
            currency: "gbp".into(),
        }
    }

    /// The first line is a kit of two goods, and says nothing of itself.
    fn with_kit(mut order: SalesOrder) -> SalesOrder {
        let kit = &mut order.lines[0];
        kit.sku = Some("SET".into());
        kit.description = Some("Gift".into());
        kit.unit_price = None;
        kit.customs = None;
        order
    }

    fn kit_profile(components: [Option<ComponentCustoms>; 2]) -> Profile {
        let mut profile = profile();
        let parts = ["MUG", "TEA"].into_iter().zip(components);
        let parts = parts.map(|(sku, customs)| {
            let mut part = KitComponent::new(sku, 1);
            part.customs = customs;
            part
        });
        profile.kits.kits = vec![Kit::new("SET", parts)];
        profile
    }

    fn both() -> [Option<ComponentCustoms>; 2] {
        [
            Some(customs("Stoneware mug", "6912 00 21", "China", 320)),
            Some(customs("Black tea", "090230", "IN", 150)),
        ]
    }

    fn map(order: &SalesOrder, profile: &Profile) -> Mapping {
        let items = ["MUG", "TEA"].map(|sku| CatalogueItem::new(sku, None));
        let (registry, _) = SkuRegistry::build(&items, &SkuOverrides::default(), &profile.sku);
        map_order(order, &ReleaseFacts::default(), profile, &registry)
    }

    fn ready(order: &SalesOrder, profile: &Profile) -> Box<FulfilmentOrder> {
        match map(order, profile) {
            Mapping::Ready { order, .. } => order,
            other => panic!("{other:?}"),
        }
    }

    /// Findings about customs only.
    fn told(order: &SalesOrder, profile: &Profile) -> Vec<(Code, String, String)> {
        let found = match map(order, profile) {
            Mapping::Held { diagnostics } => diagnostics,
            Mapping::Ready { notes, .. } => notes,
            Mapping::Ignored { rule } => panic!("{rule}"),
        };
        found
            .into_iter()
            .filter(|one| !matches!(one.code, Code::KitExploded | Code::PhoneOtherCountry))
            .map(|one| (one.code, one.path.to_string(), one.message.into_owned()))
            .collect()
    }

    #[test]
    fn a_kit_goes_abroad_by_the_data_of_its_components() {
        let profile = kit_profile(both());
        assert_eq!(profile.check(), []);
        for order in [with_kit(order("FR", "75001")), with_kit(belfast())] {
            let sent = ready(&order, &profile);
            let [mug, tea, other] = sent.lines.as_slice() else {
                panic!("{:?}", sent.lines);
            };
            let goods = |line: &crate::FulfilmentLine| {
                let declared = line.declared.as_ref().unwrap();
                let value = declared.value.as_ref().map(ToString::to_string);
                let code = declared.commodity_code.as_ref().map(ToString::to_string);
                let origin = declared.origin.as_ref().map(ToString::to_string);
                (line.description.clone(), code, origin, value)
            };
            let some = |text: &str| Some(text.to_owned());
            let mug_goods = (
                some("Stoneware mug"),
                some("6912 00 21"),
                some("CN"),
                some("3.20 GBP"),
            );
            assert_eq!(goods(mug), mug_goods);
            assert_eq!(
                goods(tea),
                (
                    some("Black tea"),
                    some("090230"),
                    some("IN"),
                    some("1.50 GBP")
                )
            );
            assert_eq!(other.declared.as_ref().unwrap().value, None);
            let text = serde_json::to_string(&sent.lines).unwrap();
            let read: Vec<crate::FulfilmentLine> = serde_json::from_str(&text).unwrap();
            assert_eq!(read, sent.lines);
        }
        // At home no customs data goes anywhere.
        let mut home = with_kit(belfast());
        home.personal.shipping.as_mut().unwrap().postcode = Some("LS1 4DY".into());
        let sent = ready(&home, &profile);
        assert!(sent.lines.iter().all(|line| line.declared.is_none()));
        assert_eq!(sent.lines[0].description, None);
    }

    #[test]
    fn a_component_without_data_has_that_of_the_kit_line() {
        let mut profile = kit_profile(both());
        let parts = &mut profile.kits.kits[0].components;
        parts[1].customs = Some(ComponentCustoms {
            origin: None,
            commodity_code: None,
            ..customs("Black tea", "", "", 150)
        });
        let mut order = with_kit(order("FR", "75001"));
        let at = "/lines/0".to_owned();
        let missing = |what: &str| {
            (
                Code::CustomsDataMissing,
                at.clone(),
                format!("missing: {what}"),
            )
        };
        assert_eq!(
            told(&order, &profile),
            [missing("commodity code"), missing("country of origin")]
        );
        order.lines[0].customs = Some(crate::LineCustoms {
            commodity_code: Some("0902 30".into()),
            origin: Some("LK".into()),
        });
        let sent = ready(&order, &profile);
        for (line, expected) in sent.lines.iter().zip(["CN", "LK"]) {
            let origin = line.declared.as_ref().unwrap().origin.as_ref();
            assert_eq!(origin.unwrap().as_str(), expected);
        }
    }

    #[test]
    fn what_a_component_lacks_or_has_wrong_is_told_with_its_article() {
        let mut components = both();
        components[1].as_mut().unwrap().value = None;
        components[0].as_mut().unwrap().commodity_code = Some("MUGS".into());
        let profile = kit_profile(components);
        let wrong: Vec<(Code, String)> = profile
            .check()
            .into_iter()
            .map(|one| (one.code, one.path.to_string()))
            .collect();
        assert_eq!(
            wrong,
            [
                (
                    Code::CustomsPolicyBad,
                    "/kits/0/components/0/customs/commodity_code".into()
                ),
                (Code::CustomsPolicyBad, "/kits/0/components/1".into()),
            ]
        );
        let told = told(&with_kit(order("FR", "75001")), &profile);
        let messages: Vec<&str> = told.iter().map(|(.., message)| message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "missing: commodity code of component \"MUG\"",
                "missing: value of component \"TEA\""
            ]
        );
        let ireland = told_of_ireland(&profile);
        assert!(ireland.contains("value (1 line)"), "{ireland}");
    }

    fn told_of_ireland(profile: &Profile) -> String {
        let told = told(&with_kit(belfast()), profile);
        let mut of_ireland = told
            .into_iter()
            .filter(|(code, ..)| *code == Code::NiDataRequired);
        of_ireland
            .next()
            .map(|(.., message)| message)
            .unwrap_or_default()
    }

    #[test]
    fn a_kit_without_data_of_its_components_is_judged_as_its_line() {
        let profile = kit_profile([None, None]);
        let told = told(&with_kit(order("FR", "75001")), &profile);
        let mut expected = codes(&with_kit(order("FR", "75001")), &profile);
        // There the registry has no tea.
        expected.retain(|(code, _)| !matches!(code, Code::SkuUnmapped | Code::KitExploded));
        let told: Vec<(Code, String)> = told
            .into_iter()
            .map(|(code, path, _)| (code, path))
            .collect();
        assert_eq!((told.len(), told), (4, expected));
    }
}
