//! The address of the file storage, parsed from `FILES_URL`. `Files` opens it; the command line prints it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{bail, ensure};
use object_store::path::Path as Prefix;
use url::Url;

/// A storage: a folder or an S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Folder(PathBuf),
    /// The prefix is prepended to all names in the bucket. It can be empty.
    S3 {
        bucket: String,
        prefix: Prefix,
    },
}

impl Address {
    /// Parses `FILES_URL`. Without a value, the storage is a folder in the data folder. Fails if the URL is not
    /// `s3://bucket/prefix`.
    pub fn new(url: Option<&str>, data_dir: &Path) -> anyhow::Result<Address> {
        let Some(text) = url.filter(|url| !url.is_empty()) else {
            return Ok(Address::Folder(data_dir.join("files")));
        };
        const EXPECTED: &str = "write it as s3://bucket/prefix, or leave it out for a folder in the data folder";
        // The URL can contain a key by mistake, so the error does not repeat it.
        let url = Url::parse(text).map_err(|error| anyhow::anyhow!("FILES_URL is no address ({error}): {EXPECTED}"))?;
        if url.scheme() != "s3" {
            bail!("FILES_URL begins with {}://, which is no storage of ours: {EXPECTED}", url.scheme());
        }
        let bucket = url.host_str().unwrap_or_default();
        ensure!(is_bucket(bucket), "FILES_URL names no bucket: {EXPECTED}");
        let only_those = url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        ensure!(
            only_those,
            "FILES_URL takes a bucket and a prefix only, and the rest is set by AWS_ENDPOINT_URL, AWS_REGION, \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: {EXPECTED}"
        );
        let Ok(prefix) = Prefix::from_url_path(url.path()) else {
            bail!("FILES_URL has no prefix that can be used: {EXPECTED}");
        };
        Ok(Address::S3 { bucket: bucket.to_owned(), prefix })
    }
}

/// Returns `true` if a bucket name cannot change the meaning of the URL. S3's own rules are stricter.
fn is_bucket(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Folder(folder) => write!(f, "{}", folder.display()),
            Address::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_have_is_taken() {
        let folder = Path::new("data");
        for url in [None, Some("")] {
            assert_eq!(Address::new(url, folder).unwrap(), Address::Folder(folder.join("files")));
        }
        for (url, shown) in [
            ("s3://skranke", "s3://skranke/"),
            ("s3://skranke/", "s3://skranke/"),
            ("s3://skranke.no/oslo/uploads/", "s3://skranke.no/oslo/uploads"),
        ] {
            assert_eq!(Address::new(Some(url), folder).unwrap().to_string(), shown);
        }
        for (url, says) in [
            ("gs://secret/d", "begins with gs://"),
            ("file:///srv/secret", "begins with file://"),
            ("secret", "is no address"),
            ("s3:secret", "names no bucket"),
            ("s3:///secret", "names no bucket"),
            ("s3://../secret", "names no bucket"),
            ("s3://%2e/secret", "names no bucket"),
            ("s3://key:secret@skranke/d", "takes a bucket and a prefix only"),
            ("s3://skranke:9000/secret", "takes a bucket and a prefix only"),
            ("s3://skranke/d?secret=1", "takes a bucket and a prefix only"),
            ("s3://skranke/d#secret", "takes a bucket and a prefix only"),
            ("s3://skranke/a//secret", "has no prefix that can be used"),
        ] {
            let error = Address::new(Some(url), folder).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("secret"), "{url}: {error}");
        }
    }
}
