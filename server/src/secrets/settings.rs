//! Secret settings. They come from the environment, or from the file that `NAME_FILE` names. They have no command-line form,
//! because every user of a machine can read the arguments of a process.

use anyhow::{Context, ensure};

/// A secret setting, by its name in the environment.
#[derive(Clone, Copy, Debug)]
pub struct Secret(&'static str);

pub const DATABASE_URL: Secret = Secret("DATABASE_URL");
pub const DOCUMENTS_KEY: Secret = Secret("DOCUMENTS_KEY");
pub const MAIL_URL: Secret = Secret("MAIL_URL");
pub const SMS_URL: Secret = Secret("SMS_URL");
pub const SMS_TOKEN: Secret = Secret("SMS_TOKEN");
pub const SMS_RECEIPTS_SECRET: Secret = Secret("SMS_RECEIPTS_SECRET");
pub const AWS_SECRET_ACCESS_KEY: Secret = Secret("AWS_SECRET_ACCESS_KEY");

/// The end of the output of `--help`.
pub const HELP: &str = "\
Secrets are read from the environment, or from the file that NAME_FILE names (DATABASE_URL_FILE=/run/secrets/database):
  DATABASE_URL         The database: postgres://…; without it, a file in the data folder
  DOCUMENTS_KEY        The key of the house, AGE-SECRET-KEY-1…, one a line; the first is used for new documents, the others open old
                       ones. Without it one is made in the data folder (documents.key), if one server keeps everything by itself
  MAIL_URL             The mail server: smtps://user:password@host, or smtp://… for STARTTLS
  SMS_URL              The SMS gateway: https://…
  SMS_TOKEN            The bearer token for the gateway
  SMS_RECEIPTS_SECRET  The secret by which the gateway signs its receipts; without it none are taken
  AWS_SECRET_ACCESS_KEY  With FILES_URL; the other AWS_… settings are read from the environment only";

impl Secret {
    /// Returns the value; `None` if it is unset or empty. Fails if it is set twice, or if its file cannot be read.
    pub fn read(self) -> anyhow::Result<Option<String>> {
        let name = self.0;
        let of_file = format!("{name}_FILE");
        let variable = |name: &str| match std::env::var(name) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(std::env::VarError::NotPresent) => Ok(None),
            // The original error would repeat the value.
            Err(std::env::VarError::NotUnicode(_)) => Err(anyhow::anyhow!("{name} is no text")),
        };
        let Some(file) = variable(&of_file)? else { return variable(name) };
        ensure!(variable(name)?.is_none(), "{name} and {of_file} are both set: leave one of them out");
        let text = std::fs::read_to_string(&file).with_context(|| format!("{of_file}: cannot read {file}"))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()).filter(|text| !text.is_empty()))
    }
}
