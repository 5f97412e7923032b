//! One Matinee for all tests of a program, with which it ends; an account for each test, so that
//! they can run on threads side by side.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

fn address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let binary = std::env::var("MATINEE_BINARY").unwrap_or("matinee".into());
        let server = Command::new(binary)
            .args(["up", "--port", "0", "--durability", "memory"])
            .args(["--format", "json", "--exit-with-parent"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("matinee starts");
        let mut ready = String::new();
        BufReader::new(server.stdout.unwrap()).read_line(&mut ready).expect("it is ready");
        let (_, rest) = ready.split_once("\"address\":\"").expect("it says where");
        rest.split('"').next().unwrap().to_string()
    })
}

/// An access key of 12 digits is an account. This one has nothing yet, and what it gets is gone
/// with this value.
pub struct Cloud {
    pub address: &'static str,
    pub access_key: String,
}

impl Cloud {
    pub fn new() -> Cloud {
        static ACCOUNTS: AtomicU64 = AtomicU64::new(1);
        let account = ACCOUNTS.fetch_add(1, Ordering::Relaxed);
        Cloud { address: address(), access_key: format!("{account:012}") }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let host = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("matinee is there");
        write!(
            stream,
            "POST /_matinee/reset?account={} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n",
            self.access_key
        )
        .expect("it listens");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("it replies");
        if !std::thread::panicking() {
            assert!(reply.starts_with("HTTP/1.1 200"), "the reset has failed: {reply}");
        }
    }
}
