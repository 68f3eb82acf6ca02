//! House rules: which crate, module or folder may use what. Each rule is one test, which names the file and the line that
//! break it. The tables at the head are the rules; a change of the tree changes its table in the same commit.
//! ARCHITECTURE.md explains them ("Dependency rules").
//!
//! It reads the source as text, without a parser: comments, strings and test modules are blanked out first.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Manifests, and the packages that none of their tables of dependencies may name.
const CRATES: &[(&str, &[&str])] = &[
    ("rules/Cargo.toml", &["api", "server", "app", "tests", "tokio", "sqlx", "axum", "leptos", "serde_json"]),
    ("server/api/Cargo.toml", &["server", "app", "tests", "tokio", "axum", "leptos"]),
    ("server/Cargo.toml", &["app", "leptos"]),
    ("app/Cargo.toml", &["server", "tests", "tokio", "sqlx", "axum"]),
    // The server's tests use this crate.
    ("tests/Cargo.toml", &["server", "app"]),
];

/// The order of the server's modules, lowest first. A module may use those of the lines above its own, and itself.
const SERVER_ORDER: &[&[&str]] = &[
    &["error", "clock", "secrets", "canonical_json"],
    &["store"],
    &["files", "policy"],
    &["text"],
    &["messages"],
    &["documents"],
    &["state"],
    &["services"],
    &["http"],
    &["cli"],
    &["serve"],
    &["demo"],
    &["main"],
];

/// The order of the app's modules, in the same way.
const APP_ORDER: &[&[&str]] = &[
    &["paths", "browser"],
    &["text"],
    &["api"],
    &["router"],
    &["state"],
    &["ui"],
    &["booking", "check", "upload"],
    &["pages"],
    &["app"],
    &["main"],
];

/// Maximum number of files at the root of `server/src`.
const ROOT_FILES: usize = 8;

/// One such rule: its subject, the folders searched, the names searched for, and the excepted places.
type Only = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// Rules of the form "only these files may contain this": what it is about, the folders that are searched, the names that
/// give it away, and the files and folders that are excepted.
///
/// A name is followed by no letter, digit or underscore unless it ends with one of `(`, `_`, and preceded by none.
const ONLY: &[Only] = &[
    (
        "SQL",
        &["server/src"],
        &["query(", "query_as", "query_as_with", "query_scalar", "query_with", "QueryBuilder", "raw_sql"],
        &["server/src/store/"],
    ),
    ("axum", &["server/src"], &["axum", "axum_extra"], &["server/src/http/", "server/src/serve.rs"]),
    // `Instant` is allowed: it measures durations, and says of no day which one it is.
    (
        "a clock",
        &["rules/src", "server/api/src", "server/src", "app/src"],
        &["Utc::now", "Local::now", "SystemTime::now", "Date::new_0", "Date::now"],
        &["server/src/clock.rs", "app/src/browser/clock.rs"],
    ),
    (
        "a request of the page",
        &["app/src"],
        &[
            "gloo_net",
            "fetch_with",
            "fetch_with_str",
            "fetch_with_request",
            "XmlHttpRequest::new",
            "EventSource",
            "WebSocket",
        ],
        &["app/src/api/"],
    ),
];

/// First words of a comment that names no thing.
const HEADLESS: &[&str] = &[
    "What", "Who", "Whom", "Whose", "Whoever", "Whatever", "Of", "That", "So", "By", "Where", "Nobody", "Somebody",
    "Whether",
];

/// Maximum number of lines of ARCHITECTURE.md.
const ARCHITECTURE_LINES: usize = 200;

/// Folders of the root that hold no source.
const NO_SOURCE: &[&str] = &[".git", "target", "node_modules", "dist", "data"];

/// Folders that a running server makes.
const AT_RUNTIME: &[&str] = &["mail", "sms"];

/// Ends of names that make a word in backticks the name of a file.
const FILE_ENDS: &[&str] =
    &[".rs", ".md", ".toml", ".mjs", ".json", ".jsonl", ".sql", ".css", ".html", ".svg", ".lock", ".webmanifest"];

// Rules.

