//! The tree of an ordered map: nodes in one block, each with at most 14 entries in any order, and a
//! word that puts them into order. So every change is published by one store.
//!
//! | words of the block | meaning |
//! |---|---|
//! | 0 | the number of nodes that were ever used |
//! | 1 | the number plus 1 of the first free node |
//! | 2 | the number plus 1 of the last free node |
//! | 8..40 | with versions only: 16 times the root and the number of entries, of the versions whose numbers modulo 16 are 0 to 15 |
//! | behind | the nodes |
//!
//! | words of a node | meaning |
//! |---|---|
//! | 0 | bits 0..4: the number of entries; then 4 bits for each: its slot |
//! | 1 | of a free node: bits 0..32: the number plus 1 of the next free node; bits 32..64: the lower half of the number of the first version that does not contain the node |
//! | behind | the keys of 15 slots |
//! | behind | 15 times the value, or the number of a node |
//!
//! A root is the number plus 1 of a node in bits 0..32, and the number of levels in the others. It
//! is 0 if there is no node. On level 1 (the leaves), nodes contain values. On the other levels, an
//! entry leads to the node of all keys that are not less than its key and less than the next one;
//! the first key of a node has no meaning.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::marker::PhantomData;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_mem::Plain;

use crate::containers::table::words_of;
use crate::words;

/// The maximum number of entries of a node.
pub(crate) const MOST: usize = 14;

/// The number of slots of a node. One more than entries, so that an entry can be replaced.
pub(crate) const SLOTS: usize = 15;

/// The maximum number of levels. Each node but the root has at least 5 entries, unless the heap was
/// full when others were removed. So a tree of as many nodes as a root can count has fewer levels.
pub(crate) const MAX_LEVELS: usize = 16;

/// The number of versions whose roots a block contains.
pub(crate) const ROOTS: usize = 16;

const HEAD: usize = 8;

/// The word of a node that links the free ones.
pub(crate) const LINK: usize = 1;

/// The number of words of a node before its slots.
const LINKS: usize = 2;

/// A tree in the words of a block, which may be damaged, and which another process may change.
pub(crate) struct Tree<'h, K, V> {
    words: &'h [AtomicU64],
    /// The number of words before the nodes.
    head: usize,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Clone for Tree<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Tree<'_, K, V> {}

/// The way from a root to an entry: a node of each level, and a position in its order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) levels: usize,
    pub(crate) steps: [(u32, u32); MAX_LEVELS],
}

impl Path {
    /// The leaf, and the position of the entry in it.
    fn end(&self) -> (u32, u32) {
        self.steps[self.levels - 1]
    }
}

/// The root that consists of a node and a number of levels.
pub(crate) fn root_of(node: u32, levels: usize) -> u64 {
    (u64::from(node) + 1) | ((levels as u64) << 32)
}

/// The node and the number of levels of a root; `None` if it is 0 or damaged.
#[inline]
pub(crate) fn parts_of(root: u64) -> Option<(u32, usize)> {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    let node = (root as u32).checked_sub(1)?;
    let levels = usize::try_from(root >> 32).ok()?;
    (1..=MAX_LEVELS).contains(&levels).then_some((node, levels))
}

/// The entries of a node in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order(u64);

impl Order {
    pub(crate) fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    pub(crate) fn raw(self) -> u64 {
        self.0
    }

    #[inline]
    pub(crate) fn len(self) -> usize {
        ((self.0 & 15) as usize).min(MOST)
    }

    /// The slot of the entry at a position.
    #[inline]
    pub(crate) fn slot(self, at: usize) -> usize {
        (self.0 >> (4 + 4 * at) & 15) as usize
    }

