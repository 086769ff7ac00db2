//! Memory files: no name leads to them, so they are found through the processes that have them.

use std::os::unix::fs::MetadataExt;

use super::processes::MEMFD;
use super::{Found, Kind, Object, Sight, State, shm};

/// Adds memory files in use, also shared memory whose name was removed.
pub(super) fn list(sight: &Sight, found: &mut Found) {
    let seen = sight.processes.seen.values().filter_map(|seen| {
        // A file that was complete before it got its name is called deleted as well.
        let is_nameless = seen.metadata.is_file() && seen.metadata.nlink() == 0;
        let name = seen.name.strip_suffix(" (deleted)").filter(|_| is_nameless)?;
        Some((name.strip_prefix(MEMFD).or_else(|| name.strip_prefix("/dev/shm"))?, seen))
    });
    let mut seen: Vec<_> = seen.collect();
    seen.sort_by_key(|(name, seen)| (*name, seen.metadata.ino()));
    for (name, seen) in seen {
        let mut object = Object::new(Kind::Memfd, name.to_owned());
        shm::of_file(&mut object, &seen.metadata);
        object.content =
            String::from(if seen.name.starts_with(MEMFD) { "" } else { "its name was removed" });
        object.is(State::InUse, "processes use it, and it is removed with the last of them");
        found.objects.push(object);
    }
}
