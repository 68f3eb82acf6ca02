//! Sample files for uploads: valid documents, and files that imitate them.

use std::io::{Cursor, Write};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// The EICAR test file of eicar.org, which virus scanners detect and which is harmless. Split, so that this source is
/// not detected.
pub fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// A PDF with a page for each text.
pub fn pdf(pages: &[&str]) -> Vec<u8> {
    let streams: Vec<Stream> = pages.iter().map(|text| written(text)).collect();
    pdf_of(&streams, "")
}

/// A PDF with active content, as given by its catalog entries.
pub fn active_pdf(catalog: &str) -> Vec<u8> {
    pdf_with(&[written("A form")], catalog, "")
}

/// The content stream of a page, and its filter entry.
type Stream = (Vec<u8>, &'static str);

fn written(text: &str) -> Stream {
    (format!("BT /F1 24 Tf 40 700 Td ({text}) Tj ET").into(), "")
}

/// A PDF with a page too flat to see.
pub fn flat_pdf() -> Vec<u8> {
    let mut bytes = pdf(&["x"]);
    let (size, flat) = (b"[0 0 595 842]", b"[0 0 1 99999]");
    if let Some(at) = bytes.windows(size.len()).position(|window| window == size) {
        bytes[at..at + size.len()].copy_from_slice(flat);
    }
    bytes
}

/// A PDF that requires a password.
pub fn encrypted_pdf() -> Vec<u8> {
    let secret = "5f".repeat(32);
    let encrypt = format!("<</Filter/Standard/V 1/R 2/O<{secret}>/U<{secret}>/P -4>>");
    pdf_of(&[(b"BT ET".to_vec(), "")], &format!("/Encrypt {encrypt}/ID[<{secret}><{secret}>]"))
}

/// A PDF whose page decompresses to more than two gigabytes, through two filters.
pub fn bomb() -> Vec<u8> {
    pdf_of(&[too_much()], "")
}

/// A PDF with three pages, of which the second cannot be rendered.
pub fn half_a_bomb() -> Vec<u8> {
    pdf_of(&[written("A page"), too_much(), written("Another page")], "")
}

fn too_much() -> Stream {
    let packed = deflated(std::iter::repeat_n([b' '; 65_536], 40_000));
    (deflated(std::iter::once(packed)), "/Filter[/FlateDecode/FlateDecode]")
}

fn deflated<B: AsRef<[u8]>>(blocks: impl Iterator<Item = B>) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for block in blocks {
        encoder.write_all(block.as_ref()).unwrap();
    }
    encoder.finish().unwrap()
}

fn pdf_of(streams: &[Stream], trailer: &str) -> Vec<u8> {
    pdf_with(streams, "", trailer)
}

fn pdf_with(streams: &[Stream], catalog: &str, trailer: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..streams.len()).map(|page| format!("{} 0 R", 4 + page * 2)).collect();
    let mut objects: Vec<Vec<u8>> = vec![
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>").into(),
        format!("<</Type/Pages/Count {}/Kids[{}]>>", kids.len(), kids.join(" ")).into(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    for (page, (stream, filter)) in streams.iter().enumerate() {
        let contents = 5 + page * 2;
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {contents} 0 R>>"
            )
            .into(),
        );
        let mut object = format!("<</Length {}{filter}>>stream\n", stream.len()).into_bytes();
        object.extend_from_slice(stream);
        object.extend_from_slice(b"\nendstream");
        objects.push(object);
    }
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend_from_slice(format!("{} 0 obj", number + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"endobj\n");
    }
    let start = file.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        end += &format!("{place:010} 00000 n \n");
    }
    end += &format!("trailer<</Size {}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n", places.len() + 1);
    file.extend_from_slice(end.as_bytes());
    file
}

/// A picture that is half red.
pub fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(120, 80, |x, _| if x < 60 { Rgb([200, 30, 30]) } else { Rgb([240, 240, 240]) });
    let mut bytes = Vec::new();
    DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A JPEG with a comment segment.
pub fn commented(comment: &str) -> Vec<u8> {
    let mut bytes = picture(ImageFormat::Jpeg);
    let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
    let segment = [b"\xff\xfe".as_slice(), &length, comment.as_bytes()].concat();
    bytes.splice(2..2, segment);
    bytes
}

/// A PNG whose header declares 50,000 × 50,000 pixels.
pub fn enormous_png() -> Vec<u8> {
    let mut bytes = picture(ImageFormat::Png);
    bytes[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

/// A TIFF with two pages.
pub fn tiff_of_two_pages() -> Vec<u8> {
    let mut bytes = picture(ImageFormat::Tiff);
    let place = |at: usize, bytes: &[u8]| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let first = place(4, &bytes);
    let entries = usize::from(u16::from_le_bytes([bytes[first], bytes[first + 1]]));
    let next = first + 2 + entries * 12;
    // A copy of the page as a second directory.
    let directory = bytes[first..next].to_vec();
    let second = bytes.len() as u32;
    bytes[next..next + 4].copy_from_slice(&second.to_le_bytes());
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(&[0; 4]);
    bytes
}
