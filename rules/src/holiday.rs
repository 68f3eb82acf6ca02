//! Public holidays in Norway, on which no office is open. The server uses them when it publishes slots.
//!
//! Sources: Act of 24 February 1995 no. 12 on public holidays and public holiday peace, section 2; Act of 26 April 1947 no. 1
//! on 1 and 17 May as public holidays.

use chrono::{Datelike, Days, NaiveDate};

/// Returns `true` if a day is a public holiday. An ordinary Sunday is not one.
pub fn is_holiday(day: NaiveDate) -> bool {
    const FIXED: [(u32, u32); 5] = [(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)];
    /// Maundy Thursday, Good Friday, Easter Sunday and Monday, Ascension Day, Whit Sunday and Monday, as days from Easter
    /// Sunday.
    const FROM_EASTER: [i64; 7] = [-3, -2, 0, 1, 39, 49, 50];
    FIXED.contains(&(day.month(), day.day()))
        || easter(day.year()).is_some_and(|easter| FROM_EASTER.contains(&(day - easter).num_days()))
}

/// Returns Easter Sunday in the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher (Astronomical Algorithms,
/// 1991, chapter 8). `None` if the year is outside the calendar's range.
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, of_century) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let correction = (century + 8).div_euclid(25);
    let epact =
        (19 * golden + century - century.div_euclid(4) - (century - correction + 1).div_euclid(3) + 15).rem_euclid(30);
    let weekday = (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4) - epact - of_century.rem_euclid(4))
        .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday).div_euclid(451);
    let after = epact + weekday - 7 * late;
    // 22 March is the earliest Easter.
    NaiveDate::from_ymd_opt(year, 3, 22)?.checked_add_days(Days::new(u64::try_from(after).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_moves_and_the_others_with_it() {
        for (year, month, day) in [
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2020, 4, 12),
            (2021, 4, 4),
            (2022, 4, 17),
            (2038, 4, 25),
        ] {
            assert_eq!(easter(year), NaiveDate::from_ymd_opt(year, month, day), "{year}");
        }
        let year = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap().iter_days().take(365);
        let holidays: Vec<String> = year.filter(|day| is_holiday(*day)).map(|day| day.to_string()).collect();
        assert_eq!(
            holidays,
            [
                "2021-01-01",
                "2021-04-01",
                "2021-04-02",
                "2021-04-04",
                "2021-04-05",
                "2021-05-01",
                "2021-05-13",
                "2021-05-17",
                "2021-05-23",
                "2021-05-24",
                "2021-12-25",
                "2021-12-26"
            ]
        );
    }
}
