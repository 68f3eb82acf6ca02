//! What a file is, by its first bytes; its name says nothing.

use api::documents::{Fault, Kind};

/// How many of the first bytes are looked at.
pub const HEAD: usize = 64;

/// What begins like this, if it is a document.
pub fn kind(head: &[u8]) -> Result<Kind, Fault> {
    /// What telephones' pictures call themselves that are not JPEG (ISO/IEC 23008-12).
    const BRANDS: [&[u8]; 10] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"];
    if head.get(4..8) == Some(b"ftyp") && head.get(8..12).is_some_and(|brand| BRANDS.contains(&brand)) {
        return Err(Fault::Heic);
    }
    match infer::get(head).map(|found| found.mime_type()) {
        Some("application/pdf") => Ok(Kind::Pdf),
        Some("image/jpeg") => Ok(Kind::Jpeg),
        Some("image/png") => Ok(Kind::Png),
        Some("image/tiff") => Ok(Kind::Tiff),
        _ => Err(Fault::NotADocument),
    }
}

/// Whether a document is another kind of file too. What opens it by its other half would do what nobody has looked at.
pub fn is_disguised(kind: Kind, bytes: &[u8]) -> bool {
    /// As far into a file a PDF may begin for those who read them leniently.
    const LENIENT: usize = 1024;
    /// As far from its end an archive may end: its last record, with the longest comment.
    const ARCHIVE_END: usize = 22 + 65_535;
    let begins_late = kind != Kind::Pdf && has(&bytes[..bytes.len().min(LENIENT)], b"%PDF-");
    let is_archive = has(&bytes[bytes.len().saturating_sub(ARCHIVE_END)..], b"PK\x05\x06");
    begins_late || is_archive || holds_more(after_end(kind, bytes)) || kind != Kind::Pdf && holds_script(bytes)
}

/// Whether a document is there to its end. What breaks off is half a document, and those who draw leniently do not say so.
pub fn is_whole(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::Pdf => has(bytes, b"%%EOF"),
        Kind::Jpeg => jpeg_ends(bytes),
        // Whoever reads these says so.
        Kind::Png | Kind::Tiff => true,
    }
}

/// Follows a JPEG from marker to marker to its end (ITU-T T.81, annex B). A smaller picture within it has an end of its own.
fn jpeg_ends(bytes: &[u8]) -> bool {
    const START: u8 = 0xd8;
    const END: u8 = 0xd9;
    let mut at = 2;
    loop {
        // Before a marker, and within a scan, there may be anything but a marker: a byte FF that is followed by 0, or by a restart.
        let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
        let Some(next) = bytes.get(at..).and_then(|rest| rest.windows(2).position(is_marker)) else { return false };
        at += next + 2;
        match bytes[at - 1] {
            END => return true,
            START | 0x01 => {}
            _ => {
                let Some(length) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
            }
        }
    }
}

/// What stands behind the picture's or the document's own end.
fn after_end(kind: Kind, bytes: &[u8]) -> &[u8] {
    let mark: &[u8] = match kind {
        Kind::Pdf => b"%%EOF",
        Kind::Jpeg => b"\xff\xd9",
        Kind::Png => b"IEND",
        Kind::Tiff => return &[],
    };
    let end = bytes.windows(mark.len()).rposition(|window| window == mark);
    // Without an end it is broken, which is found otherwise.
    end.map_or(&[], |at| &bytes[at + mark.len()..])
}

/// Whether there is something else in it: an archive, a program, or what a browser would run.
fn holds_more(bytes: &[u8]) -> bool {
    const OTHERS: [&[u8]; 4] =
        [b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x7fELF", b"This program cannot be run in DOS mode"];
    OTHERS.iter().any(|mark| has(bytes, mark)) || holds_page(bytes)
}

/// Whether a picture holds a script somewhere. Only long marks: short ones a picture has by chance.
fn holds_script(bytes: &[u8]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    [b"<script".as_slice(), b"<!doctype", b"<?php "].iter().any(|mark| has(&lower, mark))
}

/// Whether there is something in it that a browser would run.
fn holds_page(bytes: &[u8]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    [b"<script".as_slice(), b"<html", b"<!doctype", b"<?php", b"<svg"].iter().any(|mark| has(&lower, mark))
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_it_is() {
        for (head, expected) in [
            (b"%PDF-1.7\n".as_slice(), Ok(Kind::Pdf)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Ok(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Ok(Kind::Png)),
            (b"II*\0\x08\0\0\0\0\0\0\0", Ok(Kind::Tiff)),
            (b"MM\0*\0\0\0\x08\0\0\0\0", Ok(Kind::Tiff)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Err(Fault::Heic)),
            (b"\0\0\0\x18ftyphevc\0\0\0\0", Err(Fault::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", Err(Fault::Heic)),
            (b"MZ\x90\0\x03\0\0\0\x04\0", Err(Fault::NotADocument)),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0", Err(Fault::NotADocument)),
            (b"PK\x03\x04\x14\0\0\0", Err(Fault::NotADocument)),
            (b"<html><script>", Err(Fault::NotADocument)),
            (b"GIF89a", Err(Fault::NotADocument)),
            (b"plain text", Err(Fault::NotADocument)),
            (b"", Err(Fault::NotADocument)),
        ] {
            assert_eq!(kind(head), expected, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn what_is_two_things_is_found() {
        let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (kind, bytes, expected) in [
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\n".to_vec(), false),
            (Kind::Pdf, [b"%PDF-1.7 ... %%EOF\n".as_slice(), archive].concat(), true),
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\n<HTML><Script>".to_vec(), true),
            (Kind::Jpeg, b"\xff\xd8\xff picture \xff\xd9".to_vec(), false),
            // Telephones put more of their own behind a picture.
            (Kind::Jpeg, b"\xff\xd8\xff picture \xff\xd9 SEFHe".to_vec(), false),
            (Kind::Jpeg, b"\xff\xd8\xff %PDF-1.4 \xff\xd9".to_vec(), true),
            (Kind::Jpeg, [b"\xff\xd8\xff picture \xff\xd9".as_slice(), archive].concat(), true),
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\nRar!\x1a\x07\0".to_vec(), true),
            (Kind::Jpeg, b"\xff\xd8\xff picture \xff\xd9\x7fELF".to_vec(), true),
            (Kind::Jpeg, b"\xff\xd8\xff <Script> \xff\xd9".to_vec(), true),
            (Kind::Png, b"\x89PNG\r\n\x1a\n IEND\xae\x42\x60\x82".to_vec(), false),
            (Kind::Png, b"\x89PNG\r\n\x1a\n IEND\xae\x42\x60\x82<?php".to_vec(), true),
        ] {
            assert_eq!(is_disguised(kind, &bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_breaks_off_is_seen() {
        // A segment with the end of a smaller picture in it, a table, a scan with a stuffed byte and a restart, the end.
        let whole = b"\xff\xd8\xff\xe1\x00\x06\xff\xd9\xff\xd9\xff\xdb\x00\x03\x00\xff\xda\x00\x03\x00pic\xff\x00ture\xff\xd0s\xff\xd9 more";
        assert!(is_whole(Kind::Jpeg, whole));
        for end in 2..whole.len() - 5 {
            assert!(!is_whole(Kind::Jpeg, &whole[..end]), "{end}");
        }
        assert!(is_whole(Kind::Pdf, b"%PDF-1.7 ... %%EOF\n") && !is_whole(Kind::Pdf, b"%PDF-1.7 ... %%EO"));
    }
}
