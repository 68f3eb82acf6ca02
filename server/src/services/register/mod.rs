//! The register of cases, read from an office's file: good rows, and an error with its place for each bad one.
//!
//! A file is CSV (`csv.rs`) or JSON lines, in UTF-8, UTF-16 with a byte-order mark, or Windows-1252. A file that is UTF-8 in one
//! place and not in another has its damaged rows refused. Nothing is stored here; `http/desk/imports.rs` calls [`read`].

mod csv;

use std::{borrow::Cow, collections::HashSet};

use api::{
    imports::{Column, Encoding, MOST_FAULTS, RowError, RowErrorKind, Wrong},
    typed::{self, DateError},
};
use chrono::NaiveDate;
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use rules::{ApplicationType, Coded, Country, District, text};
use serde_json::{Map, Value};

use self::csv::read_csv;
use crate::{secrets, store::records::Record};

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv,
    JsonLines,
}

/// The district and the day by which rows are accepted.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Rows of other districts are refused.
    pub district: District,
    pub today: NaiveDate,
}

/// The content of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Register {
    pub encoding: Encoding,
    /// The good rows, each with its line.
    pub rows: Vec<(u64, Record)>,
    /// Number of bad rows.
    pub bad: u64,
    /// The errors of the bad rows, the first `MOST_FAULTS`.
    pub faults: Vec<RowError>,
    /// All errors, grouped by column and code.
    pub kinds: Vec<RowErrorKind>,
    pub unknown_columns: Vec<String>,
    pub missing_columns: Vec<String>,
}

/// Reads a file. Rows that repeat a reference are refused.
pub fn read(bytes: &[u8], form: Form, judge: Judge) -> Register {
    let (encoding, bytes) = decoded(bytes, form);
    let mut register = Register {
        encoding,
        rows: Vec::new(),
        bad: 0,
        faults: Vec::new(),
        kinds: Vec::new(),
        unknown_columns: Vec::new(),
        missing_columns: Vec::new(),
    };
    match form {
        Form::Csv => read_csv(&bytes, judge, &mut register),
        Form::JsonLines => read_json_lines(&bytes, judge, &mut register),
    }
    let mut seen = HashSet::new();
    let (rows, repeated): (Vec<_>, Vec<_>) =
        register.rows.into_iter().partition(|(_, row)| seen.insert(row.reference.clone()));
    register.rows = rows;
    for (line, row) in repeated {
        register.refuse(vec![fault(line, Some(Column::Reference), Wrong::Repeated, &row.reference)]);
    }
    register.sort_faults();
    register
}

/// Returns the file in UTF-8, and its encoding. A byte-order mark decides; a CSV file without any valid UTF-8 is Windows-1252, as
/// Excel writes it in Norway. In a file that is partly UTF-8, guessing would corrupt names, so the damaged rows are refused.
fn decoded(bytes: &[u8], form: Form) -> (Encoding, Cow<'_, [u8]>) {
    let utf8 = |text: Cow<'_, str>| Cow::Owned(text.into_owned().into_bytes());
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => (Encoding::Utf8, rest.into()),
        [0xff, 0xfe, rest @ ..] => (Encoding::Utf16, utf8(UTF_16LE.decode_without_bom_handling(rest).0)),
        [0xfe, 0xff, rest @ ..] => (Encoding::Utf16, utf8(UTF_16BE.decode_without_bom_handling(rest).0)),
        _ if form == Form::Csv && is_single_byte(bytes) => {
            (Encoding::Windows1252, utf8(WINDOWS_1252.decode_without_bom_handling(bytes).0))
        }
        _ => (Encoding::Utf8, bytes.into()),
    }
}

/// Returns `true` if there are letters beyond ASCII and none of them is UTF-8.
fn is_single_byte(bytes: &[u8]) -> bool {
    let mut chunks = bytes.utf8_chunks();
    let mut is_broken = false;
    chunks.all(|chunk| {
        is_broken |= !chunk.invalid().is_empty();
        chunk.valid().is_ascii()
    }) && is_broken
}

