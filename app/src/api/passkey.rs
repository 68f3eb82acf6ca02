//! The browser's passkeys. Requests and answers pass through unchanged, in the JSON of WebAuthn.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// No passkey was created or used: the person has cancelled, there is none for this site, or the browser does not
/// support them.
pub struct NoPasskey;

/// Asks the browser to create a passkey. Returns the JSON answer for the server.
pub async fn make(ceremony: &str) -> Result<String, NoPasskey> {
    carry_out(ceremony, "parseCreationOptionsFromJSON", "create").await.map_err(|_| NoPasskey)
}

/// Asks the browser to sign with an existing passkey. Returns the JSON answer for the server.
pub async fn show(ceremony: &str) -> Result<String, NoPasskey> {
    carry_out(ceremony, "parseRequestOptionsFromJSON", "get").await.map_err(|_| NoPasskey)
}

async fn carry_out(ceremony: &str, read: &str, method: &str) -> Result<String, JsValue> {
    let ceremony = JSON::parse(ceremony)?;
    let options = get(&get(&ceremony, "options")?, "publicKey")?;
    let passkeys = get(&window(), "PublicKeyCredential")?;
    let options = get(&passkeys, read)?.dyn_into::<Function>()?.call1(&passkeys, &options)?;
    let asked = Object::new();
    Reflect::set(&asked, &"publicKey".into(), &options)?;
    let credentials = get(&window().navigator(), "credentials")?;
    let promise: Promise =
        get(&credentials, method)?.dyn_into::<Function>()?.call1(&credentials, &asked)?.dyn_into()?;
    let credential = JsFuture::from(promise).await?;
    let answer = Object::new();
    Reflect::set(&answer, &"ceremony".into(), &get(&ceremony, "id")?)?;
    Reflect::set(&answer, &"credential".into(), &credential)?;
    Ok(String::from(JSON::stringify(&answer)?))
}

fn get(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(of, &name.into())
}
