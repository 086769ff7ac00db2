//! The names of sockets.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use ipc_core::{Error, Result, UserId};

use crate::Policy;
use crate::sys::socket::SocketAddrUnix;

/// The name of a local socket: a path, or an abstract name.
///
/// Every method that takes a name also takes it as text or as a path:
///
/// | written | means |
/// |---|---|
/// | `/run/app/feed.sock`, `./feed.sock` | a path: text with a slash, or any [`Path`] |
/// | `feed` | `/run/user/UID/feed`, in the directory of this user: text without a slash |
/// | `@feed` | the abstract name `feed`: no file, no permissions, gone when its socket is closed |
///
/// A name has at most [`MAX_LEN`](Self::MAX_LEN) bytes, no zero byte, and is not empty. Programs in
/// other languages use exactly the path or the abstract name in the right column.
///
/// # Examples
///
/// ```
/// use ipc_stream::SocketName;
///
/// let name = SocketName::new("/run/app/feed.sock")?;
/// assert_eq!(name.as_path(), Some("/run/app/feed.sock".as_ref()));
/// assert_eq!(SocketName::new("@feed")?.to_string(), "@feed");
/// assert!(SocketName::new("").is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man7/unix.7.html>
#[doc(alias = "sockaddr_un")]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketName(Place);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Path(PathBuf),
    Abstract(Vec<u8>),
}

impl SocketName {
    /// The maximum number of bytes in a path or an abstract name: `sun_path` has one more, for the
    /// zero byte.
    pub const MAX_LEN: usize = 107;

    /// Parses a name: a path if it has a slash, an abstract name after `@`, otherwise a name in
    /// `/run/user/UID`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if it is empty, too long, or has a zero
    /// byte.
    pub fn new(name: &str) -> Result<Self> {
        match name.strip_prefix('@') {
            Some(name) => Self::new_abstract(name.as_bytes()),
            None if name.is_empty() || name.contains('/') => Self::from_path(name),
            None => Self::from_path(format!("/run/user/{}/{name}", UserId::effective().raw())),
        }
    }

    /// Creates a name from a path.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if it is empty, too long, or has a zero
    /// byte.
    pub fn from_path(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let shown = path.display();
        check(&shown, path.as_os_str().as_bytes())?;
        if path.as_os_str().as_bytes().contains(&0) {
            return Err(Error::invalid(
                "socket name",
                format_args!("{path:?}"),
                "it has a zero byte",
            ));
        }
        Ok(Self(Place::Path(path)))
    }

    /// Creates a name in the abstract namespace of Linux from any bytes.
    ///
    /// Abstract names have no permissions: any process in the same network namespace can connect to
    /// one, or bind one. So listeners and clients that use one must give a
    /// [`Policy`](crate::Policy).
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if it is empty or too long.
    pub fn new_abstract(name: &[u8]) -> Result<Self> {
        check(&name.escape_ascii(), name)?;
        Ok(Self(Place::Abstract(name.to_vec())))
    }

    /// Returns `true` if the name is abstract.
    #[must_use]
    pub fn is_abstract(&self) -> bool {
        matches!(self.0, Place::Abstract(_))
    }

    /// Returns the path, unless the name is abstract.
    #[must_use]
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Path(path) => Some(path),
            Place::Abstract(_) => None,
        }
    }

    /// Returns the bytes of an abstract name, without the zero byte before them.
    #[must_use]
    pub fn as_abstract(&self) -> Option<&[u8]> {
        match &self.0 {
            Place::Path(_) => None,
            Place::Abstract(name) => Some(name),
        }
    }

    /// Refuses an abstract name without a policy.
    pub(crate) fn need_policy(&self, call: &'static str, policy: Option<&Policy>) -> Result<()> {
        if self.is_abstract() && policy.is_none() {
            let why = "an abstract name can be anyone's: set a policy";
            return Err(Error::invalid(call, self, why));
        }
        Ok(())
    }

    /// Returns the name for the system.
    pub(crate) fn address(&self) -> Result<SocketAddrUnix> {
        let made = match &self.0 {
            Place::Path(path) => SocketAddrUnix::new(path),
            Place::Abstract(name) => SocketAddrUnix::new_abstract_name(name),
        };
        made.map_err(|err| Error::os("socket name", self, crate::sys::errno(err)))
    }

    /// Reads the bytes of `sun_path`; `None` for a socket without a name.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [] | [0] => None,
            [0, name @ ..] => Some(Self(Place::Abstract(name.to_vec()))),
            path => {
                let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
                Some(Self(Place::Path(OsStr::from_bytes(&path[..end]).into())))
            }
        }
    }
}