#[test]
fn no_crate_depends_on_one_above_it() {
    let mut broken = Vec::new();
    for (manifest, forbidden) in CRATES {
        let text = read(manifest);
        let mut is_dependencies = false;
        for (number, line) in text.lines().enumerate() {
            if let Some(table) = line.trim().strip_prefix('[') {
                let table = table.trim_end_matches(']');
                is_dependencies = table.ends_with("dependencies");
                // `[dependencies.name]` is a dependency as well.
                if let Some((kind, name)) = table.rsplit_once('.')
                    && kind.ends_with("dependencies")
                    && forbidden.contains(&name)
                {
                    broken.push(format!("{manifest}:{}: {name}", number + 1));
                }
                continue;
            }
            let Some((name, value)) = line.split_once('=').filter(|_| is_dependencies) else { continue };
            let name = name.trim().trim_end_matches(".workspace");
            let is_renamed = |package: &&&str| value.contains(&format!("package = \"{package}\""));
            if let Some(package) =
                forbidden.iter().find(|package| **package == name).or(forbidden.iter().find(is_renamed))
            {
                broken.push(format!("{manifest}:{}: {package}", number + 1));
            }
        }
    }
    assert_none(&broken, "dependencies that the order of the crates forbids");
}

#[test]
fn no_server_module_uses_one_above_it() {
    assert_none(&out_of_order("server/src", SERVER_ORDER), "uses of a module that stands above, or beside");
}

#[test]
fn no_app_module_uses_one_above_it() {
    assert_none(&out_of_order("app/src", APP_ORDER), "uses of a module that stands above, or beside");
}

#[test]
fn the_root_of_the_server_is_small() {
    let files: Vec<String> = files_in("server/src", &[".rs"]).into_iter().filter(|path| depth(path) == 3).collect();
    assert!(files.len() <= ROOT_FILES, "{} files, at most {ROOT_FILES}: {files:#?}", files.len());
}

#[test]
fn a_thing_stays_in_its_place() {
    let mut broken = Vec::new();
    for (about, folders, names, excepted) in ONLY {
        for path in folders.iter().flat_map(|folder| files_in(folder, &[".rs"])) {
            if excepted.iter().any(|place| path.starts_with(place)) {
                continue;
            }
            for (number, line) in code(&read(&path)).lines().enumerate() {
                if let Some(name) = names.iter().find(|name| has_name(line, name)) {
                    broken.push(format!("{path}:{}: {about}: {name}", number + 1));
                }
            }
        }
    }
    assert_none(&broken, "things outside the places that the table ONLY gives them");
}

#[test]
fn a_comment_begins_with_a_thing() {
    let (mut blocks, mut headless) = (0, Vec::new());
    for path in files_in("", &[".rs", ".mjs", ".sql"]) {
        let mut is_inside = false;
        for (number, line) in read(&path).lines().enumerate() {
            let words = comment(line);
            if let (false, Some(words)) = (is_inside, words) {
                blocks += 1;
                let first: &str = words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                if HEADLESS.contains(&first) {
                    headless.push(format!("{path}:{}: {words}", number + 1));
                }
            }
            is_inside = words.is_some();
        }
    }
    println!("{} of {blocks} blocks of comments begin without a noun\n{}", headless.len(), headless.join("\n"));
    assert!(headless.len() * 100 <= blocks, "{} of {blocks} are more than 1 %: {headless:#?}", headless.len());
}

#[test]
fn the_map_is_short() {
    let lines = read("ARCHITECTURE.md").lines().count();
    assert!(lines <= ARCHITECTURE_LINES, "ARCHITECTURE.md has {lines} lines, at most {ARCHITECTURE_LINES}");
}

