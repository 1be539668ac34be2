//! What is done to the files.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::task::Canary;

/// A damage of the log, of the database, or of both. Places are parts of a million of the file, so that it fits a file of any length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Damage {
    log: Option<Harm>,
    database: Option<Harm>,
}

/// A million: the length of every file.
const WHOLE: u32 = 1_000_000;

#[derive(Debug, Clone, Copy)]
enum Harm {
    /// The file ends there.
    Cut(u32),
    /// A bit of that byte, and of others behind it, is another one.
    Bits { at: u32, count: u32, seed: u64 },
}

impl Harm {
    fn random(random: &mut fastrand::Rng) -> Self {
        if random.bool() {
            // Also to nothing, as a file that was never synced.
            let at = random.u32(..WHOLE);
            Self::Cut(if random.u32(..3) == 0 { 0 } else { at })
        } else {
            Self::Bits {
                at: random.u32(..WHOLE),
                count: random.u32(1..4),
                seed: random.u64(..),
            }
        }
    }

    fn done_to(self, path: &Path) -> std::io::Result<()> {
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        let place = |part: u32| length * u64::from(part) / u64::from(WHOLE);
        match self {
            Self::Cut(at) => file.set_len(place(at)),
            Self::Bits { at, count, seed } => {
                let mut random = fastrand::Rng::with_seed(seed);
                for number in 0..count {
                    let near = if number == 0 { 0 } else { random.u64(..4096) };
                    let at = (place(at) + near).min(length.saturating_sub(1));
                    let mut byte = [0];
                    file.seek(SeekFrom::Start(at))?;
                    if file.read(&mut byte)? == 0 {
                        return Ok(());
                    }
                    let changed = byte.map(|byte| byte ^ (1 << random.u32(..8)));
                    file.seek(SeekFrom::Start(at))?;
                    file.write_all(&changed)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(at) => write!(f, "cut at {at} of a million"),
            Self::Bits { at, count, seed } => {
                write!(
                    f,
                    "{count} bits changed from {at} of a million, seed {seed}"
                )
            }
        }
    }
}

impl Damage {
    /// Seven in ten of the log alone, two of the database alone, one of both.
    pub(super) fn random(random: &mut fastrand::Rng) -> Self {
        let harm = Harm::random(random);
        let (log, database) = match random.u32(..10) {
            0..7 => (Some(harm), None),
            7..9 => (None, Some(harm)),
            _ => (Some(harm), Some(Harm::random(random))),
        };
        Self { log, database }
    }

    /// Whether it is one that SQLite has no sums against.
    pub(super) const fn strikes_database(&self) -> bool {
        self.database.is_some()
    }

    /// Damages the store of that database.
    pub(super) fn done_to(&self, database: &Path, canary: Option<Canary>) -> Result<(), String> {
        let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
        let harmed = || -> std::io::Result<()> {
            if let Some(harm) = self.log {
                harm.done_to(&beside("-wal"))?;
            }
            if let Some(harm) = self.database {
                harm.done_to(database)?;
            }
            if canary == Some(Canary::ForgetTheMark) {
                // As if the store had kept no count of its commits.
                std::fs::write(beside(".epoch"), "0 0\n")?;
            }
            Ok(())
        };
        harmed().map_err(|error| format!("{}: {error}", database.display()))
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(harm) = self.log {
            parts.push(format!("log {harm}"));
        }
        if let Some(harm) = self.database {
            parts.push(format!("database {harm}"));
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_and_bits_change_the_file_and_the_same_ones_do_so_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("engine.db");
        let whole: Vec<u8> = (0..=u8::MAX).cycle().take(20_000).collect();
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..200 {
            let damage = Damage::random(&mut random);
            let mut results = Vec::new();
            for _ in 0..2 {
                for name in ["engine.db", "engine.db-wal"] {
                    std::fs::write(folder.path().join(name), &whole).unwrap();
                }
                damage.done_to(&database, None).unwrap();
                let read = |name| std::fs::read(folder.path().join(name)).unwrap();
                results.push((read("engine.db"), read("engine.db-wal")));
            }
            assert_eq!(results[0], results[1], "{damage}");
            let (database, log) = &results[0];
            assert_eq!(*database != whole, damage.database.is_some(), "{damage}");
            assert_eq!(*log != whole, damage.log.is_some(), "{damage}");
        }
    }
}
