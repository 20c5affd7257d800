//! `because config words` and `because config schema`: the language of configurations, for people and for editors.

use std::fmt::Write as _;

use config::words::{Home, Row, all};
use semantics::status::Status;

use crate::terminal::{self, print};

/// Tells what a word means; without one, a line of each.
pub(crate) fn words(asked: Option<&str>) -> Result<(), String> {
    let page = Page::of_terminal();
    let text = match asked.map(str::trim).filter(|word| !word.is_empty()) {
        None => page.table(),
        Some(asked) => page.word(asked)?,
    };
    print(text.as_bytes())
}

/// Prints the schema.
pub(crate) fn schema() -> Result<(), String> {
    let text = serde_json::to_string_pretty(&config::schema::schema()).map_err(|error| error.to_string())?;
    print(format!("{text}\n").as_bytes())
}

/// How a text looks on the terminal.
struct Page {
    colour: bool,
    width: usize,
}

impl Page {
    fn of_terminal() -> Page {
        let (colour, width) = terminal::page();
        Page { colour, width }
    }

    /// Every word in a line, by where it stands.
    fn table(&self) -> String {
        let mut out = String::new();
        for home in Home::ALL {
            let rows: Vec<&Row> = home.rows().filter(|row| narrowest(row) == home).collect();
            if rows.is_empty() {
                continue;
            }
            self.push(&mut out, &heading(home), "1");
            let column = rows.iter().map(|row| row.key.len()).max().unwrap_or_default() + 4;
            for row in rows {
                let name = format!("  {:<width$}", row.key, width = column - 2);
                self.wrapped(&mut out, &self.painted(&name, "36"), column, column, row.about);
            }
            out.push('\n');
        }
        self.wrapped(
            &mut out,
            "",
            0,
            0,
            "`because config words WORD` tells more of a word, with an example; \
            a word of a rule may stand in a site or at the top, too, and holds for everything there then.",
        );
        out
    }

    /// All that is known of a word, wherever it may stand.
    fn word(&self, asked: &str) -> Result<String, String> {
        let asked = asked.trim_matches('`');
        let mut rows: Vec<&Row> = all().filter(|row| row.key == asked).collect();
        if rows.is_empty() {
            rows = all().filter(|row| row.also.contains(&asked)).collect();
        }
        if rows.is_empty() {
            return Err(unknown(asked));
        }
        let mut out = String::new();
        for (nth, row) in rows.into_iter().enumerate() {
            if nth > 0 {
                out.push('\n');
            }
            self.row(&mut out, row, asked);
        }
        Ok(out)
    }

    fn row(&self, out: &mut String, row: &Row, asked: &str) {
        self.push(out, row.key, "1;36");
        if row.key != asked {
            self.push(out, &format!("is what others call {asked}"), "2");
        }
        self.wrapped(out, "  ", 2, 2, &format!("{}.", row.about));
        let places: Vec<&str> = row.at.iter().map(|home| place(*home)).collect();
        let must = if row.must { "; it must be said there" } else { "" };
        out.push('\n');
        self.item(out, "stands", &format!("{}{must}", places.join(", ")));
        self.item(out, "is", &row.shape.name());
        for (nth, line) in row.example.lines().enumerate() {
            let label = if nth == 0 { "example" } else { "" };
            writeln!(out, "  {label:<9}{line}").expect("a String takes all");
        }
        if !row.statuses.is_empty() {
            let statuses =
                row.statuses.iter().filter_map(|code| Status::new(*code)).map(|status| format!("{status:?}"));
            self.item(out, "answers", &statuses.collect::<Vec<_>>().join(", "));
        }
        if let Some(home) = row.shape.home() {
            let inner: Vec<&str> = home.rows().map(|row| row.key).collect();
            self.item(out, "has", &inner.join(", "));
        }
    }

    fn item(&self, out: &mut String, label: &str, text: &str) {
        let first = format!("  {label:<9}");
        self.wrapped(out, &first, 11, 11, text);
    }