impl Register {
    /// Counts a bad row and adds its errors.
    fn refuse(&mut self, faults: Vec<RowError>) {
        self.bad += 1;
        for fault in &faults {
            self.note(fault);
        }
        self.faults.extend(faults);
        // A large file can have an error in each row.
        if self.faults.len() > 8 * MOST_FAULTS {
            self.sort_faults();
        }
    }

    /// Adds an error to its group.
    fn note(&mut self, RowError { line, column, code, value }: &RowError) {
        const MOST_LINES: usize = 20;
        match self.kinds.iter_mut().find(|kind| kind.code == *code && kind.column == *column) {
            Some(kind) => {
                kind.count += 1;
                if kind.lines.len() < MOST_LINES {
                    kind.lines.push(*line);
                }
            }
            None => self.kinds.push(RowErrorKind {
                column: column.clone(),
                code: *code,
                count: 1,
                lines: vec![*line],
                value: value.clone(),
            }),
        }
    }

    /// Records an unknown column.
    fn left_out(&mut self, column: &str) {
        const MOST: usize = 20;
        let column = shortened(column);
        if self.unknown_columns.len() < MOST && !self.unknown_columns.contains(&column) {
            self.unknown_columns.push(column);
        }
    }

    /// Refuses the rows that fulfil a condition, with an error at their reference.
    pub fn refuse_where(&mut self, wrong: Wrong, mut is_wrong: impl FnMut(&Record) -> bool) {
        let (refused, rows): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.rows).into_iter().partition(|(_, row)| is_wrong(row));
        self.rows = rows;
        for (line, row) in refused {
            self.refuse(vec![fault(line, Some(Column::Reference), wrong, &row.reference)]);
        }
        self.sort_faults();
    }

    /// Sorts the errors by line and cuts them to their maximum.
    fn sort_faults(&mut self) {
        self.faults.sort_by_key(|fault| fault.line);
        self.faults.truncate(MOST_FAULTS);
        self.kinds.sort_by_key(|kind| kind.lines[0]);
    }
}

/// Makes an error; the value is shortened.
fn fault(line: u64, column: Option<Column>, code: Wrong, value: &str) -> RowError {
    RowError { line, column: column.map(|column| column.code().to_owned()), code, value: shortened(value) }
}

/// Returns a value for display, in one line and cut to its length.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String =
        value.trim().chars().take(LONGEST).map(|c| if text::is_no_text(c) { ' ' } else { c }).collect();
    if value.trim().chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// The text of a field, or the reason why it cannot be read.
type Field<'f> = Result<Cow<'f, str>, Wrong>;

/// The fields of a row, in the order of `Column::ALL`.
type Fields<'f> = [Field<'f>; Column::ALL.len()];

/// Returns the record of these fields, or all their errors.
fn row(line: u64, fields: &Fields<'_>, judge: Judge) -> Result<Record, Vec<RowError>> {
    let mut faults = Vec::new();
    let record = {
        let mut sieve = Sieve { line, fields, faults: &mut faults };
        let reference = sieve.take(Column::Reference, |text| one_line(text, 40).map(|text| reference(&text)));
        let born = sieve.take(Column::Born, |text| birthday(text, judge.today));
        let applicant = sieve.take(Column::Applicant, |text| one_line(text, 100));
        let kind = sieve.take(Column::Type, |text| application_type(text).ok_or(Wrong::UnknownType));
        let district = sieve.take(Column::District, |text| {
            let district = district(text).ok_or(Wrong::UnknownDistrict)?;
            if district == judge.district { Ok(district) } else { Err(Wrong::OtherDistrict) }
        });
        let submitted = sieve.take(Column::Submitted, yes_or_no);
        let citizenships = sieve.take(Column::Citizenships, countries);
        let code = sieve.take(Column::Code, letter_code);
        (reference, born, applicant, kind, district, submitted, citizenships, code)
    };
    match record {
        (
            Some(reference),
            Some(born),
            Some(applicant),
            Some(kind),
            Some(district),
            Some(submitted),
            Some(citizenships),
            Some(code),
        ) => {
            let letter_code = code.map(|code| letter_code_hash(&reference, &code));
            Ok(Record { reference, born, applicant, kind, district, submitted, citizenships, letter_code })
        }
        _ => Err(faults),
    }
}

