//! How a process has a memory: when its pages come, where they are, and whether they stay.

use std::fs::{self, File};
use std::ops::Range;

use crate::{Access, Mapping};
use ipc_core::{Errno, Error, Result};

use crate::sys::map::{self, Advice};

/// How this process wants to have a memory. Others that open the same memory have their own wishes.
///
/// Asking for pages at once, for keeping them in memory or for hiding them from children is an order: what the system
/// refuses is an error. Asking for huge pages or a NUMA node is a hint: [`Achieved`] says what became of it.
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

/// What became of a [`Placement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Achieved {
    /// All pages are there: touching them the first time costs nothing more.
    pub prefaulted: bool,
    /// All pages stay in memory.
    pub locked: bool,
    /// A child that this process forks has the memory too.
    pub inherited: bool,
    /// What became of the hint to use huge pages.
    pub huge_pages: Hint,
    /// What became of the hint to use the memory of one node.
    pub numa_node: Hint,
}

/// What became of a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Nobody gave it.
    NotGiven,
    /// The system does so.
    Followed,
    /// The system does not, for this reason.
    Ignored(Errno),
}

impl From<Result<(), Errno>> for Hint {
    fn from(done: Result<(), Errno>) -> Self {
        done.map_or_else(Self::Ignored, |()| Self::Followed)
    }
}

impl Placement {
    /// As the system likes: pages come when they are first touched, may be swapped out, and children have them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All pages at once, so that no first touch costs a fault later.
    ///
    /// The system does it (since Linux 5.14). Where it cannot, that is an error: touching the pages instead would be
    /// writing what others may be using.
    #[doc(alias = "MADV_POPULATE_WRITE")]
    #[doc(alias = "MAP_POPULATE")]
    #[must_use]
    pub fn prefaulted(self) -> Self {
        Self { prefaulted: true, ..self }
    }

    /// Keeps all pages in memory, never in swap. The limit is `RLIMIT_MEMLOCK`.
    #[doc(alias = "mlock")]
    #[must_use]
    pub fn locked(self) -> Self {
        Self { locked: true, ..self }
    }

    /// Leaves it out of the children that this process forks. A child may drop its copy of the handle, which unmaps
    /// nothing there, and must not use it, nor what is laid out in it: that ends it by SIGSEGV, or reads and writes what
    /// the child has mapped at that address since. Who forks vouches for that, as for all that a child may do.
    #[doc(alias = "MADV_DONTFORK")]
    #[must_use]
    pub fn not_inherited(self) -> Self {
        Self { not_inherited: true, ..self }
    }

    /// A hint to use huge pages: fewer misses in the address cache of the processor, for large memories.
    ///
    /// Pages that are there become huge at once, so ask for [all](Self::prefaulted) too; of those that come later, the
    /// system decides.
    #[doc(alias = "MADV_HUGEPAGE")]
    #[doc(alias = "MADV_COLLAPSE")]
    #[must_use]
    pub fn huge_pages(self) -> Self {
        Self { huge_pages: true, ..self }
    }

    /// A hint to use the memory of that NUMA node.
    #[doc(alias = "mbind")]
    #[must_use]
    pub fn numa_node(self, node: u32) -> Self {
        Self { numa_node: Some(node), ..self }
    }

    /// Maps a whole file, or so many zeros that forked children share, where huge pages fit in if they are asked for.
    pub fn map(self, file: Option<&File>, size: usize, access: Access) -> Result<Mapping, Errno> {
        if isize::try_from(size).is_err() {
            return Err(Errno::ENOMEM); // only a 32-bit system would map so much
        }
        match (self.huge_pages.then(huge_page).flatten().filter(|huge| *huge <= size), file) {
            (Some(huge), _) => map::on_boundary(file, size, access, huge),
            (None, Some(file)) => Mapping::new(file, size, access),
            (None, None) => Mapping::anonymous(size),
        }
    }

    pub fn is_inherited(self) -> bool {
        !self.not_inherited
    }

    /// Does so with a mapping, of which the first `size` bytes are there by now. `label` is named in errors.
    pub fn apply(self, mapping: &Mapping, size: usize, access: Access, label: &str) -> Result<Achieved> {
        if self.not_inherited {
            let done = map::advise(mapping, 0..mapping.size(), Advice::DontFork);
            done.map_err(|errno| Error::os("madvise", label, errno))?;
        }
        let numa_node = self.numa_node.map(|node| map::prefer_node(mapping, node));
        let huge_pages = self.huge_pages.then(|| map::advise(mapping, 0..mapping.size(), Advice::HugePages));
        self.fill(mapping, 0..size, access, label)?;
        let huge_pages = huge_pages.map(|advised| advised.and_then(|()| collapse(mapping, size)));
        Ok(Achieved {
            prefaulted: self.prefaulted,
            locked: self.locked,
            inherited: !self.not_inherited,
            huge_pages: huge_pages.map_or(Hint::NotGiven, Hint::from),
            numa_node: numa_node.map_or(Hint::NotGiven, Hint::from),
        })
    }

    /// Brings what was ordered for the pages of a range that is there by now.
    pub fn fill(self, mapping: &Mapping, range: Range<usize>, access: Access, label: &str) -> Result<()> {
        if self.prefaulted {
            let done = map::advise(mapping, range.clone(), Advice::Populate(access));
            done.map_err(|errno| match errno {
                // What older systems say to advice they do not know.
                Errno::EINVAL => Error::unsupported("madvise", label, "this system cannot bring all pages at once"),
                _ => Error::os("madvise", label, errno),
            })?;
        }
        if self.locked {
            map::lock(mapping, range).map_err(|errno| Error::os("mlock", label, errno))?;
        }
        Ok(())
    }
}

/// The size of a huge page, if the system has them.
fn huge_page() -> Option<usize> {
    fs::read_to_string("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size").ok()?.trim().parse().ok()
}

/// Puts huge pages in the place of small ones, as far as whole ones fit in.
fn collapse(mapping: &Mapping, size: usize) -> Result<(), Errno> {
    let huge = huge_page().ok_or(Errno::EOPNOTSUPP)?;
    let from = mapping.base().addr().get().next_multiple_of(huge) - mapping.base().addr().get();
    let whole = size.saturating_sub(from) / huge * huge;
    if whole == 0 {
        return Err(Errno::EINVAL); // no boundary of a huge page with so much behind it
    }
    map::advise(mapping, from..from + whole, Advice::Collapse)
}
