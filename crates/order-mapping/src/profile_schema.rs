//! The JSON Schema of the configuration, for editors.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::{EvidenceNote, Profile, SkuOverrides};

/// The two sections as a file has them.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Configuration {
    /// How orders become orders for the warehouse.
    #[schemars(default)]
    mapping: Profile,
    /// What people declared about article codes.
    #[schemars(default)]
    sku: SkuOverrides,
}

/// The JSON Schema (draft 7) of a configuration file's sections `[mapping]` ([`Profile`]) and `[sku]` ([`SkuOverrides`]). Other
/// sections are allowed and not described.
///
/// Descriptions are those of the types' documentation. Each member also has `x-evidence` with what its default rests on, as
/// [`Profile::evidence`] has it: `mark` and `source`.
///
/// The result is shipped as `schema/profile.schema.json` in this crate's folder. A schema finds misspelt keys and wrong types while
/// somebody types; what depends on several members is found by [`Profile::check`].
///
/// ```
/// let schema = order_mapping::profile_schema();
/// let line_max = &schema["definitions"]["AddressPolicy"]["properties"]["line_max"];
/// assert_eq!(line_max["default"], 35);
/// assert_eq!(line_max["x-evidence"]["mark"], "seen_in_use");
/// ```
#[must_use]
pub fn profile_schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Configuration>().to_value();
    if let Value::Object(root) = &mut schema {
        root.insert("title".to_owned(), json!("Configuration of order-mapping"));
        root.insert(
            "description".to_owned(),
            json!("The sections [mapping] and [sku]; other sections are not described here."),
        );
        root.insert("additionalProperties".to_owned(), json!(true));
    }
    for note in Profile::evidence() {
        mark(&mut schema, note);
    }
    schema
}

/// Writes a note to the member it is about.
fn mark(schema: &mut Value, note: &EvidenceNote) {
    let Some(member) = member(schema, note.pointer) else {
        return;
    };
    let marked = json!({ "mark": note.evidence, "source": note.source });
    member.insert("x-evidence".to_owned(), marked);
    // Editors show the description and nothing of their own accord beside it.
    let text = member.get("description").and_then(Value::as_str);
    let text = format!(
        "{}\n\nDefault: {}; {}.",
        text.unwrap_or_default(),
        note.evidence,
        note.source
    );
    member.insert("description".to_owned(), json!(text.trim_start()));
}

/// The description of the member at a pointer into the profile.
fn member<'a>(schema: &'a mut Value, pointer: &str) -> Option<&'a mut Map<String, Value>> {
    let mut at = String::new();
    for name in std::iter::once("mapping").chain(pointer.split('/').skip(1)) {
        let section = section(schema, &at)?;
        at = format!("{section}/properties/{name}");
    }
    schema.pointer_mut(&at)?.as_object_mut()
}

/// The place of the members of what is described at a place: there, or where it refers to.
fn section(schema: &Value, at: &str) -> Option<String> {
    let described = schema.pointer(at)?;
    let refers = described
        .get("$ref")
        .or_else(|| described.pointer("/allOf/0/$ref"));
    match refers {
        Some(target) => Some(target.as_str()?.trim_start_matches('#').to_owned()),
        None => Some(at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_stands_at_its_member_and_only_there() {
        let mut schema = profile_schema();
        for note in Profile::evidence() {
            let member = member(&mut schema, note.pointer);
            let member = member.unwrap_or_else(|| panic!("{} is not described", note.pointer));
            assert_eq!(
                member["x-evidence"],
                json!({ "mark": note.evidence, "source": note.source }),
                "{} shares its description with another member that rests on something else",
                note.pointer
            );
        }
    }

    /// Every member of the schema, with the keyword that holds it.
    fn visit(schema: &Value, seen: &mut impl FnMut(&Map<String, Value>)) {
        match schema {
            Value::Object(members) => {
                seen(members);
                members.values().for_each(|inner| visit(inner, seen));
            }
            Value::Array(entries) => entries.iter().for_each(|inner| visit(inner, seen)),
            _ => {}
        }
    }

    #[test]
    fn unknown_keys_are_refused_in_every_section_and_members_are_described() {
        let schema = profile_schema();
        for name in ["mapping", "sku"] {
            assert!(schema["properties"].get(name).is_some(), "{name}");
        }
        let Value::Object(definitions) = &schema["definitions"] else {
            panic!("no definitions");
        };
        for (name, definition) in definitions {
            visit(definition, &mut |part| {
                if let Some(Value::Object(members)) = part.get("properties") {
                    assert_eq!(
                        part.get("additionalProperties"),
                        Some(&json!(false)),
                        "{name}"
                    );
                    for (key, member) in members {
                        let described = member.get("description").is_some();
                        // The word of a choice is described beside it.
                        let choice = part.get("description").is_some() && members.len() == 1;
                        assert!(described || choice, "{name}/{key}");
                    }
                }
            });
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_types() {
        let schema = profile_schema();
        assert_eq!(
            schema["properties"]["mapping"]["default"],
            serde_json::to_value(Profile::default()).unwrap()
        );
        let levels = &schema["definitions"]["SeverityLevels"]["properties"];
        assert_eq!(
            levels["PHONE_MISSING"]["enum"],
            json!(["error"]),
            "the floor of the code"
        );
    }
}
