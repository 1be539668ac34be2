//! Where something stands in a TOML document.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

/// The way to a value: keys, and indexes of arrays.
pub(super) type Way = Vec<String>;

/// The JSON pointer of a way.
pub(super) fn pointer(way: &[String]) -> String {
    way.iter()
        .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
        .collect()
}

/// The way of a JSON pointer.
pub(super) fn way(pointer: &str) -> Way {
    pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// The line of a byte, from 1.
pub(super) fn line_at(text: &str, byte: usize) -> u64 {
    let breaks = text.bytes().take(byte).filter(|byte| *byte == b'\n');
    1 + breaks.count() as u64
}

/// The line of everything in a document, by pointer.
pub(super) fn lines(text: &str, root: &Spanned<DeValue<'_>>) -> HashMap<String, u64> {
    fn visit(
        value: &Spanned<DeValue<'_>>,
        path: &str,
        line: &impl Fn(usize) -> u64,
        lines: &mut HashMap<String, u64>,
    ) {
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, inner) in table {
                    let path = format!("{path}{}", pointer(&[key.get_ref().to_string()]));
                    visit(inner, &path, line, lines);
                    lines.insert(path, line(key.span().start));
                }
            }
            DeValue::Array(array) => {
                for (index, inner) in array.iter().enumerate() {
                    let path = format!("{path}/{index}");
                    visit(inner, &path, line, lines);
                    lines.insert(path, line(inner.span().start));
                }
            }
            _ => {}
        }
    }
    let breaks: Vec<usize> = text.match_indices('\n').map(|(byte, _)| byte).collect();
    let line = |byte: usize| 1 + breaks.partition_point(|at| *at < byte) as u64;
    let mut lines = HashMap::new();
    visit(root, "", &line, &mut lines);
    lines
}

/// The way to what an error's span means: the deepest key or value with just that span, else the deepest around its beginning.
pub(super) fn way_to(root: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Way> {
    fn search(
        value: &Spanned<DeValue<'_>>,
        key: Option<Range<usize>>,
        span: &Range<usize>,
        way: &mut Way,
        best: &mut Option<((bool, usize), Way)>,
    ) {
        let own = value.span();
        let exact = own == *span || key.as_ref() == Some(span);
        let around = own.contains(&span.start) || key.is_some_and(|key| key.contains(&span.start));
        let rank = (exact, way.len());
        if (exact || around) && best.as_ref().is_none_or(|(other, _)| rank > *other) {
            *best = Some((rank, way.clone()));
        }
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, inner) in table {
                    way.push(key.get_ref().clone().into_owned());
                    search(inner, Some(key.span()), span, way, best);
                    way.pop();
                }
            }
            DeValue::Array(array) => {
                for (index, inner) in array.iter().enumerate() {
                    way.push(index.to_string());
                    search(inner, None, span, way, best);
                    way.pop();
                }
            }
            _ => {}
        }
    }
    let mut best = None;
    search(root, None, span, &mut Way::new(), &mut best);
    best.map(|(_, way)| way)
}

/// What was taken out of arrays, so that later indexes can be told as the file has them.
#[derive(Debug, Default)]
pub(super) struct Removed(BTreeMap<String, BTreeSet<usize>>);

impl Removed {
    /// The way in the file of a way in what is left.
    pub(super) fn original(&self, way: &[String]) -> Way {
        let mut original = Way::new();
        for step in way {
            let gone = self.0.get(&pointer(&original));
            let moved = match (gone, step.parse::<usize>()) {
                (Some(gone), Ok(index)) => (0..)
                    .filter(|place| !gone.contains(place))
                    .nth(index)
                    .map(|place: usize| place.to_string()),
                _ => None,
            };
            original.push(moved.unwrap_or_else(|| step.clone()));
        }
        original
    }

    /// Takes a value out, and what becomes empty by that: an empty list or choice would be another fault, of nobody's making.
    /// False when the way leads nowhere.
    pub(super) fn take_out(&mut self, root: &mut Spanned<DeValue<'_>>, way: &[String]) -> bool {
        let Some((last, parents)) = way.split_last() else {
            return false;
        };
        let original = self.original(way);
        let Some(holder) = value_at(root, parents) else {
            return false;
        };
        let left = match holder.get_mut() {
            DeValue::Table(table) => {
                if table.remove(last.as_str()).is_none() {
                    return false;
                }
                table.len()
            }
            DeValue::Array(array) => {
                let Ok(index) = last.parse::<usize>() else {
                    return false;
                };
                if index >= array.len() {
                    return false;
                }
                *array = std::mem::replace(array, DeArray::new())
                    .into_iter()
                    .enumerate()
                    .filter_map(|(at, inner)| (at != index).then_some(inner))
                    .collect();
                if let (Some(place), array_way) = (
                    original.last().and_then(|place| place.parse().ok()),
                    original.get(..parents.len()).unwrap_or_default(),
                ) {
                    self.0.entry(pointer(array_way)).or_default().insert(place);
                }
                array.len()
            }
            _ => return false,
        };
        if left == 0 && !parents.is_empty() {
            self.take_out(root, parents);
        }
        true
    }
}

fn value_at<'a, 'i>(
    root: &'a mut Spanned<DeValue<'i>>,
    way: &[String],
) -> Option<&'a mut Spanned<DeValue<'i>>> {
    let mut value = root;
    for step in way {
        value = match value.get_mut() {
            DeValue::Table(table) => table.get_mut(step.as_str())?,
            DeValue::Array(array) => array.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}
