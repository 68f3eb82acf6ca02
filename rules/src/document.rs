//! Policy documents: a public notice or an office's decision, as a TOML file written by hand.
//!
//! [`read`] reports all faults of a document in one pass, each with its line, because the authors are people. `build.rs`
//! reads the notices with it, the server reads what an office adds, and [`combine`] makes a policy of them.
//! ```toml
//! id = "vest-2021-05-03"
//! version = 1
//! publisher = "Vest politidistrikt"
//! published = 2021-05-03
//! changed = 2021-05-03
//! original = "nb"
//!
//! [title]
//! nb = "Passkontorene i Bergen"
//! en = "The passport offices in Bergen"
//!
//! [[sentence]]
//! id = "window"
//! says = "forbids"
//! nb = "Fra og med 10. mai til og med 21. mai 2021 nedskalerer vi passkontorene."
//! en = "From 10 May to 21 May 2021, both days included, we reduce the capacity of the passport offices."
//!
//! [[reduced-passport-capacity]]
//! districts = ["vest"]
//! first = 2021-05-10
//! last = 2021-05-21
//! sentence = "window"
//! ```

use std::{borrow::Cow, fmt, ops::Range};

use chrono::{Days, NaiveDate};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    ApplicationType, Coded, Country, District,
    policy::{Dated, Policy, Source, Version},
    sentence::{Original, Says},
    text::{is_direction_mark, is_no_text},
};

/// Maximum size of a document, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A policy document that was read without faults.
#[derive(Clone, Debug)]
pub struct PolicyDocument {
    pub id: String,
    pub version: u32,
    pub publisher: String,
    pub published: NaiveDate,
    pub changed: NaiveDate,
    pub original: Original,
    pub title: Texts,
    pub sentences: Vec<DocumentSentence>,
    quarantine: Vec<Placed<u32>>,
    eea: Vec<Placed<Country>>,
    reduced_passport_capacity: Vec<Placed<District>>,
    digital: Vec<Placed<ApplicationType>>,
    information_lines: Vec<Placed<(District, String)>>,
}

/// A sentence of a policy document.
#[derive(Clone, Debug)]
pub struct DocumentSentence {
    pub id: String,
    pub says: Says,
    pub original: Original,
    pub text: Texts,
}

/// A text in Bokmål and English.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    pub nb: String,
    pub en: String,
}

/// An entry and the line on which it begins.
#[derive(Clone, Debug)]
struct Placed<T> {
    line: usize,
    dated: Dated<T>,
}

/// A fault in a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// The document's id; empty if it could not be read.
    pub document: String,
    /// The line, counted from 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Reads one policy document.
///
/// # Errors
///
/// All faults of the document, in the order of their lines: too long, direction marks, invalid TOML, or wrong fields.
pub fn read(text: &str) -> Result<PolicyDocument, Vec<PolicyFault>> {
    let mut reader = Reader { text, faults: Vec::new() };
    if text.len() > MAX_BYTES {
        reader.fault(0..0, format!("the document is longer than {MAX_BYTES} bytes"));
        return Err(reader.faults);
    }
    for (place, mark) in text.match_indices(is_direction_mark) {
        reader.fault(
            place..place + mark.len(),
            "a mark here turns the direction of writing: whoever approves it would read something else".to_owned(),
        );
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // One syntax error often causes more errors on the same line. Only the first is reported.
        let line = reader.line_of(&error.span().unwrap_or_default());
        if reader.faults.iter().any(|fault| fault.line == line) {
            continue;
        }
        let message = error.message().replace('\n', ", ");
        reader.fault(error.span().unwrap_or_default(), format!("this is not TOML: {message}"));
    }
    if !reader.faults.is_empty() {
        return Err(reader.done(""));
    }
    let document = reader.document(table);
    if reader.faults.is_empty() { Ok(document) } else { Err(reader.done(&document.id)) }
}

