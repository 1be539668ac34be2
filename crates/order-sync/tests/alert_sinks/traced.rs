//! Everything that is traced on this thread, at every level.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

static LISTENING: Once = Once::new();

/// Begins to listen on this thread.
///
/// One subscriber serves all threads for good: one for each test would come too late for an event that another test's thread was the
/// first to reach.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Lines)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        // For an event that was reached while the subscriber was being set.
        tracing::callsite::rebuild_interest_cache();
    });
    LINES.with_borrow_mut(Vec::clear);
}

/// What was traced on this thread since it began to listen.
pub(crate) fn traced() -> String {
    LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
}

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A thread that is ending has no buffer any more.
        let _ = LINES.try_with(|lines| lines.borrow_mut().extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
