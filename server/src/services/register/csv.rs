//! The CSV reader of the register: records, headings, and quotations that are not closed.
//!
//! A bad row must not affect other rows. If a quotation is not closed, the row in which it opens is bad, and the next line is read
//! as a row again. `register::read` calls [`read_csv`].

use std::borrow::Cow;

use api::imports::{Column, RowError, Wrong};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use rules::Coded;

use super::{Field, Fields, Judge, Register, fault, row};

/// Reads a CSV file into the register.
pub(super) fn read_csv(bytes: &[u8], judge: Judge, register: &mut Register) {
    // A spreadsheet can have empty rows above its headings.
    let headings = |records: &mut Records<'_>| {
        let first = std::iter::from_fn(|| records.next()).find(|record| !record.is_empty());
        first.map_or((1, Vec::new()), |record| (record.line, record.texts()))
    };
    let known = |delimiter: &u8| {
        let (_, header) = headings(&mut Records::new(bytes, *delimiter));
        header.iter().filter(|name| Column::of_heading(name).is_some()).count()
    };
    // The last maximum wins: a comma, unless another delimiter makes more headings known.
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(known).unwrap_or(b',');
    let mut records = Records::new(bytes, delimiter);
    let (line, header) = headings(&mut records);
    // The field of each column.
    let mut places = [None; Column::ALL.len()];
    let mut twice = Vec::new();
    for (place, name) in header.iter().enumerate() {
        match Column::of_heading(name) {
            Some(column) if places[column as usize].is_some() => {
                twice.push(fault(line, Some(column), Wrong::ColumnTwice, name));
            }
            Some(column) => places[column as usize] = Some(place),
            // A delimiter at the end of each line makes a column without a name.
            None if name.trim().is_empty() => {}
            None => register.left_out(name),
        }
    }
    let is_missing = |column: &&Column| places[**column as usize].is_none() && !column.is_optional();
    let missing = Column::ALL.iter().filter(is_missing);
    register.missing_columns = missing.map(|column| column.code().to_owned()).collect();
    if !twice.is_empty() {
        register.refuse(twice);
    }
    let is_ready = register.missing_columns.is_empty() && register.bad == 0;
    while is_ready && let Some(record) = records.next() {
        if record.is_empty() {
            continue;
        }
        if record.number_of_fields() != Some(header.len()) {
            let wrong = if record.spans_lines() { Wrong::QuoteOpen } else { Wrong::NumberOfFields };
            register.refuse(vec![fault(record.line, None, wrong, &record.beginning())]);
            records.go_on_after_first_line();
            continue;
        }
        let fields: Fields = places.map(|place| place.map_or(Ok("".into()), |place| record.field(place, delimiter)));
        let outcome = row(record.line, &fields, judge);
        let is_open = |fault: &RowError| {
            let column = fault.column.as_deref().and_then(Column::from_code);
            fault.code == Wrong::QuoteOpen
                || column.and_then(|column| places[column as usize]).is_some_and(|place| record.has_line_break(place))
        };
        match outcome {
            Ok(row) => register.rows.push((record.line, row)),
            Err(faults) => match faults.iter().find(|fault| is_open(fault)) {
                // A faulty value with several lines is more likely an unclosed quotation than a bad value.
                Some(open) => {
                    register.refuse(vec![RowError { code: Wrong::QuoteOpen, ..open.clone() }]);
                    records.go_on_after_first_line();
                }
                None => register.refuse(faults),
            },
        }
    }
}

/// Reads one record after another. It uses csv's core, which can start anywhere in the file and reads at most one record.
struct Records<'b> {
    bytes: &'b [u8],
    reader: Box<Reader>,
    /// The position of the next record in bytes, and its line.
    at: usize,
    line: u64,
    /// Position and line of the previous record, of which only the first line may belong to it.
    before: (usize, u64),
}

/// One record. `ends` is `None` if it has more fields, or longer ones, than any row.
struct Raw<'b> {
    line: u64,
    /// The record's bytes in the file.
    whole: &'b [u8],
    texts: Vec<u8>,
    ends: Option<Vec<usize>>,
}