/// Combines documents into a policy. If a document occurs in several versions, the highest one applies.
///
/// # Errors
///
/// All conflicts between documents: the same version twice, overlapping entries, and gaps where the list allows none.
pub fn combine(documents: &[PolicyDocument]) -> Result<Policy, Vec<PolicyFault>> {
    let mut faults = Vec::new();
    let mut newest: Vec<&PolicyDocument> = Vec::new();
    for document in documents {
        match newest.iter_mut().find(|other| other.id == document.id) {
            None => newest.push(document),
            Some(other) if other.version == document.version => faults.push(PolicyFault {
                document: document.id.clone(),
                line: 1,
                message: format!("{} stands twice in version {}", document.id, document.version),
            }),
            Some(other) if other.version < document.version => *other = document,
            Some(_) => {}
        }
    }
    let version = |document: &&PolicyDocument| Version { id: document.id.clone().into(), version: document.version };
    let mut versions: Vec<Version> = newest.iter().map(version).collect();
    versions.sort();
    let policy = Policy {
        documents: versions,
        quarantine: merge(&newest, |document| &document.quarantine, |_| (), Holes::Refused, &mut faults),
        eea: merge(&newest, |document| &document.eea, |country| *country, Holes::Allowed, &mut faults),
        reduced_passport_capacity: merge(
            &newest,
            |document| &document.reduced_passport_capacity,
            |district| *district,
            Holes::Allowed,
            &mut faults,
        ),
        digital: merge(&newest, |document| &document.digital, |kind| *kind, Holes::Refused, &mut faults),
        information_lines: merge(
            &newest,
            |document| &document.information_lines,
            |line| line.0,
            Holes::Refused,
            &mut faults,
        ),
    };
    if faults.is_empty() { Ok(policy) } else { Err(faults) }
}

/// The rule for gaps between two entries about the same thing.
///
/// Gaps are normal for reduced capacity and for membership of the EEA. A gap in a length, a type or a phone number is a
/// mistake. A period without quarantine is written as `days = 0`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holes {
    Allowed,
    Refused,
}

/// Merges one list of all documents, sorted by first day, and reports overlaps and gaps between entries about the same
/// thing. The fault is reported for the entry whose document comes later in `documents`.
fn merge<T: Clone, K: PartialEq>(
    documents: &[&PolicyDocument],
    list: impl Fn(&PolicyDocument) -> &Vec<Placed<T>>,
    key: impl Fn(&T) -> K,
    holes: Holes,
    faults: &mut Vec<PolicyFault>,
) -> Vec<Dated<T>> {
    type Entry<'d, T> = (usize, &'d PolicyDocument, &'d Placed<T>);
    let mut entries: Vec<Entry<T>> = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        entries.extend(list(document).iter().map(|placed| (index, *document, placed)));
    }
    // `None`, an open start, sorts before every day.
    entries.sort_by_key(|(_, document, placed)| (placed.dated.first, &document.id, placed.line));
    for (index, entry) in entries.iter().enumerate() {
        let dated = &entry.2.dated;
        let about_the_same = |other: &&Entry<T>| key(&other.2.dated.value) == key(&dated.value);
        let last = |other: &&Entry<T>| other.2.dated.last.map_or((1, NaiveDate::MAX), |last| (0, last));
        let Some(before) = entries[..index].iter().filter(about_the_same).max_by_key(last) else { continue };
        let free_from = before.2.dated.last.and_then(|last| last.checked_add_days(Days::new(1)));
        let message = match (free_from, dated.first) {
            (Some(free), Some(first)) if first == free => continue,
            (Some(free), Some(first)) if first > free && holes == Holes::Allowed => continue,
            (Some(free), Some(first)) if first > free => "nothing holds between this and",
            _ => "this overlaps with",
        };
        let (of, with) = if before.0 > entry.0 { (before, entry) } else { (entry, before) };
        faults.push(PolicyFault {
            document: of.1.id.clone(),
            line: of.2.line,
            message: format!("{message} line {} of {}", with.2.line, with.1.id),
        });
    }
    entries.into_iter().map(|(_, _, placed)| placed.dated.clone()).collect()
}

