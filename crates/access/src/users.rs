//! The users that are known here: what proves each of them, and the groups each is in.
//!
//! A set of users never changes; when the configuration is read anew, there is a new set, and what was remembered of the old
//! one is forgotten with it.
//!
//! Nobody learns from an answer, or from the time that it takes, whether there is a user of some name: for a name that nobody
//! has, the same is computed with a hash that belongs to somebody else, or to nobody, and its outcome thrown away.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits;
use sha2::{Digest as _, Sha256};

use crate::basic::UserPassword;
use crate::digest::ha1::userhash;
use crate::digest::response::Username;
use crate::digest::{Algorithm, Ha1};
use crate::identity::{Identity, Scopes};
use crate::password::Password;
use crate::recent::Recent;
use crate::secret::{Secret, from_hex, hex};
use crate::verified::{Seal, Verified};

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// What a password is checked against. None: this user has none, and Basic is not for it.
    pub password: Option<Password>,
    /// What Digest is checked against, for realms and algorithms.
    pub digests: Vec<Ha1>,
    /// The hashes of bearer tokens that are this user's.
    pub tokens: Vec<TokenHash>,
    /// The groups that it is in.
    pub groups: Vec<String>,
}

/// The hash of a bearer token of a user: such tokens are long and random, so a plain SHA-256 keeps them safe.
///
/// ```
/// use access::users::TokenHash;
/// let hash = TokenHash::of("a long and random text");
/// assert_eq!(TokenHash::parse(&hash.line()), Some(hash));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    pub fn parse(line: &str) -> Option<Self> {
        line.strip_prefix("sha256:").and_then(|digits| from_hex(digits.as_bytes())).map(Self)
    }

    /// The line to be kept.
    pub fn line(&self) -> String {
        format!("sha256:{}", hex(&self.0))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// Why these are no users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersError {
    /// No user can have this name: it is empty, too long, has a colon or a control in it, or is one of the words of a list.
    Name(String),
    /// No group can have this name.
    Group(String),
    /// Two users have this name.
    Twice(String),
    /// Two users have the same token, among them this one.
    SharedToken(String),
    /// This user is in too many groups.
    TooManyGroups(String),
    /// There are too many users.
    TooMany,
}

impl fmt::Display for UsersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "no user can be called {name:?}"),
            Self::Group(name) => write!(f, "no group can be called {name:?}"),
            Self::Twice(name) => write!(f, "there are two users called {name:?}"),
            Self::SharedToken(name) => write!(f, "the user {name:?} has the same token as another"),
            Self::TooManyGroups(name) => write!(f, "the user {name:?} is in more than {} groups", limits::USER_GROUPS),
            Self::TooMany => write!(f, "there are more than {} users", limits::USERS),
        }
    }
}

impl std::error::Error for UsersError {}

/// A set of users, for all threads.
pub struct Users {
    users: HashMap<String, KnownUser>,
    /// Those who have a password, for the sake of names that nobody has.
    with_password: Vec<Password>,
    tokens: HashMap<TokenHash, Arc<Identity>>,
    verified: Verified,
    /// What came just now, at which gate.
    pub(crate) recent: Recent,
    gates: AtomicU64,
    secret: Secret,
    /// By realm, what is computed once for all its guards.
    realms: Mutex<HashMap<String, Arc<Realm>>>,
}

struct KnownUser {
    user: User,
    identity: Arc<Identity>,
}

/// The users as Digest in a realm sees them.
#[derive(Debug)]
pub(crate) struct Realm {
    /// The algorithms that can be offered.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Can everybody who has a password here also use Digest?
    pub(crate) complete: bool,
    /// The names by their hashes. RFC 7616 §3.4.4
    hashed: HashMap<(Algorithm, [u8; 32]), String>,
}