    fn push(&self, out: &mut String, text: &str, code: &str) {
        out.push_str(&self.painted(text, code));
        out.push('\n');
    }

    fn painted(&self, text: &str, code: &str) -> String {
        terminal::painted(self.colour, code, text).into_owned()
    }

    /// A text in lines; the first has something before it, the others are indented.
    fn wrapped(&self, out: &mut String, first: &str, mut used: usize, indent: usize, text: &str) {
        out.push_str(first);
        let mut fresh = true;
        for word in text.split(' ') {
            let length = word.chars().count();
            if !fresh && used + 1 + length > self.width {
                write!(out, "\n{:indent$}", "").expect("a String takes all");
                (used, fresh) = (indent, true);
            }
            if !fresh {
                out.push(' ');
            }
            out.push_str(word);
            used += length + usize::from(!fresh);
            fresh = false;
        }
        out.push('\n');
    }
}

/// The place that a word was made for, if it may stand in wider ones, too.
fn narrowest(row: &Row) -> Home {
    let wider = [Home::Rule, Home::Site];
    let made_for = wider.into_iter().find(|home| row.at.contains(home));
    made_for.unwrap_or_else(|| *row.at.first().expect("it stands somewhere"))
}

fn heading(home: Home) -> String {
    match home {
        Home::Top => "At the top of the file".to_owned(),
        Home::Site => "Of a site: at the top, or in [site.\"example.org\"]".to_owned(),
        Home::Rule => "Of a rule: in [rule.\"/path/**\"]".to_owned(),
        Home::Limits => "In [limits]".to_owned(),
        Home::User => "Of a user, in [users]".to_owned(),
        Home::Issuer => "Of an issuer of tokens, in [issuer.\"https://login.example\"]".to_owned(),
        home => format!("In {}", home.name()),
    }
}

fn place(home: Home) -> &'static str {
    match home {
        Home::Top => "at the top of the file",
        Home::Site => "in [site.\"…\"]",
        Home::Rule => "in [rule.\"…\"]",
        Home::Limits => "in [limits]",
        Home::User => "in a user of [users]",
        Home::Issuer => "in [issuer.\"…\"]",
        Home::Portal => "in [portal]",
        Home::Admin => "in admin = { … }",
        Home::Quota => "in quota = { … }",
        Home::Guard => "in guard = { … }",
        Home::Limit => "in limit = { … }",
        Home::Moved => "in moved = { … }",
        Home::Price => "in price = { … }",
        Home::Law => "in law = { … }",
        Home::Require => "in require = { … }",
        Home::Closed => "in closed = { … }",
        Home::Headers => "in headers = { … }",
        Home::Cors => "in cors = { … }",
        Home::Proxy => "in proxy = { … }",
    }
}

/// There is no such word; the one that was meant is told, if any is near.
fn unknown(asked: &str) -> String {
    let hint = match config::nearest(asked, all().map(|row| row.key)) {
        None => "`because config words` tells all words".to_owned(),
        Some(near) => format!("did you mean {near}?"),
    };
    format!("\"{}\" is no word of a configuration; {hint}", asked.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page { colour: false, width: 80 };

    #[test]
    fn every_word_is_in_the_table_and_has_a_page() {
        let table = PAGE.table();
        for row in all() {
            assert!(table.lines().any(|line| line.split_whitespace().next() == Some(row.key)), "{}", row.key);
            let page = PAGE.word(row.key).expect("a word");
            assert!(page.contains(row.example.lines().next().expect("a line")), "{page}");
        }
        assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    }

    #[test]
    fn what_others_call_it_is_understood() {
        let page = PAGE.word("redirect").expect("others say so");
        assert!(page.starts_with("moved\nis what others call redirect\n"), "{page}");
        assert!(page.contains("301 Moved Permanently"), "{page}");
        assert_eq!(PAGE.word("gaurd").unwrap_err(), "\"gaurd\" is no word of a configuration; did you mean guard?");
        assert!(PAGE.word("zzzz").unwrap_err().ends_with("`because config words` tells all words"));
    }
}