    /// The order with other entries at the positions from `start` to `end`. At most `MOST` entries
    /// result.
    pub(crate) fn spliced(self, start: usize, end: usize, slots: &[usize]) -> Self {
        let mask = |len: usize| (1 << (4 * len)) - 1;
        let order = self.0 >> 4 & mask(self.len());
        let high = order >> (4 * end);
        let high = slots.iter().rev().fold(high, |high, slot| high << 4 | *slot as u64);
        let len = self.len() + slots.len() - (end - start);
        Self(len as u64 | (order & mask(start) | high << (4 * start)) << 4)
    }

    /// The slots that no entry uses.
    pub(crate) fn vacant(self) -> impl Iterator<Item = usize> {
        let used = (0..self.len()).fold(0u32, |used, at| used | 1 << self.slot(at));
        (0..SLOTS).filter(move |slot| used & 1 << slot == 0)
    }
}

impl<'h, K: Plain, V: Plain> Tree<'h, K, V> {
    const KEY: usize = words_of::<K>();
    const REST: usize = if words_of::<V>() > 1 { words_of::<V>() } else { 1 };
    const ENTRY: usize = Self::KEY + Self::REST;
    const NODE: usize = LINKS + SLOTS * Self::ENTRY;

    const fn head(has_versions: bool) -> usize {
        if has_versions { HEAD + 2 * ROOTS } else { HEAD }
    }

    /// The number of words of a block with that number of nodes.
    pub(crate) fn size(nodes: usize, has_versions: bool) -> Option<usize> {
        Self::NODE.checked_mul(nodes)?.checked_add(Self::head(has_versions))
    }

    pub(crate) fn new(words: &'h [AtomicU64], has_versions: bool) -> Self {
        Self { words, head: Self::head(has_versions), of: PhantomData }
    }

    /// The number of nodes for which there is space.
    pub(crate) fn capacity(&self) -> u32 {
        let words = self.words.len().saturating_sub(self.head);
        u32::try_from(words / Self::NODE).unwrap_or(u32::MAX)
    }

    /// Initialises a tree in words of any content, with the first nodes of another one.
    pub(crate) fn begin(&self, from: &Tree<'_, K, V>, nodes: u32) {
        for (at, to) in self.words.iter().enumerate().take(HEAD) {
            to.store(
                from.word(at).map_or(0, |word| word.load(Ordering::Relaxed)),
                Ordering::Relaxed,
            );
        }
        let behind = |words: &'_ [AtomicU64]| words.len().min(self.head);
        let (from, to) = (&from.words[behind(from.words)..], &self.words[behind(self.words)..]);
        for (from, to) in from.iter().zip(to).take(nodes as usize * Self::NODE) {
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// A word of the block.
    pub(crate) fn word(&self, at: usize) -> Option<&'h AtomicU64> {
        self.words.get(at)
    }

    /// The words of the root and the number of entries of a version.
    pub(crate) fn version(&self, version: u64) -> Option<[&'h AtomicU64; 2]> {
        let at = HEAD + 2 * usize::try_from(version % ROOTS as u64).ok()?;
        Some([self.words.get(at)?, self.words.get(at + 1)?])
    }

    /// The words of a node.
    #[inline]
    pub(crate) fn node(&self, node: u32) -> Option<&'h [AtomicU64]> {
        let at = (node as usize).checked_mul(Self::NODE)?.checked_add(self.head)?;
        self.words.get(at..)?.get(..Self::NODE)
    }

    /// The order of a node; that of an empty one if there is no such node.
    #[inline]
    pub(crate) fn order(&self, node: u32) -> Order {
        let word = self.node(node).and_then(|words| words.first());
        Order(word.map_or(0, |word| word.load(Ordering::Acquire)))
    }

    /// The words of the key and of the rest of a slot, among those of a node.
    #[inline]
    fn within(words: &[AtomicU64], slot: usize) -> Option<[&[AtomicU64]; 2]> {
        let (keys, rests) = words.get(LINKS..)?.split_at_checked(SLOTS * Self::KEY)?;
        let key = keys.get(slot * Self::KEY..)?.get(..Self::KEY)?;
        Some([key, rests.get(slot * Self::REST..)?.get(..Self::REST)?])
    }

