//! The command line: what can be said, in the words of `--help`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use config::Located;
use transport::listen::Address;

mod flags;
pub(crate) mod tools;
mod units;

/// A web server in which every status happens for its real cause, and every answer can say why
#[derive(Parser, Debug)]
#[command(name = "because", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  because serve                     this folder on http://127.0.0.1:8080/
  because serve site --listen :80   a folder to everybody
  because serve because.toml        what a configuration says, with rules
  because explain 412               what a status means, and what to do about it
  because why 2f2b3                 the reason behind a number in the log, in words
  because config check              the mistakes in because.toml
  because config explain because.toml GET /private/
                                    what would be answered, and which line decides it")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Serve a folder
    Serve(Box<Serve>),
    /// Tell what a status means: its causes here, whether it is temporary, what to do
    #[command(after_help = "Without WHAT, a table of all statuses.\n\nExamples:
  because explain 412
  because explain teapot
  because explain 4xx
  because explain 404 --format json")]
    Explain {
        /// A code, a class such as 4xx, or a name or a part of one
        what: Vec<String>,
        /// For people, for programs, or for a document
        #[arg(long, value_enum, default_value_t = Page::Text)]
        format: Page,
    },
    /// Tell the walk behind a number in words: each question asked, and its answer
    Why {
        /// The number, as the log shows it
        token: String,
        /// Text for people or JSON for programs
        #[arg(long, value_enum, default_value_t = Words::Text)]
        format: Words,
    },
    /// Draw the graph of questions by which every status is decided
    Graph {
        /// How to draw it
        #[arg(long, value_enum, default_value_t = Drawing::Text)]
        format: Drawing,
        /// Highlight the walk with this number
        #[arg(long, value_name = "TOKEN")]
        because: Option<String>,
        /// Draw nothing but that walk
        #[arg(long, requires = "because")]
        alone: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Make what a configuration keeps of a password, or a new token
    Hash(tools::Hash),
    /// Make and read prepaid tokens, and the keys that they are sealed with
    Token(tools::Token),
    /// Check a configuration, and find out what it decides
    Config {
        #[command(subcommand)]
        command: tools::Config,
    },
    /// Tell what an access log says: how often which cause, where, to whom
    Log(tools::Log),
    /// Walk recorded decisions again, and tell which would be decided otherwise now
    Replay(tools::Replay),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Words {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Page {
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawing {
    Text,
    Svg,
    Dot,
    Mermaid,
    Markdown,
}

#[derive(Args, Debug)]
#[command(after_help = "Sizes take k, M, G (powers of 1024); times take ms, s, m, h.\n\nExamples:
  because serve                                    this folder, for this machine only
  because serve site -l :8080 --cache-control max-age=60
  because serve share --write                      a folder to read and write, by WebDAV too
  because serve -l unix:/run/because.sock --log json")]
pub(crate) struct Serve {
    /// The folder; or a configuration, such as because.toml, over which the flags win
    #[arg(default_value = ".", value_name = "DIR|FILE")]
    pub(crate) folder: PathBuf,

    /// Where to listen: HOST:PORT, :PORT for every address, PORT for this machine only, or unix:PATH; may be repeated
    /// [default: 127.0.0.1:8080]
    #[arg(short, long, value_name = "ADDR", env = "BECAUSE_LISTEN", value_delimiter = ' ')]
    pub(crate) listen: Vec<Address>,

    /// Address of the admin listener, with the live page of verdicts, metrics and health; may be repeated [default: none]
    #[arg(long, value_name = "ADDR", env = "BECAUSE_ADMIN", value_delimiter = ' ')]
    pub(crate) admin: Vec<Address>,

    /// An authority that is served, such as example.org, example.org:8443, *.example.org or * for any; others are answered 421;
    /// may be repeated [default: the names of this machine on loopback listeners, otherwise any]
    #[arg(long, value_name = "AUTHORITY", env = "BECAUSE_HOST", value_delimiter = ' ')]
    pub(crate) host: Vec<String>,

    /// Threads, each with its own loop [default: one a core]
    #[arg(short, long, value_name = "N", env = "BECAUSE_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// Append the facts of each decision to this file, to be walked again by `because replay`
    #[arg(long, value_name = "FILE", env = "BECAUSE_RECORD")]
    pub(crate) record: Option<PathBuf>,

    /// How the access log looks on standard output; with json, messages on standard error are objects, too [default: text]
    #[arg(long, value_enum, env = "BECAUSE_LOG")]
    pub(crate) log: Option<LogFormat>,

    /// A file shown for a folder, in order of preference; may be repeated [default: index.html index.htm]
    #[arg(long, value_name = "NAME", help_heading = "What is served")]
    pub(crate) index: Vec<String>,

    /// Do not list folders that have no index file
    #[arg(long, help_heading = "What is served")]
    pub(crate) no_listing: bool,

    /// Serve names that begin with a dot, too
    #[arg(long, help_heading = "What is served")]
    pub(crate) hidden: bool,

    /// Answer TRACE, which shows a client its own request
    #[arg(long, help_heading = "What is served")]
    pub(crate) trace: bool,

    /// Take content of unknown length with requests that have no use for it, instead of answering 411
    #[arg(long, help_heading = "What is served")]
    pub(crate) allow_unknown_length: bool,

    /// The Cache-Control of successful answers, such as 'max-age=3600' or no-cache
    #[arg(long, value_name = "VALUE", value_parser = field_value, help_heading = "What is served")]
    pub(crate) cache_control: Option<String>,

    /// Tell clients the number of the walk, in the field Because and in explanations
    #[arg(long, help_heading = "What is served")]
    pub(crate) show_because: bool,

    #[command(flatten)]
    pub(crate) writing: Writing,

    #[command(flatten)]
    pub(crate) limits: Limiting,
}

/// How the access log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For machines: an object a line
    Json,
    /// No lines
    Off,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Writing")]
pub(crate) struct Writing {
    /// Let clients add, change and remove what is in the folder, by HTTP and WebDAV; names that begin with a dot are part of it
    #[arg(short, long)]
    pub(crate) write: bool,

    /// A folder in which anybody may put files, and change nothing; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) drop: Vec<String>,

    /// Answer before what was written is on the disk: faster, and lost if the power fails
    #[arg(long)]
    pub(crate) no_fsync: bool,

    /// The most octets that all files together may have; more is answered 507
    #[arg(long, value_name = "SIZE", value_parser = units::size)]
    pub(crate) quota: Option<u64>,

    /// The most files that there may be; more are answered 507
    #[arg(long, value_name = "N", value_parser = units::size)]
    pub(crate) quota_files: Option<u64>,

    /// Answer 428 to what overwrites something and is not conditional, so that no update is lost
    #[arg(long)]
    pub(crate) require_conditions: bool,

    /// Answer 411 to content whose length is not told
    #[arg(long)]
    pub(crate) require_length: bool,

    /// A media type, or a range such as image/*, that may be stored; others are answered 415; may be repeated
    #[arg(long, value_name = "TYPE", value_parser = media_type)]
    pub(crate) accept_type: Vec<String>,

    /// Take content that comes compressed by gzip, and store it as what it is
    #[arg(long)]
    pub(crate) accept_gzip: bool,

    /// Answer PROPFIND of infinite depth, which can be much
    #[arg(long)]
    pub(crate) depth_infinity: bool,
}

/// A media type, or a range of them.
fn media_type(text: &str) -> Result<String, String> {
    match text.split_once('/') {
        Some((kind, subtype)) if !kind.is_empty() && !subtype.is_empty() => Ok(text.to_owned()),
        _ => Err("a media type has two parts with a slash between them, such as text/plain".to_owned()),
    }
}

/// A value that a field can carry (RFC 9110 §5.5).
fn field_value(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        Ok(text.to_owned())
    } else {
        Err("a field value is a line of printable ASCII".to_owned())
    }
}

macro_rules! limiting {
    ($($flag:ident: $unit:ident, $value:literal, $about:literal;)+) => {
        #[derive(Args, Debug)]
        #[command(next_help_heading = "Limits")]
        pub(crate) struct Limiting {
            $(#[doc = $about]
            #[arg(long, value_name = $value, value_parser = units::$unit, hide_short_help = true)]
            pub(crate) $flag: Option<u64>,)+
        }

        impl Limiting {
            /// What was said of them, as a configuration would say it.
            pub(crate) fn said(&self) -> config::model::Limiting {
                let said = |value: u64, word: &str| {
                    Located::flag(value, &format!("--{}", word.replace('_', "-")), &value.to_string())
                };
                config::model::Limiting { $($flag: self.$flag.map(|value| said(value, stringify!($flag))),)+ }
            }
        }
    };
}

limiting! {
    max_connections: size, "N", "Connections at a time; one more is answered 503 [default: 16384]";
    max_requests: size, "N", "Requests on one connection [default: 1000000]";
    max_target: size, "SIZE", "The longest request target; a longer one is answered 414 [default: 8k]";
    max_field: size, "SIZE", "The longest field line; a longer one is answered 431 [default: 16k]";
    max_fields: size, "SIZE", "All field lines together; larger ones are answered 431 [default: 64k]";
    max_field_count: size, "N", "How many field lines; more are answered 431 [default: 100]";
    max_content: size, "SIZE", "The longest content; a longer one is answered 413 [default: 1M]";
    head_timeout: time, "TIME", "For a head to arrive; then 408 [default: 20s]";
    content_timeout: time, "TIME", "For more content to arrive [default: 30s]";
    idle_timeout: time, "TIME", "For the next request on a connection [default: 60s]";
    write_timeout: time, "TIME", "For a client to take more of a response [default: 60s]";
    linger_timeout: time, "TIME", "For a client to read the last response [default: 2s]";
    drain_timeout: time, "TIME", "For what has begun to finish when the server is stopped [default: 30s]";
    cache_file: size, "SIZE", "The largest file kept in memory [default: 64k]";
    cache_size: size, "SIZE", "Files kept in memory, a thread [default: 64M]";
    cache_time: time, "TIME",
        "How long a file in memory is served before the disk is asked again; 0 asks at each request [default: 250ms]";
    max_upload: size, "SIZE", "The longest content that is stored; a longer one is answered 413 [default: 1024G]";
    content_rate: size, "N", "Octets a second that content must come with, all in all [default: 128]";
    processing_after: time, "TIME", "Until a client is told by 102 that a long action goes on [default: 2s]";
    processing_interval: time, "TIME", "Until it is told so again [default: 10s]";
    queue_delay: time, "TIME", "How long requests may wait for their turn before they are answered 503 [default: 1s]";
    max_listing: size, "N", "Members shown in one listing [default: 10000]";
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_told_are_the_defaults_used() {
        let help = Cli::command().find_subcommand_mut("serve").expect("is there").render_long_help().to_string();
        let told = |flag: &str| {
            let at = help.find(&format!("{flag} <")).unwrap_or_else(|| panic!("{flag} is not told"));
            let rest = &help[at..];
            let start = rest.find("[default: ").expect("tells it") + "[default: ".len();
            rest[start..start + rest[start..].find(']').expect("ends")].to_owned()
        };
        let d = semantics::limits::DEFAULT;
        for (flag, value) in [
            ("--max-connections", d.connections as u64),
            ("--max-requests", d.requests),
            ("--max-target", d.target as u64),
            ("--max-field", d.field_line as u64),
            ("--max-fields", d.fields as u64),
            ("--max-field-count", d.field_count as u64),
            ("--max-content", d.content),
            ("--cache-file", d.cached_file as u64),
            ("--cache-size", d.cache as u64),
            ("--max-listing", d.listing as u64),
            ("--max-upload", d.upload),
            ("--content-rate", d.content_rate),
        ] {
            assert_eq!(units::size(&told(flag)), Ok(value), "{flag}");
        }
        for (flag, value) in [
            ("--head-timeout", d.head_time),
            ("--content-timeout", d.content_time),
            ("--idle-timeout", d.idle_time),
            ("--write-timeout", d.write_time),
            ("--linger-timeout", d.linger_time),
            ("--drain-timeout", d.drain_time),
            ("--cache-time", d.cache_time),
            ("--queue-delay", d.queue_delay),
            ("--processing-after", d.processing_after),
            ("--processing-interval", d.processing_interval),
        ] {
            assert_eq!(units::time(&told(flag)), Ok(value), "{flag}");
        }
    }
}
