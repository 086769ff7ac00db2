//! Page words: the owner of a page, and its use.

use crate::allocator::class::Class;

/// The kinds of pages.
pub(crate) const FREE: u64 = 0;
pub(crate) const CLAIMED: u64 = 1;
pub(crate) const SLAB: u64 = 2;
pub(crate) const EXTENT: u64 = 3;

/// The flag of a kept extent.
pub(crate) const KEPT: u64 = 1 << 8;

const KIND: u64 = 0xff;
const OWNER_SHIFT: u32 = 16;
const OWNER: u64 = 0xffff << OWNER_SHIFT;
const NUMBER_SHIFT: u32 = 32;

/// The bits of a page word that identify a slab of one owner.
pub(crate) const SLAB_OF: u64 = KIND | OWNER;

/// A page word.
#[inline]
pub(crate) const fn word(kind: u64, owner: u64, number: u64) -> u64 {
    kind | owner << OWNER_SHIFT | number << NUMBER_SHIFT
}

#[inline]
pub(crate) const fn kind(word: u64) -> u64 {
    word & KIND
}

/// The number plus 1 of the participant that owns the page, or 0.
#[inline]
pub(crate) const fn owner(word: u64) -> u64 {
    (word & OWNER) >> OWNER_SHIFT
}

/// The number of pages of an extent.
#[inline]
pub(crate) const fn len(word: u64) -> u64 {
    word >> NUMBER_SHIFT
}

/// The class of a slab.
#[inline]
pub(crate) fn class(word: u64) -> Option<Class> {
    Class::new(word >> NUMBER_SHIFT)
}
