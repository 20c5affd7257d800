//! Keys made for these tests, and tokens signed with them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use ring::{hmac, rsa};
use serde_json::{Value, json};

use crate::bearer::keys::Algorithm;

/// An RSA key of 2048 bits, in PKCS #1.
const RSA: &str = "\
    MIIEowIBAAKCAQEAl2Dk70a68l2EOFvriYsh6PtFvCkdFM5oprQZ2iERfpDyWpd3HfyPtv3BpK1mdwjuUTt16ENgFopGXOd8ymkOnRnOkA5JJl\
    rY32iyBsSv1QwB6Tpx0YKvTCNtlkVmn8BFLiUSzOQG5w1qgzVFSZdPJwMWnCewHTRxlo/Tb9L2v6XZeCxe941iGf/t4B9xv8XNpYPCm72QXqEv\
    opzEpINZWOFnioq+KNN0Vgw6/b+3GWiYlpLWKXy5Uq3g4uuLKhbriUz4PN2nO/3Hc4zegBtFqXInqwsJNzFwUaVi2/r4WNxAjQhla1wys5LrXd\
    D6F7SZq8QdzC1T7yxc88wUWlEdcwIDAQABAoIBAAz+IwgqgPc2cZfIw/GdQH7XukeJG9biVHcidCmVtwOu+y4tW+r193vUUd+Jhobm/FV6jgcu\
    aTvmCF4G/F3/IGL5iRIyN7MUDxM10DnmfdUCX9Od0ZES72rQi6JfOIyzmvx38CIn3DPOofq7AsRrOT728+TZPzNygeFTXOl3KPiP6MjI7Cev7Y\
    bNycs1N+DQtWKJO5H3gmEgn/3EMQD9rCrZhykwOOflgW+RY9lhSx34lC+T3fRJTjbchH82HLImJxI+s5fST46RI0h1Yvw6q98kKYCjDD4vnjWK\
    5nSuBVdllNZ4+KTGgMp2dianm1FM08JuG+TvmEiON+Ii9jMenkkCgYEAyrdVC8jtU3XW/KOYnhCRDQdQvB2B4+3dxs2eR9fp0VAhoGhbLI6cay\
    MybfrH+yZekpo8R9nVFhBsMI+WQfryXK9l2eeTCZnzJcyDj6YYlNw0vde6022+K2oKzFv+jGSOckjOrmgCyouFLZQ3tPaqhjaYNiaWB3AQ7j8F\
    NgaVgM8CgYEAvysTz9rV4xltgBiShPLauOpbV+dE5YcnkvUd2uhr97HWNuBQVRzb0QjaGbVRu4cZw1mt0m8upXs0BOXCm5fHnUKWtS2/Jwldmu\
    PDYfvXRLiq1pssTqu84135KPlMBQjg4xAIa8t0dc+0gvtad0lbCZ2XYyl1v0TI2vYAVW0Lmh0CgYEAw/Xvv6GvUgPTHIwlB3+qSHbu47p+itCx\
    l/HC9V5SSCX3K7JVmMAPkz4GDOzljvIrb/qrFSYNZ/PeMh9LuGKXEWP4yGmk6R4qPzrxXtbIYnZwgahekO5AbIVpBN5VNnAqh228ZjpjoFq5Fj\
    N2mnfspit2frpUQ8Jgi37eUbiRo18CgYAQBpZ0mE3R6fHKCUVPK+S2F79skRCvhTMGGNJV5aIXc6sXkpppaC/tSCawfQjLBbpdLAlsWLG6Yaes\
    uW4lCQZM4qYrrhgWN6zHLUzVy/zx3+FCeGOwfKkrDley3aNH0MS5hECQeM/ciHsDd/rPgTDGj5V/VJxwWl3ULUc94hRU6QKBgDLfm+w/UNTgei\
    P3B2nIqBBov3WQYAinfQjTK2yR981oAvT9AexFz+UkcCF7Jlf1GUuVlb9REXGo9irK1KbcitotfYPW0rnCxqGgnbFBNEFeA0E/MStQ2jUPRVR+\
    wkxDiJ8gBOh1SCb+7rC3YZ8nZJ4hMLrQwcyZsEHQohTkwWR1";

/// The points of P-256 whose secret scalars are 32 octets of 1, and of 2.
const POINTS: [&str; 2] = [
    "6ff03b949241ce1dadd43519e6960e0a85b41a69a05c328103aa2bce1594ca163c4f753a55bf01dc53f6c0b0c7eee78b40c6ff7d25a96e2282b989cef71c144a",
    "550f471003f3df97c3df506ac797f6721fb1a1fb7b8f6f83d224498a65c88e24136093d7012e509a73715cbd0b00a3cc0ff4b5c01b3ffa196ab1fb327036b8e6",
];

/// A key of the algorithm; each number is another key, but of RSA there is one, and of P-256 there are two.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    key: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret([u8; 32]),
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm, number: u8) -> Self {
        let seed = [number; 32];
        let key = match algorithm {
            Algorithm::RS256 => {
                let der = STANDARD.decode(RSA).expect("base64");
                Pair::Rsa(Box::new(RsaKeyPair::from_der(&der).expect("a key")))
            }
            Algorithm::ES256 => {
                let point = [vec![4], octets(POINTS[usize::from(number) - 1])].concat();
                let signs = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(signs, &seed, &point, &SystemRandom::new());
                Pair::P256(pair.expect("a key"))
            }
            Algorithm::EdDSA => Pair::Ed25519(Ed25519KeyPair::from_seed_unchecked(&seed).expect("a key")),
            Algorithm::HS256 => Pair::Secret(seed),
        };
        Self { algorithm, key }
    }

    /// The public key, or the secret, as a JWK of this name.
    pub(crate) fn jwk(&self, id: &str) -> Value {
        let text = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
        let mut jwk = match &self.key {
            Pair::Rsa(pair) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": text(&public.n), "e": text(&public.e) })
            }
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Pair::Ed25519(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) }),
            Pair::Secret(secret) => json!({ "kty": "oct", "k": text(secret) }),
        };
        (jwk["alg"], jwk["kid"]) = (json!(format!("{:?}", self.algorithm)), json!(id));
        jwk
    }

    /// A token with this header and these claims.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let random = SystemRandom::new();
        let signature = match &self.key {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("signed");
                signature
            }
            Pair::P256(pair) => pair.sign(&random, message.as_bytes()).expect("signed").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
            Pair::Secret(secret) => mac(secret, &message),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token as issuers commonly make them.
    pub(crate) fn token(&self, id: &str, claims: &Value) -> String {
        self.sign(&json!({ "alg": format!("{:?}", self.algorithm), "kid": id, "typ": "JWT" }), claims)
    }
}

/// The signature of HS256.
pub(crate) fn mac(secret: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes()).as_ref().to_vec()
}

/// What is signed.
pub(crate) fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn octets(digits: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(pair).collect()
}
