//! The sample site keeps what it promises: each link of its page leads to the status that stands beside it.

use crate::folder::{of_site, site};
use crate::server::{Server, Start};

/// The links of the page under "Try it right here", with the status that each promises.
fn promises(page: &str) -> Vec<(String, u16)> {
    let item = |item: &str| {
        let href = item.split("href=\"").nth(1)?.split('"').next()?;
        let status = item.split("<i>").nth(1)?.split("</i>").next()?;
        Some((href.to_owned(), status.parse().ok()?))
    };
    page.split("<li>").skip(1).filter_map(item).collect()
}

#[test]
fn each_link_of_the_page_leads_to_the_status_beside_it() {
    let server = Server::site();
    let page = server.get("/");
    let promises = promises(page.is(200).text());
    assert!(promises.len() >= 9, "{promises:?}");
    for (href, status) in &promises {
        let response = server.get_with(&format!("/{href}"), "Accept: text/html,*/*;q=0.8\r\n");
        assert_eq!(response.status, *status, "{href}");
    }
    assert!(site().join(".hidden").is_file(), "the hidden file is there");
    let server = Start::of(site()).args(&["--hidden"]).start();
    server.get("/.hidden").is(200);
}

#[test]
fn the_page_loads_nothing_from_elsewhere_and_runs_nothing() {
    let page = String::from_utf8(of_site("index.html")).expect("text");
    for forbidden in ["<script", "src=\"http", "href=\"http", "@import", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let server = Server::site();
    for name in page.split("src=\"").skip(1).map(|rest| rest.split('"').next().expect("an end")) {
        server.get(&format!("/{name}")).is(200);
    }
}

/// Every file of the site can be had through the lists.
#[test]
fn everything_in_the_folder_can_be_reached_by_its_lists() {
    let server = Server::site();
    let mut folders = vec!["/files/".to_owned(), "/images/".to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let list = server.get_with(&folder, "Accept: application/json\r\n").is(200).json();
        for member in list.as_array().expect("an array") {
            let target = format!("{folder}{}", member["href"].as_str().expect("a link"));
            if member["type"] == "directory" {
                folders.push(target);
            } else {
                let response = server.get(&target);
                assert_eq!(response.is(200).content.len() as u64, member["size"], "{target}");
                files += 1;
            }
        }
    }
    assert!(files >= 10);
}
