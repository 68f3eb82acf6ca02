//! The import of a file into the office's register of cases: its columns, faults and result. The server reads the file.

use rules::{Coded, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// Maximum size of a file, in bytes.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Maximum number of faults listed. All of them are counted.
pub const MOST_FAULTS: usize = 200;

coded! {
    /// The columns of a file, by their names.
    Column {
        Reference = "reference",
        Born = "born",
        Applicant = "applicant",
        Type = "type",
        District = "district",
        Submitted = "submitted",
        /// Country codes, separated by a space or `+`. An empty field means stateless.
        Citizenships = "citizenships",
        /// The code on the office's letter. The column is optional and a field can be empty; the code in the register then stays.
        Code = "code",
    }
}

impl Column {
    /// Returns `true` if the column can be missing.
    pub const fn is_optional(self) -> bool {
        matches!(self, Column::Code)
    }

    /// Returns `true` if a field of the column can be empty.
    pub const fn may_be_empty(self) -> bool {
        matches!(self, Column::Citizenships | Column::Code)
    }
}

impl Column {
    /// Returns the column with this heading: its code, or its Norwegian name in spreadsheets. `None` if it is unknown.
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
    /// The character encoding of a file.
    Encoding {
        Utf8 = "utf-8",
        Utf16 = "utf-16",
        /// The encoding of "CSV" files from Norwegian Excel.
        Windows1252 = "windows-1252",
    }
}

coded! {
    /// A fault of a row.
    Wrong {
        /// The line is not a JSON object.
        Unreadable = "unreadable",
        /// The number of fields differs from the header.
        NumberOfFields = "number-of-fields",
        /// A quotation mark is not closed at the end of the field.
        QuoteOpen = "quote-open",
        NotUtf8 = "not-utf-8",
        /// The header has the column twice.
        ColumnTwice = "column-twice",
        Missing = "missing",
        /// The value is not a text.
        NotText = "not-text",
        TooLong = "too-long",
        /// The code is short enough to guess.
        CodeTooShort = "code-too-short",
        NotADate = "not-a-date",
        NoSuchDay = "no-such-day",
        DayAhead = "day-ahead",
        UnknownType = "unknown-type",
        UnknownDistrict = "unknown-district",
        /// The row belongs to another district.
        OtherDistrict = "other-district",
        NotYesOrNo = "not-yes-or-no",
        UnknownCountry = "unknown-country",
        /// An earlier row has the same reference.
        Repeated = "repeated",
        /// Another district has registered a case with this reference.
        Elsewhere = "elsewhere",
    }
}

/// The effect of a file on the register, previewed or applied. Each row is counted once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Import {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Rows that are rejected.
    pub bad: u64,
    /// Unknown columns, which are ignored.
    pub unknown_columns: Vec<String>,
    /// Missing columns that are required.
    pub missing_columns: Vec<String>,
    /// The first 200 faults, in the order of the file. A row can have several.
    pub faults: Vec<RowError>,
    /// All faults grouped by kind, in the order of their first occurrence.
    pub kinds: Vec<RowErrorKind>,
    /// The encoding in which the file was read.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Encoding>)]
    pub encoding: Encoding,
}

/// Rows with the same fault in the same column.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct RowErrorKind {
    #[schema(example = "born")]
    pub column: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Wrong>)]
    pub code: Wrong,
    /// The number of rows.
    pub count: u64,
    /// The first lines, at most 20.
    pub lines: Vec<u64>,
    /// The value of the first of them, cut to a maximum length.
    pub value: String,
}

/// A fault of one row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct RowError {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The column at fault; null if the whole row is at fault.
    #[schema(example = "born")]
    pub column: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Wrong>)]
    pub code: Wrong,
    /// The value, cut to a maximum length.
    pub value: String,
}
