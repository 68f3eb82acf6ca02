//! Active content of a PDF: scripts, programs, embedded files, addresses, media. `inspect` reports it.
//!
//! Documents with active content are accepted, because forms and signed ones lawfully have it. The officer is warned before opening
//! the original.

use std::collections::BTreeSet;

use api::documents::Active;
use hayro::hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Dict, MaybeRef, Object},
};
use memchr::memmem;

/// The largest nesting depth of objects.
const DEPTH: usize = 64;

/// Returns the kinds of active content in a document, each once. They are searched in every object, including compressed ones, and
/// in the raw bytes. Lenient readers find objects that are missing in the document's own table.
pub fn of(pdf: &Pdf, bytes: &[u8]) -> Vec<Active> {
    let mut found = BTreeSet::new();
    for object in pdf.objects() {
        look_into(&object, DEPTH, &mut found);
    }
    for (mark, active) in [
        (b"/JavaScript".as_slice(), Active::Script),
        (b"/Launch", Active::Program),
        (b"/EmbeddedFile", Active::Files),
        (b"/SubmitForm", Active::Address),
        (b"/RichMedia", Active::Media),
    ] {
        if memmem::find(bytes, mark).is_some() {
            found.insert(active);
        }
    }
    found.into_iter().collect()
}

fn look_into(object: &Object<'_>, depth: usize, found: &mut BTreeSet<Active>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match object {
        Object::Dict(dict) => look_into_dict(dict, depth, found),
        Object::Stream(stream) => look_into_dict(stream.dict(), depth, found),
        Object::Array(array) => {
            for entry in array.raw_iter() {
                if let MaybeRef::NotRef(object) = entry {
                    look_into(&object, depth, found);
                }
            }
        }
        _ => {}
    }
}

fn look_into_dict(dict: &Dict<'_>, depth: usize, found: &mut BTreeSet<Active>) {
    for (name, value) in dict.entries() {
        let by_value = match &value {
            // Kind of an action, an annotation or an object (ISO 32000-2, 12.6.4 and 12.5.6).
            MaybeRef::NotRef(Object::Name(kind)) if matches!(&*name, b"S" | b"Subtype" | b"Type") => of_kind(kind),
            _ => None,
        };
        found.extend(of_entry(&name).or(by_value));
        if let MaybeRef::NotRef(object) = value {
            look_into(&object, depth, found);
        }
    }
}

/// Returns the active content that the name of an entry means, or `None`.
fn of_entry(name: &[u8]) -> Option<Active> {
    match name {
        b"JS" | b"JavaScript" | b"XFA" => Some(Active::Script),
        b"EmbeddedFiles" | b"EF" => Some(Active::Files),
        _ => None,
    }
}

/// Returns the active content that the kind of an action or annotation means, or `None`.
fn of_kind(kind: &[u8]) -> Option<Active> {
    match kind {
        b"JavaScript" => Some(Active::Script),
        b"Launch" => Some(Active::Program),
        b"EmbeddedFile" | b"FileAttachment" | b"GoToE" => Some(Active::Files),
        b"SubmitForm" | b"ImportData" | b"GoToR" => Some(Active::Address),
        b"RichMedia" | b"Rendition" | b"Movie" | b"Sound" | b"Screen" | b"3D" => Some(Active::Media),
        _ => None,
    }
}
