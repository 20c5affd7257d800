//! Where the server listens: IPv4, IPv6, sockets of the file system, several at once.

use std::net::{SocketAddr, TcpListener};

use crate::client::Client;
use crate::folder::Folder;
use crate::server::{Start, run, until};

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a")])
}

#[test]
fn a_socket_of_the_file_system_serves_like_any_other() {
    let folder = folder();
    folder.write("large.bin", crate::folder::noise(3_000_000));
    let path = folder.beside("sock");
    let address = format!("unix:{}", path.display());
    let mut server = Start::of(folder.root()).listen(&[&address]).start();
    server.err.wait_for(&format!("  {address}"));
    let mut client = Client::to_path(&path);
    client.get("/a.txt").is(200).says("a");
    assert!(client.get("/large.bin").is(200).content == crate::folder::noise(3_000_000));
    client.get("/none").is(404);
    assert_eq!(server.log("/none").client, "local");
    // a second server does not take it away
    let root = folder.root();
    let refused = run(&["serve", root.to_str().expect("text"), "--listen", &address]);
    assert_eq!(refused.status.code(), Some(1));
    client.get("/a.txt").is(200);
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.end().code(), Some(0));
    assert!(!path.exists(), "a socket without a server is of no use");
}

#[test]
fn a_socket_left_behind_is_taken_over() {
    let folder = folder();
    let path = folder.beside("sock");
    let address = format!("unix:{}", path.display());
    drop(Start::of(folder.root()).listen(&[&address]).start()); // killed: it cannot tidy up
    assert!(path.exists());
    let _server = Start::of(folder.root()).listen(&[&address]).start();
    Client::to_path(&path).get("/a.txt").is(200);
}

#[test]
fn several_addresses_are_served_at_once() {
    let folder = folder();
    let path = folder.beside("sock");
    let unix = format!("unix:{}", path.display());
    let server = Start::of(folder.root()).listen(&["127.0.0.1:0", "127.0.0.1:0", &unix, "127.0.0.2:0"]).start();
    assert_eq!(server.addresses().len(), 3);
    for address in server.addresses() {
        Client::to(*address).get("/a.txt").is(200);
    }
    Client::to_path(&path).get("/a.txt").is(200);
}

#[test]
fn ipv6_is_served_where_the_machine_has_it() {
    if TcpListener::bind("[::1]:0").is_err() {
        return; // this machine has none
    }
    let folder = folder();
    let server = Start::of(folder.root()).listen(&["[::1]:0"]).start();
    let address = server.addresses()[0];
    assert!(address.is_ipv6() && address.port() != 0);
    Client::to(address).get("/a.txt").is(200);
    server.get("/none").is(404);
    assert_eq!(server.log("/none").client, "::1");
}

/// Every address of the machine, the old ones too; an IPv4 client is shown as one.
#[test]
fn a_port_alone_after_a_colon_is_every_address() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let folder = folder();
    let mut command = std::process::Command::new(crate::server::program());
    command.arg("serve").arg(folder.root()).args(["--threads", "1", "--listen", &format!(":{free}")]);
    let mut child =
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("starts");
    let address = SocketAddr::from(([127, 0, 0, 1], free));
    until("it listens", || std::net::TcpStream::connect(address).ok());
    Client::to(address).get("/a.txt").is(200);
    child.kill().expect("runs");
    child.wait().expect("ends");
}

#[test]
fn several_threads_share_one_address() {
    let folder = folder();
    let server = Start::of(folder.root()).threads(3).start();
    let mut clients: Vec<_> = (0..24).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.get("/a.txt").is(200);
    }
    for client in &mut clients {
        client.get("/none").is(404);
    }
}
