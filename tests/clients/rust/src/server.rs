//! The server under test: $MATINEE_ENDPOINT, or a `matinee up` of our own that ends with the test.
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub struct Server {
    url: String,
    own: Option<Own>,
}

struct Own {
    process: Child,
    directory: PathBuf,
}

fn find_binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let candidates = match env::var_os("MATINEE_BINARY") {
        Some(binary) => vec![PathBuf::from(binary)],
        None => ["release", "dev"]
            .map(|preset| root.join("build").join(preset).join("src/matinee"))
            .to_vec(),
    };
    candidates
        .iter()
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| panic!("no matinee program at any of {candidates:?}"))
        .clone()
}

fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    probe.local_addr().expect("an address").port()
}

impl Server {
    pub fn start() -> Server {
        if let Ok(url) = env::var("MATINEE_ENDPOINT") {
            return Server { url, own: None };
        }
        let port = free_port();
        let directory = env::temp_dir().join(format!("matinee-rust-{}-{port}", std::process::id()));
        fs::create_dir(&directory).expect("a new directory");
        let mut process = Command::new(find_binary())
            .args(["up", "--port", &port.to_string(), "--data"])
            .arg(directory.join("data"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = process.stdout.as_mut().expect("its output");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("a ready line");
        assert!(line.contains(&port.to_string()), "unexpected ready line: {line:?}");
        let url = format!("http://127.0.0.1:{port}");
        Server { url, own: Some(Own { process, directory }) }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it with SIGTERM, as a user would; panics when it does not end well.
    pub fn stop(mut self) {
        let Some(mut own) = self.own.take() else { return };
        let pid = own.process.id() as libc::pid_t;
        // The process is our child and has not been waited for, so the number is still its own.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGTERM) }, 0);
        let status = own.process.wait().expect("its status");
        fs::remove_dir_all(&own.directory).expect("the directory goes");
        assert!(status.success(), "the server ended with {status} after SIGTERM");
    }
}

impl Drop for Server {
    /// What is left to do when a test fails before stop().
    fn drop(&mut self) {
        if let Some(own) = &mut self.own {
            if own.process.kill().and_then(|()| own.process.wait().map(|_| ())).is_err() {
                eprintln!("the server could not be ended");
            }
            if let Err(error) = fs::remove_dir_all(&own.directory) {
                eprintln!("{} stays behind: {error}", own.directory.display());
            }
        }
    }
}
