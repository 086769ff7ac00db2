//! The nodes of an ordered map: which are free, and the block that contains them. The comment of
//! `ordered.rs` lists the stores.

use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, Result, crash_point, switched_on};
use ipc_mem::Plain;

use crate::containers::ordered::Ordered;
use crate::containers::tree::{LINK, ROOTS, Tree, parts_of};
use crate::intent::Intent;

/// The number of versions that must be published before the nodes of a version change.
pub(crate) const KEPT: u64 = ROOTS as u64 - 2;

/// The words of a block in which the number of used nodes and the free nodes are.
const USED: usize = 0;
const FIRST: usize = 1;
const LAST: usize = 2;

/// The lower half of a word.
const HALF: u64 = 0xffff_ffff;

impl<'h, K: Plain, V: Plain> Ordered<'h, K, V> {
    fn head(&self, at: usize) -> u64 {
        self.tree.word(at).map_or(0, |word| word.load(Ordering::Relaxed))
    }

    fn store_head(&self, at: usize, to: u64) {
        if let Some(word) = self.tree.word(at) {
            word.store(to, Ordering::Relaxed);
            crash_point("heap: a list of nodes is changed");
        }
    }

    /// The number of nodes that were ever used.
    pub(crate) fn used(&self) -> u32 {
        u32::try_from(self.head(USED)).unwrap_or(u32::MAX)
    }

