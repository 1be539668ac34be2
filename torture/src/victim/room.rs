//! How long the files of a victim may be: a limit that the system sets on the process, so that a write fails as on a full disk.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const LOOK: Duration = Duration::from_millis(5);

/// Keeps the limit at what that file says, for as long as the process lives.
pub(super) fn keep(file: PathBuf) {
    std::thread::spawn(move || {
        let mut set = None;
        loop {
            let wanted = std::fs::read_to_string(&file)
                .ok()
                .and_then(|text| text.trim().parse::<u64>().ok());
            if wanted != set {
                let maximum = getrlimit(Resource::Fsize).maximum;
                let limit = Rlimit {
                    current: wanted.or(maximum),
                    maximum,
                };
                match setrlimit(Resource::Fsize, limit) {
                    Ok(()) => set = wanted,
                    Err(error) => println!("room: {error}"),
                }
            }
            std::thread::sleep(LOOK);
        }
    });
}