/// A path counts as existing if a file or folder ends with it, because documents write `http/error.rs` for
/// `server/src/http/error.rs`.
#[test]
fn the_paths_in_documents_exist() {
    let mut there = BTreeSet::new();
    for path in files_in("", &[""]) {
        let parts: Vec<&str> = path.split('/').collect();
        for end in 1..=parts.len() {
            for start in 0..end {
                there.insert(parts[start..end].join("/"));
            }
        }
    }
    let mut documents = vec!["ARCHITECTURE.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    documents.extend(files_in("docs", &[".md"]).into_iter().filter(|path| depth(path) == 2));
    let mut broken = Vec::new();
    for document in documents.iter().filter(|document| root().join(document).exists()) {
        for (number, line) in read(document).lines().enumerate() {
            for span in line.split('`').skip(1).step_by(2) {
                for path in paths_of(span) {
                    if !there.contains(path.trim_end_matches('/')) {
                        broken.push(format!("{document}:{}: {path}", number + 1));
                    }
                }
            }
        }
    }
    assert_none(&broken, "paths in backticks that do not exist");
}

// The rules see what breaks them.

#[test]
fn the_reader_sees_code_only() {
    let source = "use crate::a::{b, c};\n// crate::x\nlet s = \"crate::y \\\" crate::z\"; let c = '\"'; let r = r#\"crate::q\"#;\n\
                  /* crate::w */ fn f<'a>() {}\n#[cfg(test)]\nmod tests {\n    use crate::t; fn g() { {} }\n}\nuse crate::d;\n";
    let seen = code(source);
    assert_eq!(seen.lines().count(), source.lines().count());
    let modules: Vec<(usize, String)> = uses(&seen, 1);
    assert_eq!(modules, [(1, "a".to_owned()), (9, "d".to_owned())]);
}

#[test]
fn the_reader_sees_groups_and_parents() {
    let source = "use crate::{\n    a::{self, b},\n    c,\n};\nuse super::{d, super::e};\nuse super::super::f::g;\nlet x = crate::h::i();\n";
    let names = |depth| uses(source, depth).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(names(2), ["a", "c", "e", "f", "h"]);
    assert_eq!(names(1), ["a", "c", "d", "h"]);
}

#[test]
fn the_reader_sees_whole_names() {
    for (line, name, is_there) in [
        ("sqlx::query(sql)", "query(", true),
        ("request.query(&[1])", "query(", false),
        ("fn my_query(", "query(", false),
        ("query_scalar::<_, i64>(sql)", "query_scalar", true),
        ("use axum::Router;", "axum", true),
        ("use axum_extra::extract;", "axum", false),
        ("chrono::Utc::now()", "Utc::now", true),
        ("tokio::time::Instant::now()", "Utc::now", false),
    ] {
        assert_eq!(has_name(line, name), is_there, "{line} {name}");
    }
}

#[test]
fn the_reader_sees_paths() {
    let paths = |span| paths_of(span).collect::<Vec<_>>();
    assert_eq!(paths("server/src/http/{public,desk}/"), ["server/src/http/public/", "server/src/http/desk/"]);
    assert_eq!(paths("services/closure.rs::preview"), ["services/closure.rs"]);
    assert_eq!(paths("clock.rs"), ["clock.rs"]);
    for other in
        ["/api/cases", "application/json", "rules::decide", "target/parity", "a/<b>/c.rs", "make run", "@tus/server"]
    {
        assert_eq!(paths(other), [""; 0], "{other}");
    }
}

// Reading.

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a folder of the root with one of these ends, as paths from the root, sorted. The root is "".
fn files_in(folder: &str, ends: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap_or_else(|error| panic!("{folder}: {error}")) {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if entry.file_type().unwrap().is_dir() {
                if !NO_SOURCE.contains(&&*name) {
                    folders.push(path);
                }
            } else if ends.iter().any(|end| name.ends_with(end)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn depth(path: &str) -> usize {
    path.split('/').count()
}

fn assert_none(broken: &[String], what: &str) {
    assert!(broken.is_empty(), "{} {what}:\n{}", broken.len(), broken.join("\n"));
}

/// The uses in a folder that its order forbids, with file and line. A module that the table lacks is reported as well.
fn out_of_order(folder: &str, order: &[&[&str]]) -> Vec<String> {
    let level = |module: &str| order.iter().position(|line| line.contains(&module));
    let mut broken = Vec::new();
    for path in files_in(folder, &[".rs"]) {
        let inside = path[folder.len() + 1..].trim_end_matches(".rs").trim_end_matches("/mod");
        let module = inside.split('/').next().unwrap();
        if module == "lib" {
            continue;
        }
        let Some(own) = level(module) else {
            broken.push(format!("{path}: the order does not know `{module}`"));
            continue;
        };
        for (line, used) in uses(&code(&read(&path)), depth(inside)) {
            let Some(other) = level(&used).filter(|_| used != module) else { continue };
            if other >= own {
                broken.push(format!("{path}:{line}: {module} uses {used}"));
            }
        }
    }
    broken
}

/// The modules at the root of the crate that code names by `crate::` or `super::`, with their lines. The depth is that of
/// the file's own module: 1 at the root.
fn uses(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let before = code[..at].chars().next_back();
        let is_parent = code[at..].starts_with("super");
        // The middle of a path or of a name. A chain of `super::` is read from its first.
        if before.is_some_and(|c| is_part_of_name(c) || c == '$' || c == ':') {
            continue;
        }
        // A `super::` inside the braces of another is read with that.
        if is_parent && is_in_group_of_parent(&code[..at]) {
            continue;
        }
        let (up, rest) = if is_parent { (0, &code[at..]) } else { (depth, &code[at + "crate::".len()..]) };
        names_at_root(rest, up, depth, code.len() - rest.len(), &mut |at, name| {
            found.push((code[..at].matches('\n').count() + 1, name.to_owned()));
        });
    }
    found.sort();
    found
}

/// `true` if the text ends inside the braces of a `use super::{`.
fn is_in_group_of_parent(before: &str) -> bool {
    let statement = before.rfind([';', '}']).map_or(before, |at| &before[at..]);
    statement.contains("super::{") || statement.contains("super::super::{")
}

/// Reads a path or a group of paths and reports the first name at the root. `up` is how many modules it has gone up so far.
fn names_at_root(path: &str, up: usize, depth: usize, at: usize, report: &mut impl FnMut(usize, &str)) {
    let start = path.len() - path.trim_start().len();
    let (path, at) = (&path[start..], at + start);
    if let Some(group) = path.strip_prefix('{') {
        let (mut open, mut begin) = (0, 0);
        for (index, c) in group.char_indices() {
            match c {
                '{' => open += 1,
                '}' if open > 0 => open -= 1,
                ',' | '}' if open == 0 => {
                    names_at_root(&group[begin..index], up, depth, at + 1 + begin, report);
                    begin = index + 1;
                    if c == '}' {
                        return;
                    }
                }
                _ => {}
            }
        }
    } else if let Some(rest) = path.strip_prefix("super::") {
        names_at_root(rest, up + 1, depth, at + "super::".len(), report);
    } else if up == depth {
        let end = path.find(|c| !is_part_of_name(c)).unwrap_or(path.len());
        if end > 0 {
            report(at, &path[..end]);
        }
    }
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `true` if a line of code has this name: no part of a longer one, and no method of something else.
fn has_name(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        let ends = name.ends_with('(') || !after.is_some_and(is_part_of_name);
        ends && !before.is_some_and(|c| is_part_of_name(c) || c == '.')
    })
}

/// The words of a line that is a comment in Rust, JavaScript or SQL; `None` if it is none.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let words = ["//!", "///", "//", "--", "*"].iter().find_map(|mark| line.strip_prefix(mark))?;
    words.strip_prefix(' ').map(str::trim).filter(|words| !words.is_empty())
}

/// The paths that a span in backticks names, with braces expanded; none if it is something else.
fn paths_of(span: &str) -> impl Iterator<Item = String> {
    let span = span.split("::").next().unwrap_or_default();
    let is_path = !span.starts_with(['/', '@', '.', '-'])
        && span.chars().all(|c| c.is_alphanumeric() || "_-./{},".contains(c))
        && (FILE_ENDS.iter().any(|end| span.ends_with(end)) || span.ends_with('/'))
        && !span.starts_with(['{'])
        && !span.contains("NNNN")
        && !NO_SOURCE.iter().chain(AT_RUNTIME).any(|folder| span.split('/').next() == Some(folder));
    let expanded = match (span.split_once('{'), span.split_once('}')) {
        (Some((head, _)), Some((middle, tail))) => {
            let middle = &middle[head.len() + 1..];
            middle.split(',').map(|one| format!("{head}{one}{tail}")).collect()
        }
        _ => vec![span.to_owned()],
    };
    expanded.into_iter().filter(move |_| is_path)
}

/// Source with the same lines, in which comments, the content of strings and test modules are blank.
fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            end_of_string(rest)
        } else if let Some(length) = raw_string(rest, out.chars().next_back()) {
            length
        } else if c == '\'' {
            // A character, and not a lifetime.
            let mut all = rest.char_indices().skip(1);
            match (all.next(), all.next()) {
                (Some((_, '\\')), _) => rest[2..].find('\'').map_or(1, |end| end + 4).min(rest.len()),
                (Some(_), Some((end, '\''))) => end + 1,
                _ => 0,
            }
        } else {
            0
        };
        if length == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    blank_tests(&out)
}

/// The length of the string at the head of the text.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the raw string at the head of the text; `None` if there is none.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    let after = text.strip_prefix('r').filter(|_| !before.is_some_and(|c| is_part_of_name(c) && c != 'b'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let content = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text.len() - content.len() + content.find(&end).map_or(content.len(), |at| at + end.len()))
}

/// Blanks every item behind `#[cfg(test)]`: to the end of its braces, or to its semicolon.
fn blank_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut open = 0;
        let mut end = item.len();
        for (index, c) in item.char_indices().skip(MARK.len()) {
            match c {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 && (c == '}' || c == ';') {
                end = index + 1;
                break;
            }
        }
        out.extend(item[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &item[end..];
    }
    out + rest
}
