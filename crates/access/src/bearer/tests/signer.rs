//! Keys made for these tests, and tokens signed with them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

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

/// A key of the algorithm; each number is another key, but of RSA there is one.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm, number: u8) -> Self {
        let pkcs8 = |head: &str| [octets(head), vec![number; 32]].concat();
        let key = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_der(&STANDARD.decode(RSA).expect("base64")),
            Algorithm::ES256 => EncodingKey::from_ec_der(&pkcs8(
                "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
            )),
            Algorithm::EdDSA => EncodingKey::from_ed_der(&pkcs8("302e020100300506032b657004220420")),
            _ => EncodingKey::from_secret(&[number; 32]).expect("a secret"),
        };
        Self { algorithm, key }
    }

    /// The public key, or the secret, as a JWK of this name.
    pub(crate) fn jwk(&self, id: &str) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("a key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!(id);
        jwk
    }

    /// A token with this header and these claims.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm).expect("signed");
        format!("{message}.{signature}")
    }

    /// A token as issuers commonly make them.
    pub(crate) fn token(&self, id: &str, claims: &Value) -> String {
        self.sign(&json!({ "alg": format!("{:?}", self.algorithm), "kid": id, "typ": "JWT" }), claims)
    }
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
