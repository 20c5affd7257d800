//! What a user agent does on each status, in one word: the column `react` of the table.
//!
//! The steps of doing it, and their limits, are not here: they belong to the user agent.

/// What a user agent does when it receives this status.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum React {
    /// Send the content that was held back.
    Continue,
    /// Speak the protocol that was agreed on.
    Switch,
    /// Start the timer again and wait for the final answer.
    Wait,
    /// Fetch ahead what is hinted at, and wait for the final answer.
    Prefetch,
    /// Remember where the upload can be resumed, and go on.
    Remember,
    /// Use the answer.
    Use,
    /// Watch the job until it has ended; do not ask for the work again.
    Poll,
    /// Stay on the present view.
    Stay,
    /// Set the form back to its first state.
    Reset,
    /// Put the part where it belongs in the whole, if the validator is the same.
    Assemble,
    /// Look at the outcome of each member.
    ReadMembers,
    /// Apply the manipulation to the instance at hand.
    Apply,
    /// Let the user, or the preferences of the user, choose.
    Choose,
    /// Ask at Location, where POST may become GET; ask the user first if the new request is neither GET nor HEAD.
    Follow,
    /// Ask at Location with GET, or with HEAD if it was HEAD.
    FollowAsGet,
    /// Ask at Location with the same method and content; ask the user first unless that is GET or HEAD.
    FollowSame,
    /// Use the stored response, with its fields brought up to date.
    UseStored,
    /// Prove to the server who the user is, and ask again, once for each set of credentials.
    Authenticate,
    /// Prove to the proxy who the user is, with credentials for that proxy alone.
    AuthenticateProxy,
    /// Pay, but only with the consent of the user or within a budget that the user has set.
    Pay,
    /// Change the request, then send it again.
    Mend,
    /// Ask again on a new connection, once.
    Reconnect,
    /// Ask again when the TLS handshake is complete, once.
    RetryAfterHandshake,
    /// Ask again later, after Retry-After if it is there, and only if repeating does no harm.
    RetryLater,
    /// Ask again over a protocol that the server names, if it is spoken here.
    Upgrade,
    /// Tell the user to log in to the network first; store nothing.
    LogIn,
    /// Show the explanation to the user, and do nothing by itself.
    Show,
}

impl React {
    /// A word for it that programs can compare, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            React::Continue => "continue",
            React::Switch => "switch",
            React::Wait => "wait",
            React::Prefetch => "prefetch",
            React::Remember => "remember",
            React::Use => "use",
            React::Poll => "poll",
            React::Stay => "stay",
            React::Reset => "reset",
            React::Assemble => "assemble",
            React::ReadMembers => "read-members",
            React::Apply => "apply",
            React::Choose => "choose",
            React::Follow => "follow",
            React::FollowAsGet => "follow-as-get",
            React::FollowSame => "follow-same",
            React::UseStored => "use-stored",
            React::Authenticate => "authenticate",
            React::AuthenticateProxy => "authenticate-proxy",
            React::Pay => "pay",
            React::Mend => "mend",
            React::Reconnect => "reconnect",
            React::RetryAfterHandshake => "retry-after-handshake",
            React::RetryLater => "retry-later",
            React::Upgrade => "upgrade",
            React::LogIn => "log-in",
            React::Show => "show",
        }
    }

    /// The same in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            React::Continue => "Send the content that was held back.",
            React::Switch => "Speak the protocol that was agreed on.",
            React::Wait => "Start the timer again and wait for the final answer.",
            React::Prefetch => "Fetch ahead what is hinted at, and wait for the final answer.",
            React::Remember => "Remember where the upload can be resumed, and go on.",
            React::Use => "Use the answer.",
            React::Poll => "Watch the job until it has ended; do not ask for the work again.",
            React::Stay => "Stay on the present view.",
            React::Reset => "Set the form back to its first state.",
            React::Assemble => "Put the part where it belongs in the whole, if the validator is the same.",
            React::ReadMembers => "Look at the outcome of each member.",
            React::Apply => "Apply the manipulation to the instance at hand.",
            React::Choose => "Let the user, or the preferences of the user, choose.",
            React::Follow => {
                "Ask at Location, where POST may become GET; ask the user first if the new request is neither GET nor HEAD."
            }
            React::FollowAsGet => "Ask at Location with GET, or with HEAD if it was HEAD.",
            React::FollowSame => {
                "Ask at Location with the same method and content; ask the user first unless that is GET or HEAD."
            }
            React::UseStored => "Use the stored response, with its fields brought up to date.",
            React::Authenticate => {
                "Prove to the server who the user is, and ask again, once for each set of credentials."
            }
            React::AuthenticateProxy => "Prove to the proxy who the user is, with credentials for that proxy alone.",
            React::Pay => "Pay, but only with the consent of the user or within a budget that the user has set.",
            React::Mend => "Change the request, then send it again.",
            React::Reconnect => "Ask again on a new connection, once.",
            React::RetryAfterHandshake => "Ask again when the TLS handshake is complete, once.",
            React::RetryLater => {
                "Ask again later, after Retry-After if it is there, and only if repeating does no harm."
            }
            React::Upgrade => "Ask again over a protocol that the server names, if it is spoken here.",
            React::LogIn => "Tell the user to log in to the network first; store nothing.",
            React::Show => "Show the explanation to the user, and do nothing by itself.",
        }
    }
}
