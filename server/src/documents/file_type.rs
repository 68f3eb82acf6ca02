//! File types, recognised by the bytes and never by the name; and files that are of two types, or cut off. `receive` and `inspect`
//! call it.

use api::documents::{FileFault, Kind};
use memchr::memmem;

/// The number of leading bytes that decide the type.
pub const HEAD: usize = 64;

/// Returns the type of a file by its first bytes. Fails if it is not accepted.
pub fn kind(head: &[u8]) -> Result<Kind, FileFault> {
    /// Brands of camera pictures that are not JPEG (ISO/IEC 23008-12).
    const BRANDS: [&[u8]; 10] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"];
    // The same bytes decide, however many are passed.
    let head = &head[..head.len().min(HEAD)];
    if is_pdf(head) {
        return Ok(Kind::Pdf);
    }
    if head.get(4..8) == Some(b"ftyp") && head.get(8..12).is_some_and(|brand| BRANDS.contains(&brand)) {
        return Err(FileFault::Heic);
    }
    match infer::get(head).map(|found| found.mime_type()) {
        Some("image/jpeg") => Ok(Kind::Jpeg),
        Some("image/png") => Ok(Kind::Png),
        Some("image/tiff") => Ok(Kind::Tiff),
        _ => Err(FileFault::NotADocument),
    }
}

/// Returns `true` if a PDF mark comes first. Some programs write a byte-order mark or empty lines before it. Lenient readers also
/// find it behind a script, which would be run; such a file is refused.
fn is_pdf(head: &[u8]) -> bool {
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().starts_with(b"%PDF-")
}

/// The distance from the start within which lenient readers search for a PDF's mark, and from the end for its last one.
const LENIENT: usize = 1024;

/// Returns `true` if a document is of another file type as well. A program that opens it as that type would run content that was
/// not inspected.
pub fn is_disguised(kind: Kind, bytes: &[u8]) -> bool {
    /// The distance from the end within which a ZIP archive can end: its last record with the longest comment.
    const ARCHIVE_END: usize = 22 + 65_535;
    let begins_late = kind != Kind::Pdf && has(&bytes[..bytes.len().min(LENIENT)], b"%PDF-");
    let is_archive = has(&bytes[bytes.len().saturating_sub(ARCHIVE_END)..], b"PK\x05\x06");
    let behind = after_end(kind, bytes).unwrap_or_default();
    // A PDF may lawfully be about HTML.
    let may_hide_page = if kind == Kind::Pdf { behind } else { bytes };
    begins_late || is_archive || holds_program(bytes) || holds_page(may_hide_page) || holds_drawing(behind)
}

/// Returns `true` if a document has its end. Lenient readers draw a truncated document without an error.
pub fn is_whole(kind: Kind, bytes: &[u8]) -> bool {
    let rest = after_end(kind, bytes);
    match kind {
        // Only the last of several ends counts. A PDF has several if it was extended, or is linearised for display while it loads.
        Kind::Pdf => rest.is_some_and(|rest| {
            rest.iter().rposition(|byte| !byte.is_ascii_whitespace() && *byte != 0).is_none_or(|last| last < LENIENT)
        }),
        Kind::Jpeg | Kind::Png => rest.is_some(),
        // The TIFF decoder reports a truncated file itself.
        Kind::Tiff => true,
    }
}

/// Returns the bytes after the end mark of a document. `None` if there is no end mark; a TIFF never has one.
fn after_end(kind: Kind, bytes: &[u8]) -> Option<&[u8]> {
    const PDF_END: &[u8] = b"%%EOF";
    let end = match kind {
        Kind::Pdf => memmem::rfind(bytes, PDF_END)? + PDF_END.len(),
        Kind::Jpeg => jpeg_end(bytes)?,
        Kind::Png => png_end(bytes)?,
        Kind::Tiff => return None,
    };
    bytes.get(end..)
}

/// Returns the offset after the end of a JPEG, following its markers (ITU-T T.81, annex B); `None` if it is truncated. An embedded
/// thumbnail has an end of its own, which must be skipped.
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    const START: u8 = 0xd8;
    const END: u8 = 0xd9;
    let mut at = 2;
    loop {
        // A byte FF before 0, FF or a restart is no marker. Such bytes occur between markers and within a scan.
        let rest = bytes.get(at..)?;
        let is_marker = |place: &usize| !matches!(rest.get(place + 1), None | Some(0 | 0xd0..=0xd7 | 0xff));
        at += memchr::memchr_iter(0xff, rest).find(is_marker)? + 2;
        match bytes[at - 1] {
            END => return Some(at),
            START | 0x01 => {}
            _ => at += usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?)).max(2),
        }
    }
}

