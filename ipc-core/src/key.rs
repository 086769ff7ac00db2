//! Keys of System V objects.

use std::ffi::CString;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::{Error, Result, sys};

/// The number by which processes identify a System V object.
///
/// # Examples
///
/// ```
/// use std::path::Path;
///
/// use ipc_core::Key;
///
/// // Whoever names the same file and the same project gets the same key.
/// let key = Key::from_path(Path::new("/etc"), b'1')?;
/// assert_eq!(key, Key::new(key.raw()));
/// assert_eq!(Key::new(123).to_string(), "key 0x7b"); // as `ipcs` prints it
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "key_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(i32);

impl Key {
    /// Stands for no key (`IPC_PRIVATE`): a call with it always creates a new object.
    #[doc(alias = "IPC_PRIVATE")]
    #[doc(alias = "IPC_NEW")]
    pub const PRIVATE: Self = Self(0);

    /// Wraps a number. `0` is [`PRIVATE`](Self::PRIVATE).
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// Derives a key from an existing file and a project of the caller's choice, such as `b'1'`.
    ///
    /// The key is computed from some bits of the file's inode and device numbers. If the file is
    /// replaced, the key changes. In rare cases two files give the same key.
    ///
    /// # Errors
    ///
    /// `is_not_found` if there is no such file, `is_permission_denied` if its directory may not
    /// be searched, `is_invalid_argument` if `project` is 0 or the path has a zero byte.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/ftok.html>
    #[doc(alias = "ftok")]
    pub fn from_path(path: &Path, project: u8) -> Result<Self> {
        let object = path.display();
        if project == 0 {
            return Err(Error::invalid("ftok", object, "a project is a number from 1 to 255"));
        }
        let Ok(c_path) = CString::new(path.as_os_str().as_bytes()) else {
            return Err(Error::invalid(
                "ftok",
                format_args!("{path:?}"),
                "a path has no zero byte",
            ));
        };
        sys::ftok(&c_path, project).map(Self).map_err(|errno| Error::os("ftok", object, errno))
    }

    /// Returns the number, as C uses it.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.0
    }
}

impl From<i32> for Key {
    fn from(raw: i32) -> Self {
        Self(raw)
    }
}

impl From<Key> for i32 {
    fn from(key: Key) -> Self {
        key.0
    }
}

/// Prints the number in hexadecimal, as `ipcs` does.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::PRIVATE {
            f.write_str("IPC_PRIVATE")
        } else {
            write!(f, "key {:#x}", self.0)
        }
    }
}
