//! Build script: turns the text files of `locales/` into Rust structs, so that a misspelt text name does not compile.
//!
//! The files in `locales/`, `locales/desk/` and `locales/documents/` each become a struct of their own. A plain text is
//! a field. A text with placeholders is a method with one parameter for each, so that a misspelt or forgotten value does
//! not compile. The parameters are in alphabetical order: a sentence that is worded anew must not exchange two values.
//! A group whose name ends in `*` becomes a table that is looked up by code.
//!
//! Every key exists in both languages with the same placeholders; otherwise the build fails.

use std::{collections::BTreeSet, env, error::Error, fmt::Write, fs, path::Path};

use serde_json::{Map, Value};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    write("", "texts.rs")?;
    // The texts of the desk and of the documents page are loaded lazily, together with their pages.
    write("desk/", "desk_texts.rs")?;
    write("documents/", "documents_texts.rs")
}

fn write(folder: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let en = read(folder, "en")?;
    let nb = read(folder, "nb")?;
    let mut code = String::from("/// Every text, in one language.\npub struct Texts {\n");
    let mut methods = String::new();
    for (group, texts) in &en {
        if let Some(table) = group.strip_suffix('*') {
            writeln!(code, "pub {table}: ByCode,")?;
            continue;
        }
        for (key, text) in object(texts, group)? {
            let name = format!("{group}_{key}");
            let placeholders = placeholders(string(text, &name)?);
            if placeholders.is_empty() {
                writeln!(code, "pub {name}: &'static str,")?;
            } else {
                writeln!(code, "{name}: &'static str,")?;
                write_method(&mut methods, &name, &placeholders)?;
            }
        }
    }
    write!(code, "}}\nimpl Texts {{\n{methods}}}\n")?;
    write_language(&mut code, "EN", &en, &nb)?;
    write_language(&mut code, "NB", &nb, &en)?;
    code.push_str(
        "pub fn texts(language: Language) -> &'static Texts {
            match language { Language::Nb => &NB, Language::En => &EN }
        }\n",
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join(file), code)?;
    Ok(())
}

/// Writes the method of a text with placeholders. Raw identifiers, because a placeholder may be named like a keyword.
fn write_method(code: &mut String, name: &str, placeholders: &BTreeSet<&str>) -> Result<(), Box<dyn Error>> {
    let parameters: String = placeholders.iter().map(|value| format!(", r#{value}: &str")).collect();
    let values: String = placeholders.iter().map(|value| format!("({value:?}, r#{value}), ")).collect();
    writeln!(
        code,
        "pub fn {name}(&self{parameters}) -> String {{ crate::text::texts::fill(self.{name}, &[{values}]) }}"
    )?;
    Ok(())
}

fn read(folder: &str, language: &str) -> Result<Map<String, Value>, Box<dyn Error>> {
    let path = format!("locales/{folder}{language}.json");
    let value: Value = serde_json::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{path}: {error}"))?;
    Ok(object(&value, &path)?.clone())
}

fn write_language(
    code: &mut String,
    name: &str,
    own: &Map<String, Value>,
    other: &Map<String, Value>,
) -> Result<(), Box<dyn Error>> {
    writeln!(code, "pub static {name}: Texts = Texts {{")?;
    for (group, texts) in own {
        let texts = object(texts, group)?;
        let others = object(other.get(group).ok_or_else(|| format!("only {name} has {group}"))?, group)?;
        let table = group.strip_suffix('*');
        if let Some(table) = table {
            writeln!(code, "{table}: ByCode(&[")?;
        }
        for (key, text) in texts {
            let text = string(text, key)?;
            let other =
                others.get(key).and_then(Value::as_str).ok_or_else(|| format!("only {name} has {group}.{key}"))?;
            if placeholders(text) != placeholders(other) {
                return Err(format!("{group}.{key} has other placeholders in the other language").into());
            }
            match table {
                Some(_) => writeln!(code, "({key:?}, {text:?}),")?,
                None => writeln!(code, "{group}_{key}: {text:?},")?,
            }
        }
        if table.is_some() {
            code.push_str("]),\n");
        }
    }
    code.push_str("};\n");
    Ok(())
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

fn string<'a>(value: &'a Value, what: &str) -> Result<&'a str, Box<dyn Error>> {
    value.as_str().ok_or_else(|| format!("{what} is no text").into())
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, Box<dyn Error>> {
    value.as_object().ok_or_else(|| format!("{what} is no object").into())
}
