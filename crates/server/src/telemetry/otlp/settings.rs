//! What the environment says about telling a collector: the variables that all of OpenTelemetry reads, as far as they say where to,
//! as whom, which traces, and how often.
//!
//! Where no collector is named nothing else is read: these variables may be meant for other programs.

use std::ffi::OsString;
use std::fmt;

use crate::limits;
use ureq::http::Uri;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const SERVICE: &str = "OTEL_SERVICE_NAME";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const RATIO: &str = "OTEL_TRACES_SAMPLER_ARG";
const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";

/// Where to, as whom, what and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// A URL without a last `/`, before which the paths of the protocol come.
    pub(super) endpoint: String,
    pub(super) service: String,
    pub(super) sampler: Sampler,
    /// Milliseconds between two tellings of counts.
    pub(super) interval: u64,
}

/// Which traces are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sampler {
    /// Who sent the request decides, if that is known.
    by_parent: bool,
    /// Others are told if the last 63 bits of their number are below this.
    below: u64,
}

/// What the last 63 bits of a number are below.
const ALL: u64 = 1 << 63;

/// What is wrong with a variable. What it holds is not told, as it could be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingError {
    /// Octets that are no text.
    NotText(&'static str),
    NoUrl,
    /// Neither http nor https.
    Scheme,
    /// No secrets are sent to a collector.
    Userinfo,
    /// The paths of the protocol could not follow.
    Query,
    Sampler,
    Ratio,
    Interval,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingError::NotText(name) => write!(f, "{name} is no text"),
            SettingError::NoUrl => write!(f, "{ENDPOINT} is no URL with a host, such as http://127.0.0.1:4318"),
            SettingError::Scheme => write!(f, "{ENDPOINT} begins with neither http:// nor https://"),
            SettingError::Userinfo => write!(f, "{ENDPOINT} holds a name or a password before '@'; neither is sent"),
            SettingError::Query => write!(f, "{ENDPOINT} holds a query, behind which no path can follow"),
            SettingError::Sampler => write!(
                f,
                "{SAMPLER} is none of always_on, always_off, traceidratio, and these three after 'parentbased_'"
            ),
            SettingError::Ratio => write!(f, "{RATIO} is no number from 0 to 1"),
            SettingError::Interval => write!(f, "{INTERVAL} is no number of milliseconds, 1 or more"),
        }
    }
}

impl Settings {
    /// What variables say, which are got by name; nothing, if they name no collector. An empty one counts as none.
    pub(super) fn read(get: impl Fn(&str) -> Option<OsString>) -> Result<Option<Settings>, SettingError> {
        let text = |name: &'static str| {
            let value =
                get(name).map(|value| value.into_string().map_err(|_| SettingError::NotText(name))).transpose()?;
            Ok(value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
        };
        let Some(endpoint) = text(ENDPOINT)? else { return Ok(None) };
        Ok(Some(Settings {
            endpoint: self::endpoint(&endpoint)?,
            service: text(SERVICE)?.unwrap_or_else(|| "because".to_owned()),
            sampler: Sampler::read(text(SAMPLER)?.as_deref(), || text(RATIO))?,
            interval: match text(INTERVAL)? {
                None => limits::OTLP_METRICS_INTERVAL,
                Some(value) => value.parse().ok().filter(|millis| *millis > 0).ok_or(SettingError::Interval)?,
            },
        }))
    }
}

fn endpoint(value: &str) -> Result<String, SettingError> {
    let uri: Uri = value.parse().map_err(|_| SettingError::NoUrl)?;
    let host = uri.host().filter(|host| !host.is_empty());
    match (uri.scheme_str(), host) {
        (Some("http" | "https"), Some(_)) => {}
        (Some("http" | "https") | None, None) | (None, Some(_)) => return Err(SettingError::NoUrl),
        (Some(_), _) => return Err(SettingError::Scheme),
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(SettingError::Userinfo);
    }
    if uri.query().is_some() {
        return Err(SettingError::Query);
    }
    let bare = value.split('#').next().unwrap_or(value);
    Ok(bare.trim_end_matches('/').to_owned())
}

