//! The manual's tables of words, made from the table of words.

use std::fmt::Write as _;

use crate::words::{Home, Row};

/// What the manual says before the tables.
const OPENING: &str = "\
# Configuration

`because serve` reads one file in TOML, `because.toml`. What stands at its top holds for every site; `[site.\"example.org\"]` has
what is one site's; rules stand in `[rule.\"/path/**\"]`, for every site, and in `[site.\"example.org\".rule.\"/path/**\"]`. Without any
site there is one that answers for every authority. Flags of the command line win over the file.

```toml
listen = \":8080\"
folder = \"public\"
headers = { hsts = \"1y\" }                  # a word of a rule at the top: for everything

[users]
alice = { password = \"HASH\", groups = [\"staff\"] }

[rule.\"/private/**\"]
guard = \"@staff\"

[rule.\"GET HEAD /private/logo.png\"]
guard = false                              # what is inherited is undone

[rule.\"/old/**\"]
moved = \"/new/{1}\"
```

* A site is named by the authorities it answers for, divided by spaces: `example.org`, `example.org:8443`, `*.example.org`, or `*`
  for any. Without a port: any port.
* A rule is named by its pattern, `[METHODS ]PATH`: `\"/private/**\"`, `\"PUT DELETE /docs/*.txt\"`. `*` matches any octets within one
  segment; `**` as the last segment anything below, and the folder itself; `/**` is everything.
* Sizes take k, M, G, T (powers of 1024); times take ms, s, min, h, d, w, y. Relative paths begin at the folder of the file.

## Which rule wins

Rules refine each other, whatever their order in the file: of two that match and say the same word, the more specific one is
heard, word by word. Patterns are compared segment by segment, and the first difference decides:

1. a literal segment is more specific than one with `*`;
2. of two with `*`, the one with more literal octets;
3. both are more specific than a lone `*`, and that more than `**`;
4. then the longer pattern;
5. then one with methods more than one without;
6. then a site's own rule more than one of the top.

`false` removes an inherited setting. A word of a rule that stands in a site, or at the top, is in the rule `/**`.
";

/// The whole of `docs/configuration.md`.
///
/// ```
/// let manual = config::manual::markdown();
/// assert!(manual.contains("| `guard` |"));
/// ```
pub fn markdown() -> String {
    let mut out = OPENING.to_owned();
    let server = |row: &&Row| row.at == [Home::Top] || row.key == "rule";
    section(
        &mut out,
        "The server",
        "At the top of the file, above the first heading.",
        Home::Top.rows().filter(server),
    );
    let text = "At the top of the file for every site, or in `[site.\"…\"]`.";
    section(
        &mut out,
        "A site",
        text,
        Home::Site.rows().filter(|row| !row.at.contains(&Home::Rule) && row.key != "rule"),
    );
    let text = "In `[rule.\"…\"]`; in a site or at the top they hold for everything there.";
    section(&mut out, "A rule", text, Home::Rule.rows());
    for home in Home::ALL.into_iter().skip(3) {
        let text = match home {
            Home::Headers => "Besides, any name of a field: its value, or false to take it away.",
            Home::User => "In `[users]`: `alice = \"HASH\"` is short for `alice = { password = \"HASH\" }`.",
            Home::Issuer => "In `[issuer.\"https://login.example\"]`.",
            Home::Limits => "Those of `because serve --help`, without their hyphens; the examples are the defaults.",
            _ => "",
        };
        section(&mut out, &format!("In {}", home.name()), text, home.rows());
    }
    out
}

fn section(out: &mut String, heading: &str, text: &str, rows: impl Iterator<Item = &'static Row>) {
    let gap = if text.is_empty() { "" } else { "\n\n" };
    out.push_str(&format!("\n## {heading}\n\n{text}{gap}| word | is | what it is good for | statuses | example |\n"));
    out.push_str("| --- | --- | --- | --- | --- |\n");
    for row in rows {
        let statuses: Vec<String> = row.statuses.iter().map(u16::to_string).collect();
        let must = if row.must { " (must be said)" } else { "" };
        let example = row.example.replace('\n', "` `");
        writeln!(
            out,
            "| `{}` | {}{must} | {} | {} | `{}` |",
            row.key,
            cell(&row.shape.name()),
            cell(row.about),
            statuses.join(", "),
            cell(&example)
        )
        .expect("a String takes all");
    }
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_told() {
        let manual = markdown();
        for row in crate::words::all() {
            assert!(manual.contains(&format!("| `{}` |", row.key)), "{}", row.key);
        }
        assert!(
            manual.lines().filter(|line| line.starts_with('|')).all(|line| line
                .replace("\\|", "")
                .matches('|')
                .count()
                == 6)
        );
    }

    #[test]
    fn its_example_is_right() {
        let toml = OPENING.split("```").nth(1).and_then(|block| block.strip_prefix("toml\n")).expect("an example");
        let (_, warnings) = crate::Config::read(toml, "because.toml").expect("it is right");
        assert_eq!(warnings, []);
    }

    #[test]
    fn every_example_is_right() {
        for row in crate::words::all() {
            for home in row.at {
                let text = around(*home, row);
                let read = crate::Config::read(&text, "because.toml");
                assert!(read.is_ok(), "{text}\n{}", crate::render(&read.unwrap_err(), false));
            }
        }
    }

    /// A file in which the example stands where it may.
    fn around(home: Home, row: &Row) -> String {
        let users = "alice = { password = '$x', groups = ['staff', 'operators', 'guests'] }\nbob = '$y'\n";
        let rest: String = home
            .rows()
            .filter(|other| other.must && other.key != row.key)
            .map(|other| format!("{}\n", other.example))
            .collect();
        let heading = match home {
            Home::Top => String::new(),
            Home::Site => {
                "[site.a]\nfolder = 'b'\n".replace(if row.key == "folder" { "folder = 'b'\n" } else { "\0" }, "")
            }
            Home::Rule => "[rule.'/a']\n".to_owned(),
            Home::User => "[users.carol]\n".to_owned(),
            Home::Issuer => "[issuer.'https://x']\n".to_owned(),
            Home::Limits | Home::Portal | Home::Admin | Home::Quota => format!("[{}]\n", home.id()),
            inner => format!("[rule.'/a'.{}]\n", inner.id()),
        };
        let (top, example) = match (home, row.example.split_once(']')) {
            // the heading of a section of the top comes after all else
            (Home::Site, Some(_)) if row.example.starts_with("[rule") => {
                (row.example.replace("[rule", "[site.a.rule"), String::new())
            }
            _ => (String::new(), row.example.to_owned()),
        };
        let users = if row.key == "users" { String::new() } else { format!("\n[users]\n{users}") };
        let countries = if row.key == "countries" && home == Home::Top { "" } else { "countries = 'c.csv'\n" };
        format!("{countries}{heading}{rest}{example}\n{top}{users}")
    }
}