impl Users {
    /// A set of these users. With the key is sealed what is remembered for a while; make a new one at each start.
    pub fn new(users: impl IntoIterator<Item = (String, User)>, key: Secret) -> Result<Self, UsersError> {
        let (mut known, mut tokens, mut with_password) = (HashMap::new(), HashMap::new(), Vec::new());
        for (name, user) in users {
            if !is_user_name(&name) {
                return Err(UsersError::Name(name));
            }
            if let Some(group) = user.groups.iter().find(|group| !is_name(group)) {
                return Err(UsersError::Group(group.clone()));
            }
            if user.groups.len() > limits::USER_GROUPS {
                return Err(UsersError::TooManyGroups(name));
            }
            let groups = user.groups.clone();
            let identity = Arc::new(Identity { name: name.clone(), groups, scopes: Scopes::All, issuer: None });
            for token in &user.tokens {
                if tokens.insert(*token, Arc::clone(&identity)).is_some() {
                    return Err(UsersError::SharedToken(name));
                }
            }
            with_password.extend(user.password.clone());
            if known.insert(name.clone(), KnownUser { user, identity }).is_some() {
                return Err(UsersError::Twice(name));
            }
            if known.len() > limits::USERS {
                return Err(UsersError::TooMany);
            }
        }
        let verified = Verified::new(limits::VERIFIED);
        let recent = Recent::new(*key.seal("recent", &[]).first_chunk().expect("32 octets begin with 16"));
        let (gates, realms) = (AtomicU64::new(0), Mutex::default());
        Ok(Self { users: known, with_password, tokens, verified, recent, gates, secret: key, realms })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Is there a user of this name?
    pub fn has(&self, name: &str) -> bool {
        self.users.contains_key(name)
    }

    /// Has any of them a password?
    pub(crate) fn has_passwords(&self) -> bool {
        !self.with_password.is_empty()
    }

    /// Has any of them a token?
    pub(crate) fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Whose token is it?
    pub(crate) fn by_token(&self, token: &str) -> Option<Arc<Identity>> {
        self.tokens.get(&TokenHash::of(token)).map(Arc::clone)
    }

    /// A number for a gate of these users, which no other one has.
    pub(crate) fn number(&self) -> u64 {
        self.gates.fetch_add(1, Ordering::Relaxed)
    }

    /// Who is it, if the password was right a moment ago?
    pub(crate) fn remembered(&self, pair: &UserPassword, now: i64) -> Option<Arc<Identity>> {
        let known = self.users.get(pair.user()?)?;
        self.verified.has(&self.seal(pair), now).then(|| Arc::clone(&known.identity))
    }

    /// Who is it, if the password is right? Hashes one password, whoever it is.
    pub(crate) fn verify(&self, pair: &UserPassword, now: i64) -> Option<Arc<Identity>> {
        if pair.password().len() > limits::PASSWORD {
            return None;
        }
        let known = pair.user().and_then(|name| self.users.get(name));
        // for who does not exist, or has no password, the hash of another is computed, and it is wrong whatever comes of it;
        // which one it is depends on the name alone, so that a name does not cost now this and now that
        let own = known.and_then(|known| known.user.password.as_ref());
        let (decoy, nobody) = (self.decoy(pair.user_octets()), Password::nobody());
        let hash = own.or(decoy).unwrap_or(&nobody);
        let right = hash.verify(pair.password()) & own.is_some();
        let identity = known.filter(|_| right).map(|known| Arc::clone(&known.identity))?;
        self.verified.insert(&self.seal(pair), now);
        Some(identity)
    }

    fn seal(&self, pair: &UserPassword) -> Seal {
        self.secret.seal("password", &[pair.user_octets(), pair.password()])
    }

    fn decoy(&self, name: &[u8]) -> Option<&Password> {
        let seal = self.secret.seal("nobody", &[name]);
        let number = u64::from_be_bytes(*seal.first_chunk()?);
        self.with_password.get((number % self.with_password.len().max(1) as u64) as usize)
    }

    /// H(A1) of who it says to be, and who that is. For a name that nobody has there is an H(A1) too, which no password has.
    pub(crate) fn digest(
        &self,
        user: &Username,
        realm: &Realm,
        realm_name: &str,
        algorithm: Algorithm,
    ) -> ([u8; 32], Option<Arc<Identity>>) {
        let name = match user {
            Username::Plain(name) => Some(name),
            Username::Hashed(hash) => realm.hashed.get(&(algorithm, *hash)),
            Username::Nobody => None,
        };
        let decoy = self.secret.seal("nobody's digest", &[name.map_or(b"", |name| name.as_bytes())]);
        let known = name.and_then(|name| self.users.get(name));
        let own = known.and_then(|known| known.user.digests.iter().find(|own| own.is_for(algorithm, realm_name)));
        let identity = known.filter(|_| own.is_some()).map(|known| Arc::clone(&known.identity));
        (own.map_or(decoy, |own| own.hash), identity)
    }

    /// The users as Digest in this realm sees them: computed once.
    pub(crate) fn realm(&self, name: &str) -> Arc<Realm> {
        let mut realms = self.realms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(realm) = realms.get(name) {
            return Arc::clone(realm);
        }
        let realm = Arc::new(self.look_at(name));
        realms.insert(name.to_owned(), Arc::clone(&realm));
        realm
    }

    fn look_at(&self, realm: &str) -> Realm {
        let able = |known: &KnownUser, algorithm| known.user.digests.iter().any(|own| own.is_for(algorithm, realm));
        let any = |known: &KnownUser| Algorithm::ALL.iter().any(|&algorithm| able(known, algorithm));
        let with_digest: Vec<_> = self.users.iter().filter(|(_, known)| any(known)).collect();
        let all = |algorithm: &Algorithm| with_digest.iter().all(|(_, known)| able(known, *algorithm));
        let some = |algorithm: &Algorithm| with_digest.iter().any(|(_, known)| able(known, *algorithm));
        // a client takes the first that it knows: so what not everybody has is offered only where nothing else can be
        let mut algorithms: Vec<_> = Algorithm::ALL.into_iter().filter(|own| some(own) && all(own)).collect();
        if algorithms.is_empty() {
            algorithms = Algorithm::ALL.into_iter().filter(some).collect();
        }
        let complete = self.users.values().all(|known| {
            known.user.password.is_none() || algorithms.first().is_some_and(|&algorithm| able(known, algorithm))
        });
        let names = with_digest.iter().flat_map(|(name, _)| {
            algorithms.iter().map(|&algorithm| ((algorithm, userhash(algorithm, name, realm)), (*name).clone()))
        });
        let hashed = names.collect();
        Realm { complete: complete && !with_digest.is_empty(), algorithms, hashed }
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Users({})", self.users.len())
    }
}

/// Can a group be called so?
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= limits::USER_NAME && !name.chars().any(char::is_control)
}

