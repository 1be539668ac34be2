//! Mutates the kept corpus on a stable compiler: `mutate [TARGET] [--seconds N] [--seed N] [--keep]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use order_mapping_fuzz::{TARGETS, Target, hunt};

const USAGE: &str = "\
usage: mutate [TARGET] [--seconds N] [--seed N] [--keep]

  TARGET       one target; all of them, one after the other, without it
  --seconds N  how long each target is run (default 60)
  --seed N     begins with this seed (default 1), so that a run can be repeated
  --keep       adds inputs that reach a new outcome to the corpus
";

struct Arguments {
    targets: Vec<Target>,
    time: Duration,
    seed: u64,
    keep: bool,
}

fn main() -> ExitCode {
    let arguments = match arguments(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(fault) => {
            eprint!("{fault}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    // A law that is broken panics, again and again while its input is made shorter; the report at the end says it once.
    std::panic::set_hook(Box::new(|_| {}));
    let mut sound = true;
    for target in &arguments.targets {
        match run(target, &arguments) {
            Ok(said) => println!("{said}"),
            Err(fault) => {
                eprintln!("{fault}");
                sound = false;
            }
        }
    }
    if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn arguments(given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments {
        targets: TARGETS.to_vec(),
        time: Duration::from_secs(60),
        seed: 1,
        keep: false,
    };
    let mut given = given.peekable();
    while let Some(argument) = given.next() {
        let mut number = || {
            let text = given.next().unwrap_or_default();
            text.parse::<u64>()
                .map_err(|_| format!("{argument} needs a number"))
        };
        match argument.as_str() {
            "--seconds" => arguments.time = Duration::from_secs(number()?),
            "--seed" => arguments.seed = number()?,
            "--keep" => arguments.keep = true,
            name => {
                let known = TARGETS.into_iter().find(|target| target.name == name);
                let names = TARGETS.map(|target| target.name).join(", ");
                arguments.targets =
                    vec![known.ok_or_else(|| format!("no target {name:?}; there are {names}"))?];
            }
        }
    }
    Ok(arguments)
}

fn run(target: &Target, arguments: &Arguments) -> Result<String, String> {
    let folder = target.corpus();
    let corpus = read(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let inputs: Vec<Vec<u8>> = corpus.into_values().collect();
    let name = target.name;
    match hunt(target, &inputs, arguments.seed, arguments.time) {
        Ok(report) => {
            let mut said = format!(
                "{name}: {} inputs from seed {}, no law broken, {} new outcomes",
                report.runs,
                arguments.seed,
                report.fresh.len()
            );
            if arguments.keep {
                for input in &report.fresh {
                    let path = write(&folder, "found", input)?;
                    said.push_str(&format!("\n  kept {}", path.display()));
                }
            }
            Ok(said)
        }
        Err(finding) => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("artifacts")
                .join(name);
            let path = write(&folder, "broken", &finding.input)?;
            Err(format!(
                "{name}: a law is broken (seed {}): {}\n  input {:?}\n  in {}",
                arguments.seed,
                finding.message,
                String::from_utf8_lossy(&finding.input),
                path.display()
            ))
        }
    }
}

/// The files of a folder by name, so that their order is the same everywhere.
fn read(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        files.insert(path.clone(), std::fs::read(&path)?);
    }
    Ok(files)
}

/// Writes an input under a name that its content gives (FNV-1a), so that one input is one file.
fn write(folder: &Path, kind: &str, input: &[u8]) -> Result<PathBuf, String> {
    let hash = input.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let path = folder.join(format!("{kind}-{hash:016x}"));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, input))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
