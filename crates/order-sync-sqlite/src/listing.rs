//! Orders by state, in pages: first the ids from an index, then what is asked for of those, by one statement each.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{
    Dossier, MerchantId, OrderQuery, OrderRecord, OrderState, Sealing, SourceCopy, StateCount,
};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, lines, micros, order_row, orders, parcels, payloads};

/// Which orders a page is of.
struct Page<'a> {
    merchant: &'a MerchantId,
    after: Option<&'a SourceOrderId>,
    captured_since: Option<DateTime<Utc>>,
    limit: usize,
}

impl Page<'_> {
    // Ids sort by their bytes here as in Rust, and none begins before the empty text, which a page without a beginning includes.
    const IN_STATE: &'static str = "SELECT id FROM orders WHERE merchant = ?1 AND id >= ?2 AND id IS NOT ?3 \
         AND captured_at >= ?4 AND state = ?6 ORDER BY id LIMIT ?5";
    const IN_ANY_STATE: &'static str = "SELECT id FROM orders WHERE merchant = ?1 AND id >= ?2 AND id IS NOT ?3 \
         AND captured_at >= ?4 ORDER BY id LIMIT ?5";

    fn ids(
        &self,
        connection: &Connection,
        sql: &str,
        state: Option<OrderState>,
        ids: &mut BTreeSet<SourceOrderId>,
    ) -> Result<(), Failure> {
        let mut statement = connection.prepare_cached(sql)?;
        statement.raw_bind_parameter(1, self.merchant.as_str())?;
        statement.raw_bind_parameter(2, self.after.map_or("", SourceOrderId::as_str))?;
        statement.raw_bind_parameter(3, self.after.map(SourceOrderId::as_str))?;
        let since = self.captured_since.map_or(i64::MIN, micros::of);
        statement.raw_bind_parameter(4, since)?;
        statement.raw_bind_parameter(5, i64::try_from(self.limit).unwrap_or(i64::MAX))?;
        if let Some(state) = state {
            statement.raw_bind_parameter(6, state.as_str())?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            ids.insert(SourceOrderId::new(row.get::<_, String>(0)?));
        }
        Ok(())
    }

    /// One ordered index range per state, merged; a state named twice counts once.
    fn in_states(
        &self,
        connection: &Connection,
        states: &[OrderState],
    ) -> Result<BTreeSet<SourceOrderId>, Failure> {
        let mut ids = BTreeSet::new();
        for state in states {
            self.ids(connection, Self::IN_STATE, Some(*state), &mut ids)?;
        }
        if let Some(first_beyond) = ids.iter().nth(self.limit).cloned() {
            ids.split_off(&first_beyond);
        }
        Ok(ids)
    }

    fn in_any_state(&self, connection: &Connection) -> Result<BTreeSet<SourceOrderId>, Failure> {
        let mut ids = BTreeSet::new();
        self.ids(connection, Self::IN_ANY_STATE, None, &mut ids)?;
        Ok(ids)
    }
}

/// Records in some states, by id.
pub(crate) fn in_states(
    connection: &Connection,
    merchant: &MerchantId,
    states: &[OrderState],
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    let page = Page {
        merchant,
        after,
        captured_since: None,
        limit,
    };
    let ids = json_text::list_of(&page.in_states(connection, states)?);
    Ok(orders::of_ids(connection, merchant, &ids)?
        .into_values()
        .collect())
}

