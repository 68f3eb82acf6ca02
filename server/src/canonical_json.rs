//! Canonical JSON: equal values have equal bytes, and so the same hash. Receipts, policies and previews are hashed in this form.

use serde::Serialize;
use serde_json::Value;

/// Returns canonical JSON: keys in alphabetical order, no whitespace between tokens. For integers and texts without special escapes
/// this is also the form of RFC 8785. Fails if the value cannot be serialised.
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
