//! Asks another worker whether it is ready: a health check for containers whose image has no other program.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

/// For each step of the question.
const PATIENCE: Duration = Duration::from_secs(4);

/// Exit code 0: it is ready.
pub(crate) fn ask(address: &SocketAddr) -> ExitCode {
    match answer(address) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => ExitCode::SUCCESS,
        Ok(answer) => fail(answer.lines().last().unwrap_or("no answer")),
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(why: &str) -> ExitCode {
    // Where nobody reads it, the exit code says enough.
    let _ = writeln!(std::io::stderr(), "not ready: {why}");
    ExitCode::FAILURE
}

fn answer(address: &SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nhost: worker\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}
