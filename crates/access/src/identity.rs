//! Who somebody has proved to be.

/// Somebody who has proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of the user.
    pub name: String,
    /// The groups that the user is in.
    pub groups: Vec<String>,
    /// What was delegated.
    pub scopes: Scopes,
    /// The issuer whose token said so. None: it is one of our own users.
    pub issuer: Option<String>,
}

/// What somebody may do of what the user may do: a token can be given away for less than all of it. RFC 6749 §3.3
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// All: the user is here in person.
    All,
    /// What these say.
    These(Vec<String>),
}

impl Scopes {
    /// Is this within them?
    pub fn has(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(scopes) => scopes.iter().any(|own| own == scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_reach_as_far_as_they_say() {
        assert!(Scopes::All.has("read"));
        let some = Scopes::These(vec!["read".to_owned()]);
        assert!(some.has("read") && !some.has("write") && !some.has("rea"));
    }
}
