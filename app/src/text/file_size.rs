//! File sizes for people.

use rules::notice::Language;

/// A size such as `340 kB`, `3.2 MB` or `20 MB`. Rounded up: a file above a limit is then shown as larger than the
/// limit.
pub fn of(bytes: u64, language: Language) -> String {
    if bytes < 1_000_000 {
        return format!("{} kB", bytes.div_ceil(1000));
    }
    let tenths = bytes.div_ceil(100_000);
    let point = match language {
        Language::Nb => ',',
        Language::En => '.',
    };
    match tenths % 10 {
        0 => format!("{} MB", tenths / 10),
        tenth => format!("{}{point}{tenth} MB", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn sizes_as_people_read_them() {
        for (bytes, nb, en) in [
            (0, "0 kB", "0 kB"),
            (1, "1 kB", "1 kB"),
            (339_500, "340 kB", "340 kB"),
            (3_200_000, "3,2 MB", "3.2 MB"),
            (20_000_000, "20 MB", "20 MB"),
            (20_000_001, "20,1 MB", "20.1 MB"),
        ] {
            assert_eq!((of(bytes, Language::Nb).as_str(), of(bytes, Language::En).as_str()), (nb, en));
        }
    }
}
