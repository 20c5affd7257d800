//! What a access control found out of one request: how its counters stand, and who asks.

use std::sync::Arc;

use access::gate::Checked;
use access::identity::Identity;
use access::payment::Paid;
use decision::facts::{self, Client, Quota};

use super::is_paid;
use crate::rules::Source;

/// How the counters stand with a request.
#[derive(Clone, Debug)]
pub struct Counted {
    pub(super) left: bool,
    pub(super) login: bool,
    pub(super) limits: Vec<facts::Limit<'static>>,
    pub(super) retry_after: Option<u32>,
}

impl Counted {
    /// The facts.
    pub fn facts(&self) -> Quota<'_> {
        Quota {
            reachable: true,
            address_rate_left: self.left,
            login_attempts_left: self.login,
            limits: &self.limits,
            retry_after: self.retry_after,
        }
    }
}

/// Who asks, and what that means here.
#[derive(Clone, Debug)]
pub struct Known {
    pub(super) checked: Checked,
    pub(super) permitted: bool,
    /// At the target, and at the destination.
    pub(super) permitted_at: (bool, bool),
    /// The destination, if that is what it may not use, and need not be hidden: ready to be written.
    pub(super) refused_at: Option<Vec<u8>>,
    /// The line of the guard that it met first, and could not pass.
    pub(super) refused_by: Option<Source>,
    /// What came of paying; nothing: it costs nothing.
    pub(super) paid: Option<Paid>,
    /// What was wrong, in words.
    pub(super) offence: Option<String>,
    pub(super) challenges: Vec<String>,
    pub(super) user_rate_left: bool,
    pub(super) limits: Vec<facts::Limit<'static>>,
    pub(super) retry_after: Option<u32>,
}

impl Known {
    /// The facts.
    pub fn facts(&self) -> Client<'_> {
        let (valid, stale) = (matches!(self.checked, Checked::Valid { .. }), matches!(self.checked, Checked::Stale));
        Client {
            checkable: !matches!(self.checked, Checked::Unreachable),
            for_target: !matches!(self.checked, Checked::OtherTarget),
            credentials_valid: valid || stale,
            nonce_fresh: !stale,
            payment_presented: self.paid != Some(Paid::Nothing),
            payment_checkable: self.paid != Some(Paid::Unreachable),
            paid: is_paid(self.paid.as_ref()),
            permitted: self.permitted,
            permitted_here: self.permitted_at.0,
            permitted_there: self.permitted_at.1,
            refused_at: self.refused_at.as_deref(),
            user_rate_left: self.user_rate_left,
            user: self.user().map(|user| user.name.as_str()),
            offence: self.offence.as_deref(),
            challenges: &self.challenges,
            authentication_info: match &self.checked {
                Checked::Valid { info, .. } => info.as_deref(),
                _ => None,
            },
            receipt: match &self.paid {
                Some(Paid::Paid(receipt)) => Some(&receipt.value),
                _ => None,
            },
            limits: &self.limits,
            retry_after: self.retry_after,
            // nobody here is a proxy, and so nobody proves itself to one
            proxy_credentials_valid: false,
        }
    }

    /// Nobody could find out.
    pub(super) fn nobody() -> Known {
        Known {
            checked: Checked::Unreachable,
            permitted: false,
            permitted_at: (false, false),
            refused_at: None,
            refused_by: None,
            paid: Some(Paid::Unreachable),
            offence: None,
            challenges: Vec::new(),
            user_rate_left: true,
            limits: Vec::new(),
            retry_after: None,
        }
    }

    /// The user, if it is proved.
    pub fn user(&self) -> Option<&Arc<Identity>> {
        self.checked.identity()
    }

    /// Was something taken of it?
    pub fn has_paid(&self) -> bool {
        matches!(self.paid, Some(Paid::Paid(_)))
    }

    /// May it use the target?
    pub fn permitted_here(&self) -> bool {
        self.permitted_at.0
    }

    /// The line of the guard that it could not pass.
    pub fn refused_by(&self) -> Option<Source> {
        self.refused_by
    }
}