/// Returns the offset after the end of a PNG, following its chunks (ISO/IEC 15948, 5.3); `None` if it is truncated.
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    loop {
        let chunk = bytes.get(at..)?;
        let length = u32::from_be_bytes(*chunk.first_chunk()?);
        // A chunk's length field counts its data only, without length, type and checksum, which take 12 bytes.
        at = at.checked_add(usize::try_from(length).ok()?.checked_add(12)?)?;
        if chunk.get(4..8)? == b"IEND" {
            return (at <= bytes.len()).then_some(at);
        }
    }
}

/// Returns `true` if the bytes contain an archive or a program. Cameras append megabytes of their own data to a picture, so each
/// mark is long enough not to occur by chance.
fn holds_program(bytes: &[u8]) -> bool {
    const ARCHIVES: [&[u8]; 2] = [b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"];
    ARCHIVES.iter().any(|mark| has(bytes, mark))
        || memmem::find_iter(bytes, b"\x7fELF").any(|at| is_elf(&bytes[at..]))
        || memmem::find_iter(bytes, b"MZ").any(|at| is_program(&bytes[at..]))
}

/// Returns `true` if a browser would draw the bytes as SVG, which may contain scripts.
fn holds_drawing(bytes: &[u8]) -> bool {
    has_tag(bytes, &[b"<svg"]) && has(bytes, b"xmlns")
}

/// Returns `true` if a Linux program begins here: class, byte order, and the only version.
fn is_elf(bytes: &[u8]) -> bool {
    matches!(bytes, [0x7f, b'E', b'L', b'F', 1 | 2, 1 | 2, 1, ..])
}

/// Returns `true` if a Windows program begins here: `MZ`, and at a fixed offset the place of the `PE` mark.
fn is_program(bytes: &[u8]) -> bool {
    const PLACE: usize = 0x3c;
    let place = bytes.get(PLACE..).and_then(|rest| rest.first_chunk()).map(|place| u32::from_le_bytes(*place));
    let rest = place.and_then(|place| bytes.get(usize::try_from(place).ok()?..));
    rest.is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

/// Returns `true` if the bytes contain HTML or a script that a browser or a server would run. A picture may have it in a comment.
fn holds_page(bytes: &[u8]) -> bool {
    has_tag(bytes, &[b"<script", b"<html", b"<!doctype", b"<?php"])
}

/// Returns `true` if one of these tags occurs, in lower or upper case, and not as the beginning of a longer name.
fn has_tag(bytes: &[u8], tags: &[&[u8]]) -> bool {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    memchr::memchr_iter(b'<', bytes).map(|at| &bytes[at..]).any(|rest| {
        tags.iter().any(|tag| {
            rest.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
                && rest.get(tag.len()).is_none_or(ends)
        })
    })
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    memmem::find(bytes, mark).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_it_is() {
        for (head, expected) in [
            (b"%PDF-1.7\n".as_slice(), Ok(Kind::Pdf)),
            (b"\xef\xbb\xbf\r\n%PDF-1.7\n", Ok(Kind::Pdf)),
            (b"#!/bin/sh\n%PDF-1.7\n", Err(FileFault::NotADocument)),
            (b"<html>%PDF-1.7\n", Err(FileFault::NotADocument)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Ok(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Ok(Kind::Png)),
            (b"II*\0\x08\0\0\0\0\0\0\0", Ok(Kind::Tiff)),
            (b"MM\0*\0\0\0\x08\0\0\0\0", Ok(Kind::Tiff)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Err(FileFault::Heic)),
            (b"\0\0\0\x18ftyphevc\0\0\0\0", Err(FileFault::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", Err(FileFault::Heic)),
            (b"MZ\x90\0\x03\0\0\0\x04\0", Err(FileFault::NotADocument)),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0", Err(FileFault::NotADocument)),
            (b"PK\x03\x04\x14\0\0\0", Err(FileFault::NotADocument)),
            (b"<html><script>", Err(FileFault::NotADocument)),
            (b"GIF89a", Err(FileFault::NotADocument)),
            (b"plain text", Err(FileFault::NotADocument)),
            (b"", Err(FileFault::NotADocument)),
        ] {
            assert_eq!(kind(head), expected, "{}", head.escape_ascii());
        }
    }

    /// A picture with a comment, and with data after its end.
    fn jpeg(comment: &[u8], behind: &[u8]) -> Vec<u8> {
        let length = (comment.len() as u16 + 2).to_be_bytes();
        [b"\xff\xd8\xff\xfe", &length[..], comment, b"\xff\xda\x00\x03\x00picture\xff\xd9", behind].concat()
    }

    fn png(behind: &[u8]) -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n\0\0\0\x04tIMEIEND....\0\0\0\0IEND\xae\x42\x60\x82", behind].concat()
    }

    #[test]
    fn what_is_two_things_is_found() {
        let program = [b"MZ".as_slice(), &[0; 0x3a], &[0x40, 0, 0, 0], b"PE\0\0"].concat();
        let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (kind, bytes, expected) in [
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\n".to_vec(), false),
            (Kind::Pdf, [b"%PDF-1.7 ... %%EOF\n".as_slice(), archive].concat(), true),
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\n<HTML><Script>".to_vec(), true),
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\nRar!\x1a\x07\0".to_vec(), true),
            (Kind::Pdf, b"%PDF-1.7 ... %%EOF\nRar!\x1a\x07\0\n%%EOF\n".to_vec(), true),
            (Kind::Tiff, b"II*\0\x08\0\0\0 7z\xbc\xaf\x27\x1c".to_vec(), true),
            (Kind::Jpeg, jpeg(b"", b""), false),
            (Kind::Jpeg, jpeg(b"\x7fELF\x02\x01\x01\0", b""), true),
            // Cameras append data of their own to a picture.
            (Kind::Jpeg, jpeg(b"", b" SEFHe <svgs 7z \x7fELF"), false),
            (Kind::Jpeg, jpeg(b"%PDF-1.4", b""), true),
            (Kind::Jpeg, jpeg(b"<Script>", b""), true),
            (Kind::Jpeg, jpeg(b"<html lang=en>", b""), true),
            (Kind::Jpeg, jpeg(b"<?php phpinfo();", b""), true),
            (Kind::Jpeg, jpeg(b"<htmlandscape>", b""), false),
            (Kind::Jpeg, jpeg(b"", archive), true),
            (Kind::Jpeg, jpeg(b"", b"\x7fELF\x02\x01\x01\0"), true),
            (Kind::Jpeg, jpeg(b"", &program), true),
            // A second end of the picture does not hide an archive.
            (Kind::Jpeg, jpeg(b"", b"7z\xbc\xaf\x27\x1c\xff\xd9"), true),
            (Kind::Png, png(b""), false),
            (Kind::Png, png(b"<?php"), true),
            (Kind::Png, png(b"Rar!\x1a\x07\0 IEND"), true),
            (Kind::Png, png(b"<svg xmlns='http://www.w3.org/2000/svg'>"), true),
        ] {
            assert_eq!(is_disguised(kind, &bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_breaks_off_is_seen() {
        // A segment with the end of a thumbnail in it, a table, a scan with a stuffed byte and a restart, the end.
        let whole = b"\xff\xd8\xff\xe1\x00\x06\xff\xd9\xff\xd9\xff\xdb\x00\x03\x00\xff\xda\x00\x03\x00pic\xff\x00ture\xff\xd0s\xff\xd9 more";
        assert!(is_whole(Kind::Jpeg, whole));
        for end in 2..whole.len() - 5 {
            assert!(!is_whole(Kind::Jpeg, &whole[..end]), "{end}");
        }
        let whole = png(b"");
        assert!(is_whole(Kind::Png, &whole) && is_whole(Kind::Png, &png(b" more")));
        assert!((0..whole.len()).all(|end| !is_whole(Kind::Png, &whole[..end])));
        // A linearised PDF has an end mark near its start.
        let begun = [b"%PDF-1.7 %%EOF ".as_slice(), &[b'x'; LENIENT]].concat();
        for (bytes, expected) in [
            (b"%PDF-1.7 ... %%EOF\n".to_vec(), true),
            (b"%PDF-1.7 ... %%EO".to_vec(), false),
            ([b"%PDF-1.7 ... %%EOF\n".as_slice(), &[0; 2 * LENIENT]].concat(), true),
            ([&begun[..], b" %%EOF"].concat(), true),
            (begun, false),
        ] {
            assert_eq!(is_whole(Kind::Pdf, &bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
