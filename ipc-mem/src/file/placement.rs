//! The placement of memory in a process: when pages are allocated, where they are, and whether they
//! stay resident.

use std::fs::{self, File};
use std::ops::Range;

use crate::{Access, Mapping};
use ipc_core::{Errno, Refusal};

use crate::sys::limit::Limit;
use crate::sys::map::{self, Advice, not_mapped};

/// The placement of shared memory that this process requests. Each process that opens the same
/// memory requests its own.
///
/// Prefaulting pages, locking them in memory and hiding them from children are requirements: if the
/// system refuses one, that is an error. Huge pages and a NUMA node are hints: [`Achieved`] reports
/// the result.
///
/// # Examples
///
/// ```
/// use ipc_mem::{MemoryOptions, Placement, SharedMemory};
///
/// let placement = Placement::new().prefaulted().huge_pages();
/// # let name = format!("/frames-{}", std::process::id());
/// let frames = SharedMemory::create(&name, MemoryOptions::new(4 << 20).placement(placement))?;
/// assert!(frames.placement().prefaulted);
/// println!("huge pages: {:?}", frames.placement().huge_pages);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    prefaulted: bool,
    locked: bool,
    not_inherited: bool,
    huge_pages: bool,
    numa_node: Option<u32>,
}

/// The result of a [`Placement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Achieved {
    /// All pages are allocated: the first touch of a page costs no page fault.
    pub prefaulted: bool,
    /// All pages stay in memory.
    pub locked: bool,
    /// Children that this process forks inherit the memory.
    pub inherited: bool,
    /// The result of the hint to use huge pages.
    pub huge_pages: Hint,
    /// The result of the hint to use the memory of one NUMA node.
    pub numa_node: Hint,
}

/// The result of a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The hint was not given.
    NotGiven,
    /// The system follows the hint.
    Followed,
    /// The system does not follow the hint, for this reason.
    Ignored(Errno),
}

impl From<Result<(), Errno>> for Hint {
    fn from(done: Result<(), Errno>) -> Self {
        done.map_or_else(Self::Ignored, |()| Self::Followed)
    }
}

impl Placement {
    /// The system's default: pages are allocated when they are first touched, may be swapped out,
    /// and are inherited by children.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allocates all pages immediately, so that no first touch costs a page fault later.
    ///
    /// This requires Linux 5.14, and fails on an older kernel: there, only a write to a page would
    /// allocate it, and other processes may be using its bytes.
    #[doc(alias = "MADV_POPULATE_WRITE")]
    #[doc(alias = "MAP_POPULATE")]
    #[must_use]
    pub fn prefaulted(self) -> Self {
        Self { prefaulted: true, ..self }
    }

    /// Keeps all pages in memory, never in swap, within the limit `RLIMIT_MEMLOCK`.
    #[doc(alias = "mlock")]
    #[must_use]
    pub fn locked(self) -> Self {
        Self { locked: true, ..self }
    }

    /// Hides the memory from the children that this process forks. A child may drop its copies of
    /// the handle and of structures in the memory, which unmaps nothing. Any other use of these
    /// copies raises SIGSEGV, or accesses other memory that the child has mapped at that address.
    /// The caller of `fork` must ensure that the child makes no such use.
    #[doc(alias = "MADV_DONTFORK")]
    #[must_use]
    pub fn not_inherited(self) -> Self {
        Self { not_inherited: true, ..self }
    }

    /// Requests huge pages, as a hint: access to large memory then causes fewer TLB misses.
    ///
    /// Pages that are already allocated are turned into huge pages immediately.
    /// [`prefaulted`](Self::prefaulted) allocates all pages first, so combine the two. For pages
    /// that are allocated later, the system decides.
    #[doc(alias = "MADV_HUGEPAGE")]
    #[doc(alias = "MADV_COLLAPSE")]
    #[must_use]
    pub fn huge_pages(self) -> Self {
        Self { huge_pages: true, ..self }
    }

    /// Requests memory of this NUMA node, as a hint.
    #[doc(alias = "mbind")]
    #[must_use]
    pub fn numa_node(self, node: u32) -> Self {
        Self { numa_node: Some(node), ..self }
    }

