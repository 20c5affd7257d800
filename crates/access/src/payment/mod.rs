//! Payments: what a request costs, and how it is proved that it was paid. RFC 9110 §15.5.3
//!
//! `grant.rs` has prepaid tokens, `ledger.rs` what was spent of each, `journal.rs` how that is written down, `offer.rs` the
//! challenge and the receipt of the "Payment" scheme (draft-httpauth-payment), `prepaid.rs` puts these together. Other ways to
//! pay are added by the trait [`Proof`].

pub mod grant;
pub mod journal;
pub mod ledger;
pub(crate) mod offer;
pub mod prepaid;

use std::fmt;

pub use grant::{Grant, GrantError, Keyring, issue};
pub use ledger::{Journal, Ledger, SpendError, Unwritten};
pub use prepaid::Prepaid;

/// What a request costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// How much.
    pub amount: u64,
    /// Of what, like `credits`.
    pub unit: String,
    /// The realm that the challenge names.
    pub realm: String,
}

/// What a request brings that may be a payment.
#[derive(Clone, Copy, Default)]
pub struct Presented<'a> {
    /// The value of Authorization.
    pub authorization: Option<&'a [u8]>,
    /// The value of Payment-Token, for sites at which Authorization has a login in it.
    pub payment_token: Option<&'a [u8]>,
}

/// Both are as good as money.
impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented")
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paid {
    /// Nothing came that is a payment.
    Nothing,
    /// It is paid.
    Paid(Receipt),
    /// What came is no payment of this price.
    Refused(PaymentError),
    /// It cannot be found out now; nothing was taken.
    Unreachable,
}

/// That it is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The value of Payment-Receipt.
    pub value: String,
    /// What is left, in the unit of the price, if that is known.
    pub left: Option<u64>,
    /// What was paid with, for the log: it does not let anybody pay.
    pub reference: String,
}

/// Why something is no payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentError {
    /// It cannot be understood.
    Malformed,
    /// The token was changed, or sealed with a key that is not ours, or is no more.
    ForgedOrOtherKey,
    /// The token has expired.
    Expired,
    /// It has not so much left.
    Exhausted {
        /// What is left.
        left: u64,
    },
    /// It answers a challenge that was not made for this price here.
    OtherChallenge,
    /// It answers a challenge that has expired.
    ChallengeExpired,
}

impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "what was sent as a payment cannot be understood",
            Self::ForgedOrOtherKey => "the token was changed, or is none of ours",
            Self::Expired => "the token has expired",
            Self::Exhausted { left } => return write!(f, "the token has only {left} left"),
            Self::OtherChallenge => "the payment answers a challenge that was not made for this price",
            Self::ChallengeExpired => "the payment answers a challenge that has expired",
        })
    }
}

impl std::error::Error for PaymentError {}

impl PaymentError {
    /// May it come of guessing?
    pub const fn is_guess(&self) -> bool {
        matches!(self, Self::ForgedOrOtherKey)
    }
}

impl From<GrantError> for PaymentError {
    fn from(offence: GrantError) -> Self {
        match offence {
            GrantError::Malformed => Self::Malformed,
            GrantError::ForgedOrOtherKey => Self::ForgedOrOtherKey,
            GrantError::Expired => Self::Expired,
        }
    }
}

/// A way to pay, and to prove it.
///
/// Whoever adds one says how it is asked for, and whether what came is a payment. `pay` takes the amount, once, if it says
/// [`Paid::Paid`]; it may wait for a disk, so it is not for a thread that serves.
pub trait Proof: Send + Sync + fmt::Debug {
    /// The name of the method of payment, as it stands in a challenge.
    fn method(&self) -> &str;

    /// The value of a line of WWW-Authenticate that asks for this price.
    fn challenge(&self, price: &Price, now: i64) -> String;

    /// Is something of this method among what came?
    fn presents(&self, presented: &Presented<'_>) -> bool;

    /// Takes the amount, if what came is worth it.
    fn pay(&self, presented: &Presented<'_>, price: &Price, now: i64) -> Paid;

    /// Gives back what was taken by `pay` for the same request, since nothing came of it.
    fn give_back(&self, presented: &Presented<'_>, price: &Price, now: i64);
}

/// The challenges of all methods, in their order.
pub fn challenges<'p>(proofs: impl IntoIterator<Item = &'p dyn Proof>, price: &Price, now: i64) -> Vec<String> {
    proofs.into_iter().map(|proof| proof.challenge(price, now)).collect()
}

/// Takes the amount by the first method of which something came; what is free is paid. A refusal by one method does not hinder
/// another of which something came too.
pub fn pay<'p>(
    proofs: impl IntoIterator<Item = &'p dyn Proof>,
    presented: &Presented<'_>,
    price: &Price,
    now: i64,
) -> Paid {
    let mut found = Paid::Nothing;
    for proof in proofs.into_iter().filter(|proof| proof.presents(presented)) {
        match proof.pay(presented, price, now) {
            Paid::Paid(receipt) => return Paid::Paid(receipt),
            Paid::Nothing => {}
            refused @ (Paid::Refused(_) | Paid::Unreachable) => found = refused,
        }
    }
    found
}

#[cfg(test)]
mod tests;
