//! Paying with prepaid tokens: by `Authorization: Payment`, as an object or as the token itself, or by `Payment-Token`.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::grant::Keyring;
use super::ledger::{Ledger, SpendError};
use super::offer::{self, Sent};
use super::{Paid, PaymentError, Presented, Price, Proof, Receipt};

const METHOD: &str = "prepaid";

/// Prepaid tokens as a way to pay.
#[derive(Clone)]
pub struct Prepaid {
    keys: Keyring,
    ledger: Arc<Ledger>,
}

impl Prepaid {
    /// Takes tokens that were sealed with one of these keys, and keeps this ledger.
    pub fn new(keys: Keyring, ledger: Arc<Ledger>) -> Self {
        Self { keys, ledger }
    }

    /// The token that came, with the challenge that it answers if it names one. None: none came.
    fn token(&self, presented: &Presented<'_>) -> Option<Result<(String, Option<Value>), PaymentError>> {
        if let Some(field) = presented.payment_token {
            let token = str::from_utf8(field.trim_ascii()).map_err(|_| PaymentError::Malformed);
            return Some(token.map(|token| (token.to_owned(), None)));
        }
        match offer::sent(presented.authorization)? {
            Sent::Token(token) => Some(Ok((token, None))),
            Sent::Malformed => Some(Err(PaymentError::Malformed)),
            Sent::Object(mut object) => {
                let challenge = object.get_mut("challenge").map(Value::take);
                let method = challenge.as_ref().and_then(|challenge| challenge.get("method"));
                // somebody else's
                if method.is_some_and(|method| method != METHOD) {
                    return None;
                }
                let token = object.get("payload").and_then(|payload| payload.get("token")).and_then(Value::as_str);
                Some(token.map(|token| (token.to_owned(), challenge)).ok_or(PaymentError::Malformed))
            }
        }
    }

    fn take(
        &self,
        (token, challenge): &(String, Option<Value>),
        price: &Price,
        now: i64,
    ) -> Result<Paid, PaymentError> {
        if let Some(challenge) = challenge {
            offer::check(self.keys.present(), METHOD, price, challenge, now)?;
        }
        let grant = self.keys.read(token, now)?;
        match self.ledger.spend(&grant, price.amount, now) {
            Ok(left) => {
                let reference = grant.reference();
                let value = offer::receipt(METHOD, &reference, Some(left), now);
                Ok(Paid::Paid(Receipt { value, left: Some(left), reference }))
            }
            Err(SpendError::Exhausted { left }) => Err(PaymentError::Exhausted { left }),
            Err(SpendError::Unwritten | SpendError::Full) => Ok(Paid::Unreachable),
        }
    }
}

impl fmt::Debug for Prepaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepaid")
    }
}

impl Proof for Prepaid {
    fn method(&self) -> &str {
        METHOD
    }

    fn challenge(&self, price: &Price, now: i64) -> String {
        offer::challenge(self.keys.present(), METHOD, price, now)
    }

    fn presents(&self, presented: &Presented<'_>) -> bool {
        self.token(presented).is_some()
    }

    fn give_back(&self, presented: &Presented<'_>, price: &Price, now: i64) {
        if let Some(Ok((token, _))) = self.token(presented)
            && let Ok(grant) = self.keys.read(&token, now)
        {
            // what cannot be written down is lost to the payer, and the journal has said so
            let _ = self.ledger.give_back(&grant, price.amount);
        }
    }

    fn pay(&self, presented: &Presented<'_>, price: &Price, now: i64) -> Paid {
        match self.token(presented) {
            None => Paid::Nothing,
            Some(Err(offence)) => Paid::Refused(offence),
            Some(Ok(token)) => self.take(&token, price, now).unwrap_or_else(Paid::Refused),
        }
    }
}