    /// Maps a whole file or, with `None`, zeroed memory that is shared with forked children. The
    /// mapping is aligned to huge pages if they are requested.
    ///
    /// # Errors
    ///
    /// The error of the system, and the limit that was reached.
    pub fn map(self, file: Option<&File>, size: usize, access: Access) -> Result<Mapping, Refusal> {
        if isize::try_from(size).is_err() {
            return Err(Refusal::os("mmap", Errno::ENOMEM)); // only a 32-bit system would map so much
        }
        let mapped =
            match (self.huge_pages.then(huge_page).flatten().filter(|huge| *huge <= size), file) {
                (Some(huge), _) => map::on_boundary(file, size, access, huge),
                (None, Some(file)) => Mapping::new(file, size, access),
                (None, None) => Mapping::anonymous(size),
            };
        mapped.map_err(not_mapped)
    }

    /// Returns `true` if forked children inherit the memory.
    #[must_use]
    pub fn is_inherited(self) -> bool {
        !self.not_inherited
    }

    /// Applies the placement to a mapping whose first `size` bytes exist.
    ///
    /// # Errors
    ///
    /// The error of the system, and the limit that was reached.
    pub fn apply(
        self,
        mapping: &Mapping,
        size: usize,
        access: Access,
    ) -> Result<Achieved, Refusal> {
        if self.not_inherited {
            let done = map::advise(mapping, 0..mapping.size(), Advice::DontFork);
            done.map_err(|errno| Refusal::os("madvise", errno))?;
        }
        let numa_node = self.numa_node.map(|node| map::prefer_node(mapping, node));
        let huge_pages =
            self.huge_pages.then(|| map::advise(mapping, 0..mapping.size(), Advice::HugePages));
        self.fill(mapping, 0..size, access)?;
        let huge_pages = huge_pages.map(|advised| advised.and_then(|()| collapse(mapping, size)));
        Ok(Achieved {
            prefaulted: self.prefaulted,
            locked: self.locked,
            inherited: !self.not_inherited,
            huge_pages: huge_pages.map_or(Hint::NotGiven, Hint::from),
            numa_node: numa_node.map_or(Hint::NotGiven, Hint::from),
        })
    }

    /// Applies the requirements to the pages of an existing range of a mapping.
    ///
    /// # Errors
    ///
    /// The error of the system, and the limit that was reached.
    pub fn fill(
        self,
        mapping: &Mapping,
        range: Range<usize>,
        access: Access,
    ) -> Result<(), Refusal> {
        if self.prefaulted {
            let done = map::advise(mapping, range.clone(), Advice::Populate(access));
            done.map_err(|errno| match errno {
                // Older systems return this for advice that they do not support.
                Errno::EINVAL => {
                    Refusal::unsupported("madvise", "this system cannot bring all pages at once")
                }
                _ => Refusal::os("madvise", errno),
            })?;
        }
        if self.locked {
            map::lock(mapping, range).map_err(|errno| match errno {
                Errno::ENOMEM | Errno::EAGAIN => {
                    let limit = Limit::LockedMemory
                        .get()
                        .map_or_else(|| String::from("none"), |limit| limit.to_string());
                    let why = format!("the limit RLIMIT_MEMLOCK (`ulimit -l`) is {limit}");
                    Refusal::os("mlock", errno).because(why)
                }
                _ => Refusal::os("mlock", errno),
            })?;
        }
        Ok(())
    }
}

/// The size of a huge page, if the system has them.
fn huge_page() -> Option<usize> {
    fs::read_to_string("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Replaces small pages by huge pages, where a whole huge page fits into the mapping.
fn collapse(mapping: &Mapping, size: usize) -> Result<(), Errno> {
    let huge = huge_page().ok_or(Errno::EOPNOTSUPP)?;
    let from = mapping.base().addr().get().next_multiple_of(huge) - mapping.base().addr().get();
    let whole = size.saturating_sub(from) / huge * huge;
    if whole == 0 {
        return Err(Errno::EINVAL); // no boundary of a huge page with so much behind it
    }
    map::advise(mapping, from..from + whole, Advice::Collapse)
}