/// Can a user be called so? A colon would divide it from the password (RFC 7617 §2), and the lists of a guard have words of
/// their own.
pub(crate) fn is_user_name(name: &str) -> bool {
    is_name(name) && !name.contains(':') && !name.starts_with('@') && !matches!(name, "any" | "everyone")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::digest_ha1;

    fn key() -> Secret {
        Secret::new(&[6; 32]).expect("long enough")
    }

    fn users(list: &[(&str, User)]) -> Result<Users, UsersError> {
        Users::new(list.iter().map(|(name, user)| ((*name).to_owned(), user.clone())), key())
    }

    fn pair(user: &str, password: &str) -> UserPassword {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        UserPassword::read(text.as_bytes()).expect("well formed")
    }

    fn quick(password: &str) -> Option<Password> {
        let line = bcrypt::hash_with_salt(password, 4, [1; 16]).expect("a cost that may be").to_string();
        Some(Password::parse(&line).expect("bcrypt"))
    }

    #[test]
    fn a_password_is_right_or_wrong_and_remembered() {
        let alice = User { password: quick("secret"), groups: vec!["staff".to_owned()], ..User::default() };
        let tokens_only = User { tokens: vec![TokenHash::of("t")], ..User::default() };
        let users = users(&[("alice", alice), ("robot", tokens_only)]).expect("well formed");
        assert!(users.remembered(&pair("alice", "secret"), 100).is_none());
        let identity = users.verify(&pair("alice", "secret"), 100).expect("right");
        assert_eq!((identity.name.as_str(), &identity.groups[..]), ("alice", &["staff".to_owned()][..]));
        assert!(users.remembered(&pair("alice", "secret"), 100).is_some());
        for (user, password) in [("alice", "secre"), ("bob", "secret"), ("robot", "secret"), ("", ""), ("robot", "")] {
            assert!(users.verify(&pair(user, password), 100).is_none(), "{user}");
            assert!(users.remembered(&pair(user, password), 100).is_none(), "{user}");
        }
        assert!(users.verify(&pair("alice", &"x".repeat(limits::PASSWORD + 1)), 100).is_none());
        assert!(users.by_token("t").is_some_and(|identity| identity.name == "robot"));
        assert!(users.by_token("u").is_none());
    }

    #[test]
    fn where_nobody_has_a_password_none_is_right() {
        let users = users(&[]).expect("well formed");
        assert!(users.verify(&pair("alice", "secret"), 100).is_none());
        assert!(users.is_empty() && !users.has_passwords() && !users.has_tokens());
    }

    #[test]
    fn what_no_user_can_be_is_refused() {
        let user = User::default();
        for name in ["", "a:b", "@staff", "any", "everyone", "a\nb", &"x".repeat(limits::USER_NAME + 1)] {
            assert_eq!(users(&[(name, user.clone())]).err(), Some(UsersError::Name(name.to_owned())));
        }
        let twice = users(&[("a", user.clone()), ("a", user.clone())]).err();
        assert_eq!(twice, Some(UsersError::Twice("a".to_owned())));
        let grouped = |groups| User { groups, ..User::default() };
        let nameless = users(&[("a", grouped(vec![String::new()]))]).err();
        assert_eq!(nameless, Some(UsersError::Group(String::new())));
        let many = users(&[("a", grouped(vec!["g".to_owned(); limits::USER_GROUPS + 1]))]).err();
        assert_eq!(many, Some(UsersError::TooManyGroups("a".to_owned())));
        let robot = User { tokens: vec![TokenHash::of("t")], ..User::default() };
        assert_eq!(users(&[("a", robot.clone()), ("b", robot)]).err(), Some(UsersError::SharedToken("b".to_owned())));
        let crowd = (0..=limits::USERS).map(|k| (k.to_string(), User::default()));
        assert_eq!(Users::new(crowd, key()).err(), Some(UsersError::TooMany));
    }

    #[test]
    fn a_realm_offers_what_everybody_can_use() {
        use Algorithm::{Sha256, Sha512T256};
        let with = |algorithms: &[Algorithm], name: &str| User {
            digests: algorithms.iter().map(|&algorithm| digest_ha1(algorithm, name, "r", "x")).collect(),
            ..User::default()
        };
        let offered = |list: &[(&str, User)], realm: &str| {
            let realm = users(list).expect("well formed").realm(realm);
            (realm.algorithms.clone(), realm.complete)
        };
        let (both, one, two) = (with(&[Sha512T256, Sha256], "a"), with(&[Sha256], "b"), with(&[Sha512T256], "c"));
        let basic = User { password: quick("x"), ..User::default() };
        assert_eq!(offered(&[("a", both.clone())], "r"), (vec![Sha256, Sha512T256], true));
        assert_eq!(offered(&[("a", both.clone())], "other"), (vec![], false));
        assert_eq!(offered(&[("a", both.clone()), ("b", one.clone())], "r"), (vec![Sha256], true));
        assert_eq!(offered(&[("b", one), ("c", two)], "r"), (vec![Sha256, Sha512T256], true));
        assert_eq!(offered(&[("a", both), ("d", basic)], "r"), (vec![Sha256, Sha512T256], false));
        assert_eq!(offered(&[], "r"), (vec![], false));
    }

    #[test]
    fn token_lines_are_read() {
        assert_eq!(TokenHash::parse("sha256:12"), None);
        assert_eq!(TokenHash::parse(&"a".repeat(64)), None);
        assert_eq!(format!("{:?}", TokenHash::of("t")), "TokenHash");
    }
}
