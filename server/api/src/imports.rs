//! A file for the office's register of cases.

use rules::{Coded, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// The largest file that is taken, in bytes.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;

/// How many faults are listed; all of them are counted.
pub const MOST_FAULTS: usize = 200;

coded! {
    /// What a file says of each case, by the names of its columns.
    Column {
        Reference = "reference",
        Born = "born",
        Applicant = "applicant",
        Type = "type",
        District = "district",
        Submitted = "submitted",
        /// Country codes with a space or `+` between; none means stateless.
        Citizenships = "citizenships",
        /// The code on the office's letter, where it has one. The column may be missing, and a field may be empty: a code that
        /// is on record stays.
        Code = "code",
    }
}

impl Column {
    /// Whether a file may be without it.
    pub const fn is_optional(self) -> bool {
        matches!(self, Column::Code)
    }

    /// Whether a field of it may be empty.
    pub const fn may_be_empty(self) -> bool {
        matches!(self, Column::Citizenships | Column::Code)
    }
}

impl Column {
    /// The column that a heading names: by its code, or in Norwegian as a spreadsheet has it.
    pub fn of_heading(heading: &str) -> Option<Column> {
        let heading = heading.trim().to_lowercase();
        Column::from_code(&heading).or(match &*heading {
            "referanse" | "saksreferanse" | "referansenummer" => Some(Column::Reference),
            "fødselsdato" | "født" => Some(Column::Born),
            "søker" | "navn" => Some(Column::Applicant),
            "søknadstype" | "sakstype" => Some(Column::Type),
            "distrikt" | "politidistrikt" => Some(Column::District),
            "innsendt" | "sendt inn" => Some(Column::Submitted),
            "statsborgerskap" => Some(Column::Citizenships),
            "kode" => Some(Column::Code),
            _ => None,
        })
    }
}

coded! {
    /// How the letters of a file are written.
    Encoding {
        Utf8 = "utf-8",
        Utf16 = "utf-16",
        /// What Excel in Norway writes as "CSV".
        Windows1252 = "windows-1252",
    }
}

coded! {
    /// What is wrong with a row.
    Wrong {
        /// The line is no JSON object.
        Unreadable = "unreadable",
        /// More or fewer fields than the header has.
        NumberOfFields = "number-of-fields",
        /// A quotation mark opens and does not close where the field ends.
        QuoteOpen = "quote-open",
        NotUtf8 = "not-utf-8",
        /// The header names the column twice.
        ColumnTwice = "column-twice",
        Missing = "missing",
        /// Not a text, where one is expected.
        NotText = "not-text",
        TooLong = "too-long",
        /// A code that could be guessed.
        CodeTooShort = "code-too-short",
        NotADate = "not-a-date",
        NoSuchDay = "no-such-day",
        DayAhead = "day-ahead",
        UnknownType = "unknown-type",
        UnknownDistrict = "unknown-district",
        /// The row is another district's.
        OtherDistrict = "other-district",
        NotYesOrNo = "not-yes-or-no",
        UnknownCountry = "unknown-country",
        /// An earlier row has the same reference.
        Repeated = "repeated",
        /// Another district has a case with this reference on record.
        Elsewhere = "elsewhere",
    }
}

/// What a file would change in the register, or has changed. Each of its rows is counted once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Import {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Rows that are not taken.
    pub bad: u64,
    /// Columns that the counter does not know; they are left out.
    pub unknown_columns: Vec<String>,
    /// Columns without which no row can be taken.
    pub missing_columns: Vec<String>,
    /// What is wrong, in the order of the file: the first 200. A row may have several.
    pub faults: Vec<Fault>,
    /// All that is wrong, equal faults together, in the order in which the file has them first.
    pub kinds: Vec<FaultKind>,
    /// How the file was read.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Encoding>)]
    pub encoding: Encoding,
}

/// Rows that have the same fault in the same column.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FaultKind {
    #[schema(example = "born")]
    pub column: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Wrong>)]
    pub code: Wrong,
    /// How many rows have it.
    pub count: u64,
    /// Their first lines, at most 20.
    pub lines: Vec<u64>,
    /// What stands in the first of them, or its beginning.
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Fault {
    /// Where the row begins; the file's first line is 1.
    pub line: u64,
    /// The column at fault, unless it is the row as a whole.
    #[schema(example = "born")]
    pub column: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Wrong>)]
    pub code: Wrong,
    /// What stands there, or its beginning.
    pub value: String,
}