/// A reader of the fields of a row that collects the errors.
struct Sieve<'s> {
    line: u64,
    fields: &'s Fields<'s>,
    faults: &'s mut Vec<RowError>,
}

impl Sieve<'_> {
    /// Reads a field; `None` if it has an error.
    fn take<T>(&mut self, column: Column, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let field = &self.fields[column as usize];
        // A person without citizenship is stateless, and not every letter has a code.
        let value = match field.as_deref().map(str::trim) {
            Ok("") if !column.may_be_empty() => Err(Wrong::Missing),
            Ok(text) => read(text),
            Err(wrong) => Err(*wrong),
        };
        value
            .map_err(|wrong| self.faults.push(fault(self.line, Some(column), wrong, field.as_deref().unwrap_or(""))))
            .ok()
    }
}

/// Returns a reference in its stored form: upper case, single spaces.
pub fn reference(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// Returns the letters and digits of a letter's code, in upper case.
fn plain_code(typed: &str) -> String {
    typed.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Returns the stored hash of a letter's code.
pub fn letter_code_hash(reference: &str, typed: &str) -> String {
    secrets::hash(&["letter", reference, &plain_code(typed)])
}

/// Reads a letter's code; `None` if the letter has none.
fn letter_code(text: &str) -> Result<Option<String>, Wrong> {
    /// Random letters and digits of this length have about 40 bits.
    const SHORTEST: usize = 8;
    match plain_code(&one_line(text, 40)?) {
        _ if text.is_empty() => Ok(None),
        code if code.chars().count() < SHORTEST => Err(Wrong::CodeTooShort),
        code => Ok(Some(code)),
    }
}

/// Returns the type with this code or Norwegian name; `None` if there is none.
fn application_type(text: &str) -> Option<ApplicationType> {
    use ApplicationType::*;
    let text = text.to_lowercase();
    ApplicationType::from_code(&text).or(match &*text {
        "arbeidstillatelse" | "arbeid" => Some(Work),
        "familieinnvandring" => Some(FamilyImmigration),
        "studietillatelse" | "studier" => Some(Study),
        "beskyttelse" | "asyl" | "beskyttelse (asyl)" => Some(Protection),
        "permanent oppholdstillatelse" => Some(PermanentResidence),
        "fornyelse av oppholdstillatelse" => Some(ResidencePermitRenewal),
        "reisedokument" => Some(TravelDocument),
        "oppholdskort" => Some(ResidenceCard),
        "registrering for eu/eøs-borgere" => Some(EeaRegistration),
        "oppholdskort for familie til eu/eøs-borgere" => Some(EeaResidenceCard),
        "visum" => Some(Visa),
        "norsk statsborgerskap" => Some(Citizenship),
        "pass" => Some(Passport),
        "nasjonalt id-kort" | "id-kort" => Some(IdCard),
        _ => None,
    })
}

/// Returns the district with this code or Norwegian name, with or without “politidistrikt”; `None` if there is none.
fn district(text: &str) -> Option<District> {
    let text = text.to_lowercase().replace(['ø', 'ö'], "o").replace('å', "a");
    let name = text.trim_end_matches("politidistrikt").split_whitespace().collect::<Vec<_>>().join("-");
    District::from_code(&name)
}

/// Joins a text into one line. Fails if it is too long or contains control characters.
fn one_line(text: &str, longest: usize) -> Result<String, Wrong> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text {
        text if text.contains(text::is_no_text) => Err(Wrong::NotText),
        text if text.chars().count() > longest => Err(Wrong::TooLong),
        text => Ok(text),
    }
}

/// Reads a day of birth. Fails for a day in the future.
fn birthday(text: &str, today: NaiveDate) -> Result<NaiveDate, Wrong> {
    match typed::date(text) {
        Ok(day) if day > today => Err(Wrong::DayAhead),
        Ok(day) => Ok(day),
        Err(DateError::DoesNotExist) => Err(Wrong::NoSuchDay),
        Err(DateError::Empty) => Err(Wrong::Missing),
        Err(DateError::NotUnderstood) => Err(Wrong::NotADate),
    }
}

/// Reads a boolean in English or Norwegian.
fn yes_or_no(text: &str) -> Result<bool, Wrong> {
    match &*text.to_lowercase() {
        "yes" | "true" | "ja" | "1" => Ok(true),
        "no" | "false" | "nei" | "0" => Ok(false),
        _ => Err(Wrong::NotYesOrNo),
    }
}

/// Reads country codes separated by spaces or `+`.
fn countries(text: &str) -> Result<Vec<Country>, Wrong> {
    let mut all = Vec::new();
    for code in text.split(|c: char| c == '+' || c.is_whitespace()).filter(|code| !code.is_empty()) {
        let country = Country::from_code(&code.to_uppercase()).ok_or(Wrong::UnknownCountry)?;
        if !all.contains(&country) {
            all.push(country);
        }
    }
    Ok(all)
}

/// Reads JSON lines into the register.
fn read_json_lines(bytes: &[u8], judge: Judge, register: &mut Register) {
    for (number, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let Ok(utf8) = str::from_utf8(text) else {
            let value = String::from_utf8_lossy(text);
            register.refuse(vec![fault(number, None, Wrong::NotUtf8, &value)]);
            continue;
        };
        let Ok(object) = serde_json::from_str::<Map<String, Value>>(utf8) else {
            register.refuse(vec![fault(number, None, Wrong::Unreadable, utf8)]);
            continue;
        };
        for name in object.keys().filter(|name| Column::from_code(name).is_none() && *name != "kode") {
            register.left_out(name);
        }
        let fields = std::array::from_fn(|at| {
            let column = Column::ALL[at];
            let other = || object.get("kode").filter(|_| column == Column::Code);
            in_json(column, object.get(column.code()).or_else(other))
        });
        match row(number, &fields, judge) {
            Ok(row) => register.rows.push((number, row)),
            Err(faults) => register.refuse(faults),
        }
    }
}

/// Returns a JSON value as it would be written in CSV.
fn in_json(column: Column, value: Option<&Value>) -> Field<'_> {
    match (column, value) {
        (_, None | Some(Value::Null)) if column.is_optional() => Ok("".into()),
        (_, None | Some(Value::Null)) => Err(Wrong::Missing),
        (_, Some(Value::String(text))) => Ok(text.into()),
        (Column::Submitted, Some(value @ (Value::Bool(_) | Value::Number(_)))) => Ok(value.to_string().into()),
        (Column::Citizenships, Some(Value::Array(codes))) => {
            let codes: Option<Vec<&str>> = codes.iter().map(Value::as_str).collect();
            codes.map(|codes| codes.join(" ").into()).ok_or(Wrong::NotText)
        }
        _ => Err(Wrong::NotText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "reference,born,applicant,type,district,submitted,citizenships\n";

    fn judged(bytes: &[u8], form: Form) -> Register {
        let Some(today) = NaiveDate::from_ymd_opt(2021, 3, 22) else { unreachable!() };
        read(bytes, form, Judge { district: District::Oslo, today })
    }

    /// The good rows as reference and name, and the faults as line, column and code.
    fn summary(register: &Register) -> (Vec<String>, Vec<String>) {
        let rows = register.rows.iter().map(|(line, row)| format!("{line} {} {}", row.reference, row.applicant));
        let faults = register
            .faults
            .iter()
            .map(|fault| format!("{} {} {}", fault.line, fault.column.as_deref().unwrap_or("-"), fault.code.code()));
        (rows.collect(), faults.collect())
    }

    fn check(body: &str, rows: &[&str], faults: &[&str]) {
        let register = judged(format!("{HEADER}{body}").as_bytes(), Form::Csv);
        assert_eq!(summary(&register), (owned(rows), owned(faults)), "{body}");
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn rows_as_spreadsheets_write_them() {
        let good = "a1,1990-05-17,Asha Rao,work,oslo,yes,IN";
        check(good, &["2 A1 Asha Rao"], &[]);
        check(
            &format!("{good}\r\n\r\n,,,,,,\r\na2,17.05.1990,B,study,oslo,nei,BR+PT\r\n"),
            &["2 A1 Asha Rao", "5 A2 B"],
            &[],
        );
        check(&format!("{good}\ra2,17/05/1990,B,work,oslo,1,\r"), &["2 A1 Asha Rao", "3 A2 B"], &[]);
        check("a1,1990-05-17,\"Rao,\"\"Asha\"\"\",work,oslo,yes,IN", &["2 A1 Rao,\"Asha\""], &[]);
        check(
            &format!("a0,1990-05-17,\"Asha\r\n  Rao\",work,oslo,ja,\"IN\nGB\"\r\n{good}"),
            &["2 A0 Asha Rao", "5 A1 Asha Rao"],
            &[],
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        check(
            ",x,,lunch,moon,maybe,QQ",
            &[],
            &[
                "2 reference missing",
                "2 born not-a-date",
                "2 applicant missing",
                "2 type unknown-type",
                "2 district unknown-district",
                "2 submitted not-yes-or-no",
                "2 citizenships unknown-country",
            ],
        );
        check(
            "a,2021-02-29,A,work,vest,yes,IN\nb,2021-03-23,B,work,oslo,yes,IN",
            &[],
            &["2 born no-such-day", "2 district other-district", "3 born day-ahead"],
        );
        check(
            "a,1990-01-01,A,work,oslo,yes\nb,1990-01-01,B,work,oslo,yes,IN,more",
            &[],
            &["2 - number-of-fields", "3 - number-of-fields"],
        );
        check("a,1990-01-01,A,work,oslo,yes,\nA,1990-01-02,B,work,oslo,yes,", &["2 A A"], &["3 reference repeated"]);
        let long = "x".repeat(101);
        check(
            &format!("a,1990-01-01,{long},work,oslo,yes,\nb,1990-01-01,a\u{7}b,work,oslo,yes,"),
            &[],
            &["2 applicant too-long", "3 applicant not-text"],
        );
        // Half of it is UTF-8: the other half is not guessed.
        let damaged = [
            HEADER.as_bytes(),
            b"a,1990-01-01,Bj\xf8rn,work,oslo,yes,\n",
            "b,1990-01-01,Bjørn,work,oslo,yes,".as_bytes(),
        ]
        .concat();
        let damaged = judged(&damaged, Form::Csv);
        assert_eq!(summary(&damaged), (owned(&["3 B Bjørn"]), owned(&["2 applicant not-utf-8"])));
        assert_eq!(damaged.encoding, Encoding::Utf8);
    }

    #[test]
    fn a_file_as_excel_writes_it_in_norway() {
        let text = "Referanse;Fødselsdato;Navn;Søknadstype;Distrikt;Innsendt;Statsborgerskap\r\n\
            a1;17.05.1990;Bjørn Ås – Æsop;Fornyelse av oppholdstillatelse;Oslo;ja;NO\r\n\
            a2;17.05.1990;Žofia;Pass;Oslo politidistrikt;nei;\r\n";
        let (windows, _, lossy) = WINDOWS_1252.encode(text);
        assert!(!lossy);
        let wide = |mark: char, byte: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("{mark}{text}").encode_utf16().flat_map(byte).collect()
        };
        for (encoding, file) in [
            (Encoding::Utf8, text.as_bytes().to_vec()),
            (Encoding::Windows1252, windows.into_owned()),
            (Encoding::Utf16, wide('\u{feff}', u16::to_le_bytes)),
            (Encoding::Utf16, wide('\u{feff}', u16::to_be_bytes)),
        ] {
            let register = judged(&file, Form::Csv);
            assert_eq!(register.encoding, encoding);
            assert_eq!(
                summary(&register),
                (owned(&["2 A1 Bjørn Ås – Æsop", "3 A2 Žofia"]), vec![]),
                "{encoding:?}: {:?}",
                register.missing_columns
            );
            assert_eq!(register.rows[0].1.kind, ApplicationType::ResidencePermitRenewal);
        }
        // JSON is UTF-8, or it is damaged.
        assert_eq!(judged(b"{\"applicant\":\"Bj\xf8rn\"}", Form::JsonLines).encoding, Encoding::Utf8);
    }

    #[test]
    fn every_type_and_district_has_a_norwegian_name_that_is_read() {
        let texts: Value = serde_json::from_str(include_str!("../../../../app/locales/nb.json")).unwrap();
        for kind in ApplicationType::ALL {
            let name = texts["kind*"][kind.code()].as_str().unwrap();
            assert_eq!(application_type(name), Some(*kind), "{name}");
        }
        for one in District::ALL {
            let name = texts["district*"][one.code()].as_str().unwrap();
            assert_eq!(district(name), Some(*one), "{name}");
        }
    }

    #[test]
    fn equal_faults_are_counted_together() {
        let lunch = "a,1990-01-01,A,lunch,oslo,yes,\n".repeat(300);
        let register = judged(format!("{HEADER}{lunch}b,soon,B,work,oslo,yes,\n").as_bytes(), Form::Csv);
        assert_eq!((register.bad, register.faults.len()), (301, MOST_FAULTS));
        let kinds: Vec<_> = register
            .kinds
            .iter()
            .map(|kind| (kind.code, kind.count, kind.lines[0], kind.lines.len(), kind.value.as_str()))
            .collect();
        assert_eq!(kinds, [(Wrong::UnknownType, 300, 2, 20, "lunch"), (Wrong::NotADate, 1, 302, 1, "soon")]);
    }

    #[test]
    fn a_quotation_that_does_not_close_swallows_nobody() {
        let rest = "b,1991-01-01,B,work,oslo,yes,\nc,1991-01-01,C,work,oslo,yes,";
        for open in
            ["a,1990-01-01,\"A,work,oslo,yes,", "a,1990-01-01,A,work,oslo,yes,\"IN", "\"a,1990-01-01,A,work,oslo,yes,"]
        {
            let register = judged(format!("{HEADER}{open}\n{rest}").as_bytes(), Form::Csv);
            let (rows, faults) = summary(&register);
            assert_eq!(rows, owned(&["3 B B", "4 C C"]), "{open}");
            assert_eq!((faults.len(), register.faults[0].line), (1, 2), "{open}");
            assert_eq!(register.faults[0].code, Wrong::QuoteOpen, "{open}");
        }
        // It closes where the next one opens, and the row in between would be a part of a name.
        check(
            "a,1990-01-01,\"A,work,oslo,yes,\nb,1991-01-01,\"B\",work,oslo,yes,",
            &["3 B B"],
            &["2 applicant quote-open"],
        );
    }

    /// Each line opens a quotation that the file does not close: reading on costs what a row may take, not the file.
    #[test]
    fn many_quotations_that_do_not_close_take_no_time() {
        let lines = "\"a\",\"b\n".repeat(200_000);
        let began = std::time::Instant::now();
        let register = judged(format!("{HEADER}{lines}").as_bytes(), Form::Csv);
        assert_eq!((register.rows.len(), register.bad, register.faults.len()), (0, 200_000, MOST_FAULTS));
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }

    #[test]
    fn columns_in_any_order_and_with_any_delimiter() {
        let semicolons = "\u{feff}Citizenships;Type;submitted;district;applicant;born;reference;colour;\r\nIN;work;ja;oslo;Asha Rao;17.05.1990;a1;red;\r\n";
        let register = judged(semicolons.as_bytes(), Form::Csv);
        assert_eq!(summary(&register).0, ["2 A1 Asha Rao"]);
        assert_eq!(register.unknown_columns, ["colour"]);
        let register = judged(b"reference,born,borne,type\na,b,c,d", Form::Csv);
        assert_eq!(register.unknown_columns, ["borne"]);
        assert_eq!(register.missing_columns, ["applicant", "district", "submitted", "citizenships"]);
        assert_eq!((register.rows.len(), register.bad), (0, 0));
        let twice = format!("born,{HEADER}1990-01-01,a,1990-01-01,A,work,oslo,yes,");
        assert_eq!(summary(&judged(twice.as_bytes(), Form::Csv)), (vec![], owned(&["1 born column-twice"])));
        let tabs =
            format!("\r\n{}\r\n{HEADER}a1,1990-05-17,Asha Rao,work,oslo,yes,IN", ",".repeat(6)).replace(',', "\t");
        let register = judged(tabs.as_bytes(), Form::Csv);
        assert_eq!((summary(&register), register.missing_columns.len()), ((owned(&["4 A1 Asha Rao"]), vec![]), 0));
        for empty in ["", "\u{feff}", "\r\n\r\n"] {
            assert_eq!(judged(empty.as_bytes(), Form::Csv).missing_columns.len(), Column::ALL.len() - 1);
        }
    }

    #[test]
    fn a_letter_may_have_a_code() {
        let kept = |code: &str| Some(letter_code_hash("A1", code));
        let row = |code: &str| format!("a1,1990-05-17,Asha Rao,work,oslo,yes,IN,{code}");
        for column in ["code", "Kode"] {
            let header = HEADER.replace('\n', &format!(",{column}\n"));
            for (typed, expected) in [("k7qm-2xpa", kept("K7QM2XPA")), (" K7QM 2XPA ", kept("K7QM2XPA")), ("", None)] {
                let register = judged(format!("{header}{}", row(typed)).as_bytes(), Form::Csv);
                let codes: Vec<_> = register.rows.iter().map(|(_, record)| record.letter_code.clone()).collect();
                assert_eq!(codes, [expected], "{typed}");
            }
            for typed in ["K7QM-2XP", "--------"] {
                let register = judged(format!("{header}{}", row(typed)).as_bytes(), Form::Csv);
                assert_eq!(summary(&register), (vec![], owned(&["2 code code-too-short"])), "{typed}");
            }
        }
        let without = judged(format!("{HEADER}a1,1990-05-17,Asha Rao,work,oslo,yes,IN").as_bytes(), Form::Csv);
        assert_eq!(without.rows[0].1.letter_code, None);
        let json = r#"{"reference":"a1","born":"1990-05-17","applicant":"A","type":"work","district":"oslo","submitted":true,"citizenships":"IN","kode":"k7qm2xpa"}"#;
        assert_eq!(judged(json.as_bytes(), Form::JsonLines).rows[0].1.letter_code, kept("K7QM2XPA"));
    }

    #[test]
    fn json_lines() {
        let good = r#"{"reference":"a1","born":"1990-05-17","applicant":"Asha Rao","type":"work","district":"oslo","submitted":true,"citizenships":["IN","GB"]}"#;
        let same = r#"{"reference":"a2","born":"17.05.1990","applicant":"B","type":"work","district":"oslo","submitted":"nei","citizenships":"","colour":1}"#;
        let lines = format!("\u{feff}{good}\r\n\n[1]\n{{\"reference\":7,\"born\":null}}\nnonsense\n{same}");
        let register = judged(lines.as_bytes(), Form::JsonLines);
        assert_eq!(
            summary(&register),
            (
                owned(&["1 A1 Asha Rao", "6 A2 B"]),
                owned(&[
                    "3 - unreadable",
                    "4 reference not-text",
                    "4 born missing",
                    "4 applicant missing",
                    "4 type missing",
                    "4 district missing",
                    "4 submitted missing",
                    "4 citizenships missing",
                    "5 - unreadable",
                ])
            )
        );
        assert_eq!(register.unknown_columns, ["colour"]);
    }
}
