//! A reader of one JSON object that names the field at fault. Called by `facts` and by the server for request bodies.

use serde::de::{DeserializeOwned, IgnoredAny};

/// The reason why a text is not the expected object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectFault {
    /// Not JSON.
    NotJson { message: String },
    /// JSON with an invalid value. `field` is its path, for instance `entry.on`; `None` if the whole object is at fault.
    Wrong { field: Option<String>, message: String },
}

/// Reads one JSON object. Anything after it is an error.
///
/// # Errors
///
/// [`ObjectFault::NotJson`] if the text is not JSON, [`ObjectFault::Wrong`] if it is not an object of this type.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, ObjectFault> {
    let is_object = json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    // One UTF-8 check of the whole input spares serde one for each string.
    let Ok(json) = std::str::from_utf8(json) else {
        return Err(ObjectFault::NotJson { message: "not JSON: not UTF-8".to_owned() });
    };
    if is_object && let Ok(value) = serde_json::from_str(json) {
        return Ok(value);
    }
    // Invalid input is read a second time, more slowly, to find the field at fault.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        return Err(ObjectFault::NotJson { message: format!("not JSON: {error}") });
    }
    if !is_object {
        return Err(ObjectFault::Wrong { field: None, message: "a JSON object is expected".to_owned() });
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        // serde adds the position. It does not help to find a field.
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
        ObjectFault::Wrong { field: field_at_fault(&path, &message), message }
    })
}

/// Returns the path of the field at fault. serde's path ends at the object; the name of an unknown, missing or repeated field is
/// in its message.
fn field_at_fault(path: &str, message: &str) -> Option<String> {
    let parent = path.trim_end_matches('?').trim_end_matches('.');
    let named = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.rsplit_once("`, expected").map_or(rest.strip_suffix('`'), |(name, _)| Some(name)));
    match (parent, named) {
        ("", None) => None,
        ("", Some(name)) => Some(name.to_owned()),
        (parent, Some(name)) if parent != name && !parent.ends_with(&format!(".{name}")) => {
            Some(format!("{parent}.{name}"))
        }
        (parent, _) => Some(parent.to_owned()),
    }
}
