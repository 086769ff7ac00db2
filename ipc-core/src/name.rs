//! The name of an object, for every process that opens it.

use std::ffi::{CStr, CString};
use std::fmt;

use crate::{Error, Result};

/// The name of a shared object: a slash, and then 1 to 255 bytes without another slash.
///
/// Every function that takes a name also takes a string, and checks it:
///
/// ```
/// use ipc_core::Name;
///
/// let name = Name::new("/frames")?;
/// assert_eq!(name.as_str(), "/frames");
/// assert!(Name::new("frames").is_err_and(|err| err.is_invalid_argument()));
/// assert!(Name::new("/a/b").is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// POSIX does not define the meaning of a name without a leading slash or with further slashes, so
/// this type refuses both. The limit of 255 bytes is the system's limit for file names. With glibc,
/// the name of a semaphore is limited to 251 bytes, because its file name begins with `sem.`.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shm_open.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(CString);

impl Name {
    /// The maximum number of bytes after the slash.
    pub const MAX_LEN: usize = 255;

    /// Creates a name, after checking that it is valid.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name does not begin with a slash, has nothing after it,
    /// contains another slash or a zero byte, is `/.` or `/..`, or has more than
    /// [`MAX_LEN`](Self::MAX_LEN) bytes after the slash.
    pub fn new(name: &str) -> Result<Self> {
        let refuse = |why: &str| Err(Error::invalid("name", format_args!("{name:?}"), why));
        let Some(rest) = name.strip_prefix('/') else {
            return refuse("a name begins with a slash");
        };
        match rest {
            "" => return refuse("a name has something after its slash"),
            "." | ".." => return refuse("this is a directory's name"),
            _ if rest.contains('/') => return refuse("a name has one slash only"),
            _ if rest.len() > Self::MAX_LEN => {
                return refuse(&format!(
                    "{} bytes after the slash, {} at most",
                    rest.len(),
                    Self::MAX_LEN
                ));
            }
            _ => {}
        }
        match CString::new(name) {
            Ok(name) => Ok(Self(name)),
            Err(_) => refuse("a name has no zero byte"),
        }
    }

    /// Returns the name, with its slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Returns the name as C expects it, with its slash.
    #[must_use]
    pub fn as_c_str(&self) -> &CStr {
        &self.0
    }

    /// Returns the name without its slash. The file of the object has this name in its directory.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.as_str()[1..]
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl TryFrom<&str> for Name {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<&String> for Name {
    type Error = Error;

    fn try_from(name: &String) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<String> for Name {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::new(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_maximum_length_is_valid_and_a_longer_one_is_not() {
        let longest = format!("/{}", "n".repeat(Name::MAX_LEN));
        assert_eq!(Name::new(&longest).unwrap().as_str(), longest);
        let err = Name::new(&format!("{longest}n")).unwrap_err();
        assert!(err.is_invalid_argument());
        assert!(err.to_string().contains("256 bytes"), "{err}");
    }

    #[test]
    fn an_invalid_name_is_refused_with_the_name_and_the_reason() {
        for (text, reason) in [
            ("", "slash"),
            ("/", "after its slash"),
            ("frames", "begins with a slash"),
            ("//", "one slash"),
            ("/a/b", "one slash"),
            ("/a/", "one slash"),
            ("/.", "directory"),
            ("/..", "directory"),
            ("/a\0b", "zero byte"),
        ] {
            let err = Name::new(text).unwrap_err();
            assert!(err.is_invalid_argument());
            assert!(err.to_string().contains(reason), "{err}");
            assert!(err.to_string().contains(&format!("{text:?}")), "{err}");
        }
    }

    #[test]
    fn every_kind_of_text_converts_and_a_name_converts_into_itself() {
        let name = Name::new("/frames").unwrap();
        assert_eq!(Name::try_from("/frames").unwrap(), name);
        assert_eq!(Name::try_from(String::from("/frames")).unwrap(), name);
        assert_eq!(Name::from(&name), name);
        assert_eq!(name.file_name(), "frames");
        assert_eq!(name.as_c_str(), c"/frames");
    }
}
