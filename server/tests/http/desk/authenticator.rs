//! Software authenticator by WebAuthn Level 3: ES256, attestation "none", with user verification.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use rcgen::{KeyPair, PublicKeyData, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::{Answer, TestServer, Visitor};

/// Origin of the site without the setting `ORIGIN`.
const ORIGIN: &str = "http://localhost:8080";

/// Flags: user present, user verified.
const SHOWN: u8 = 0x05;
/// Flag: attested credential data included.
const MADE: u8 = 0x40;

/// A passkey.
pub struct Passkey {
    id: Vec<u8>,
    pair: KeyPair,
    /// The officer's id from the server.
    user: Value,
}

impl Passkey {
    /// The credential id in the notation of the API.
    pub fn id(&self) -> String {
        BASE64.encode(&self.id)
    }

    /// Creates a passkey and the browser's answer for the registration.
    fn made(ceremony: &Value) -> (Passkey, Value) {
        let options = &ceremony["options"]["publicKey"];
        let pair = KeyPair::generate().unwrap();
        let id = Sha256::digest(pair.der_bytes()).to_vec();
        let point = pair.der_bytes();
        assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
        let mut data = authenticator_data(options["rp"]["id"].as_str().unwrap(), SHOWN | MADE);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(&id);
        // COSE key: EC2, ES256, P-256, x, y.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..]);
        let mut attestation = vec![0xa3];
        for text in ["fmt", "none", "attStmt"] {
            attestation.push(0x60 | u8::try_from(text.len()).unwrap());
            attestation.extend(text.as_bytes());
        }
        attestation.extend([0xa0, 0x68]);
        attestation.extend(b"authData");
        attestation.extend([0x58, u8::try_from(data.len()).unwrap()]);
        attestation.extend(&data);
        let client = client_data("webauthn.create", options);
        let answer = json!({ "ceremony": ceremony["id"], "credential": {
            "id": BASE64.encode(&id), "rawId": BASE64.encode(&id), "type": "public-key", "extensions": {},
            "response": { "attestationObject": BASE64.encode(attestation), "clientDataJSON": BASE64.encode(client) },
        }});
        (Passkey { id, pair, user: options["user"]["id"].clone() }, answer)
    }

    /// The browser's answer for an authentication with this passkey.
    pub fn shown(&self, ceremony: &Value) -> Value {
        let options = &ceremony["options"]["publicKey"];
        let data = authenticator_data(options["rpId"].as_str().unwrap(), SHOWN);
        let client = client_data("webauthn.get", options);
        let signed = [&data[..], &Sha256::digest(&client)[..]].concat();
        json!({ "ceremony": ceremony["id"], "credential": {
            "id": self.id(), "rawId": self.id(), "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": BASE64.encode(data), "clientDataJSON": BASE64.encode(client),
                "signature": BASE64.encode(self.pair.sign(&signed).unwrap()), "userHandle": self.user,
            },
        }})
    }
}

fn authenticator_data(host: &str, flags: u8) -> Vec<u8> {
    let mut data = Sha256::digest(host).to_vec();
    data.push(flags);
    // The signature counter of a synced passkey stays 0.
    data.extend([0; 4]);
    data
}

fn client_data(kind: &str, options: &Value) -> Vec<u8> {
    let challenge = options["challenge"].as_str().unwrap();
    json!({ "type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": false }).to_string().into_bytes()
}

/// An officer who has registered a passkey, in a browser of their own.
pub struct Joined {
    pub visitor: Visitor,
    pub passkey: Passkey,
    /// The session token.
    pub token: String,
}

/// Registers a passkey by a link of the form `…/desk/join#token`.
pub async fn join(server: &TestServer, link: &Value) -> Joined {
    let visitor = server.visitor();
    let token = link.as_str().unwrap().split_once('#').unwrap().1;
    let start = visitor.post("/api/desk/passkeys/start", &json!({ "link": token })).await;
    assert_eq!(start.status, StatusCode::OK, "{start:?}");
    let (passkey, answer) = Passkey::made(&start.body);
    let added = visitor.post("/api/desk/passkeys", &answer).await;
    assert_eq!(added.status, StatusCode::OK, "{added:?}");
    Joined { token: token_in(&added), visitor, passkey }
}

/// Signs in with a passkey and returns the answer.
pub async fn sign_in(visitor: &Visitor, passkey: &Passkey) -> Answer {
    let start = visitor.post("/api/desk/session/start", &json!({})).await;
    assert_eq!(start.status, StatusCode::OK, "{start:?}");
    visitor.put("/api/desk/session", &passkey.shown(&start.body)).await
}

pub fn token_in(answer: &Answer) -> String {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned()
}
