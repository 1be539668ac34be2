//! Measurements in a process of their own, since the system only tells the highest memory use of a whole process.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::measured::Measured;
use crate::shared::worker;

/// The first argument of a process that measures one thing for another one.
pub(crate) const FLAG: &str = "--child";

/// This program once more, told what to do.
pub(crate) fn command(what: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([FLAG, what]);
    command
}

/// Has another process measure.
pub(crate) fn ask(what: &str, size: u32, folder: &Path) -> Measured {
    let output = command(what)
        .arg(size.to_string())
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{what} of {size} ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What this process was asked for.
pub(crate) fn answer(arguments: &[String]) {
    if let [what, task] = arguments
        && what == worker::NAME
    {
        worker::work(task);
        return;
    }
    let [what, size, folder] = arguments else {
        panic!("a child is told what, how many, and where: {arguments:?}");
    };
    let (size, folder) = (size.parse().unwrap(), Path::new(folder));
    let measured = match what.as_str() {
        "orders" => crate::memory::child(size, folder),
        "stock" => crate::stock::child(size, folder),
        other => panic!("nothing is called {other}"),
    };
    println!("{}", serde_json::to_string(&measured).unwrap());
}
