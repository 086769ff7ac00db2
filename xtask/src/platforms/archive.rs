//! An archive of files as Linux unpacks it at boot (cpio, format newc).
//!
//! Each member is a header of 110 bytes in ASCII (the magic `070701` and 13 numbers of 8
//! hexadecimal digits), the name with its NUL, and the content, both filled up to a multiple of 4.
//! Several archives in a row are one archive.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub(super) struct Archive {
    file: BufWriter<File>,
    member: u32,
}

impl Archive {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?), member: 0 })
    }

    /// Adds a folder and its content at `at`, a path without a leading slash; "" is the root.
    pub(super) fn add(&mut self, from: &Path, at: &Path) -> io::Result<()> {
        let about = fs::symlink_metadata(from)?;
        if about.is_dir() {
            self.member(at, about.mode(), &[])?;
            let mut names = fs::read_dir(from)?.collect::<io::Result<Vec<_>>>()?;
            names.sort_by_key(fs::DirEntry::file_name);
            return names
                .iter()
                .try_for_each(|entry| self.add(&entry.path(), &at.join(entry.file_name())));
        }
        if about.is_symlink() {
            return self.member(at, about.mode(), fs::read_link(from)?.as_os_str().as_bytes());
        }
        self.member(at, about.mode(), &fs::read(from)?)
    }

    /// Adds the folders above `at` that the archive does not have yet.
    pub(super) fn folders_above(&mut self, at: &Path) -> io::Result<()> {
        let mut above: Vec<_> = at.ancestors().skip(1).collect();
        above.reverse();
        above.into_iter().try_for_each(|folder| self.member(folder, 0o40_755, &[]))
    }

    /// Adds a file with this content.
    pub(super) fn program(&mut self, at: &Path, text: &str) -> io::Result<()> {
        self.member(at, 0o100_755, text.as_bytes())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.member(Path::new("TRAILER!!!"), 0, &[])?;
        self.file.flush()
    }

    fn member(&mut self, at: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
        if at.as_os_str().is_empty() {
            return Ok(()); // the root itself is there
        }
        // Each member has its own inode number and one link, so that none is a link to another.
        self.member += 1;
        let name = at.as_os_str().as_bytes();
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(io::Error::other);
        let numbers =
            [self.member, mode, 0, 0, 1, 0, length(content)?, 0, 0, 0, 0, length(name)? + 1, 0];
        let head: String = numbers.iter().map(|number| format!("{number:08x}")).collect();
        write!(self.file, "070701{head}")?;
        self.file.write_all(name)?;
        self.fill(110 + name.len(), 1)?;
        self.file.write_all(content)?;
        self.fill(content.len(), 0)
    }

    /// Writes at least `least` NULs, until the part of `written` bytes ends at a multiple of 4.
    fn fill(&mut self, written: usize, least: usize) -> io::Result<()> {
        let end = (written + least).next_multiple_of(4);
        self.file.write_all(&[0; 4][..end - written])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_begin_at_multiples_of_four_and_the_last_is_the_trailer() {
        let path = std::env::temp_dir().join(format!("ipc-archive-{}", std::process::id()));
        let mut archive = Archive::create(&path).unwrap();
        archive.program(Path::new("init"), "12345").unwrap();
        archive.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        let starts: Vec<_> = bytes
            .windows(6)
            .enumerate()
            .filter(|(_, six)| six == b"070701")
            .map(|(at, _)| at)
            .collect();
        assert_eq!(starts, [0, 116 + 8]);
        assert_eq!(
            &bytes[110..121],
            b"init\0\0".iter().chain(b"12345").copied().collect::<Vec<_>>()
        );
        assert_eq!(&bytes[124 + 110..124 + 121], b"TRAILER!!!\0");
        assert!(bytes.len().is_multiple_of(4));
    }
}
