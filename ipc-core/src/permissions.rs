//! Permissions to read and write an object.

use std::fmt;

use crate::{Refusal, sys};

/// The nine permission bits of an object, for its owner, its group and all other users.
///
/// Functions that create objects refuse a mode with other bits as an invalid argument. So they
/// refuse `600` written instead of `0o600`, because `600` is 0o1130.
///
/// # Examples
///
/// ```
/// use ipc_core::Permissions;
///
/// assert_eq!(Permissions::default(), Permissions::OWNER);
/// assert_eq!(Permissions::from(0o640).to_string(), "0640");
/// assert!(Permissions::from_mode(600).check("shm_open").is_err());
/// assert_eq!(Permissions::of_mode(0o100640), Permissions::from(0o640));
/// ```
#[doc(alias = "mode_t")]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permissions(u32);

impl Permissions {
    /// Only the owner may read and write the object (mode 0600): the default for every object.
    pub const OWNER: Self = Self(0o600);

    /// All nine bits.
    const ALL: u32 = 0o777;

    /// Wraps a mode. Functions that create objects refuse it if it has other bits than these nine.
    #[must_use]
    pub const fn from_mode(mode: u32) -> Self {
        Self(mode)
    }

    /// Returns the permissions in a mode that the system reports for an object: its nine lowest
    /// bits.
    #[doc(alias = "maskmode")]
    #[must_use]
    pub const fn of_mode(mode: u32) -> Self {
        Self(mode & Self::ALL)
    }

    /// Returns the nine lowest bits, as C uses them.
    #[must_use]
    pub const fn mode(self) -> u32 {
        self.0 & Self::ALL
    }

    /// Returns the nine bits, as C uses them, if no other bits are set. The refusal names `call`.
    ///
    /// # Errors
    ///
    /// An invalid argument if other bits are set.
    pub fn check(self, call: &'static str) -> Result<u32, Refusal> {
        if self.0 == self.mode() {
            return Ok(self.0);
        }
        let digits = self.0.to_string();
        let is_octal = digits.len() == 3 && digits.bytes().all(|digit| digit < b'8');
        let hint = is_octal.then(|| format!(" (did you mean 0o{digits}?)"));
        let why = format!("permissions {self} have bits above 0777{}", hint.unwrap_or_default());
        Err(Refusal::invalid(call, why))
    }

    /// Sets the umask of this process, and returns the previous one. The umask is the set of
    /// permissions that new files of this process do not get.
    ///
    /// The umask belongs to the whole process: if another thread is creating a file at the same
    /// time, it is unspecified whether the old or the new umask applies. Objects of this toolkit
    /// get exactly the requested permissions, regardless of the umask (except files that `FileLock`
    /// creates), and the toolkit itself never calls this function.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/umask.html>
    #[doc(alias = "umask")]
    pub fn set_umask(mask: Self) -> Self {
        Self::of_mode(sys::umask(mask.mode()))
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self::OWNER
    }
}

/// The same as [`from_mode`](Permissions::from_mode).
impl From<u32> for Permissions {
    fn from(mode: u32) -> Self {
        Self::from_mode(mode)
    }
}

/// Prints the mode in octal with a leading zero, as `chmod` accepts it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_above_the_nine_are_refused_and_never_reach_c() {
        for mode in [0, 0o600, 0o777] {
            assert_eq!(Permissions::from_mode(mode).check("x").unwrap(), mode);
        }
        for (mode, says) in [
            (600, "0o600"),
            (644, "0o644"),
            (0o4755, "permissions 4755"),
            (0o1000, "permissions 1000"),
            (u32::MAX, "above 0777"),
        ] {
            let permissions = Permissions::from_mode(mode);
            let err = permissions.check("x").map_err(|refusal| refusal.on("/x")).unwrap_err();
            assert!(err.is_invalid_argument() && err.to_string().contains(says), "{err}");
            assert_eq!(permissions.mode(), mode & 0o777);
        }
    }
}
