//! The examples for embedders, as a user runs them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

fn run(program: &str) -> String {
    let output = Command::new(program).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    told
}

fn assert_told(told: &str, lines: &[&str]) {
    for line in lines {
        assert!(told.contains(line), "{line} is not in {told}");
    }
}

#[test]
fn a_restart_finds_everything_in_the_file() {
    let told = run(env!("CARGO_BIN_EXE_custom_store"));
    let (first, second) = told.split_once("second process").unwrap();
    assert_told(
        first,
        &["0 orders are on record at the start", "is open already"],
    );
    assert_told(
        second,
        &[
            "4 orders are on record at the start",
            "ran to its end, 0 changes",
            "1001 is accepted",
            "1003 is held",
            "the warehouse was asked to create 2 orders in all",
        ],
    );
    assert!(!told.contains("broken"), "{told}");
}

#[test]
fn another_warehouse_takes_orders_and_its_tracking_comes_back() {
    assert_told(
        &run(env!("CARGO_BIN_EXE_custom_warehouse")),
        &[
            "2 vans left",
            "order 1001: it has left, and the buyer sees every parcel",
            "the shop shows its tracking number",
            "the shop offers 84 of 85123A",
            "a cancellation: Unsupported",
        ],
    );
}

/// Status and body of one request.
fn ask(address: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: service\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}

#[test]
fn a_service_answers_while_the_engine_works_and_stops_gracefully() {
    let mut service = Command::new(env!("CARGO_BIN_EXE_embed_in_service"))
        .args(["--listen", "127.0.0.1:0", "--for-seconds", "20"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(service.stdout.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap();

    assert_eq!(ask(address, "POST", "/hooks/shop", "").0, 202);
    let path = "/orders/63428136-658f-48a6-beb7-7f333dfd1001";
    let mut answer = (0, String::new());
    for _ in 0..100 {
        answer = ask(address, "GET", path, "");
        if answer.1.contains("the warehouse has it as") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(answer.0, 200, "{}", answer.1);
    assert!(answer.1.contains("the warehouse has it as"), "{}", answer.1);
    assert_eq!(ask(address, "GET", "/orders/nobody's", "").0, 404);

    // Two sample orders wait for people, which is no reason to take the service out.
    let (status, health) = ask(address, "GET", "/health", "");
    assert!(
        status == 200 && health.contains("\"amber\"") && health.contains("SHIP_UNMAPPED"),
        "{health}"
    );
    let (status, open) = ask(address, "GET", "/exceptions", "");
    assert!(status == 200 && open.contains("\"number\":1"), "{open}");
    let close = |body| ask(address, "POST", "/exceptions/1/close", body).0;
    assert_eq!(close(r#"{"by":"Desk","reason":""}"#), 422);
    assert_eq!(
        close(r#"{"by":"Desk","reason":"agreed with the buyer"}"#),
        200
    );
    assert!(
        !ask(address, "GET", "/exceptions", "")
            .1
            .contains("\"number\":1,")
    );

    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert!(service.wait().unwrap().success(), "{rest}");
    assert_told(&rest, &["orders: ", "stopped gracefully"]);
}