    /// The link of a node, with the number plus 1 of the node.
    fn link(&self, node: u64) -> Option<&'h AtomicU64> {
        self.tree.node(u32::try_from(node.checked_sub(1)?).ok()?)?.get(LINK)
    }

    /// The number plus 1 of the free node behind this one, if this one may be used again.
    fn next_free(&self, node: u64) -> Option<u64> {
        let link = self.link(node)?.load(Ordering::Relaxed);
        let age = (self.version() & HALF).wrapping_sub(link >> 32) & HALF;
        let is_ready = !self.has_versions || age >= KEPT || !switched_on("versions");
        is_ready.then_some(link & HALF)
    }

    /// Returns `true` if that number of nodes can be taken.
    pub(crate) fn has_room(&self, nodes: usize) -> bool {
        let fresh = self.tree.capacity().saturating_sub(self.used()) as usize;
        let mut first = self.head(FIRST);
        (fresh..nodes).all(|_| match self.next_free(first) {
            Some(next) => {
                first = next;
                true
            }
            None => false,
        })
    }

    pub(crate) fn take(&self) -> Option<u32> {
        let (first, used) = (self.head(FIRST), self.used());
        if let Some(next) = self.next_free(first) {
            if next == 0 {
                self.store_head(LAST, 0);
            }
            self.store_head(FIRST, next);
            return u32::try_from(first - 1).ok();
        }
        if used >= self.tree.capacity() {
            return None;
        }
        self.store_head(USED, u64::from(used) + 1);
        Some(used)
    }

    /// Adds a node to the free ones. The present version does not contain it.
    pub(crate) fn free(&self, node: u32) {
        let (last, number) = (self.head(LAST), u64::from(node) + 1);
        let since = self.version() << 32;
        let Some(link) = self.link(number) else { return };
        link.store(since, Ordering::Relaxed);
        crash_point("heap: a node has no successor");
        match self.link(last) {
            Some(before) => {
                let since = before.load(Ordering::Relaxed) & !HALF;
                before.store(since | number, Ordering::Relaxed);
            }
            None => self.store_head(FIRST, number),
        }
        crash_point("heap: a node has a predecessor");
        self.store_head(LAST, number);
    }

    /// Finds the nodes that the root does not lead to, after the death of an owner of the lock, and
    /// counts the entries.
    #[cold]
    pub(crate) fn repair(&self) {
        let mut is_used = vec![false; self.tree.capacity() as usize];
        let mut len = 0;
        let mut left: Vec<_> = parts_of(self.root()).into_iter().collect();
        while let Some((node, levels)) = left.pop() {
            match is_used.get_mut(node as usize) {
                // In a damaged tree, two entries may lead to the same node.
                None | Some(true) => continue,
                Some(is_used) => *is_used = true,
            }
            let order = self.tree.order(node);
            let slots = (0..order.len()).map(|at| order.slot(at));
            if levels == 1 {
                len += order.len() as u64;
            } else {
                let nodes = slots.filter_map(|slot| self.tree.child(node, slot));
                left.extend(nodes.map(|node| (node, levels - 1)));
            }
        }
        self.store_head(FIRST, 0);
        self.store_head(LAST, 0);
        for (node, is_used) in (0..self.used()).zip(is_used) {
            if !is_used {
                self.free(node);
            }
        }
        if self.has_versions {
            // Otherwise no free node would be ready, and the block would grow after each death.
            self.write_roots(&self.tree, len);
            let version = self.version().wrapping_add(ROOTS as u64);
            self.held.record.third.store(version, Ordering::Release);
            crash_point("heap: free nodes are ready");
        }
        self.store_len(len);
    }

    /// Writes the present root as that of all versions.
    fn write_roots(&self, tree: &Tree<'_, K, V>, len: u64) {
        let root = self.root();
        for [place, count] in (0..ROOTS as u64).filter_map(|version| tree.version(version)) {
            place.store(root, Ordering::Relaxed);
            count.store(len, Ordering::Relaxed);
        }
    }

    /// Ensures that an insertion finds the nodes that it may need: two on each level and a root.
    pub(crate) fn reserve(&mut self, levels: usize) -> Result<()> {
        let needed = 2 * levels + 1;
        if self.has_room(needed) { Ok(()) } else { self.grow(needed) }
    }

    #[cold]
    fn grow(&mut self, needed: usize) -> Result<()> {
        let (used, capacity) = (self.used() as usize, self.tree.capacity() as usize);
        let (least, doubled) = (used + needed, capacity.saturating_mul(2));
        // If a block of twice the size does not fit, one of the needed size is enough.
        self.move_to(least.max(doubled))
            .or_else(|err| if least < doubled { self.move_to(least) } else { Err(err) })
    }

    /// Moves all nodes to a block with space for more of them.
    fn move_to(&mut self, nodes: usize) -> Result<()> {
        let local = self.held.local;
        let size = Tree::<K, V>::size(nodes, self.has_versions)
            .filter(|size| isize::try_from(size.saturating_mul(8)).is_ok());
        let size = size.ok_or_else(|| {
            local.name(Refusal::invalid(
                "insert",
                format_args!("{nodes} nodes do not fit into the address space"),
            ))
        })?;
        let content = local.allocate(size as u64 * 8, 64).map_err(|why| local.name(why))?;
        let tree = Tree::<K, V>::new(
            local.words(content, size as u64).unwrap_or_default(),
            self.has_versions,
        );
        tree.begin(&self.tree, self.used());
        let (root, len) = (self.root(), self.held.len());
        if self.has_versions {
            self.write_roots(&tree, len);
        }
        crash_point("heap: all nodes are copied");
        self.replace(content, root, len);
        Ok(())
    }

    /// Replaces the block. Readers of the present version find that it is over.
    pub(crate) fn replace(&mut self, content: u64, root: u64, len: u64) {
        let next = self.version().wrapping_add(ROOTS as u64);
        self.held.local.carry_out(Intent::Replace {
            object: self.held.number,
            content,
            len,
            third: if self.has_versions { next } else { root },
            old: self.held.content(),
        });
        self.tree = Tree::new(self.held.words(), self.has_versions);
    }

    /// Removes all entries, and returns their space to the heap.
    pub(crate) fn clear(&mut self) {
        self.replace(0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use ipc_mem::LocalMemory;
    use ipc_testkit::Rng;

    use crate::containers::ordered::Item;
    use crate::{Heap, HeapMap, HeapOptions, HeapReadMap};

    /// The number of nodes that a tree consists of or that are free; they must be all.
    fn count(ordered: &Ordered<'_, u64, u64>) -> usize {
        let (mut first, mut free) = (ordered.head(FIRST), 0);
        while let Some(link) = ordered.link(first) {
            (first, free) = (link.load(Ordering::Relaxed) & HALF, free + 1);
            assert!(first != 0 || ordered.tree.capacity() as usize >= free);
        }
        let mut nodes: Vec<_> = parts_of(ordered.root()).into_iter().collect();
        let mut at = 0;
        while let Some(&(node, levels)) = nodes.get(at) {
            let order = ordered.tree.order(node);
            assert!(levels == nodes[0].1 || order.len() >= 5);
            if levels > 1 {
                let children = (0..order.len()).map(|at| ordered.tree.child(node, order.slot(at)));
                nodes.extend(children.map(|child| (child.unwrap(), levels - 1)));
            }
            at += 1;
        }
        nodes.len() + free
    }

    #[test]
    fn no_node_is_lost_and_those_that_a_death_loses_are_found_again() {
        let options = HeapOptions::new(4 << 20).objects(2).participants(2);
        let memory = LocalMemory::new(options.memory_size().unwrap()).unwrap();
        let heap = Heap::create_in(memory, options).unwrap();
        let plain = heap.create_anonymous::<HeapMap<u64, u64>>(()).unwrap();
        let versions = heap.create_anonymous::<HeapReadMap<u64, u64>>(()).unwrap();
        let rng = &mut Rng::new();
        for (mut map, step) in [(plain.lock().unwrap(), 1), (versions.lock().unwrap(), 1)] {
            for round in 0..5_000 {
                let key = rng.below(500) * step;
                if rng.below(1000) < round / 5 {
                    map.remove(&key).unwrap();
                } else {
                    map.insert(key, key).unwrap();
                }
                let ordered = &mut map.ordered;
                assert_eq!(count(ordered), ordered.used() as usize, "{round}");
                if round % 100 == 0 {
                    let entries: Vec<_> = ordered.tree.range(ordered.root(), NONE, NONE).collect();
                    let mut lost = 0;
                    while ordered.has_room(1) {
                        ordered.take().unwrap();
                        lost += 1;
                    }
                    assert_eq!(count(ordered) + lost, ordered.used() as usize);
                    ordered.store_len(7);
                    ordered.repair();
                    assert_eq!(count(ordered), ordered.used() as usize);
                    assert_eq!(ordered.len(), entries.len());
                    assert!(ordered.tree.range(ordered.root(), NONE, NONE).eq(entries));
                }
            }
        }
    }

    const NONE: std::ops::Bound<&u64> = std::ops::Bound::Unbounded;

    #[test]
    fn a_damaged_tree_is_read_and_changed_with_errors_or_some_result() {
        let options = HeapOptions::new(1 << 20).objects(2).participants(2);
        let rng = &mut Rng::new();
        for round in 0..500 {
            let memory = LocalMemory::new(options.memory_size().unwrap()).unwrap();
            let heap = Heap::create_in(memory, options).unwrap();
            let plain = heap.create_anonymous::<HeapMap<u64, u64>>(()).unwrap();
            let versions = heap.create_anonymous::<HeapReadMap<u64, u64>>(()).unwrap();
            let mut map = if round % 2 == 0 { plain.lock() } else { versions.lock() }.unwrap();
            for key in 0..200 {
                map.insert(key, key).unwrap();
            }
            let ordered = &mut map.ordered;
            for _ in 0..1 + rng.below(30) {
                let node = ordered.tree.node(u32::try_from(rng.below(20)).unwrap()).unwrap();
                let end = *rng.pick(&[2, node.len()]);
                let word = &node[rng.index(end)];
                let old = word.load(Ordering::Relaxed);
                let new = [rng.next_u64(), old ^ 1 << rng.below(64), rng.below(20)][rng.index(3)];
                word.store(new, Ordering::Relaxed);
            }
            let all = ordered.tree.range(ordered.root(), NONE, NONE);
            let words = ordered.held.words().len();
            assert!(all.take(words + 1).count() <= words);
            if rng.below(4) == 0 {
                ordered.repair();
            }
            for _ in 0..100 {
                let (key, value) = (rng.below(300), 1);
                let _ = match ordered.tree.path(ordered.root(), &key) {
                    Some((path, is_there)) if rng.below(2) == 0 => {
                        let _ = ordered.reserve(path.levels);
                        ordered.edit(&path, is_there, Some(Item::Entry(&key, &value)), 1)
                    }
                    Some((path, true)) => ordered.edit(&path, true, None, 1),
                    _ => Ok(()),
                };
            }
        }
    }
}
