//! Who may read and write an object.

use std::fmt;

use crate::sys;

/// The nine bits which say what its owner, its group and all others may do with an object.
///
/// # Examples
///
/// ```
/// use ipc_core::Permissions;
///
/// assert_eq!(Permissions::default(), Permissions::OWNER);
/// assert_eq!(Permissions::from_mode(0o100640), Permissions::from(0o640));
/// assert_eq!(Permissions::from(0o640).to_string(), "0640");
/// ```
#[doc(alias = "mode_t")]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permissions(u32);

impl Permissions {
    /// Its owner may read and write it, nobody else may do anything: the default everywhere.
    pub const OWNER: Self = Self(0o600);

    /// Takes the nine lowest bits of a mode; higher ones, such as the kind of a file, are dropped.
    #[doc(alias = "maskmode")]
    #[must_use]
    pub const fn from_mode(mode: u32) -> Self {
        Self(mode & 0o777)
    }

    /// The nine bits for C.
    #[must_use]
    pub const fn mode(self) -> u32 {
        self.0
    }

    /// Makes `mask` the permissions that this process withholds from the files it makes,
    /// and returns those withheld before.
    ///
    /// The mask belongs to the whole process: other threads that are making files at this
    /// moment get one mask or the other. The objects of this toolkit get exactly the
    /// permissions asked for whatever the mask is, and nothing in it calls this.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/umask.html>
    #[doc(alias = "umask")]
    pub fn set_umask(mask: Self) -> Self {
        Self::from_mode(sys::umask(mask.0))
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self::OWNER
    }
}

/// The nine lowest bits, as [`from_mode`](Permissions::from_mode).
impl From<u32> for Permissions {
    fn from(mode: u32) -> Self {
        Self::from_mode(mode)
    }
}

/// Octal with a leading zero, as `chmod` takes it.
impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({self})")
    }
}
