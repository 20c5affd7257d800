//! The country of an address, from a table of lines `network,CC`.
//!
//! Where such a table comes from, and how true it is, is the operator's business.

use core::net::IpAddr;
use std::collections::HashMap;
use std::fmt;

use crate::limits;

use super::{Both, Network, NetworkError};

/// A country, by the two letters of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Two letters of any case. Whether a country has them is not looked at: codes come and go.
    ///
    /// ```
    /// use policy::network::Country;
    /// assert_eq!(Country::parse("fr").expect("two letters").code(), "FR");
    /// assert!(Country::parse("FRA").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// Its two letters, in capitals.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).expect("letters of ASCII")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Which country a network is in; of networks within each other the smallest tells.
///
/// ```
/// use policy::network::Countries;
/// let countries = Countries::read(b"# of 2026\n203.0.113.0/24,FR\n203.0.113.128/25,CH\n").expect("a table");
/// let of = |text: &str| countries.of(text.parse().expect("an address")).map(|country| country.to_string());
/// assert_eq!(of("203.0.113.1").as_deref(), Some("FR"));
/// assert_eq!(of("203.0.113.200").as_deref(), Some("CH"));
/// assert_eq!(of("192.0.2.1"), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Countries {
    table: Both<Country>,
}

/// What can be wrong with a line of the table, and the number of the line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CountriesError {
    /// The number of the line.
    pub line: usize,
    /// The offence.
    pub what: LineError,
}

/// What can be wrong with a line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineError {
    /// It is no UTF-8.
    NotText,
    /// It is not a network, a comma, and a country.
    Form,
    /// The network is none.
    Network(NetworkError),
    /// The country is not two letters.
    Country,
    /// The network was told to be in another country before.
    Contradiction,
    /// More lines than [`limits::COUNTRY_NETWORKS`].
    TooManyLines,
}

impl fmt::Display for CountriesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        f.write_str(match self.what {
            LineError::NotText => "it is no UTF-8",
            LineError::Form => "a line is a network, a comma, and a country: `203.0.113.0/24,FR`",
            LineError::Network(offence) => return fmt::Display::fmt(&offence, f),
            LineError::Country => "a country is two letters, as FR",
            LineError::Contradiction => "the network was told to be in another country before",
            LineError::TooManyLines => "there are more lines than a table may have",
        })
    }
}

impl std::error::Error for CountriesError {}

impl Countries {
    /// Reads a table: a network and a country a line, perhaps in quotes; empty lines, comments (`#`) and a first line
    /// of headings (`network,country`) are passed over.
    pub fn read(table: &[u8]) -> Result<Self, CountriesError> {
        let table = table.strip_prefix(b"\xef\xbb\xbf").unwrap_or(table);
        let mut networks: HashMap<Network, Country> = HashMap::new();
        for (line, text) in (1..).zip(table.split(|&byte| byte == b'\n')) {
            let offence = |what| CountriesError { line, what };
            let text = str::from_utf8(text).map_err(|_| offence(LineError::NotText))?.trim();
            let is_heading = || line == 1 && text.trim_matches('"').to_ascii_lowercase().starts_with("network");
            if text.is_empty() || text.starts_with('#') || is_heading() {
                continue;
            }
            if line > limits::COUNTRY_NETWORKS {
                return Err(offence(LineError::TooManyLines));
            }
            let (network, country) = text.split_once(',').ok_or(offence(LineError::Form))?;
            let bare = |word: &'_ str| word.trim().trim_matches('"').to_owned();
            let network =
                Network::parse(&bare(network)).map_err(|refusal| offence(LineError::Network(refusal.what)))?;
            let country = Country::parse(&bare(country)).ok_or(offence(LineError::Country))?;
            if networks.insert(network, country).is_some_and(|other| other != country) {
                return Err(offence(LineError::Contradiction));
            }
        }
        Ok(Self { table: networks.into_iter().collect() })
    }

    /// The country of an address, if the table tells.
    pub fn of(&self, address: IpAddr) -> Option<Country> {
        self.table.find(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offence(table: &str) -> Option<(usize, LineError)> {
        Countries::read(table.as_bytes()).err().map(|offence| (offence.line, offence.what))
    }

    #[test]
    fn tables_are_read() {
        let table = "\u{feff}network,country\r\n\r\n# x\r\n\"10.0.0.0/8\",\"de\"\r\n10.1.0.0/16 , FR\r\n\
                     ::ffff:10.0.0.0/104,DE\n2001:db8::/32,CH";
        let countries = Countries::read(table.as_bytes()).expect("a table");
        for (address, country) in
            [("10.0.0.1", "DE"), ("10.1.0.1", "FR"), ("::ffff:10.1.0.1", "FR"), ("2001:db8::1", "CH")]
        {
            assert_eq!(
                countries.of(address.parse().unwrap()).map(|country| country.to_string()).as_deref(),
                Some(country)
            );
        }
        assert!(countries.of("11.0.0.0".parse().unwrap()).is_none());
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        use LineError::*;
        for (table, line, what) in [
            ("10.0.0.0/8;FR", 1, Form),
            ("\n10.0.0.0/8", 2, Form),
            ("10.0.0.1/8,FR", 1, Network(NetworkError::HostBits)),
            ("FR,10.0.0.0/8", 1, Network(NetworkError::BadAddress)),
            ("10.0.0.0/8,France", 1, Country),
            ("10.0.0.0/8,-", 1, Country),
            ("10.0.0.0/8,FR,x", 1, Country),
            ("10.0.0.0/8,FR\n10.0.0.0/8,DE", 2, Contradiction),
            ("10.0.0.0/8,FR\nnetwork,country", 2, Network(NetworkError::BadAddress)),
        ] {
            assert_eq!(offence(table), Some((line, what)), "{table}");
        }
        assert_eq!(Countries::read(b"\xff,FR").err(), Some(CountriesError { line: 1, what: NotText }));
        let many = "\n".repeat(limits::COUNTRY_NETWORKS);
        assert_eq!(offence(&many), None);
        assert_eq!(offence(&(many + "10.0.0.0/8,FR")), Some((limits::COUNTRY_NETWORKS + 1, TooManyLines)));
    }

    proptest! {
        #[test]
        fn nothing_panics(table: Vec<u8>, near in "([0-9:./]{0,9},[A-Z]{2}\n){0,4}") {
            let _ = (Countries::read(&table), Countries::read(near.as_bytes()));
        }
    }
}
