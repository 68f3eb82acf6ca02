//! Reading one JSON object, and saying which field is at fault when it cannot be read.

use serde::de::{DeserializeOwned, IgnoredAny};

/// Why a text is not the object that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON at all.
    NotJson { message: String },
    /// JSON, but something in it is wrong: the field's path, for instance `entry.on`, unless it is the whole.
    Wrong { field: Option<String>, message: String },
}

/// Reads one JSON object and nothing beside it.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Fault> {
    let is_object = json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    // Looked at once as a whole, the bytes need not be looked at string by string.
    let Ok(json) = std::str::from_utf8(json) else {
        return Err(Fault::NotJson { message: "not JSON: not UTF-8".to_owned() });
    };
    if is_object && let Ok(value) = serde_json::from_str(json) {
        return Ok(value);
    }
    // Only what is wrong is read again, slowly, to say where.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        return Err(Fault::NotJson { message: format!("not JSON: {error}") });
    }
    if !is_object {
        return Err(Fault::Wrong { field: None, message: "a JSON object is expected".to_owned() });
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        // serde adds the position, which a person who looks for a field does not need.
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
        Fault::Wrong { field: field_at_fault(&path, &message), message }
    })
}

/// serde's path ends at the object; the field that is unknown, missing or given twice stands in its message.
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
