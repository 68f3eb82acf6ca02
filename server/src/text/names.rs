//! Names of codes in texts by the server: the start page, messages, calendars, archives.

use api::{
    documents::{Active, FileFault},
    offices::Bring,
};
use rules::{District, notice::Language};

/// Returns the things to bring, as a list within a sentence.
pub fn to_bring(all: &[Bring], language: Language) -> String {
    all.iter().map(|what| bring(*what, language)).collect::<Vec<_>>().join(", ")
}

pub fn bring(what: Bring, language: Language) -> &'static str {
    let (nb, en) = match what {
        Bring::Passport => ("pass", "passport"),
        Bring::Confirmation => {
            ("bekreftelsen på at søknaden er sendt", "the confirmation that the application was sent in")
        }
        Bring::Originals => {
            ("originalene av det du sendte med søknaden", "the originals of what you sent with the application")
        }
        Bring::Number => ("bestillingsnummeret", "the booking number"),
        Bring::OldDocument => ("gammelt pass eller ID-kort", "old passport or ID card"),
    };
    match language {
        Language::Nb => nb,
        Language::En => en,
    }
}

pub fn district(district: District, language: Language) -> &'static str {
    let (nb, en) = match district {
        District::Agder => ("Agder", "Agder"),
        District::Finnmark => ("Finnmark", "Finnmark"),
        District::Innlandet => ("Innlandet", "Innlandet"),
        District::MoreOgRomsdal => ("Møre og Romsdal", "Møre og Romsdal"),
        District::Nordland => ("Nordland", "Nordland"),
        District::Oslo => ("Oslo", "Oslo"),
        District::SorVest => ("Sør-Vest", "South West"),
        District::SorOst => ("Sør-Øst", "South East"),
        District::Troms => ("Troms", "Troms"),
        District::Trondelag => ("Trøndelag", "Trøndelag"),
        District::Vest => ("Vest", "West"),
        District::Ost => ("Øst", "East"),
    };
    match language {
        Language::Nb => nb,
        Language::En => en,
    }
}

/// Returns the fault of a document, and the remedy.
pub fn fault(fault: FileFault, language: Language) -> &'static str {
    let (nb, en) = match fault {
        FileFault::NotADocument => (
            "Filen er verken en PDF eller et bilde (JPEG, PNG eller TIFF), uansett hva den heter. Velg en annen fil.",
            "The file is neither a PDF nor a picture (JPEG, PNG or TIFF), whatever its name is. Choose another file.",
        ),
        FileFault::Heic => (
            "Bildet er i formatet HEIC, som vi ikke kan åpne. Lagre det som JPEG.",
            "The picture is in the HEIC format, which we cannot open. Save it as JPEG.",
        ),
        FileFault::Encrypted => (
            "PDF-en er beskyttet med passord. Lagre den uten passord.",
            "The PDF is protected by a password. Save it without one.",
        ),
        FileFault::Broken => (
            "Filen lar seg ikke åpne. Sjekk at du kan åpne den selv, og lagre eller skann den på nytt.",
            "The file cannot be opened. See whether you can open it yourself, and save or scan it again.",
        ),
        FileFault::Disguised => (
            "Filen inneholder en annen fil også. Lagre dokumentet på nytt, eller ta et bilde av det.",
            "There is another file inside this one. Save the document again, or take a picture of it.",
        ),
        FileFault::PictureTooLarge => (
            "Bildet har for mange punkter. Lagre det i en mindre størrelse.",
            "The picture has too many pixels. Save it at a smaller size.",
        ),
        FileFault::SeveralPages => {
            ("TIFF-filen har flere sider. Lagre den som PDF.", "The TIFF file has several pages. Save it as a PDF.")
        }
        FileFault::TooManyPages => (
            "PDF-en har mer enn 200 sider. Del den i flere filer, og send bare det politiet har bedt om.",
            "The PDF has more than 200 pages. Split it into several files, and send only what the police asked for.",
        ),
        FileFault::Infected => (
            "Viruskontrollen fant noe skadelig i filen, og vi har slettet den. Sjekk enheten din, og send dokumentet fra en annen.",
            "The virus scanner found something harmful in the file, and we have deleted it. Check your device, and send the \
             document from another one.",
        ),
        FileFault::Damaged => {
            ("Filen ble skadet på veien. Send den en gang til.", "The file was damaged on its way. Send it once more.")
        }
    };
    match language {
        Language::Nb => nb,
        Language::En => en,
    }
}

/// The text in an archive in place of a page that could not be drawn; for officers, in both languages.
pub const NOT_DRAWN: &str = "Denne siden kunne ikke tegnes. Be søkeren om å sende dokumentet på nytt.\r\n\
     This page could not be drawn. Ask the applicant to send the document again.\r\n";

/// The text in an archive in place of the pages that exceeded the time limit; for officers, in both languages.
pub const NO_TIME_TO_DRAW: &str = "Det ble ikke tid til å tegne disse sidene. Se på dem én for én i skranken.\r\n\
     There was no time to draw these pages. Look at them one by one at the desk.\r\n";

/// Returns the warning in an archive beside a document with active content; for officers, in both languages.
pub fn active_in_archive(all: &[Active]) -> String {
    let lines = |language| all.iter().map(|one| format!("- {}\r\n", active(*one, language))).collect::<String>();
    format!(
        "Dette dokumentet kan gjøre noe når det åpnes. Åpne det i et program som ikke kjører skript. Det inneholder:\r\n{}\r\n\
         This document can do something when it is opened. Open it in a program that runs no scripts. It contains:\r\n{}",
        lines(Language::Nb),
        lines(Language::En)
    )
}

/// Returns the name of a kind of active content.
pub fn active(active: Active, language: Language) -> &'static str {
    let (nb, en) = match active {
        Active::Script => ("skript", "scripts"),
        Active::Program => ("en handling som starter et annet program", "an action that starts another program"),
        Active::Files => ("andre filer", "other files"),
        Active::Address => (
            "en handling som sender opplysninger eller åpner et annet dokument",
            "an action that sends data or opens another document",
        ),
        Active::Media => ("lyd, film eller annet som spilles av", "sound, film or other media"),
    };
    match language {
        Language::Nb => nb,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use api::documents::MOST_PAGES;

    use super::*;

    #[test]
    fn the_most_pages_are_told_as_they_are() {
        for language in [Language::Nb, Language::En] {
            assert!(fault(FileFault::TooManyPages, language).contains(&format!(" {MOST_PAGES} ")));
        }
    }
}
