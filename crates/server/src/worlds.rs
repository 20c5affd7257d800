//! What requests are decided in: for each way of being served a world, which has the facts.

pub(crate) mod portal;
pub(crate) mod read;
pub(crate) mod write;
