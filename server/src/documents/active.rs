//! Active content of a PDF: scripts, programs, embedded files, addresses, media. Such documents are accepted, because forms and signed ones
//! have them; the officer is told before opening the original. `inspect` calls this.

use std::collections::BTreeSet;

use api::documents::Active;
use hayro::hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Dict, MaybeRef, Object},
};
use memchr::memmem;

/// Maximum nesting of objects.
const DEPTH: usize = 64;

/// Returns the kinds of active content, each once. Searches every object, compressed ones too, and the raw bytes, because lenient readers
/// find objects that the document's table does not name.
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

/// Adds the active content of an object and of those nested in it.
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
            // Type of an action, an annotation or an object (ISO 32000-2, 12.6.4 and 12.5.6).
            MaybeRef::NotRef(Object::Name(kind)) if matches!(&*name, b"S" | b"Subtype" | b"Type") => of_kind(kind),
            _ => None,
        };
        found.extend(of_entry(&name).or(by_value));
        if let MaybeRef::NotRef(object) = value {
            look_into(&object, depth, found);
        }
    }
}

/// Returns the active content that the name of a dictionary entry shows.
fn of_entry(name: &[u8]) -> Option<Active> {
    match name {
        b"JS" | b"JavaScript" | b"XFA" => Some(Active::Script),
        b"EmbeddedFiles" | b"EF" => Some(Active::Files),
        _ => None,
    }
}

/// Returns the active content that the type of an action or an annotation shows.
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
