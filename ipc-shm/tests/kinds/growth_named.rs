//! Named memory that grows in place.

use ipc_core::Result;
use ipc_mem::{Memory, Tag};
use ipc_shm::{MemoryOptions, OpenOptions, SharedMemory};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, adversity, fixture};

use crate::growth::{Grows, grow_in_steps, grow_no_more, growing, pattern};
use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("locks all", locks_all), ("grows without proc", grows_without_proc)];

impl Grows for SharedMemory {
    fn grow(&self, size: usize) -> Result<()> {
        self.grow(size)
    }
    fn refresh(&self) -> Result<usize> {
        self.refresh()
    }
    fn max_size(&self) -> usize {
        self.max_size()
    }
}

#[test]
fn named_memory_grows_in_place_even_after_its_name_is_unlinked() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, growing().content(Tag::VALUE)).unwrap();
    let (theirs, view) =
        (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
    let late = SharedMemory::open(&*name).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    grow_in_steps(&*ours, &theirs, &view, || view.refresh().unwrap());
    assert_eq!((late.size(), late.refresh().unwrap(), late.tag()), (100, 100_000, Tag::VALUE));
    assert_eq!(bytes::all(&late), pattern(1..=100_000));
}

#[test]
fn named_memory_created_without_a_maximum_does_not_grow() {
    let name = fixture::name();
    grow_no_more(&*SharedMemory::create(&*name, MemoryOptions::new(100)).unwrap(), 100);
    let _ours = SharedMemory::create(&*name, 100).unwrap();
    // A process that opens it cannot reserve what its creator did not.
    grow_no_more(&SharedMemory::open_with(&*name, OpenOptions::new().max_size(4096)).unwrap(), 100);
}

#[test]
fn an_open_after_growth_sees_all_bytes() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, growing()).unwrap();
    ours.grow(5000).unwrap();
    assert_eq!(SharedMemory::open(&*name).unwrap().size(), 5000);
    for size in [100, 5000] {
        let found = SharedMemory::open_or_create(&*name, growing().size(size)).unwrap();
        assert_eq!((found.identity(), found.size()), (ours.identity(), 5000));
    }
    let err = SharedMemory::open_or_create(&*name, growing().max_size(99_999)).unwrap_err();
    let why = "found 5000 bytes that may become 100000, wanted 100 that may become 99999";
    assert!(err.to_string().ends_with(why), "{err}");
    for other in [
        MemoryOptions::new(5000),
        growing().size(5001),
        growing().max_size(99_999),
        MemoryOptions::new(100),
    ] {
        assert!(SharedMemory::open_or_create(&*name, other).unwrap_err().is_mismatch());
    }
    drop(ours);
    assert!(SharedMemory::open(&*name).unwrap_err().is_not_found(), "it went with its last user");
}

#[test]
fn growth_without_proc_is_unsupported_and_says_so() {
    let Some(root) = Root::or_skip("mounts over /proc") else { return };
    let options = ChildOptions::role("grows without proc").small_shm(root, 1 << 20);
    Child::run(options, &[&fixture::name()]).finish();
}

fn grows_without_proc(role: &mut Role) {
    let Some(root) = Root::or_skip("mounts over /proc") else { return };
    let ours = SharedMemory::create(role.arg(0), growing()).unwrap();
    adversity::hide_proc(root);
    let err = ours.grow(5000).unwrap_err();
    assert!(err.is_unsupported() && err.to_string().contains("there is no /proc"), "{err}");
    assert_eq!(ours.size(), growing().size);
}

/// The address space to grow in would be locked, too, and exceed the limit.
#[test]
fn memory_that_may_grow_is_opened_where_all_memory_is_locked() {
    let Some(root) = Root::or_skip("needs a user without rights") else { return };
    let user = ChildOptions::role("locks all").as_user(root, Root::NOBODY);
    Child::run(user, &[&fixture::name(), &fixture::name()]).finish();
}

fn locks_all(role: &mut Role) {
    let options = MemoryOptions::new(4096).max_size(1 << 30);
    let ours = SharedMemory::create(role.arg(0), options).unwrap();
    sys::limit_locked(8 << 20);
    sys::lock_future_memory();
    let theirs = SharedMemory::open(role.arg(0)).unwrap();
    assert_eq!((theirs.size(), theirs.max_size(), ours.max_size()), (4096, 4096, 1 << 30));
    let err = theirs.grow(8192).unwrap_err();
    let text = err.to_string();
    assert!(err.is_no_space(), "{text}");
    for part in ["8192", "1073741824", "only 4096", "mlockall", "8388608", "open it again"] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
    let err = theirs.grow((1 << 30) + 1).unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("a larger `max_size`"), "{err}");
    let err = SharedMemory::create(role.arg(1), 64 << 20).unwrap_err();
    assert!(err.is_no_space() && !err.is_queue_full(), "{err}");
    assert!(err.to_string().contains("RLIMIT_MEMLOCK"), "{err}");
}
