//! Changes of the tree of an ordered map (`tree.rs`).
//!
//! A change writes entries to free slots and free nodes, to which no order word (`tree.rs`) refers,
//! and then publishes them by one store. A map without versions (`HeapMap`) changes a node in
//! place, as long as it has a free slot. A map with versions (`HeapReadMap`) writes all nodes from
//! the leaf to the root again, so that the nodes of the version before stay as they are; they are
//! used again only when 14 further versions have been published.
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | take a node | the lists of free nodes, or the number of used ones | the map before; a lost node, which the next owner finds |
//! | change in place | the entries, in free slots of a node | the map before |
//! | | the order of the node | the map after |
//! | split or join nodes, or change with versions | new nodes | the map before |
//! | | the order of the lowest node that stays, or a root | the map after |
//! | free a node | the node, the lists of free nodes | the map after; a lost node, as above |
//! | all of these | the length | the map after; the next owner counts the entries again |
//! | grow | a copy of all nodes, in a block of this participant | the map before |
//! | | the intent to replace the content (`intent.rs`) | the same entries |
//!
//! The root without versions is the third number of the object. With versions, the third number is
//! the number of the version, whose root is in the block.

use std::sync::atomic::{Ordering, fence};

use ipc_core::{Result, crash_point};
use ipc_mem::Plain;

use crate::containers::tree::{
    LINK, MAX_LEVELS, MOST, Order, Path, SLOTS, Tree, parts_of, root_of,
};
use crate::objects::object::Held;
use crate::words;

/// The number of entries below which a node is joined with the next or the previous one, or gets
/// some of its entries.
const FEW: usize = 5;

/// The maximum number of entries of two nodes that become one.
const JOINED: usize = 10;

/// A tree whose object this thread has locked.
pub(crate) struct Ordered<'h, K, V> {
    pub(crate) held: Held<'h>,
    pub(crate) tree: Tree<'h, K, V>,
    pub(crate) has_versions: bool,
}

/// An entry that is to be written: the present one of a slot, a new one, or a node with the first
/// key that it may contain.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a, K, V> {
    Old(u32, usize),
    Entry(&'a K, &'a V),
    Node(K, u32),
}

/// Entries of a node, at most one more than it can have.
type Items<'a, K, V> = Vec<Item<'a, K, V>>;

impl<'h, K: Plain, V: Plain> Ordered<'h, K, V> {
    pub(crate) fn new(held: Held<'h>, has_versions: bool) -> Result<Self> {
        let tree = Tree::new(held.words(), has_versions);
        let this = Self { held, tree, has_versions };
        if this.used() > this.tree.capacity() {
            return Err(this.held.damaged("lock", "found more nodes than its block has"));
        }
        if this.root() != 0 && parts_of(this.root()).is_none() {
            return Err(this.held.damaged("lock", "found no valid root"));
        }
        if this.held.owner_died {
            this.repair();
        }
        Ok(this)
    }

    pub(crate) fn root(&self) -> u64 {
        let third = self.held.record.third.load(Ordering::Relaxed);
        if !self.has_versions {
            return third;
        }
        self.tree.version(third).map_or(0, |[root, _]| root.load(Ordering::Relaxed))
    }

    pub(crate) fn version(&self) -> u64 {
        if self.has_versions { self.held.record.third.load(Ordering::Relaxed) } else { 0 }
    }

    /// The number of entries. The heap may be damaged, but no block has more entries than words.
    pub(crate) fn len(&self) -> usize {
        let most = self.tree.capacity() as usize * MOST;
        usize::try_from(self.held.len()).unwrap_or(usize::MAX).min(most)
    }

    pub(crate) fn store_len(&self, len: u64) {
        self.held.record.len.store(len, Ordering::Release);
        crash_point("heap: entries are counted");
    }

    /// Publishes a root.
    fn publish(&self, root: u64, len: u64) {
        let third = &self.held.record.third;
        if !self.has_versions {
            third.store(root, Ordering::Release);
            crash_point("heap: a root is published");
            return;
        }
        let version = self.version().wrapping_add(1);
        if let Some([place, count]) = self.tree.version(version) {
            // A reader that sees what is written here also sees the present version.
            fence(Ordering::Release);
            place.store(root, Ordering::Relaxed);
            count.store(len, Ordering::Relaxed);
        }
        crash_point("heap: a version is written");
        third.store(version, Ordering::Release);
        crash_point("heap: a version is published");
    }

    /// Returns `true` if the leaf of a path has no space for another entry.
    pub(crate) fn is_full(&self, path: &Path) -> bool {
        self.tree.order(path.steps[path.levels - 1].0).len() >= MOST
    }

