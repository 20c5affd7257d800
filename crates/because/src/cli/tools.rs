//! The command line of the tools beside the server: what is made for a configuration, and what is found out by one.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use observe::codes::Codes;
use observe::logs::When;

use super::Words;
use super::units;

#[derive(Args, Debug)]
#[command(after_help = "A password is asked for twice, and not shown; from a pipe one line is read.\n\nExamples:
  because hash                                    the line of a password for [users]
  because hash --user alice --digest Example      what Digest needs in the realm Example
  because hash --user robot --token               a new token, told once, and its line
  pass show alice | because hash --user alice")]
pub(crate) struct Hash {
    /// The user: part of what is hashed for Digest, and the name in the lines to paste
    #[arg(short, long, value_name = "NAME")]
    pub(crate) user: Option<String>,

    /// Make the lines for Digest in this realm (RFC 7616) instead; may be repeated
    #[arg(long, value_name = "REALM", requires = "user")]
    pub(crate) digest: Vec<String>,

    /// Make a new bearer token instead
    #[arg(long, conflicts_with = "digest")]
    pub(crate) token: bool,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, arg_required_else_help = true)]
#[command(after_help = "Whoever holds a token has its credits: it is told once, here.\n\nExamples:
  because token --new-key tokens.key
  because token --key tokens.key --credits 100 --expires 30d --note 'order 4711'
  because token show v1.eyJ… --key tokens.key")]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) show: Option<Show>,

    /// The file of keys; a token is sealed with its first
    #[arg(long, value_name = "FILE", required_unless_present = "new_key", requires = "credits")]
    pub(crate) key: Option<PathBuf>,

    /// What the token is worth, in the unit of the price
    #[arg(long, value_name = "N", requires = "key", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) credits: Option<u64>,

    /// How long it is worth that: s, m, h, d, w, y
    #[arg(long, value_name = "TIME", requires = "key", default_value = "1y", value_parser = units::span)]
    pub(crate) expires: u64,

    /// A note that the token carries for all to read, such as the number of an order
    #[arg(long, value_name = "TEXT", requires = "key")]
    pub(crate) note: Option<String>,

    /// Make a file of keys, which must not be there yet, and that only its owner may read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "credits", "note"])]
    pub(crate) new_key: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Show {
    /// Tell what a token is worth, and whether it counts
    #[command(
        after_help = "Example:\n  because token show v1.eyJ… --key tokens.key\n  xclip -o | because token show - --key tokens.key"
    )]
    Show {
        /// The token; - reads it from standard input
        token: String,
        /// The file of keys, without which nobody knows whether it counts
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum Config {
    /// Look for mistakes in a configuration, as `serve` would, and touch nothing
    #[command(after_help = "It ends with 0 if all is right, and with 1 if something is wrong.\n\nExample:
  because config check because.toml && kill -HUP $(pidof because)")]
    Check {
        /// The configuration
        #[arg(default_value = "because.toml")]
        file: PathBuf,
    },
    /// Tell what a request would be answered, and which lines of the configuration decide it
    #[command(
        after_help = "Nothing is sent, counted, paid or changed. The target is looked up in the folder.\n\nExamples:
  because config explain because.toml GET /private/
  because config explain because.toml PUT /docs/a.txt --as alice --from 10.0.0.7
  because config explain because.toml GET https://www.example.org/old -H 'Accept: text/html'"
    )]
    Explain(Explain),
    /// Decide the requests of an access log by two configurations, and tell which are decided otherwise
    #[command(after_help = "It ends with 0 if none is, and with 1 if one is.

A log does not have all of a request. Under both configurations alike, conditions, content and payments are taken \
to be absent, users to be who they were, and what changes something to succeed.\n\nExample:
  because config diff because.toml new.toml --requests access.log")]
    Diff {
        /// The configuration that is in force
        old: PathBuf,
        /// The one that may come
        new: PathBuf,
        /// An access log of `serve`, in either form; - is standard input
        #[arg(long, value_name = "LOG")]
        requests: PathBuf,
    },
    /// Tell what a word of the configuration means; without a word, all of them
    #[command(
        after_help = "Examples:\n  because config words\n  because config words guard\n  because config words redirect"
    )]
    Words {
        /// The word, or what another server calls it
        word: Option<String>,
    },
    /// Print the JSON Schema of the language, with which editors complete and check
    #[command(after_help = "Example:\n  because config schema > because.schema.json")]
    Schema,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The configuration
    pub(crate) file: PathBuf,

    /// The method
    pub(crate) method: String,

    /// The target: a path, with a query perhaps, or a URL
    pub(crate) target: String,

    /// Who asks: a user of the configuration, believed without a password; groups are those of the configuration
    #[arg(long = "as", value_name = "USER")]
    pub(crate) user: Option<String>,

    /// A group that the user is in besides, such as an issuer of tokens would tell; may be repeated
    #[arg(long, value_name = "NAME", requires = "user")]
    pub(crate) group: Vec<String>,

    /// The address that the request comes from
    #[arg(long, value_name = "ADDRESS", default_value = "192.0.2.1")]
    pub(crate) from: IpAddr,

    /// The authority that is asked, such as example.org:8080 [default: that of the first site]
    #[arg(long, value_name = "AUTHORITY")]
    pub(crate) host: Option<String>,

    /// A field line of the request; may be repeated
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) fields: Vec<String>,

    /// What has a price is paid for
    #[arg(long)]
    pub(crate) paid: bool,

    /// Text for people or JSON for programs
    #[arg(long, value_enum, default_value_t = Words::Text)]
    pub(crate) format: Words,
}

#[derive(Args, Debug)]
#[command(
    after_help = "It ends with 0 if all are answered as they were, with 1 if one is not, or cannot be read.\n\nExamples:
  because replay facts.jsonl
  zcat facts-*.gz | because replay -"
)]
pub(crate) struct Replay {
    /// A file of records, as `record` of a configuration and `serve --record` write them; - is standard input
    pub(crate) file: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "Both forms of lines are read, text and JSON. Times are in UTC.\n\nExamples:
  because log access.log                            the causes, the most frequent first
  because log access.log --by path --status 4xx     where clients are refused
  because log access.log --why --since 05:30        with what each cause means
  because serve site | because log                  of a server until it is stopped")]
pub(crate) struct Log {
    /// The logs, in order; none, or -: standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// What the lines are batched writer by
    #[arg(long, value_enum, default_value_t = Gathering::Cause)]
    pub(crate) by: Gathering,

    /// Only lines from this moment on: 05:30, 2026-07-01, 2026-07-01T05:30:10
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<When>,

    /// Only lines before this moment
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<When>,

    /// Only lines with this status, such as 404, or one of a class, such as 4xx
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<Codes>,

    /// Only lines with this cause
    #[arg(long, value_name = "QUESTION")]
    pub(crate) cause: Option<String>,

    /// Only lines whose target begins so
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,

    /// Tell what each cause means, and how to see a whole walk
    #[arg(long)]
    pub(crate) why: bool,

    /// Rows shown
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub(crate) rows: u16,

    /// Text for people or JSON for programs
    #[arg(long, value_enum, default_value_t = Words::Text)]
    pub(crate) format: Words,
}

/// What the lines of a log are batched writer by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gathering {
    /// The question that was their cause
    Cause,
    /// Their status
    Status,
    /// The path of their target
    Path,
    /// The client's address
    Client,
    /// The line of the configuration that decided
    Rule,
    /// Who asked, if that was proved
    User,
}
