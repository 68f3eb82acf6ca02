//! Settings of the transports: mail server, SMS gateway, and the form in which the gateway is called. `mail` and `sms` are made
//! from them. Secrets are in `secrets::settings`.

use clap::{Args, ValueEnum};

/// Settings of the transports of messages.
#[derive(Args, Clone)]
#[command(next_help_heading = "Messages")]
pub struct Transports {
    /// Without MAIL_URL: write mail, sign-in codes included, into mail/ in the data folder; each file is deleted after a day
    #[arg(long, env = "MAIL_INTO_FILES")]
    pub mail_into_files: bool,
    /// Sender of mail
    #[arg(long, env = "MAIL_FROM", default_value = "Skranke <no-reply@skranke.example>")]
    pub mail_from: String,
    /// Largest number of connections to the mail server
    // A message takes at least some forty milliseconds on a connection, and both sides mostly wait. lettre writes the end of a
    // message in a packet of its own, which is held back until the earlier ones are acknowledged.
    #[arg(long, env = "MAIL_CONNECTIONS", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub mail_connections: u32,
    /// CA certificate (PEM) to accept for the mail server, in addition to those that the system trusts
    #[arg(long, env = "MAIL_CA")]
    pub mail_ca: Option<String>,
    /// Without SMS_URL: write SMS into sms/ in the data folder; each file is deleted after a day
    #[arg(long, env = "SMS_INTO_FILES")]
    pub sms_into_files: bool,
    /// Format of requests to the SMS gateway
    #[arg(long, env = "SMS_FORM", value_enum, default_value = "json")]
    pub sms_form: Shape,
    /// Field names of the SMS gateway: to=recipient,text=message,id=reference,sender=from
    #[arg(long, env = "SMS_FIELDS", default_value = "")]
    pub sms_fields: String,
    /// Sender that the phone shows
    #[arg(long, env = "SMS_SENDER", default_value = "Politiet")]
    pub sms_sender: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// Flat JSON object; SMS_FIELDS sets the names of its fields
    Json,
    /// Instant notifications of Altinn
    Altinn,
}