    /// Inserts the first entry.
    pub(crate) fn begin(&mut self, item: Item<'_, K, V>) -> Result<()> {
        self.reserve(0)?;
        let leaf = self.fill(&[item])?;
        self.publish(root_of(leaf, 1), 1);
        self.store_len(1);
        Ok(())
    }

    fn write(&self, node: u32, slot: usize, item: &Item<'_, K, V>) {
        let Some([to, rest]) = self.tree.slot(node, slot) else { return };
        // A slot has the words that a key and a value need.
        let _ = match item {
            Item::Old(node, slot) => {
                let from = self.tree.slot(*node, *slot).unwrap_or_default();
                for (from, to) in from.into_iter().flatten().zip(to.iter().chain(rest)) {
                    to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
                }
                Some(())
            }
            Item::Entry(key, value) => {
                words::write(to, 0, *key).and_then(|()| words::write(rest, 0, *value))
            }
            Item::Node(key, node) => {
                words::write(to, 0, key).and_then(|()| words::write(rest, 0, &u64::from(*node)))
            }
        };
        crash_point("heap: an entry is written");
    }

    /// Writes a new node.
    fn fill(&self, items: &[Item<'_, K, V>]) -> Result<u32> {
        let node = self.take_or_fail()?;
        let len = items.len().min(MOST);
        for (slot, item) in items.iter().take(len).enumerate() {
            self.write(node, slot, item);
        }
        let slots: [usize; MOST] = std::array::from_fn(|slot| slot);
        let order = Order::from_raw(0).spliced(0, 0, &slots[..len]);
        if let Some(word) = self.tree.node(node).and_then(|words| words.first()) {
            word.store(order.raw(), Ordering::Relaxed);
        }
        crash_point("heap: a node is written");
        Ok(node)
    }

    fn items<'a>(&self, node: u32) -> Items<'a, K, V> {
        let order = self.tree.order(node);
        let mut items = Vec::with_capacity(SLOTS + JOINED);
        items.extend((0..order.len()).map(|at| Item::Old(node, order.slot(at))));
        items
    }

    fn key_of(&self, item: &Item<'_, K, V>) -> K {
        match item {
            Item::Old(node, slot) => self.tree.key(*node, *slot).unwrap_or_else(words::zeroed),
            Item::Entry(key, _) => **key,
            Item::Node(key, _) => *key,
        }
    }

    fn node_of(&self, item: &Item<'_, K, V>) -> u32 {
        match item {
            Item::Old(node, slot) => self.tree.child(*node, *slot).unwrap_or(u32::MAX),
            Item::Entry(..) => u32::MAX,
            Item::Node(_, node) => *node,
        }
    }

    /// The position of the node next to the one at `at`.
    fn partner(&self, parent: u32, at: usize) -> Option<usize> {
        let len = self.tree.order(parent).len();
        if at + 1 < len { Some(at + 1) } else { at.checked_sub(1).filter(|other| *other < len) }
    }

    /// Returns `true` if a node of `before` entries has the slots and the order for `new` entries
    /// instead of those from `start` to `end`.
    fn fits(before: usize, start: usize, end: usize, new: usize) -> bool {
        before + new <= SLOTS && before + new - (end - start) <= MOST
    }

    /// Changes a node in place, which has the slots for that.
    fn splice(&self, node: u32, start: usize, end: usize, new: &[Item<'_, K, V>]) {
        let order = self.tree.order(node);
        let mut slots = [0; SLOTS];
        for ((item, slot), place) in new.iter().zip(order.vacant()).zip(&mut slots) {
            self.write(node, slot, item);
            *place = slot;
        }
        if let Some(word) = self.tree.node(node).and_then(|words| words.first()) {
            let spliced = order.spliced(start, end, &slots[..new.len()]);
            word.store(spliced.raw(), Ordering::Release);
            crash_point("heap: a node has another order");
        }
    }

    /// Writes a new node like a present one.
    fn copy(&self, node: u32) -> Result<u32> {
        let copy = self.take_or_fail()?;
        let words = self.tree.node(node).zip(self.tree.node(copy));
        for (at, (from, to)) in
            words.into_iter().flat_map(|(from, to)| from.iter().zip(to)).enumerate()
        {
            if at != LINK {
                to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        }
        crash_point("heap: a node is copied");
        Ok(copy)
    }

    /// Takes a free node, to write it.
    fn take_or_fail(&self) -> Result<u32> {
        let node = self.take();
        let node = node.ok_or_else(|| self.held.damaged("change", "found no free node"))?;
        // A reader that sees what is written from here on also sees the present version.
        fence(Ordering::Release);
        Ok(node)
    }

    /// Replaces the entry to which a path leads, or inserts one there, or removes it. The map has
    /// `len` entries then. The nodes that an insertion may need are there (`reserve`).
    pub(crate) fn edit(
        &mut self,
        path: &Path,
        is_there: bool,
        item: Option<Item<'_, K, V>>,
        len: u64,
    ) -> Result<()> {
        let can_join = item.is_none() && self.has_room(2 * path.levels);
        let mut level = path.levels - 1;
        let mut start = path.steps[level].1 as usize;
        let mut end = start + usize::from(is_there);
        let (mut upper, mut freed) = (Items::new(), Vec::new());
        loop {
            let (node, is_leaf) = (path.steps[level].0, level + 1 == path.levels);
            let new = if is_leaf { item.as_slice() } else { &upper };
            let before = self.tree.order(node).len();
            (start, end) = (start.min(before), end.min(before));
            let after = before - (end - start) + new.len();
            let parent = level.checked_sub(1).map(|above| path.steps[above]);
            let partner = match parent {
                Some((parent, at)) if can_join && after < FEW => self.partner(parent, at as usize),
                _ => None,
            };
            let is_at_end = start == before;
            let goes = if parent.is_some() { after == 0 } else { after == 1 && !is_leaf };
            let stays = partner.is_none() && !goes && Self::fits(before, start, end, new.len());
            if stays && !self.has_versions {
                self.splice(node, start, end, new);
                break;
            }
            freed.push(node);
            let mut items = Items::new();
            let copy = if stays { Some(self.copy(node)?) } else { None };
            match copy {
                Some(copy) => self.splice(copy, start, end, new),
                None => {
                    items = self.items(node);
                    items.splice(start..end, new.iter().copied());
                }
            }
            let Some((parent, at)) = parent else {
                let root = match copy {
                    Some(copy) => root_of(copy, path.levels),
                    None => self.new_root(path.levels, &items, is_at_end)?,
                };
                self.publish(root, len);
                break;
            };
            let order = self.tree.order(parent);
            let first_key = |at| self.key_of(&Item::Old(parent, order.slot(at)));
            let at = at as usize;
            (start, end) = (at, at + 1);
            upper = match partner {
                _ if copy.is_some() => {
                    copy.map(|node| Item::Node(first_key(at), node)).into_iter().collect()
                }
                _ if items.is_empty() => Items::new(),
                Some(other) => {
                    let sibling = self.node_of(&Item::Old(parent, order.slot(other)));
                    freed.push(sibling);
                    (start, end) = (at.min(other), at.max(other) + 1);
                    let mut left = self.items(sibling);
                    if other > at {
                        std::mem::swap(&mut left, &mut items);
                    }
                    if let Some(first) = items.first_mut().filter(|_| !is_leaf) {
                        // The first key of a node has no meaning; the one in its parent has.
                        *first = Item::Node(first_key(start + 1), self.node_of(first));
                    }
                    left.append(&mut items);
                    self.fill_one_or_two(first_key(start), &left, JOINED, false)?
                }
                None => self.fill_one_or_two(first_key(at), &items, MOST, is_at_end)?,
            };
            level -= 1;
        }
        freed.into_iter().for_each(|node| self.free(node));
        if self.held.len() != len {
            self.store_len(len);
        }
        Ok(())
    }

    /// Writes two new nodes with these items, or one if it has at most `most` entries then. The
    /// keys of a node that grows at its end are probably in order, so that most of them stay in the
    /// first one.
    fn fill_one_or_two<'a>(
        &self,
        key: K,
        items: &[Item<'_, K, V>],
        most: usize,
        is_at_end: bool,
    ) -> Result<Items<'a, K, V>> {
        if items.len() <= most {
            return Ok(vec![Item::Node(key, self.fill(items)?)]);
        }
        let (left, right) = items.split_at(if is_at_end { SLOTS - FEW } else { items.len() / 2 });
        let second = right.first().map_or(key, |item| self.key_of(item));
        Ok(vec![Item::Node(key, self.fill(left)?), Item::Node(second, self.fill(right)?)])
    }

    fn new_root(&self, levels: usize, items: &[Item<'_, K, V>], is_at_end: bool) -> Result<u64> {
        let Some(first) = items.first() else { return Ok(0) };
        if items.len() == 1 && levels > 1 {
            return Ok(root_of(self.node_of(first), levels - 1));
        }
        let nodes = self.fill_one_or_two(self.key_of(first), items, MOST, is_at_end)?;
        if let [single] = nodes.as_slice() {
            return Ok(root_of(self.node_of(single), levels));
        }
        if levels >= MAX_LEVELS {
            return Err(self.held.damaged("insert", "its tree has too many levels"));
        }
        Ok(root_of(self.fill(&nodes)?, levels + 1))
    }
}
