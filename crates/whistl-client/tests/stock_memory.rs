//! A stock file of any length is read in memory that does not grow with it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, Read};

use whistl_client::order_files::{FolderLayout, StockRows};

/// A stock file that is made while it is read, so that it takes no memory itself.
struct Made {
    rows: u32,
    next: u32,
    line: Vec<u8>,
    from: usize,
}

impl Made {
    fn of(rows: u32) -> Self {
        Self {
            rows,
            next: 0,
            line: b"Part,Qty,Bin\n".to_vec(),
            from: 0,
        }
    }
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::io::Write as _;
        if self.from == self.line.len() {
            if self.next == self.rows {
                return Ok(0);
            }
            self.line.clear();
            self.from = 0;
            let bad = if self.next % 1000 == 7 { "x" } else { "" };
            writeln!(
                self.line,
                "SKU-{},{}{bad},\"A, {}\"",
                self.next,
                self.next % 50,
                self.next
            )?;
            self.next += 1;
        }
        let rest = self.line.get(self.from..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(rest)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(rest);
        }
        self.from += length;
        Ok(length)
    }
}

/// Reads a file and says how many good rows, how many faults, and the most bytes that were taken at once.
fn read(rows: u32) -> (u32, u32, u64) {
    let (mut good, mut bad) = (0, 0);
    let layout = FolderLayout::default();
    let used = allocation_counter::measure(|| {
        for row in StockRows::begin(Made::of(rows), &layout).unwrap() {
            match row.unwrap() {
                Ok(_) => good += 1,
                Err(_) => bad += 1,
            }
        }
    });
    (good, bad, used.bytes_max)
}

#[test]
fn a_hundred_thousand_rows_take_no_more_than_a_thousand() {
    let (_, _, small) = read(1_000);
    let (good, bad, large) = read(100_000);
    assert_eq!((good, bad), (99_900, 100));
    assert!(large <= small + 64, "{large} bytes instead of {small}");
    // One block of the file (64 KiB), the row being read, and what a fault says.
    assert!(large < 72 * 1024, "{large} bytes");
}

#[test]
fn a_line_without_end_is_passed_over_in_bounded_memory() {
    let layout = FolderLayout::default();
    let (mut good, mut told) = (Vec::new(), Vec::new());
    let file = io::Cursor::new("Part,Qty\n")
        .chain(io::repeat(b'9').take(64 * 1024 * 1024))
        .chain(io::Cursor::new("\nMUG01,1\n"));
    let used = allocation_counter::measure(|| {
        for row in StockRows::begin(file, &layout).unwrap() {
            match row.unwrap() {
                Ok(row) => good.push((row.row, row.value.sku)),
                Err(fault) => told.push(fault.to_string()),
            }
        }
    });
    assert_eq!(good, [(3, "MUG01".to_owned())]);
    assert_eq!(told, ["row 2 is too long to be a row"]);
    assert!(used.bytes_max < 512 * 1024, "{} bytes", used.bytes_max);
}