    /// The words of the key of a slot, and those of its value or of the number of a node.
    #[inline]
    pub(crate) fn slot(&self, node: u32, slot: usize) -> Option<[&'h [AtomicU64]; 2]> {
        Self::within(self.node(node)?, slot)
    }

    #[inline]
    pub(crate) fn key(&self, node: u32, slot: usize) -> Option<K> {
        words::read(self.slot(node, slot)?[0], 0)
    }

    #[inline]
    fn value(&self, node: u32, slot: usize) -> Option<V> {
        words::read(self.slot(node, slot)?[1], 0)
    }

    /// The node to which an entry leads.
    #[inline]
    pub(crate) fn child(&self, node: u32, slot: usize) -> Option<u32> {
        let [_, rest] = self.slot(node, slot)?;
        u32::try_from(rest.first()?.load(Ordering::Relaxed)).ok()
    }

    /// The entry to which a path leads.
    pub(crate) fn entry(&self, path: &Path) -> Option<(K, V)> {
        let (node, at) = path.end();
        let slot = self.order(node).slot(at as usize);
        Some((self.key(node, slot)?, self.value(node, slot)?))
    }

    /// Fills the rest of a path, beginning with a node: at its first entries, or at its last ones.
    fn follow_edge(
        &self,
        path: &mut Path,
        level: usize,
        mut node: u32,
        is_last: bool,
    ) -> Option<()> {
        for level in level..path.levels {
            let order = self.order(node);
            let at = if is_last { order.len().checked_sub(1)? } else { 0 };
            path.steps[level] = (node, u32::try_from(at).ok()?);
            if level + 1 < path.levels {
                node = self.child(node, order.slot(at))?;
            } else if order.len() == 0 {
                return None;
            }
        }
        Some(())
    }

    /// Moves a path to the next or the previous entry. Returns `None` at the end.
    pub(crate) fn step(&self, path: &mut Path, is_back: bool) -> Option<()> {
        for level in (0..path.levels).rev() {
            let (node, at) = path.steps[level];
            let order = self.order(node);
            let next = if is_back { at.checked_sub(1) } else { at.checked_add(1) };
            let Some(next) = next.filter(|next| (*next as usize) < order.len()) else { continue };
            path.steps[level] = (node, next);
            if level + 1 == path.levels {
                return Some(());
            }
            let child = self.child(node, order.slot(next as usize))?;
            return self.follow_edge(path, level + 1, child, is_back);
        }
        None
    }

    /// The path to the first or the last entry.
    pub(crate) fn edge(&self, root: u64, is_last: bool) -> Option<Path> {
        let (node, levels) = parts_of(root)?;
        let mut path = Path { levels, steps: [(0, 0); MAX_LEVELS] };
        self.follow_edge(&mut path, 0, node, is_last)?;
        Some(path)
    }
}

impl<'h, K: Plain + Ord, V: Plain> Tree<'h, K, V> {
    /// The number of entries of a node from position `from` on that are less than a key, plus
    /// `from`; and `true` if the next one has that key.
    #[inline]
    fn search(&self, node: u32, order: Order, from: usize, key: &K) -> (usize, bool) {
        let keys = self.node(node).and_then(|words| words.get(LINKS..)?.get(..SLOTS * Self::KEY));
        let keys = keys.unwrap_or_default();
        // Few entries, and one branch that is hard to predict: faster than a binary search.
        for at in from..order.len() {
            let found = words::read::<K>(keys, order.slot(at) * Self::KEY * 8);
            match found.map_or(Greater, |found| found.cmp(key)) {
                Less => {}
                Equal => return (at, true),
                Greater => return (at, false),
            }
        }
        (order.len().max(from), false)
    }

