//! Participants: the part of a handle of a heap that is not shared with other handles.

#![expect(unsafe_code, reason = "relies on the size of a memory object")]

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::owner::{here, replace};
use ipc_core::{Errno, Error, ProcessInstance, Refusal, Result, crash_point};

use crate::allocator::class::{CLASSES, Class};
use crate::allocator::page;
use crate::layout::{PAGE, Participant, Parts};

/// The memory object that contains a heap, without its type.
pub(crate) trait Store: Send + Sync {
    fn parts(&self) -> &Parts;
    fn label(&self) -> String;
    /// The size in bytes, which never shrinks.
    fn size(&self) -> usize;
    /// Grows to that size, if that is possible.
    fn grow(&self, size: usize) -> Result<()>;
    /// Updates the size, in case another process has grown the memory object.
    fn refresh(&self);
}

/// The own part of a handle: its number among the participants, and the slabs from which it
/// allocates. One thread at a time uses it.
pub struct Local {
    pub(crate) parts: Parts,
    store: Arc<dyn Store>,
    /// The word that names this process; 0 without a participant.
    pub(crate) me: u64,
    /// Its number among the participants.
    pub(crate) number: u64,
    /// The size of the memory object when it was last read.
    size: Cell<u64>,
    /// The page of each class from which the next block is allocated.
    pub(crate) current: [Cell<u64>; CLASSES],
    pub(crate) owned: RefCell<Vec<Owned>>,
    pub(crate) magazines: Box<[Magazine; CLASSES]>,
    /// `true` while this thread holds the lock of the counts.
    pub(crate) holds_counts: Cell<bool>,
    /// The words of its lists of counted values that are free.
    pub(crate) slots: RefCell<Vec<u64>>,
    /// The addresses of schemas, and the hashes of types with these schemas.
    pub(crate) types: RefCell<Vec<(usize, u64)>>,
}

/// Free blocks of one class, for the next allocations. The bitmaps show them as allocated and not
/// kept, so they are free if this process dies.
#[derive(Default)]
pub(crate) struct Magazine {
    len: Cell<usize>,
    blocks: [Cell<u64>; 16],
}

impl Magazine {
    /// Takes a block.
    #[inline]
    pub(crate) fn pop(&self) -> Option<u64> {
        let last = self.len.get().wrapping_sub(1);
        let block = self.blocks.get(last)?.get();
        self.len.set(last);
        Some(block)
    }

    /// Adds a block. Returns `false` if the magazine is full.
    #[inline]
    pub(crate) fn push(&self, block: u64) -> bool {
        let len = self.len.get();
        let Some(place) = self.blocks.get(len) else { return false };
        place.set(block);
        self.len.set(len + 1);
        true
    }
}

/// The slabs of one class.
#[derive(Default)]
pub(crate) struct Owned {
    pub(crate) pages: Vec<u64>,
    /// The pages that were full until one of their blocks was freed.
    pub(crate) partial: Vec<u64>,
    pub(crate) cursor: usize,
}

/// The number that stands for no page.
pub(crate) const NO_PAGE: u64 = u64::MAX;

impl Local {
    /// Reads the heap, without being a participant.
    pub(crate) fn reader(store: Arc<dyn Store>) -> Self {
        Self {
            size: Cell::new(store.size() as u64),
            parts: store.parts().clone(),
            store,
            me: 0,
            number: NO_PAGE,
            current: std::array::from_fn(|_| Cell::new(NO_PAGE)),
            owned: RefCell::new((0..CLASSES).map(|_| Owned::default()).collect()),
            magazines: Box::new(std::array::from_fn(|_| Magazine::default())),
            holds_counts: Cell::new(false),
            slots: RefCell::default(),
            types: RefCell::default(),
        }
    }

    /// Becomes a participant of the heap.
    pub(crate) fn attach(store: Arc<dyn Store>) -> Result<Self> {
        let label = store.label();
        let mut this = Self::reader(store);
        this.me = here();
        let mut is_second = false;
        loop {
            if let Some(number) = this.claim() {
                this.number = number;
                return Ok(this);
            }
            if is_second {
                let why = format!(
                    "all {} participants are handles of living processes: create the heap with \
                     more",
                    this.parts.place.participants
                );
                return Err(Refusal::os("open", Errno::ENOSPC).because(why).on(label));
            }
            this.recover();
            is_second = true;
        }
    }

    fn claim(&self) -> Option<u64> {
        (0..self.parts.place.participants).find(|number| {
            let Some(Participant { word, intent, .. }) = self.parts.participant(*number) else {
                return false;
            };
            if word.load(Ordering::Acquire) != 0 || intent.load(Ordering::Acquire) != 0 {
                return false;
            }
            self.parts.control().participants.fetch_max(number + 1, Ordering::AcqRel);
            crash_point("heap: a participant is announced");
            let is_claimed = replace(word, 0, self.me);
            crash_point("heap: a participant is claimed");
            is_claimed
        })
    }

    /// The number of this participant plus 1, which page words store.
    #[inline]
    pub(crate) fn tag(&self) -> u64 {
        self.number.wrapping_add(1)
    }

