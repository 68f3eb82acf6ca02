//! Turns the notices in `notices/` into constants, so that a code which names a sentence that does not exist does not compile.

use std::{collections::BTreeSet, env, fmt::Write, fs, path::Path};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    id: String,
    publisher: String,
    published: String,
    changed: String,
    original: Original,
    title: Title,
    sentence: Vec<Sentence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Title {
    nb: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    id: String,
    says: Says,
    original: Option<Original>,
    nb: String,
    en: String,
}

#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "lowercase")]
enum Original {
    Nb,
    En,
    Both,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Says {
    Demands,
    Forbids,
    Permits,
    Informs,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=notices");
    let mut paths: Vec<_> =
        fs::read_dir("notices")?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();

    let mut notices = Vec::new();
    for path in paths {
        let notice: Notice =
            toml::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        notices.push(notice);
    }
    notices.sort_by(|a, b| a.changed.cmp(&b.changed));

    let mut code = String::new();
    for notice in &notices {
        write_notice(&mut code, notice)?;
    }
    let all: Vec<_> = notices.iter().map(|notice| format!("&{}::NOTICE", identifier(&notice.id))).collect();
    writeln!(code, "/// Every notice, the oldest first.\npub static ALL: &[&Notice] = &[{}];", all.join(", "))?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("notices.rs"), code)?;
    Ok(())
}

fn write_notice(code: &mut String, notice: &Notice) -> Result<(), Box<dyn std::error::Error>> {
    let mut seen = BTreeSet::new();
    writeln!(
        code,
        "/// The sentences of the notice `{}`.\npub mod {} {{\nuse super::{{Notice, Original, Says, Sentence, Text, day}};",
        notice.id,
        identifier(&notice.id)
    )?;
    for sentence in &notice.sentence {
        if !seen.insert(&sentence.id) {
            return Err(format!("{}: the id {} stands twice", notice.id, sentence.id).into());
        }
        writeln!(
            code,
            "/// “{}”\npub const {}: &Sentence = &Sentence {{ id: {:?}, reference: {:?}, says: Says::{:?}, original: Original::{:?}, text: Text {{ nb: {:?}, en: {:?} }} }};",
            sentence.en,
            identifier(&sentence.id).to_uppercase(),
            sentence.id,
            format!("{}#{}", notice.id, sentence.id),
            sentence.says,
            sentence.original.unwrap_or(notice.original),
            sentence.nb,
            sentence.en,
        )?;
    }
    let sentences: Vec<_> = notice.sentence.iter().map(|sentence| identifier(&sentence.id).to_uppercase()).collect();
    writeln!(
        code,
        "/// The notice as a whole.\npub static NOTICE: Notice = Notice {{ id: {:?}, publisher: {:?}, published: {}, changed: {}, title: Text {{ nb: {:?}, en: {:?} }}, sentences: &[{}] }};\n}}",
        notice.id,
        notice.publisher,
        day(&notice.published)?,
        day(&notice.changed)?,
        notice.title.nb,
        notice.title.en,
        sentences.join(", "),
    )?;
    Ok(())
}

/// `2020-10-26` as the call that makes it a date at compile time.
fn day(text: &str) -> Result<String, String> {
    let wrong = || format!("{text} is not a date");
    let mut parts = text.split('-').map(|part| part.trim_start_matches('0'));
    let (year, month, day) =
        (parts.next().ok_or_else(wrong)?, parts.next().ok_or_else(wrong)?, parts.next().ok_or_else(wrong)?);
    Ok(format!("day({year}, {month}, {day})"))
}

fn identifier(id: &str) -> String {
    id.replace('-', "_")
}
