//! What version 2 of the schema had otherwise, and how it becomes version 3: what belongs to an order comes under its number.

use rusqlite::Connection;

use crate::failure::Failure;
use crate::tables;

/// A table of rows that belong to orders, and its columns beside the key of the order.
type Belongings = (&'static str, &'static str);

/// What versions 1 and 2 have alike.
pub(crate) const SINCE_VERSION_1: [Belongings; 8] = [
    ("order_sources", "facts"),
    ("order_personal", "details"),
    ("order_intents", "facts"),
    ("intent_personal", "recipient"),
    ("order_lines", "position, sku, promised, line"),
    ("timeline", "sequence, at, event, entry"),
    ("parcels", "parcel_id, parcel"),
    ("consignments", "id, consignment"),
];

/// Tables whose keys changed are made anew; everything else stays where it is.
pub(crate) fn upgrade(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch(
        "DROP INDEX orders_due; DROP INDEX orders_request_due; DROP INDEX orders_request;
         DROP INDEX orders_state; DROP INDEX orders_accepted; DROP INDEX orders_personal;
         ALTER TABLE orders RENAME TO old_orders;
         ALTER TABLE order_references RENAME TO old_order_references;
         ALTER TABLE order_names RENAME TO old_order_names;
         ALTER TABLE returns RENAME TO old_returns;
         ALTER TABLE stock RENAME TO old_stock;
         ALTER TABLE published_levels RENAME TO old_published_levels;",
    )?;
    set_aside(connection)?;
    connection.execute_batch(tables::ORDERS)?;
    connection.execute_batch(tables::DESPATCHES)?;
    connection.execute_batch(tables::STOCK)?;
    connection.execute_batch(
        "INSERT INTO orders (merchant, id, reference, state, token, lease_until, due_at, request_state, request_due,
                 accepted_at, settled_at, captured_at, changed_at, personal, record)
             SELECT merchant, id, reference, state, token, lease_until, due_at, request_state, request_due, accepted_at,
                 CASE WHEN state IN ('ignored', 'cancelled', 'closed', 'withdrawn') THEN changed_at END,
                 captured_at, changed_at, personal, record
             FROM old_orders ORDER BY rowid;
         INSERT INTO order_references (merchant, reference, order_number)
             SELECT r.merchant, r.reference, o.number FROM old_order_references r
             JOIN orders o ON o.merchant = r.merchant AND o.id = r.order_id ORDER BY r.merchant, r.reference;
         INSERT INTO order_names (merchant, name, order_number)
             SELECT n.merchant, n.name, o.number FROM old_order_names n
             JOIN orders o ON o.merchant = n.merchant AND o.id = n.order_id ORDER BY n.merchant, n.name;",
    )?;
    move_under_numbers(connection)?;
    move_table(connection, ("returns", "id, receipt"))?;
    connection.execute_batch(
        "INSERT INTO stock_lists (merchant, name) SELECT DISTINCT merchant, 'warehouse' FROM old_stock ORDER BY merchant;
         INSERT INTO stock (list, sku, on_hand, allocated, unsellable, sequence, as_of)
             SELECT l.number, s.sku, s.on_hand, s.allocated, s.unsellable, s.sequence, s.as_of FROM old_stock s
             JOIN stock_lists l ON l.merchant = s.merchant AND l.name = 'warehouse' ORDER BY l.number, s.sku;
         DROP TABLE old_stock;",
    )?;
    move_published(connection)?;
    connection.execute_batch(
        "DROP TABLE old_orders; DROP TABLE old_order_references; DROP TABLE old_order_names;",
    )?;
    Ok(())
}

/// Levels that the shop was told come into the lists of their locations.
pub(crate) fn move_published(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch(
        "INSERT INTO stock_lists (merchant, name)
             SELECT DISTINCT merchant, 'shop:' || location FROM old_published_levels ORDER BY merchant, location;
         INSERT INTO published_levels (list, sku, level, at)
             SELECT l.number, p.sku, p.level, p.at FROM old_published_levels p
             JOIN stock_lists l ON l.merchant = p.merchant AND l.name = 'shop:' || p.location ORDER BY l.number, p.sku;
         DROP TABLE old_published_levels;",
    )?;
    Ok(())
}

/// Frees the names of the tables that [`move_under_numbers`] moves.
pub(crate) fn set_aside(connection: &Connection) -> Result<(), Failure> {
    for (table, _) in SINCE_VERSION_1 {
        connection.execute_batch(&format!("ALTER TABLE {table} RENAME TO old_{table}"))?;
    }
    Ok(())
}

/// Brings what belonged to a merchant's order by its id under the number that the order has now, in the order of the rows. Every row
/// has its order: that was checked before.
pub(crate) fn move_under_numbers(connection: &Connection) -> Result<(), Failure> {
    SINCE_VERSION_1
        .into_iter()
        .try_for_each(|table| move_table(connection, table))
}

fn move_table(connection: &Connection, (table, columns): Belongings) -> Result<(), Failure> {
    let theirs: Vec<String> = columns
        .split(", ")
        .map(|column| format!("b.{column}"))
        .collect();
    connection.execute_batch(&format!(
        "INSERT INTO {table} (order_number, {columns})
             SELECT o.number, {} FROM old_{table} b
             JOIN orders o ON o.merchant = b.merchant AND o.id = b.order_id ORDER BY b.rowid;
         DROP TABLE old_{table};",
        theirs.join(", ")
    ))?;
    Ok(())
}
