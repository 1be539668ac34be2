//! Paths of the vendor that are configuration, such as `/api/v1/carts/{id}`.

use connector_http::BuildError;

/// Whether a template is an absolute path with each of the placeholders as one whole segment, once, and no others.
pub(crate) fn check(template: &str, placeholders: &[&str]) -> Result<(), BuildError> {
    let mut segments = template.split('/');
    let absolute = segments.next() == Some("");
    let segments: Vec<&str> = segments.collect();
    let plain = |segment: &&str| {
        let placeholder = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match placeholder {
            Some(name) => placeholders.contains(&name),
            None => {
                !segment.is_empty()
                    && !segment.chars().all(|c| c == '.')
                    && segment
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c))
            }
        }
    };
    let once = |name: &&str| {
        let wanted = format!("{{{name}}}");
        segments
            .iter()
            .filter(|segment| **segment == wanted)
            .count()
            == 1
    };
    if absolute && segments.iter().all(plain) && placeholders.iter().all(once) {
        Ok(())
    } else {
        Err(BuildError::new(format!(
            "wire names: a path must begin with a slash, be free of queries, and have these placeholders once: {placeholders:?}"
        )))
    }
}

/// The segments of a checked template, with values in place of placeholders. They are still to be percent-encoded.
pub(crate) fn fill<'a>(template: &'a str, values: &[(&str, &'a str)]) -> Vec<&'a str> {
    template
        .split('/')
        .skip(1)
        .map(|segment| {
            let name = segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            let value = values.iter().find(|(known, _)| Some(*known) == name);
            value.map_or(segment, |(_, value)| value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_checked_and_filled() {
        assert!(check("/api/v1/carts/{id}", &["id"]).is_ok());
        for bad in [
            "",
            "api/v1/carts/{id}",
            "/api/v1/carts",
            "/api/{id}/{id}",
            "/api/{id}/{other}",
            "/api//{id}",
            "/api/../{id}",
            "/api/{id}?x=1",
            "/api/x{id}",
        ] {
            assert!(check(bad, &["id"]).is_err(), "{bad}");
        }
        let values = [("id", "a/b"), ("address_id", "2")];
        assert_eq!(
            fill("/customers/{id}/addresses/{address_id}", &values),
            ["customers", "a/b", "addresses", "2"]
        );
    }
}
