//! JSON in one form only, so that the same values have the same hash.

use serde::Serialize;
use serde_json::Value;

/// The canonical form: JSON with the keys of every object in alphabetical order and nothing between the tokens. (Our
/// numbers are whole and our texts need no escapes beyond JSON's own, so this is RFC 8785's form too.)
pub fn canonical(value: &impl Serialize) -> serde_json::Result<String> {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(map) => {
                let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(entries.into_iter().collect())
            }
            Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
            other => other,
        }
    }
    serde_json::to_string(&sorted(serde_json::to_value(value)?))
}
