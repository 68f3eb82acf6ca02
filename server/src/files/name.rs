//! Names of files. Only `files` turns them into paths.

use object_store::path::Path;
use uuid::Uuid;

/// The name of a file: the id of its owner (for instance a case) and its own id. Both are UUIDs that the service made, so user
/// input cannot lead out of the storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    owner: Uuid,
    file: Uuid,
}

impl Name {
    /// Returns the name; `None` if one of the ids is not a UUID.
    pub fn new(owner: &str, file: &str) -> Option<Name> {
        Some(Name { owner: owner.parse().ok()?, file: file.parse().ok()? })
    }

    /// Returns the path of the file under a prefix.
    pub(super) fn path(&self, prefix: &Path) -> Path {
        prefix.clone().join(self.owner.to_string()).join(self.file.to_string())
    }

    /// Returns the name of a path; `None` if `path` cannot have made it, because the file is foreign.
    pub(super) fn at(path: &Path, prefix: &Path) -> Option<Name> {
        let mut parts = path.prefix_match(prefix)?;
        let name = Name::new(parts.next()?.as_ref(), parts.next()?.as_ref())?;
        (name.path(prefix) == *path).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "0190a3a4-0000-7000-8000-000000000001";
    const FILE: &str = "0190a3a4-0000-7000-8000-000000000002";

    #[test]
    fn only_ids_are_names() {
        assert!(Name::new(OWNER, FILE).is_some());
        for typed in ["", "..", "/etc/passwd", "passport.pdf", &format!("{FILE}/.."), &format!("../{FILE}")] {
            assert_eq!(Name::new(OWNER, typed), None);
            assert_eq!(Name::new(typed, FILE), None);
        }
    }

    #[test]
    fn a_name_is_found_again_and_nothing_else_is_one() {
        for prefix in ["", "oslo/uploads"] {
            let prefix = Path::from(prefix);
            let name = Name::new(OWNER, FILE).unwrap();
            assert_eq!(Name::at(&name.path(&prefix), &prefix), Some(name));
            for other in ["readme.txt", OWNER, &format!("{OWNER}/{FILE}/x"), &format!("{OWNER}/{{{FILE}}}")] {
                assert_eq!(Name::at(&prefix.clone().parts().chain(Path::from(other).parts()).collect(), &prefix), None);
            }
        }
    }
}
