//! Enums with a stable code for each variant: the trait [`Coded`] and the macro that implements it. Used by all crates.

/// A closed list of values. Each has one stable code, which the wire, the texts and the database use.
pub trait Coded: Copy + Eq + Sized + 'static {
    /// All values, in the order of their declaration.
    const ALL: &'static [Self];

    /// Returns the stable code.
    fn code(self) -> &'static str;

    /// Returns the value with this code; `None` if there is none.
    fn from_code(code: &str) -> Option<Self>;
}

/// Declares an enum that implements [`Coded`]. Each code is written once, so `ALL`, `code` and `from_code` cannot disagree.
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
