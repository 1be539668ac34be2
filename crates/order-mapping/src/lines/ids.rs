//! Ids of lines: each stands once, and none is made that another line has.

use hashbrown::HashMap;

use crate::{Code, Diagnostic, FulfilmentLine, LineId, OrderLine, SalesOrder};

/// Where every line id stands.
pub(super) enum LineIds<'a> {
    /// Every id is greater than the one before it, as shops number their lines, so none is there twice.
    Ascending,
    /// The places of each id, in order.
    Listed(HashMap<&'a LineId, Vec<usize>>),
}

impl<'a> LineIds<'a> {
    pub(super) fn of(order: &'a SalesOrder) -> Self {
        let ascending =
            |pair: &[OrderLine]| matches!(pair, [a, b] if a.id.as_str() < b.id.as_str());
        if order.lines.windows(2).all(ascending) {
            return Self::Ascending;
        }
        let mut places: HashMap<&LineId, Vec<usize>> = HashMap::with_capacity(order.lines.len());
        for (index, line) in order.lines.iter().enumerate() {
            places.entry(&line.id).or_default().push(index);
        }
        Self::Listed(places)
    }

    /// The nearest earlier line with the same id.
    pub(super) fn earlier(&self, index: usize, id: &LineId) -> Option<usize> {
        match self {
            Self::Ascending => None,
            Self::Listed(places) => {
                let places = places.get(id)?;
                let at = places.partition_point(|place| *place < index);
                places.get(at.checked_sub(1)?).copied()
            }
        }
    }
}

/// Ids made for components must not be those of other lines.
pub(super) fn component_ids(
    lines: &[FulfilmentLine],
    order: &SalesOrder,
    found: &mut Vec<Diagnostic>,
) {
    // The last line with an id stands for it; that there are several is reported by itself.
    let ids: HashMap<&LineId, usize> = order
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| (&line.id, index))
        .collect();
    for line in lines {
        let (Some(kit), Some(other)) = (&line.part_of, ids.get(&line.line_id)) else {
            continue;
        };
        let message = format!(
            "line {} is a kit, and its component would get this id too",
            kit.line_id
        );
        let fault = Diagnostic::new(Code::LineDuplicate, format!("/lines/{other}/id"), message)
            .with_seen(line.line_id.as_str());
        found.push(match ids.get(&kit.line_id) {
            Some(index) => fault.with_related([format!("/lines/{index}/id")]),
            None => fault,
        });
    }
}
