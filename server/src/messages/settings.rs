//! How messages leave: the options of the command line. `mail` and `sms` are made from them; secrets stand in `secrets::settings`.

use clap::{Args, ValueEnum};

/// How messages leave.
#[derive(Args, Clone)]
#[command(next_help_heading = "Messages")]
pub struct Transports {
    /// Without MAIL_URL: write mail into mail/ in the data folder, codes for signing in among it; each file is deleted after a day
    #[arg(long, env = "MAIL_INTO_FILES")]
    pub mail_into_files: bool,
    /// Whom mail is from
    #[arg(long, env = "MAIL_FROM", default_value = "Skranke <no-reply@skranke.example>")]
    pub mail_from: String,
    /// How many connections to the mail server there are at most
    // On each, a message takes some forty milliseconds at best, most of which both sides wait: lettre writes a message's end by
    // itself, and that is held back until the other side has acknowledged what came before.
    #[arg(long, env = "MAIL_CONNECTIONS", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub mail_connections: u32,
    /// A certificate (PEM) that the mail server's may rest on, besides those that the system trusts
    #[arg(long, env = "MAIL_CA")]
    pub mail_ca: Option<String>,
    /// Without SMS_URL: write SMS into sms/ in the data folder; each file is deleted after a day
    #[arg(long, env = "SMS_INTO_FILES")]
    pub sms_into_files: bool,
    /// What the gateway is sent
    #[arg(long, env = "SMS_FORM", value_enum, default_value = "json")]
    pub sms_form: Shape,
    /// How the gateway calls the fields: to=recipient,text=message,id=reference,sender=from
    #[arg(long, env = "SMS_FIELDS", default_value = "")]
    pub sms_fields: String,
    /// Whom the phone shows as the sender
    #[arg(long, env = "SMS_SENDER", default_value = "Politiet")]
    pub sms_sender: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// One flat object; SMS_FIELDS says how its fields are called
    Json,
    /// Altinn's instant notifications
    Altinn,
}