/// Everything on record of the orders that a query names, as far as it asks for it.
pub(crate) fn scan(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    query: &OrderQuery,
) -> Result<Vec<Dossier>, Failure> {
    let page = Page {
        merchant,
        after: query.after.as_ref(),
        captured_since: query.captured_since,
        limit: query.limit,
    };
    let ids = if query.states.is_empty() {
        page.in_any_state(connection)?
    } else {
        page.in_states(connection, &query.states)?
    };
    let ids = json_text::list_of(&ids);
    let ids = ids.as_str();
    let records = orders::of_ids(connection, merchant, ids)?;
    let mut sources = query
        .with_source
        .then(|| payloads::sources_of(connection, sealing, merchant, ids))
        .transpose()?
        .unwrap_or_default();
    let mut intents = query
        .with_intent
        .then(|| payloads::intents_of(connection, sealing, merchant, ids))
        .transpose()?
        .unwrap_or_default();
    let mut lines = query
        .with_lines
        .then(|| lines::of_orders(connection, merchant, ids))
        .transpose()?
        .unwrap_or_default();
    let mut parcels = query
        .with_parcels
        .then(|| parcels::of_orders(connection, merchant, ids))
        .transpose()?
        .unwrap_or_default();
    let dossiers = records.into_iter().map(|(id, record)| {
        let version = record.source_version.clone();
        let mut dossier = Dossier::new(record);
        if let Some(kept) = sources.remove(&id) {
            dossier.source = Some(SourceCopy::new(kept.value, version));
            dossier.unopened = kept.unopened;
        }
        if let Some(kept) = intents.remove(&id) {
            dossier.intent = Some(kept.value);
            dossier.unopened = dossier.unopened.or(kept.unopened);
        }
        dossier.lines = lines.remove(&id).unwrap_or_default();
        dossier.parcels = parcels.remove(&id).unwrap_or_default();
        dossier
    });
    Ok(dossiers.collect())
}

const COUNT: &str =
    "SELECT count(*), min(changed_at) FROM orders WHERE merchant = ?1 AND state = ?2";

/// How many orders are in each of these states, and since when the longest of them waits.
pub(crate) fn counts(
    connection: &Connection,
    merchant: &MerchantId,
    states: &[OrderState],
) -> Result<BTreeMap<OrderState, StateCount>, Failure> {
    let mut statement = connection.prepare_cached(COUNT)?;
    let mut counts = BTreeMap::new();
    for state in states {
        let (orders, oldest): (i64, Option<i64>) = statement
            .query_row((merchant.as_str(), state.as_str()), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if let Some(oldest) = oldest {
            let oldest = micros::to_moment(oldest)?;
            counts.insert(*state, StateCount::new(orders.unsigned_abs(), oldest));
        }
    }
    Ok(counts)
}

// The condition is the one of the index: all but a request that was accepted is pending or denied.
const WITH_REQUESTS: &str = "SELECT record FROM orders WHERE merchant = ?1 AND id >= ?2 AND id IS NOT ?3 \
     AND request_state <> 'accepted' ORDER BY id LIMIT ?4";

/// Orders whose request is pending or denied, by id.
pub(crate) fn with_requests(
    connection: &Connection,
    merchant: &MerchantId,
    after: Option<&SourceOrderId>,
    limit: usize,
) -> Result<Vec<OrderRecord>, Failure> {
    let params = (
        merchant.as_str(),
        after.map_or("", SourceOrderId::as_str),
        after.map(SourceOrderId::as_str),
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    json_text::read_all(connection, order_row::RECORD, WITH_REQUESTS, params)
}

#[cfg(test)]
mod tests {
    use order_sync::RequestState;

    use super::*;
    use crate::schema;

    fn plan(sql: &str) -> String {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::create(&mut connection, DateTime::UNIX_EPOCH).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = connection.prepare(&sql).unwrap();
        let steps: Vec<String> = statement
            .raw_query()
            .mapped(|row| row.get(3))
            .map(Result::unwrap)
            .collect();
        steps.join("; ")
    }

    #[test]
    fn pages_and_counts_are_read_from_an_index_in_order() {
        for (sql, index) in [
            (Page::IN_STATE, "COVERING INDEX orders_state"),
            (Page::IN_ANY_STATE, "INDEX sqlite_autoindex_orders_1"),
            (COUNT, "COVERING INDEX orders_state"),
            (WITH_REQUESTS, "INDEX orders_request"),
        ] {
            let plan = plan(sql);
            assert!(plan.contains(index), "{sql}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        }
    }

    #[test]
    fn a_request_that_was_not_accepted_is_pending_or_denied() {
        for state in RequestState::ALL {
            let open = state.is_pending() || state.is_denied();
            assert_eq!(open, state.as_str() != "accepted", "{state:?}");
        }
    }
}