fn check(shown: &impl fmt::Display, bytes: &[u8]) -> Result<()> {
    let refuse = |why: fmt::Arguments<'_>| {
        Err(Error::invalid("socket name", format_args!("\"{shown}\""), why))
    };
    match bytes.len() {
        0 => refuse(format_args!("it is empty")),
        1..=SocketName::MAX_LEN => Ok(()),
        len => refuse(format_args!("it has {len} bytes, the maximum is {}", SocketName::MAX_LEN)),
    }
}

impl TryFrom<&str> for SocketName {
    type Error = Error;

    /// Reads a name as [`SocketName::new`] does.
    fn try_from(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<&String> for SocketName {
    type Error = Error;

    fn try_from(name: &String) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<&Path> for SocketName {
    type Error = Error;

    fn try_from(path: &Path) -> Result<Self> {
        Self::from_path(path)
    }
}

impl TryFrom<&PathBuf> for SocketName {
    type Error = Error;

    fn try_from(path: &PathBuf) -> Result<Self> {
        Self::from_path(path)
    }
}

impl TryFrom<PathBuf> for SocketName {
    type Error = Error;

    fn try_from(path: PathBuf) -> Result<Self> {
        Self::from_path(path)
    }
}

impl From<&SocketName> for SocketName {
    fn from(name: &SocketName) -> Self {
        name.clone()
    }
}

/// The path, or `@` and the abstract name with the bytes escaped that cannot be printed.
impl fmt::Display for SocketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Path(path) => path.display().fmt(f),
            Place::Abstract(name) => write!(f, "@{}", name.escape_ascii()),
        }
    }
}

impl fmt::Debug for SocketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SocketName({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_path_an_abstract_name_or_in_the_directory_of_the_user() {
        let path = |name: &str| SocketName::new(name).unwrap().as_path().map(Path::to_owned);
        assert_eq!(path("/a/b"), Some("/a/b".into()));
        assert_eq!(path("./b"), Some("./b".into()));
        assert_eq!(path("b"), Some(format!("/run/user/{}/b", UserId::effective().raw()).into()));
        assert_eq!(SocketName::new("@a/b").unwrap().as_abstract(), Some(&b"a/b"[..]));
        assert_eq!(SocketName::try_from(Path::new("b")).unwrap().as_path(), Some(Path::new("b")));
    }

    #[test]
    fn empty_long_and_zero_are_refused_and_named() {
        for name in ["", "@", "/a\0b", &"/".repeat(108), &format!("@{}", "a".repeat(108))] {
            let err = SocketName::new(name).unwrap_err();
            assert!(err.is_invalid_argument(), "{name}: {err}");
        }
        let err = SocketName::new(&format!("/{}", "a".repeat(107))).unwrap_err();
        assert!(err.to_string().ends_with("it has 108 bytes, the maximum is 107"), "{err}");
    }

    #[test]
    fn names_survive_the_way_through_the_system() {
        for name in [
            "/a",
            &format!("/{}", "b".repeat(106)),
            "@x",
            &format!("@{}", "y".repeat(107)),
            "@nul\0in it",
        ] {
            let name = SocketName::new(name).unwrap();
            let address = name.address().unwrap();
            let bytes = match address.abstract_name() {
                Some(name) => [&[0], name].concat(),
                None => address.path_bytes().unwrap().to_vec(),
            };
            assert_eq!(SocketName::from_bytes(&bytes).as_ref(), Some(&name));
        }
        assert_eq!(SocketName::from_bytes(b""), None);
        assert_eq!(SocketName::from_bytes(b"/a\0\0"), SocketName::new("/a").ok());
        assert_eq!(SocketName::from_bytes(b"\0a\0"), SocketName::new("@a\0").ok());
    }
}