/// The reader of one document, with the faults found so far. Its methods return a default after a fault and go on.
struct Reader<'t> {
    text: &'t str,
    faults: Vec<PolicyFault>,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl<'t> Reader<'t> {
    fn document(&mut self, table: Spanned<DeTable<'t>>) -> PolicyDocument {
        let mut fields = self.fields(table);
        let id = self.name(&mut fields, "id");
        let version = self.number(&mut fields, "version", 1..=1_000_000).unwrap_or(1);
        let publisher = self.line(&mut fields, "publisher");
        let published = self.needed_day(&mut fields, "published");
        let changed = self.needed_day(&mut fields, "changed");
        if let (Some(published), Some(changed)) = (published, changed)
            && changed < published
        {
            self.fault(fields.span.clone(), "the last change lies before the publication".to_owned());
        }
        let original = self.code(&mut fields, "original").unwrap_or(Original::Both);
        let title = match self.tables(&mut fields, "title").into_iter().next() {
            Some(table) => {
                let mut fields = self.fields(table);
                let texts = self.texts(&mut fields);
                self.end(fields);
                texts
            }
            None => {
                self.fault(fields.span.clone(), "`title` is missing".to_owned());
                Texts::default()
            }
        };
        let mut document = PolicyDocument {
            version,
            publisher,
            published: published.unwrap_or_default(),
            changed: changed.unwrap_or_default(),
            original,
            title,
            sentences: Vec::new(),
            quarantine: Vec::new(),
            eea: Vec::new(),
            reduced_passport_capacity: Vec::new(),
            digital: Vec::new(),
            information_lines: Vec::new(),
            id,
        };
        for table in self.tables(&mut fields, "sentence") {
            let mut fields = self.fields(table);
            let sentence = DocumentSentence {
                id: self.name(&mut fields, "id"),
                says: self.code(&mut fields, "says").unwrap_or(Says::Informs),
                original: if fields.has("original") {
                    self.code(&mut fields, "original").unwrap_or(original)
                } else {
                    original
                },
                text: self.texts(&mut fields),
            };
            if document.sentences.iter().any(|other| other.id == sentence.id) {
                self.fault(fields.span.clone(), format!("the sentence `{}` stands twice", sentence.id));
            }
            self.end(fields);
            document.sentences.push(sentence);
        }
        for table in self.tables(&mut fields, "quarantine") {
            let mut fields = self.fields(table);
            let days = self.number(&mut fields, "days", 0..=365).unwrap_or(0);
            document.quarantine.extend(self.entries(fields, &document, vec![days]));
        }
        for table in self.tables(&mut fields, "eea") {
            let mut fields = self.fields(table);
            let countries = self.list(&mut fields, "countries", "country", Country::from_code);
            document.eea.extend(self.entries(fields, &document, countries));
        }
        for table in self.tables(&mut fields, "reduced-passport-capacity") {
            let mut fields = self.fields(table);
            let districts = self.list(&mut fields, "districts", "police district", District::from_code);
            document.reduced_passport_capacity.extend(self.entries(fields, &document, districts));
        }
        for table in self.tables(&mut fields, "digital") {
            let mut fields = self.fields(table);
            let types = self.list(&mut fields, "types", "application type", ApplicationType::from_code);
            if types.contains(&ApplicationType::Citizenship) {
                self.fault(fields.span.clone(), "citizenship is never delivered electronically".to_owned());
            }
            document.digital.extend(self.entries(fields, &document, types));
        }
        for table in self.tables(&mut fields, "information-line") {
            let mut fields = self.fields(table);
            let districts = self.list(&mut fields, "districts", "police district", District::from_code);
            let phone = self.phone(&mut fields);
            let lines = districts.into_iter().map(|district| (district, phone.clone())).collect();
            document.information_lines.extend(self.entries(fields, &document, lines));
        }
        self.end(fields);
        document
    }

    /// Reads the days and the source of an entry and returns one entry for each value.
    fn entries<T>(&mut self, mut fields: Fields<'t>, document: &PolicyDocument, values: Vec<T>) -> Vec<Placed<T>> {
        let (first, last) = (self.day(&mut fields, "first"), self.day(&mut fields, "last"));
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            self.fault(fields.span.clone(), format!("the end, {last}, lies before the start, {first}"));
        }
        let source = match (fields.has("sentence"), fields.has("source")) {
            (true, false) => {
                let id = self.name(&mut fields, "sentence");
                if !document.sentences.iter().any(|sentence| sentence.id == id) {
                    self.fault(fields.span.clone(), format!("this document has no sentence `{id}`"));
                }
                Source::Sentence(format!("{}#{id}", document.id).into())
            }
            (false, true) => Source::Elsewhere(self.line(&mut fields, "source").into()),
            _ => {
                let message = "name where this stands, by `sentence` or by `source`, and not by both";
                self.fault(fields.span.clone(), message.to_owned());
                fields.take("sentence");
                fields.take("source");
                Source::Elsewhere(Cow::Borrowed(""))
            }
        };
        let line = self.line_of(&fields.span);
        self.end(fields);
        values
            .into_iter()
            .map(|value| Placed { line, dated: Dated { first, last, value, source: source.clone() } })
            .collect()
    }

    fn texts(&mut self, fields: &mut Fields<'t>) -> Texts {
        Texts { nb: self.line(fields, "nb"), en: self.line(fields, "en") }
    }

    fn fields(&mut self, table: Spanned<DeTable<'t>>) -> Fields<'t> {
        let span = table.span();
        let fields = table.into_inner().into_iter().map(|(key, value)| {
            let span = key.span();
            (key.into_inner(), span, value)
        });
        Fields { span, left: fields.collect() }
    }

    /// Reports the fields that were not taken as unknown.
    fn end(&mut self, fields: Fields<'t>) {
        for (name, span, _) in fields.left {
            self.fault(span, format!("`{}` is not known here", short(&name)));
        }
    }

    fn tables(&mut self, fields: &mut Fields<'t>, name: &str) -> Vec<Spanned<DeTable<'t>>> {
        let Some(value) = fields.take(name) else { return Vec::new() };
        let span = value.span();
        let mut tables = Vec::new();
        let values = match value.into_inner() {
            DeValue::Table(table) => return vec![Spanned::new(span, table)],
            DeValue::Array(values) => values,
            _ => return self.wrong(span, name, "a section of its own, like [[eea]]", tables),
        };
        for value in values {
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(table) => tables.push(Spanned::new(span, table)),
                _ => self.fault(span, format!("`{name}` is to be a section of its own, like [[eea]]")),
            }
        }
        tables
    }

    /// Reads a one-line text that is not empty.
    fn line(&mut self, fields: &mut Fields<'t>, name: &str) -> String {
        let Some(value) = self.needed(fields, name) else { return String::new() };
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() && !text.contains(is_no_text) => text.to_owned(),
            _ => self.wrong(value.span(), name, "a text of one line, with no mark that turns it", String::new()),
        }
    }

    /// Reads a name of small letters, digits and hyphens, at most 60 bytes.
    fn name(&mut self, fields: &mut Fields<'t>, name: &str) -> String {
        let Some(value) = self.needed(fields, name) else { return String::new() };
        let plain = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.len() <= 60
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        match value.get_ref().as_str() {
            Some(text) if plain(text) => text.to_owned(),
            _ => self.wrong(value.span(), name, "a name of small letters, digits and hyphens", String::new()),
        }
    }

    /// Reads a whole number; `None` after a fault.
    fn number(&mut self, fields: &mut Fields<'t>, name: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let value = self.needed(fields, name)?;
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        match number {
            Some(number) if range.contains(&number) => Some(number),
            _ => self.wrong(value.span(), name, &expected, None),
        }
    }

    /// Reads a phone number of 3 to 15 digits (E.164), with spaces and a leading `+`.
    fn phone(&mut self, fields: &mut Fields<'t>) -> String {
        let Some(value) = self.needed(fields, "phone") else { return String::new() };
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let plain =
            |text: &str| text.strip_prefix('+').unwrap_or(text).bytes().all(|b| b.is_ascii_digit() || b == b' ');
        match value.get_ref().as_str() {
            Some(text) if plain(text) && (3..=15).contains(&digits(text)) => text.to_owned(),
            _ => self.wrong(value.span(), "phone", "a phone number of digits and spaces", String::new()),
        }
    }

    /// Reads a code of the list `C`; `None` after a fault.
    fn code<C: Coded>(&mut self, fields: &mut Fields<'t>, name: &str) -> Option<C> {
        let value = self.needed(fields, name)?;
        let code = value.get_ref().as_str().and_then(C::from_code);
        if code.is_none() {
            let all: Vec<_> = C::ALL.iter().map(|code| code.code()).collect();
            self.fault(value.span(), format!("`{name}` is to be one of: {}", all.join(", ")));
        }
        code
    }

    /// Reads a list of values that is not empty. `what` names the kind of value in a fault.
    fn list<T>(
        &mut self,
        fields: &mut Fields<'t>,
        name: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        let Some(value) = self.needed(fields, name) else { return found };
        let span = value.span();
        let DeValue::Array(values) = value.into_inner() else {
            return self.wrong(span, name, &format!("a list, each a {what}"), found);
        };
        if values.is_empty() {
            self.fault(span, format!("`{name}` is empty"));
        }
        for value in values {
            match value.get_ref().as_str().and_then(&parse) {
                Some(one) => found.push(one),
                None => {
                    let written =
                        value.get_ref().as_str().map_or("this".to_owned(), |text| format!("`{}`", short(text)));
                    self.fault(value.span(), format!("{written} is no {what}"));
                }
            }
        }
        found
    }

    /// Reads an optional date; `None` if it is missing or after a fault.
    fn day(&mut self, fields: &mut Fields<'t>, name: &str) -> Option<NaiveDate> {
        let value = fields.take(name)?;
        let day = match value.get_ref().as_datetime() {
            Some(written) if written.time.is_none() && written.offset.is_none() => written
                .date
                .and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())),
            _ => None,
        };
        if day.is_none() {
            self.fault(value.span(), format!("`{name}` is to be a day that exists, without quotes: 2021-03-17"));
        }
        day
    }

    /// Reads a date and reports it if it is missing.
    fn needed_day(&mut self, fields: &mut Fields<'t>, name: &str) -> Option<NaiveDate> {
        if !fields.has(name) {
            self.fault(fields.span.clone(), format!("`{name}` is missing"));
        }
        self.day(fields, name)
    }

    /// Takes a field and reports it if it is missing.
    fn needed(&mut self, fields: &mut Fields<'t>, name: &str) -> Option<Value<'t>> {
        let value = fields.take(name);
        if value.is_none() {
            self.fault(fields.span.clone(), format!("`{name}` is missing"));
        }
        value
    }

    /// Reports a value of the wrong kind and returns `instead`.
    fn wrong<T>(&mut self, span: Range<usize>, name: &str, expected: &str, instead: T) -> T {
        self.fault(span, format!("`{name}` is to be {expected}"));
        instead
    }

    /// Adds a fault at the line where the span begins.
    fn fault(&mut self, span: Range<usize>, message: String) {
        self.faults.push(PolicyFault { document: String::new(), line: self.line_of(&span), message });
    }

    /// Returns the line of a span, counted from 1.
    fn line_of(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Returns the faults in the order of their lines, with the document's id.
    fn done(mut self, id: &str) -> Vec<PolicyFault> {
        self.faults.iter_mut().for_each(|fault| id.clone_into(&mut fault.document));
        self.faults.sort_by_key(|fault| fault.line);
        self.faults
    }
}

/// A table that is being read. Fields are taken out of it, so that only unknown ones are left.
struct Fields<'t> {
    span: Range<usize>,
    left: Vec<(Cow<'t, str>, Range<usize>, Value<'t>)>,
}

impl<'t> Fields<'t> {
    fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(other, _, _)| other == name)
    }

    fn take(&mut self, name: &str) -> Option<Value<'t>> {
        let index = self.left.iter().position(|(other, _, _)| other == name)?;
        Some(self.left.swap_remove(index).2)
    }
}

/// Shortens a text to 40 characters for a fault and escapes it.
fn short(text: &str) -> String {
    text.chars().take(40).collect::<String>().escape_debug().to_string()
}
