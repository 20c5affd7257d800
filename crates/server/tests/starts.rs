//! The server as a library: a test starts it, asks it over a socket, has it read its configuration again and ends it, without a
//! process, a terminal or a signal.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use config::Located;
use config::model::{Log, Server as ServerWords, Settings};
use server::settings::{Flags, Source, of_config};
use server::{Bound, Server, StartError};
use transport::listen::Address;

/// A folder of its own, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("because-server-{}-{nth}", std::process::id()));
        fs::create_dir_all(folder.join("root")).expect("a folder can be made");
        let folder = Folder(folder);
        files.iter().for_each(|(name, content)| folder.write(name, content));
        folder
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.0.join(name), content).expect("a file can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // what cannot be removed is left to the system
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One thread, a port that the system chooses, and no log.
fn flags(settings: Settings) -> Flags {
    let listen = vec![Located::flag("127.0.0.1:0".to_owned(), "--listen", "127.0.0.1:0")];
    let server = ServerWords {
        listen: Some(Located::flag(listen, "--listen", "127.0.0.1:0")),
        threads: Some(Located::flag(1, "--threads", "1")),
        log: Some(Located::flag(Log::Off, "--log", "off")),
        ..ServerWords::default()
    };
    Flags { server, settings, ..Flags::default() }
}

/// Starts a server, and tells where it listens.
fn start(source: &Source) -> Result<(Server, Address), StartError> {
    let (config, warnings) = source.read().map_err(StartError::Configuration)?;
    assert!(warnings.is_empty(), "{warnings:?}");
    let run = of_config(&config).map_err(StartError::Configuration)?;
    let (bound, warnings) = Bound::new(&config, run)?;
    assert!(warnings.is_empty(), "{warnings:?}");
    let address = bound.addresses().remove(0);
    Ok((bound.start(false)?, address))
}

/// Sends a request on a connection that ends with it, and gives the whole answer.
fn ask(address: &Address, request: &str) -> String {
    let Address::Internet(address) = address else { panic!("{address} is no port") };
    let mut stream = TcpStream::connect(address).expect("it listens");
    let (line, rest) = request.split_once("\r\n").unwrap_or((request, "\r\n"));
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{rest}");
    stream.write_all(head.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

fn end(server: Server) {
    server.drain();
    server.end().expect("every thread ended when it was told to");
}

fn of_folder(folder: &Path, settings: Settings) -> Source {
    Source::of(folder, flags(settings))
}

#[test]
fn a_server_of_a_folder_answers_and_ends() {
    let folder = Folder::with(&[("root/a.txt", "hello")]);
    let (server, address) = start(&of_folder(&folder.0.join("root"), Settings::default())).expect("it starts");
    let answer = ask(&address, "GET /a.txt");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhello"), "{answer}");
    let answer = ask(&address, "PUT /b.txt\r\nContent-Length: 1\r\n\r\nb");
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    end(server);
    let Address::Internet(address) = address else { panic!("{address} is no port") };
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn flags_let_clients_write() {
    let folder = Folder::with(&[]);
    let settings = Settings {
        write: Some(Located::flag(true, "--write", "")),
        fsync: Some(Located::flag(false, "--no-fsync", "")),
        ..Settings::default()
    };
    let (server, address) = start(&of_folder(&folder.0.join("root"), settings)).expect("it starts");
    let answer = ask(&address, "PUT /b.txt\r\nContent-Length: 1\r\n\r\nb");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(fs::read_to_string(folder.0.join("root/b.txt")).expect("it is there"), "b");
    end(server);
}

#[test]
fn a_configuration_is_read_again() {
    let folder = Folder::with(&[("root/a.txt", "hello"), ("because.toml", "folder = 'root'\n")]);
    let source = Source::of(&folder.0.join("because.toml"), flags(Settings::default()));
    let (server, address) = start(&source).expect("it starts");
    assert!(ask(&address, "GET /a.txt").starts_with("HTTP/1.1 200 "));
    folder.write("because.toml", "folder = 'root'\ngone = true\n");
    assert_eq!(server.reload(&source).expect("it is right"), []);
    assert!(ask(&address, "GET /a.txt").starts_with("HTTP/1.1 410 "));
    folder.write("because.toml", "folder = 'root'\nguard = 'nobody-of-this-name'\n");
    assert!(!server.reload(&source).expect_err("it is wrong").is_empty());
    assert!(ask(&address, "GET /a.txt").starts_with("HTTP/1.1 410 "), "what was in force stays so");
    folder.write("because.toml", "folder = 'root'\n[limits]\nmax-content = '5k'\n");
    let warnings = server.reload(&source).expect("it is right");
    assert!(warnings.len() == 1 && warnings[0].message().contains("new start"), "{warnings:?}");
    end(server);
}

#[test]
fn what_cannot_be_served_is_told_before_anything_is_bound() {
    let folder = Folder::with(&[]);
    let missing = start(&of_folder(&folder.0.join("none"), Settings::default()));
    let Err(StartError::Configuration(mistakes)) = missing else { panic!("it started") };
    assert!(mistakes.len() == 1 && mistakes[0].message().starts_with("there is no folder"), "{mistakes:?}");
}
