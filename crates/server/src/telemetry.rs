//! What those who run the server are told of its answers: the access log, the record of decisions, what the admin listener shows,
//! and what a collector is sent.

pub(crate) mod access_log;
mod batched_writer;
pub(crate) mod thread_telemetry;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
pub(crate) mod recorder;
