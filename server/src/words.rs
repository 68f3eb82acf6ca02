//! What codes are called in what the server writes: the start page, messages, calendars.

use api::offices::Bring;
use rules::{District, notice::Language};

/// What is to be brought, as a list within a sentence.
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