    /// The highest number of a participant that ever existed, plus 1.
    pub(crate) fn participants(&self) -> u64 {
        let announced = self.parts.control().participants.load(Ordering::Acquire);
        announced.min(self.parts.place.participants)
    }

    /// Fails in a forked child, whose parent is the participant.
    #[inline]
    pub(crate) fn check(&self, call: &'static str) -> Result<(), Refusal> {
        if self.is_here() { Ok(()) } else { self.check_again(call) }
    }

    /// Returns `true` if this process is known to be the participant.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        ProcessInstance::known().is_some_and(|here| here.raw() == self.me)
    }

    /// Takes a block that this handle set aside for the next allocation of a class.
    #[inline]
    pub(crate) fn pop(&self, class: Class) -> Option<u64> {
        self.magazines[class.number()].pop()
    }

    /// Sets a free block aside for the next allocation of its class. Returns `false` if the
    /// magazine is full.
    #[inline]
    pub(crate) fn push(&self, class: Class, block: u64) -> bool {
        self.magazines[class.number()].push(block)
    }

    #[cold]
    fn check_again(&self, call: &'static str) -> Result<(), Refusal> {
        if here() == self.me {
            return Ok(());
        }
        let why = "this handle belongs to the process that forked this one: open the heap again, \
                   or call `try_clone`";
        Err(Refusal::invalid(call, why))
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Adds the name of the heap to an error.
    #[cold]
    pub(crate) fn name(&self, refusal: Refusal) -> Error {
        refusal.on(self.store.label())
    }

    /// The number of pages that can be used.
    pub(crate) fn pages(&self) -> u64 {
        let place = &self.parts.place;
        place.pages.min(self.size.get().saturating_sub(place.pages_at) / PAGE)
    }

    /// Reads the size of the memory object again. Returns `true` if it has grown.
    #[cold]
    pub(crate) fn refresh(&self) -> bool {
        self.store.refresh();
        let (before, now) = (self.size.get(), self.store.size() as u64);
        self.size.set(now);
        now > before
    }

    /// Grows the memory object by at least that number of pages. Returns `false` if they are over
    /// the maximum size.
    #[cold]
    pub(crate) fn grow(&self, pages: u64) -> Result<bool> {
        let has = self.pages();
        if self.refresh() && self.pages() >= has.saturating_add(pages) {
            return Ok(true);
        }
        let has = self.pages();
        let most = self.parts.place.pages;
        let wanted = has.saturating_add(pages);
        if wanted > most {
            return Ok(false);
        }
        let wanted = wanted.max(has + has / 4).min(most);
        let size = usize::try_from(self.parts.place.size(wanted)).unwrap_or(usize::MAX);
        let grown = self.store.grow(size);
        self.refresh();
        grown.map(|()| true)
    }

    /// Returns the error of an allocation of `size` bytes for which there is no space, and for which
    /// the memory object did not grow. `growth` is the result of the attempt to grow.
    #[cold]
    pub(crate) fn full(&self, size: u64, growth: Result<bool>) -> Refusal {
        let all = self.pages() * PAGE;
        let why = match growth {
            Ok(_) => String::from(": create the heap with a larger size or `max_size`"),
            Err(err) => format!(", and the heap cannot grow: {err}"),
        };
        let why = format!("no block of {size} bytes is free in {all} bytes{why}");
        Refusal::os("allocate", Errno::ENOSPC).because(why)
    }

    /// The words of pages from `offset` on.
    #[inline]
    pub(crate) fn words(&self, offset: u64, count: u64) -> Option<&[AtomicU64]> {
        // SAFETY: the memory object has had that size, and never shrinks (`Store::size`); it stays
        // mapped as long as the store.
        let words = unsafe { self.parts.words(offset, count, self.size.get()) };
        if words.is_none() { self.words_again(offset, count) } else { words }
    }

    #[cold]
    fn words_again(&self, offset: u64, count: u64) -> Option<&[AtomicU64]> {
        let grew = self.refresh();
        // SAFETY: as above.
        if grew { unsafe { self.parts.words(offset, count, self.size.get()) } } else { None }
    }

    /// The number of the page that contains an offset.
    #[inline]
    pub(crate) fn page_of(&self, offset: u64) -> u64 {
        // An offset below the pages results in a number that no page has.
        offset.wrapping_sub(self.parts.place.pages_at) / PAGE
    }

    #[inline]
    pub(crate) fn page_word(&self, page: u64) -> u64 {
        self.parts.page_word(page).map_or(page::FREE, |word| word.load(Ordering::Acquire))
    }

    #[inline]
    pub(crate) fn page_at(&self, page: u64) -> u64 {
        self.parts.place.pages_at.wrapping_add(page.wrapping_mul(PAGE))
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "participant {} of {}", self.number, self.store.label())
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // A handle that found no place among the participants has none to clear. A program may have
        // leaked counted values.
        if self.number != NO_PAGE && here() == self.me && self.drop_shares(self.number, None) {
            self.retire(self.number);
        }
    }
}
