//! The table of a hash map: open addressing with a control byte for each place.
//!
//! | words of the block | meaning |
//! |---|---|
//! | 0 | the number of places: a power of two, at least 8 |
//! | 1 | the seed of the hash |
//! | 2.. | the control bytes, 8 in a word: 0 empty, 1 removed, 128 or more: full, with 7 bits of the hash |
//! | behind | the entries: the key and the value, each padded with zeros to whole words |
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | insert a new key | the entry, in a place that is not full | the map before |
//! | | the word with its control byte | the map after |
//! | | the third number (places that are not empty), the length | the same: the next owner counts them again |
//! | replace a value of one word | the word | the map after |
//! | replace a longer value | the intent to copy it (`intent.rs`) | the map after |
//! | remove | the word with the control byte | the map after |
//! | | the third number, the length | the same: the next owner counts them again |
//! | grow | a new table, in a block of this participant | the map before |
//! | | the intent to replace the content | the map after |

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The number of places of the smallest table, and of control bytes in a word.
pub(crate) const GROUP: usize = 8;

const HEAD: usize = 2;
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const EMPTY: u8 = 0;
const REMOVED: u8 = 1;

/// The number of words of a key or value.
pub(crate) const fn words_of<T>() -> usize {
    size_of::<T>().div_ceil(8)
}

/// A table in the words of a block, which may be damaged.
pub(crate) struct Table<'h, K, V> {
    /// The control bytes, eight in a word.
    groups: &'h [AtomicU64],
    entries: &'h [AtomicU64],
    /// The number of places: a power of two, or 0 without a table.
    places: usize,
    seed: u64,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Clone for Table<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<'_, K, V> {}

impl<'h, K: 'static, V: 'static> Table<'h, K, V> {
    const KEY: usize = words_of::<K>();
    const ENTRY: usize = words_of::<K>() + words_of::<V>();

    /// The number of words of a table.
    pub(crate) fn size(places: usize) -> Option<usize> {
        Self::ENTRY.checked_mul(places)?.checked_add(HEAD + places / GROUP)
    }

    /// The table in these words. `None` if it is damaged.
    pub(crate) fn new(words: &'h [AtomicU64]) -> Option<Self> {
        let [first, second, ..] = words else {
            return words.is_empty().then(|| Self::of(words, 0, 0));
        };
        let places = usize::try_from(first.load(Relaxed)).ok()?;
        let is_valid = places.is_power_of_two()
            && places >= GROUP
            && Self::size(places).is_some_and(|size| size <= words.len());
        is_valid.then(|| Self::of(words, places, second.load(Relaxed)))
    }

    fn of(words: &'h [AtomicU64], places: usize, seed: u64) -> Self {
        let rest = words.get(HEAD..).unwrap_or_default();
        let (groups, entries) = rest.split_at_checked(places / GROUP).unwrap_or_default();
        Self { groups, entries, places, seed, of: PhantomData }
    }

    /// Initialises a table in words of any content.
    pub(crate) fn begin(words: &'h [AtomicU64], places: usize, seed: u64) -> Self {
        if let [first, second, ..] = words {
            first.store(places as u64, Relaxed);
            second.store(seed, Relaxed);
        }
        let table = Self::of(words, places, seed);
        table.groups.iter().for_each(|group| group.store(0, Relaxed));
        table
    }

    pub(crate) fn places(&self) -> usize {
        self.places
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The words of the key and the value at a place.
    #[inline]
    pub(crate) fn entry(&self, place: usize) -> &'h [AtomicU64] {
        let from = place * Self::ENTRY;
        self.entries.get(from..).and_then(|rest| rest.get(..Self::ENTRY)).unwrap_or_default()
    }

