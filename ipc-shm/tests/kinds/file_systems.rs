//! Files on file systems that lack something: space in advance, or small pages.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ipc_core::Result;
use ipc_mem::Memory;
use ipc_shm::{MappedFile, MemoryOptions, OpenOptions};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture, skip};

use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("without reservation", without_reservation), ("huge pages", huge_pages)];

/// Runs a role with mounts of its own, and an empty directory. Returns what it says.
fn run(root: Root, role: &str) -> String {
    let directory = fixture::dir();
    let options = ChildOptions::role(role).small_shm(root, 1 << 20);
    let mut child = Child::run(options, &[directory.to_str().unwrap()]);
    let said = child.hear();
    child.finish();
    said
}

#[test]
fn where_no_space_can_be_reserved_the_error_says_what_to_do() {
    let Some(root) = Root::or_skip("mounts a file system") else { return };
    run(root, "without reservation");
}

fn without_reservation(role: &mut Role) {
    let directory = PathBuf::from(role.arg(0));
    sys::mount(c"ramfs", &directory);
    let options = MemoryOptions::new(4096).max_size(1 << 20);
    let path = directory.join("reserved");
    let err = MappedFile::create(&path, options).unwrap_err();
    assert!(err.is_unsupported() && err.to_string().contains("`sparse`"), "{err}");
    assert!(!fs::exists(&path).unwrap());
    let sparse = MappedFile::create(directory.join("sparse"), options.sparse()).unwrap();
    sparse.grow(10_000).unwrap();
    assert_eq!(sparse.refresh().unwrap(), 10_000);
    role.say("done");
}

/// The kernel maps and unmaps only whole huge pages of such a file.
#[test]
fn parts_of_a_file_of_huge_pages_are_mapped_and_unmapped() {
    let Some(root) = Root::or_skip("mounts a file system") else { return };
    let said = run(root, "huge pages");
    if said != "done" {
        skip(&said);
    }
}

fn huge_pages(role: &mut Role) {
    let Some(size) = huge_page_size() else { return role.say("the kernel has no huge pages") };
    let directory = PathBuf::from(role.arg(0));
    sys::mount(c"hugetlbfs", &directory);
    let path = directory.join("file");
    File::create(&path).unwrap().set_len(2 * size as u64).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let _more = MoreHugePages::allow();
    let part = |offset, len| MappedFile::open_part(&path, offset, len, OpenOptions::new());
    let said = match MappedFile::open(&path) {
        Ok(whole) => look(&path, &whole, size, part),
        Err(err) => format!("no huge page is free: {err}"),
    };
    role.say(&said);
}

/// Some huge pages beyond those that the machine has set aside, until this value is dropped.
struct MoreHugePages(String);

impl MoreHugePages {
    const LIMIT: &str = "/proc/sys/vm/nr_overcommit_hugepages";

    fn allow() -> Self {
        let usual = fs::read_to_string(Self::LIMIT).unwrap();
        fs::write(Self::LIMIT, "4").unwrap();
        Self(usual)
    }
}

impl Drop for MoreHugePages {
    fn drop(&mut self) {
        fs::write(Self::LIMIT, &self.0).unwrap();
    }
}

fn look(
    path: &Path,
    whole: &MappedFile,
    size: usize,
    part: impl Fn(u64, usize) -> Result<MappedFile>,
) -> String {
    bytes::put(whole, size - 1, b"edge");
    for (offset, len) in [(100, 50), (8192, 50), (size - 1, 4), (size + 4096, 4096)] {
        let mapped = part(offset as u64, len).unwrap();
        assert_eq!(mapped.size(), len);
        assert_eq!(bytes::all(&mapped), bytes::all(whole)[offset..offset + len]);
        assert_eq!(mappings(path), 2, "{len} bytes at {offset}");
        drop(mapped);
        assert_eq!(mappings(path), 1, "{len} bytes at {offset} stay mapped");
    }
    let small = OpenOptions::new().max_size(2 * size + 4096);
    drop(MappedFile::open_with(path, small).unwrap());
    assert_eq!(mappings(path), 1);
    String::from("done")
}

/// The number of mappings of a file in this process.
fn mappings(path: &Path) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.ends_with(path.to_str().unwrap())).count()
}

fn huge_page_size() -> Option<usize> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let size = text.lines().find_map(|line| line.strip_prefix("Hugepagesize:"))?;
    size.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
}