    /// The position of the entry that leads to a key.
    #[inline]
    fn towards(&self, node: u32, order: Order, key: &K) -> usize {
        let (at, is_equal) = self.search(node, order, 1, key);
        if is_equal { at } else { at - 1 }
    }

    /// The value of a key.
    #[inline]
    pub(crate) fn get(&self, root: u64, key: &K) -> Option<V> {
        let (mut node, levels) = parts_of(root)?;
        for _ in 1..levels {
            let order = self.order(node);
            node = self.child(node, order.slot(self.towards(node, order, key)))?;
        }
        let order = self.order(node);
        match self.search(node, order, 0, key) {
            (at, true) => self.value(node, order.slot(at)),
            _ => None,
        }
    }

    /// The path to a key, or to where it belongs, which may be behind the last entry of a leaf; and
    /// `true` if there is an entry with that key.
    pub(crate) fn path(&self, root: u64, key: &K) -> Option<(Path, bool)> {
        let (mut node, levels) = parts_of(root)?;
        let mut path = Path { levels, steps: [(0, 0); MAX_LEVELS] };
        for level in 0..levels - 1 {
            let order = self.order(node);
            let at = self.towards(node, order, key);
            path.steps[level] = (node, u32::try_from(at).ok()?);
            node = self.child(node, order.slot(at))?;
        }
        let (at, is_found) = self.search(node, self.order(node), 0, key);
        path.steps[levels - 1] = (node, u32::try_from(at).ok()?);
        Some((path, is_found))
    }

    /// The path to the first entry within a lower bound, or to the last one within an upper bound.
    fn bound(&self, root: u64, bound: Bound<&K>, is_upper: bool) -> Option<Path> {
        let (key, is_included) = match bound {
            Bound::Unbounded => return self.edge(root, is_upper),
            Bound::Included(key) => (key, true),
            Bound::Excluded(key) => (key, false),
        };
        let (mut path, is_found) = self.path(root, key)?;
        let (node, at) = path.end();
        if is_upper && !(is_found && is_included) {
            self.step(&mut path, true)?;
        } else if !is_upper && is_found && !is_included || at as usize >= self.order(node).len() {
            self.step(&mut path, false)?;
        }
        Some(path)
    }

    /// The entries within two bounds.
    pub(crate) fn range(self, root: u64, lower: Bound<&K>, upper: Bound<&K>) -> Entries<'h, K, V> {
        let paths = self.bound(root, lower, false).zip(self.bound(root, upper, true));
        let key = |path: &Path| self.entry(path).map(|(key, _)| key);
        let ends = paths.filter(|(first, last)| {
            key(first).zip(key(last)).is_some_and(|(first, last)| first <= last)
        });
        // Each entry has more than one word. In a damaged tree, two entries may lead to one node.
        Entries { tree: self, ends, left: self.words.len() }
    }
}

/// Copies of the entries of a tree, in order.
pub(crate) struct Entries<'h, K, V> {
    tree: Tree<'h, K, V>,
    ends: Option<(Path, Path)>,
    left: usize,
}

impl<K: Plain, V: Plain> Entries<'_, K, V> {
    fn take(&mut self, is_back: bool) -> Option<(K, V)> {
        let (mut first, mut last) = self.ends.take()?;
        self.left = self.left.checked_sub(1)?;
        let end = if is_back { &mut last } else { &mut first };
        let entry = self.tree.entry(end)?;
        let (is_over, next) =
            (first.end() == last.end(), if is_back { &mut last } else { &mut first });
        if !is_over && self.tree.step(next, is_back).is_some() {
            self.ends = Some((first, last));
        }
        Some(entry)
    }
}

impl<K: Plain, V: Plain> Iterator for Entries<'_, K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.take(false)
    }
}

impl<K: Plain, V: Plain> DoubleEndedIterator for Entries<'_, K, V> {
    fn next_back(&mut self) -> Option<(K, V)> {
        self.take(true)
    }
}