    /// The words of the key at a place.
    #[inline]
    pub(crate) fn key(&self, place: usize) -> &'h [AtomicU64] {
        self.entry(place).get(..Self::KEY).unwrap_or_default()
    }

    /// The words of the value at a place.
    #[inline]
    pub(crate) fn value(&self, place: usize) -> &'h [AtomicU64] {
        self.entry(place).get(Self::KEY..).unwrap_or_default()
    }

    /// The index of the first word of the value at a place, from the beginning of the block.
    pub(crate) fn value_at(&self, place: usize) -> usize {
        HEAD + self.groups.len() + place * Self::ENTRY + Self::KEY
    }

    #[inline]
    fn group(&self, group: usize) -> Option<&'h AtomicU64> {
        self.groups.get(group)
    }

    fn control(&self, place: usize) -> u8 {
        let group = self.group(place / GROUP).map_or(0, |group| group.load(Relaxed));
        group.to_le_bytes()[place % GROUP]
    }

    /// Writes a control byte, by one store of its word.
    fn set_control(&self, place: usize, byte: u8) {
        if let Some(group) = self.group(place / GROUP) {
            let mut bytes = group.load(Relaxed).to_le_bytes();
            bytes[place % GROUP] = byte;
            group.store(u64::from_le_bytes(bytes), std::sync::atomic::Ordering::Release);
        }
    }

    pub(crate) fn is_full(&self, place: usize) -> bool {
        self.control(place) >= 0x80
    }

    /// Marks a place as full. Its entry has been written.
    pub(crate) fn fill(&self, place: usize, hash: u64) {
        self.set_control(place, byte_of(hash));
    }

    /// Removes the entry at a place. Returns `true` if the place is empty then, because no probe
    /// continues behind its group.
    pub(crate) fn clear(&self, place: usize) -> bool {
        let group = self.group(place / GROUP).map_or(0, |group| group.load(Relaxed));
        // A probe ends in a group that has an empty place.
        let is_end = empties(group) != 0;
        self.set_control(place, if is_end { EMPTY } else { REMOVED });
        is_end
    }

    /// The hash of a key, from its words. The last word is padded with zeros.
    #[inline]
    pub(crate) fn hash(&self, key: impl Iterator<Item = u64>) -> u64 {
        let mix = |hash: u64, word: u64| {
            let product = u128::from(hash ^ word) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
            #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
            let folded = product as u64 ^ (product >> 64) as u64;
            folded
        };
        let hash = key.fold(self.seed, |hash, word| mix(hash, word).wrapping_add(LOW));
        mix(hash, 0x5851_f42d_4c95_7f2d)
    }

    /// The groups where a key with this hash may be, in order, each with its index.
    #[inline]
    fn probe(&self, hash: u64) -> impl Iterator<Item = (usize, u64)> + use<'h, K, V> {
        let groups = self.groups;
        (0..groups.len()).map_while(move |step| {
            #[expect(clippy::cast_possible_truncation, reason = "any bits of it will do")]
            let at = (hash as usize).wrapping_add(step) & (groups.len() - 1);
            Some((at, groups.get(at)?.load(Relaxed)))
        })
    }

    /// Finds the entry with this hash for whose key `is_key` returns `true`: its place, and the
    /// words of its value.
    #[inline]
    pub(crate) fn find(
        &self,
        hash: u64,
        is_key: impl Fn(&[AtomicU64]) -> bool,
    ) -> Option<(usize, &'h [AtomicU64])> {
        let pattern = u64::from(byte_of(hash)) * LOW;
        for (at, group) in self.probe(hash) {
            let mut matches = zeros(group ^ pattern);
            while matches != 0 {
                let place = at * GROUP + matches.trailing_zeros() as usize / 8;
                let from = place * Self::ENTRY;
                // Checked once: inside, the compiler knows the length.
                if let Some(entry) = self.entries.get(from..from + Self::ENTRY) {
                    let (key, value) = entry.split_at(Self::KEY);
                    if is_key(key) {
                        return Some((place, value));
                    }
                }
                matches &= matches - 1;
            }
            if empties(group) != 0 {
                break;
            }
        }
        None
    }

    /// The first place that is not full where a key with this hash can be inserted, with `true` if
    /// the place is empty rather than removed.
    pub(crate) fn vacancy(&self, hash: u64) -> Option<(usize, bool)> {
        let (at, free) =
            self.probe(hash).map(|(at, group)| (at, !group & HIGH)).find(|(_, free)| *free != 0)?;
        let place = at * GROUP + free.trailing_zeros() as usize / 8;
        Some((place, self.control(place) == EMPTY))
    }

    /// The places that are full.
    pub(crate) fn full(self) -> impl Iterator<Item = usize> + 'h {
        (0..self.places).filter(move |place| self.is_full(*place))
    }

    /// The number of places that are not empty, and the number of places that are full.
    pub(crate) fn count(&self) -> (u64, u64) {
        let (mut used, mut full) = (0, 0);
        for place in 0..self.places {
            let control = self.control(place);
            used += u64::from(control != EMPTY);
            full += u64::from(control >= 0x80);
        }
        (used, full)
    }
}

/// The control byte of a full place.
#[inline]
fn byte_of(hash: u64) -> u8 {
    0x80 | (hash >> 57) as u8
}

/// The highest bit of each byte that is 0.
#[inline]
fn zeros(group: u64) -> u64 {
    !((group & !HIGH).wrapping_add(!HIGH) | group) & HIGH
}

/// Not 0 if a byte of the group is `EMPTY`. The lowest bit that is set belongs to such a byte.
#[inline]
fn empties(group: u64) -> u64 {
    group.wrapping_sub(LOW) & !group & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    use ipc_testkit::Rng;

    #[test]
    fn a_table_is_a_map_whatever_is_inserted_and_removed() {
        let rng = &mut Rng::new();
        for places in [8, 64] {
            let size = Table::<u64, u64>::size(places).unwrap();
            let words: Vec<_> = (0..size).map(|_| AtomicU64::new(!0)).collect();
            let table = Table::<u64, u64>::begin(&words, places, 7);
            let mut model = HashMap::new();
            for step in 0..20_000u64 {
                let key = rng.below(places as u64);
                let hash = table.hash([key].into_iter());
                let found = table.find(hash, |words| words[0].load(Relaxed) == key);
                match (found, model.get(&key)) {
                    (Some((place, found)), Some(value)) => {
                        assert_eq!(found[0].load(Relaxed), *value);
                        if rng.below(2) == 0 {
                            table.clear(place);
                            model.remove(&key);
                        }
                    }
                    (None, None) => {
                        let (place, _) = table.vacancy(hash).unwrap();
                        table.key(place)[0].store(key, Relaxed);
                        table.value(place)[0].store(step, Relaxed);
                        table.fill(place, hash);
                        model.insert(key, step);
                    }
                    (found, wanted) => panic!("{found:?} {wanted:?}"),
                }
                assert_eq!(table.count().1, model.len() as u64);
            }
        }
    }

    #[test]
    fn a_damaged_table_is_refused_or_walked_to_its_end() {
        let rng = &mut Rng::new();
        for _ in 0..10_000 {
            let len = usize::try_from(rng.below(40)).unwrap();
            let words: Vec<_> = (0..len).map(|_| AtomicU64::new(rng.next_u64())).collect();
            if let Some(first) = words.first() {
                first.store(1 << rng.below(8), Relaxed);
            }
            if let Some(table) = Table::<u64, u64>::new(&words) {
                table.find(rng.next_u64(), |key| key.is_empty());
                assert!(table.full().count() <= table.places());
            }
        }
    }
}
