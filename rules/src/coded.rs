//! Enums whose variants have a name on the wire.

/// A closed list of values, each with one stable name for the wire, for texts and for the database.
pub trait Coded: Copy + Eq + Sized + 'static {
    const ALL: &'static [Self];

    /// The stable name.
    fn code(self) -> &'static str;

    /// The value with this name, if there is one.
    fn from_code(code: &str) -> Option<Self>;
}

/// Declares such a list. Each name is written once, so `ALL`, `code` and `from_code` cannot disagree.
#[macro_export]
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $crate::Coded for $name {
            const ALL: &'static [$name] = &[$($name::$variant),+];

            fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            fn from_code(code: &str) -> Option<$name> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }
        }
    };
}
