//! What officers use. Each address stands with its role in the table one level up; whatever an officer of another district asks
//! for does not exist for them.

pub mod account;
pub mod audit;
pub mod calls;
pub mod cases;
pub mod closures;
pub mod documents;
pub mod imports;
pub mod invitations;
pub mod numbers;
pub mod officers;
pub mod offices;
pub mod passkeys;
pub mod policies;
pub mod session;
pub mod times;
