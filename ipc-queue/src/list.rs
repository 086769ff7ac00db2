//! Which message queues of POSIX there are.

use std::fs;
use std::io;

use ipc_core::{Errno, Error, Name, Result};

use crate::MessageQueue;

impl MessageQueue {
    /// The names of all queues that processes like this one can see.
    ///
    /// This alone needs the file system of the queues to be mounted, anywhere.
    ///
    /// # Errors
    ///
    /// `is_unsupported` if it is not; the message says how to mount it.
    pub fn list() -> Result<Vec<Name>> {
        let refused =
            |place: &str, err: &io::Error| Error::os("readdir", place, Errno::new(err.raw_os_error().unwrap_or(0)));
        let mounts = "/proc/self/mounts";
        let mounts = fs::read_to_string(mounts).map_err(|err| refused(mounts, &err))?;
        let Some(place) = mounted(&mounts) else {
            let why = "no file system of type mqueue is mounted; root can do it by \
                       `mkdir -p /dev/mqueue && mount -t mqueue none /dev/mqueue`";
            return Err(Error::unsupported("readdir", "message queues", why));
        };
        let entries = fs::read_dir(place).map_err(|err| refused(place, &err))?;
        // Another program may have chosen a name that is none here.
        Ok(entries.flatten().filter_map(|entry| Name::new(&format!("/{}", entry.file_name().to_str()?)).ok()).collect())
    }
}

/// Where, of lines that each tell a device, a place and a type.
fn mounted(mounts: &str) -> Option<&str> {
    mounts.lines().find_map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
        [_, place, "mqueue", ..] => Some(place),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_looked_for_where_they_are_mounted() {
        let none = "proc /proc proc rw 0 0\nmqueue /dev/shm tmpfs rw 0 0\n";
        assert_eq!(mounted(none), None);
        assert_eq!(mounted(&format!("{none}none /queues mqueue rw,relatime 0 0\n")), Some("/queues"));
    }
}
