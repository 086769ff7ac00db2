//! The code that a new structure needs: a page of counters, with every way to create and open it.

#![expect(unsafe_code, reason = "a structure reaches its own bytes")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::Refusal;
use ipc_mem::{
    Fresh, LocalMemory, Memory, MemoryOptions, Object, OpenOptions, Plan, ReadWrite, Structure, Tag,
};

/// Counters, whose number the creator chooses.
struct Counters {
    first: NonNull<AtomicU64>,
    count: usize,
}

const MAGIC: [u8; 8] = *b"COUNTERS";
const FIXED: usize = 16;

impl Counters {
    fn get(&self, index: usize) -> &AtomicU64 {
        assert!(index < self.count);
        // SAFETY: that many atomics lie there (contract of `at`).
        let counter = unsafe { self.first.add(index) };
        // SAFETY: any bytes are an atomic integer, mapped as long as `self`.
        unsafe { counter.as_ref() }
    }
}

// SAFETY: 1. `check` compares the count with the size. 2. Safe code gets atomics. 3. The kernel
// refers to none of them.
unsafe impl Structure for Counters {
    const TAG: Tag = Tag::new(4711);
    const FIXED: usize = FIXED;

    type Access = ReadWrite;
    type Options = usize;
    type Layout = usize;

    fn plan(&count: &usize) -> Result<Plan<usize>, Refusal> {
        let size =
            count.checked_mul(8).and_then(|size| size.checked_add(FIXED)).filter(|_| count > 0);
        let size =
            size.ok_or_else(|| Refusal::invalid("create", format_args!("{count} counters")))?;
        Ok(Plan {
            head: [MAGIC, (count as u64).to_ne_bytes()].concat(),
            size,
            align: 8,
            layout: count,
        })
    }

    fn check(head: &[u8], size: usize) -> Result<usize, Refusal> {
        let count = usize::try_from(u64::from_ne_bytes(std::array::from_fn(|i| head[8 + i])))
            .unwrap_or(usize::MAX);
        let fits = head[..8] == MAGIC && Self::plan(&count).is_ok_and(|plan| plan.size <= size);
        fits.then_some(count).ok_or_else(|| {
            Refusal::mismatch("open", format_args!("no {count} counters in {size} bytes"))
        })
    }

    unsafe fn at(base: NonNull<u8>, count: usize) -> Result<Self, Refusal> {
        // SAFETY: the counters lie behind the header (contract).
        Ok(Self { first: unsafe { base.add(FIXED) }.cast(), count })
    }
}

// SAFETY: atomics, which any thread may use.
unsafe impl Send for Counters {}
// SAFETY: atomics, which any thread may use.
unsafe impl Sync for Counters {}

#[test]
fn a_new_structure_has_every_way_to_create_and_open() {
    let fixture = ipc_testkit::fixture::name();
    let name: &str = &fixture;
    let options = MemoryOptions::new(0);
    let ours = Object::<Counters>::open_or_create(name, 100, options, |counters| {
        counters.get(99).store(7, Ordering::Relaxed);
        Ok(())
    });
    let ours = ours.unwrap();
    let theirs = Object::<Counters>::open(name, OpenOptions::new()).unwrap();
    theirs.get(99).fetch_add(1, Ordering::Relaxed);
    assert_eq!((ours.get(99).load(Ordering::Relaxed), theirs.count), (8, 100));
    assert!(ours.was_created() && !theirs.was_created() && ours.memory().tag() == Counters::TAG);
    assert!(Object::<Counters>::create(name, 1, options, |_| Ok(())).err().unwrap().is_exists());
    assert!(Object::<Counters>::names().unwrap().iter().any(|found| found.as_str() == name));
    assert!(
        Object::<Counters>::create("/x", 0, options, |_| Ok(()))
            .err()
            .unwrap()
            .is_invalid_argument()
    );
    Object::<Counters>::unlink(name).unwrap();
    assert!(Object::<Counters>::open(name, OpenOptions::new()).err().unwrap().is_not_found());
}

#[test]
fn a_new_structure_lives_in_any_memory() {
    let fresh: Fresh<LocalMemory> = LocalMemory::new(4096).unwrap();
    let counters = Object::<Counters, _>::create_in(fresh, 510, |_| Ok(())).unwrap();
    counters.get(509).store(1, Ordering::Relaxed);
    let err = Object::<Counters, _>::create_in(LocalMemory::new(4096).unwrap(), 511, |_| Ok(()))
        .err()
        .unwrap();
    assert!(err.is_invalid_argument(), "{err}");
}

#[test]
fn whatever_its_header_says_all_counters_lie_within() {
    for (count, size) in
        [(0, 4096), (1, 23), (511, 4096), (u64::MAX / 8, 4096), (u64::MAX, usize::MAX)]
    {
        let head = [MAGIC, count.to_ne_bytes()].concat();
        assert!(Counters::check(&head, size).is_err(), "{count} in {size}");
    }
    assert_eq!(Counters::check(&[MAGIC, 510u64.to_ne_bytes()].concat(), 4096).unwrap(), 510);
}
