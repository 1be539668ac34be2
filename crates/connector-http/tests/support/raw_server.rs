//! Servers that do what no decent server does.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

/// Accepts one connection, reads what comes first, and plays its part in a thread.
pub(crate) fn once<T: Send + 'static>(
    part: impl FnOnce(TcpStream, String) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let count = socket.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..count]).into_owned();
        part(socket, request)
    });
    (address, thread)
}

/// Says this and closes.
pub(crate) fn saying(text: &'static str) -> (SocketAddr, JoinHandle<()>) {
    once(move |mut socket, _| socket.write_all(text.as_bytes()).unwrap())
}

/// Begins an answer without an end, and returns how many bytes of it were taken.
pub(crate) fn endless() -> (SocketAddr, JoinHandle<u64>) {
    once(|mut socket, _| {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        socket.write_all(head).unwrap();
        socket
            .set_write_timeout(Some(Duration::from_secs(2)))
            .unwrap();
        let mut chunk = b"1000\r\n".to_vec();
        chunk.extend_from_slice(&[b'x'; 0x1000]);
        chunk.extend_from_slice(b"\r\n");
        let mut taken = 0;
        // A gigabyte is a failure too, but not of this machine.
        while taken < 1 << 30 && socket.write_all(&chunk).is_ok() {
            taken += 0x1000;
        }
        taken
    })
}

/// An address where connections are taken and nothing is ever said.
pub(crate) fn silent() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (listener.local_addr().unwrap(), listener)
}

/// An address where nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    let (address, listener) = silent();
    drop(listener);
    address
}