impl Sampler {
    fn read(
        name: Option<&str>,
        ratio: impl Fn() -> Result<Option<String>, SettingError>,
    ) -> Result<Sampler, SettingError> {
        let name = name.unwrap_or("parentbased_always_on");
        let (by_parent, rest) = match name.strip_prefix("parentbased_") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let below = match rest {
            "always_on" => ALL,
            "always_off" => 0,
            "traceidratio" => match ratio()? {
                None => ALL,
                Some(value) => {
                    let ratio: f64 = value.parse().map_err(|_| SettingError::Ratio)?;
                    if !(0.0..=1.0).contains(&ratio) {
                        return Err(SettingError::Ratio);
                    }
                    (ratio * ALL as f64) as u64
                }
            },
            _ => return Err(SettingError::Sampler),
        };
        Ok(Sampler { by_parent, below })
    }

    /// Is a trace told? It has this number, and perhaps whoever sent the request has decided.
    pub(super) fn takes(self, trace: u128, parent: Option<bool>) -> bool {
        match parent {
            Some(sampled) if self.by_parent => sampled,
            Some(_) | None => (trace as u64) & (ALL - 1) < self.below,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>, SettingError> {
        Settings::read(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn who_names_no_collector_tells_none() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(ENDPOINT, ""), (SAMPLER, "nonsense")]), Ok(None));
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let settings = read(&[(ENDPOINT, "http://127.0.0.1:4318/")]).unwrap().unwrap();
        assert_eq!((&*settings.endpoint, &*settings.service), ("http://127.0.0.1:4318", "because"));
        assert_eq!(settings.interval, limits::OTLP_METRICS_INTERVAL);
        assert_eq!(settings.sampler, Sampler { by_parent: true, below: ALL });
        let said = [(ENDPOINT, "https://o.example/otlp"), (SERVICE, "shop"), (INTERVAL, "1500")];
        let settings = read(&said).unwrap().unwrap();
        assert_eq!((&*settings.endpoint, &*settings.service), ("https://o.example/otlp", "shop"));
        assert_eq!(settings.interval, 1_500);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let to = (ENDPOINT, "http://c:4318");
        for (variables, offence) in [
            (vec![(ENDPOINT, "127.0.0.1:4318")], SettingError::NoUrl),
            (vec![(ENDPOINT, "no url")], SettingError::NoUrl),
            (vec![(ENDPOINT, "grpc://c:4317")], SettingError::Scheme),
            (vec![(ENDPOINT, "http://me:secret@c")], SettingError::Userinfo),
            (vec![(ENDPOINT, "http://c/?key=secret")], SettingError::Query),
            (vec![to, (SAMPLER, "sometimes")], SettingError::Sampler),
            (vec![to, (SAMPLER, "parentbased_jaeger_remote")], SettingError::Sampler),
            (vec![to, (SAMPLER, "traceidratio"), (RATIO, "NaN")], SettingError::Ratio),
            (vec![to, (SAMPLER, "parentbased_traceidratio"), (RATIO, "1.5")], SettingError::Ratio),
            (vec![to, (INTERVAL, "0")], SettingError::Interval),
            (vec![to, (INTERVAL, "1m")], SettingError::Interval),
        ] {
            let got = read(&variables);
            assert_eq!(got, Err(offence), "{variables:?}");
            let told = offence.to_string();
            assert!(told.starts_with("OTEL_") && !told.contains("secret") && !told.contains('\n'), "{told}");
        }
        let octets = Settings::read(|_| Some(OsString::from_vec(vec![0xff])));
        assert_eq!(octets, Err(SettingError::NotText(ENDPOINT)));
    }

    #[test]
    fn who_sent_the_request_decides_and_else_the_number() {
        let sampler = |name, ratio: &str| Sampler::read(Some(name), || Ok(Some(ratio.to_owned()))).unwrap();
        let some = sampler("parentbased_traceidratio", "0.25");
        assert!(some.takes(u128::MAX, Some(true)) && !some.takes(0, Some(false)));
        // the first half of a number and its 64th bit from behind say nothing
        let (quarter, high) = (u128::from(ALL / 4), u128::MAX << 63);
        assert!(some.takes(quarter - 1, None) && some.takes(high, None) && !some.takes(quarter, None));
        let alone = sampler("traceidratio", "0.25");
        assert!(!alone.takes(u128::MAX, Some(true)));
        assert!(sampler("always_on", "").takes(u128::MAX, Some(false)));
        assert!(!sampler("parentbased_always_off", "").takes(0, None));
    }
}