impl<'b> Records<'b> {
    fn new(bytes: &'b [u8], delimiter: u8) -> Records<'b> {
        let reader = Box::new(ReaderBuilder::new().delimiter(delimiter).build());
        Records { bytes, reader, at: 0, line: 1, before: (0, 1) }
    }

    /// Returns the next record; `None` at the end of the file.
    fn next(&mut self) -> Option<Raw<'b>> {
        const LONGEST: usize = 64 * 1024;
        const MOST_FIELDS: usize = 100;
        while self.bytes.get(self.at).is_some_and(|byte| is_line_break(*byte)) {
            self.at += line_break(&self.bytes[self.at..]);
            self.line += 1;
        }
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        self.before = (self.at, self.line);
        self.reader.reset();
        // A row has some hundred bytes; the buffer grows if needed.
        let mut texts = vec![0; LONGEST.min(rest.len() + 1).min(512)];
        let mut ends = vec![0; MOST_FIELDS];
        let (mut read, mut written, mut ended) = (0, 0, 0);
        let is_whole = loop {
            let (result, took, wrote, fields) =
                self.reader.read_record(&rest[read..], &mut texts[written..], &mut ends[ended..]);
            (read, written, ended) = (read + took, written + wrote, ended + fields);
            match result {
                // The next call has no input left and ends the record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if texts.len() < LONGEST => texts.resize(texts.len() * 2, 0),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => break false,
                ReadRecordResult::Record | ReadRecordResult::End => break true,
            }
        };
        if rest[..read].last() == Some(&b'\r') && rest.get(read) == Some(&b'\n') {
            read += 1;
        }
        ends.truncate(ended);
        let record = Raw { line: self.line, whole: &rest[..read], texts, ends: is_whole.then_some(ends) };
        self.at += read;
        self.line += line_breaks(record.whole);
        Some(record)
    }

    /// Continues after the first line of the previous record.
    fn go_on_after_first_line(&mut self) {
        let (at, line) = self.before;
        let rest = &self.bytes[at..];
        let end = rest.iter().position(|byte| is_line_break(*byte)).unwrap_or(rest.len());
        self.at = at + end + line_break(&rest[end..]);
        self.line = line + 1;
    }
}

impl Raw<'_> {
    /// Returns the number of fields; `None` if the record is larger than any row.
    fn number_of_fields(&self) -> Option<usize> {
        self.ends.as_ref().map(Vec::len)
    }

    /// Returns the bytes of a field; empty if there is none.
    fn bytes(&self, place: usize) -> &[u8] {
        let ends = self.ends.as_deref().unwrap_or_default();
        let begins = place.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        ends.get(place).map_or(&[], |end| &self.texts[begins..*end])
    }

    fn texts(&self) -> Vec<String> {
        let count = self.number_of_fields().unwrap_or(0);
        (0..count).map(|place| String::from_utf8_lossy(self.bytes(place)).into_owned()).collect()
    }

    /// Returns a field. A name can have several lines, or a comma. A value with both, or with a quotation mark and a line break, is an
    /// unclosed quotation that contains the next rows.
    fn field(&self, place: usize, delimiter: u8) -> Field<'_> {
        let bytes = self.bytes(place);
        if self.has_line_break(place) && (bytes.contains(&delimiter) || bytes.contains(&b'"')) {
            return Err(Wrong::QuoteOpen);
        }
        str::from_utf8(bytes).map(Cow::from).map_err(|_| Wrong::NotUtf8)
    }

    fn has_line_break(&self, place: usize) -> bool {
        self.bytes(place).iter().any(|byte| is_line_break(*byte))
    }

    /// Returns `true` if all fields are empty. Spreadsheets write such rows.
    fn is_empty(&self) -> bool {
        self.number_of_fields().is_some_and(|count| (0..count).all(|place| self.bytes(place).trim_ascii().is_empty()))
    }

    fn spans_lines(&self) -> bool {
        self.whole.trim_ascii_end().iter().any(|byte| is_line_break(*byte))
    }

    /// Returns the first line, cut, so that a person finds the row in the file.
    fn beginning(&self) -> String {
        let line = self.whole.split(|byte| is_line_break(*byte)).next().unwrap_or_default();
        String::from_utf8_lossy(&line[..line.len().min(400)]).into_owned()
    }
}

/// Returns `true` for a byte of a line break.
fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Returns the length of the line break at the start, in bytes; 0 if there is none.
fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Returns the number of line breaks.
fn line_breaks(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| is_line_break(*byte)) {
        at += next;
        at += line_break(&bytes[at..]);
        count += 1;
    }
    count
}
