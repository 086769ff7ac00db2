//! The directory: objects by name.
//!
//! Objects with a name, with an owner, and those that are the only one of their type, are in buckets: lists in
//! which each object stores the number of the next one. The free objects form another such list.
//! All lists are changed by intents (`intent.rs`), while the directory is locked.
//!
//! A thread that destroys an object locks the object first, and then the directory. No thread waits
//! for the lock of an object while it holds that of the directory.

use std::sync::atomic::Ordering;

use ipc_core::{Errno, Refusal};
use ipc_sync::futex::RawMutexGuard;

use crate::allocator::local::Local;
use crate::intent::{Intent, NONE, OBJECT};
use crate::layout::{NAME_WORDS, Record};
use crate::objects::description::{Description, ObjectKind, hash};
use crate::objects::object::{Handle, Held, ObjectId, generation_of, kind_of, state};
use crate::words;

/// The maximum length of a name, in bytes.
pub(crate) const MAX_NAME: usize = NAME_WORDS * 8;

pub(crate) const ANONYMOUS: u64 = 0;
pub(crate) const NAMED: u64 = 1;
pub(crate) const UNIQUE: u64 = 2;
pub(crate) const OWNED: u64 = 3;

/// The key of an object in the directory: its family and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) family: u64,
    len: u64,
    name: [u64; NAME_WORDS],
}

/// The first content of an object. The block belongs to the participant.
#[derive(Clone, Copy, Debug, Default)]
#[doc(hidden)]
pub struct Content {
    pub(crate) block: u64,
    pub(crate) len: u64,
    pub(crate) third: u64,
}

impl Key {
    pub(crate) const ANONYMOUS: Self = Self { family: ANONYMOUS, len: 0, name: [0; NAME_WORDS] };

    pub(crate) fn named(name: &str) -> Result<Self, Refusal> {
        if name.is_empty() || name.len() > MAX_NAME || name.contains('\0') {
            let why = format!(
                "the name has {} bytes: a name has 1 to {MAX_NAME} bytes and no NUL byte",
                name.len()
            );
            return Err(Refusal::invalid("find", why));
        }
        Ok(Self::new(NAMED, name.as_bytes()))
    }

    /// The key of the only object of its type.
    pub(crate) fn unique(description: &Description) -> Self {
        Self::new(UNIQUE, &description.hash.to_ne_bytes())
    }

    /// The key of all objects that an object owns.
    pub(crate) fn owned_by(owner: ObjectId) -> Self {
        Self::new(OWNED, &owner.raw().to_ne_bytes())
    }

    /// The owner of an object, which may not exist any more.
    pub(crate) fn owner(&self) -> Option<ObjectId> {
        (self.family == OWNED).then(|| ObjectId::from_raw(self.name[0]))
    }

    fn new(family: u64, bytes: &[u8]) -> Self {
        let mut name = [0; NAME_WORDS];
        for (word, bytes) in name.iter_mut().zip(bytes.chunks(8)) {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(whole);
        }
        Self { family, len: bytes.len() as u64, name }
    }

    /// The key of an object, which may be damaged.
    pub(crate) fn of(record: &Record) -> Self {
        let name = std::array::from_fn(|at| record.name[at].load(Ordering::Relaxed));
        let key = record.key.load(Ordering::Relaxed);
        Self { family: key & 0xff, len: key >> 32, name }
    }

    fn store(&self, record: &Record) {
        record.key.store(self.word(), Ordering::Relaxed);
        for (place, word) in record.name.iter().zip(self.name) {
            place.store(word, Ordering::Relaxed);
        }
    }

    /// The word of an object that contains its family and the length of its name.
    pub(crate) fn word(&self) -> u64 {
        self.family | self.len << 32
    }

    pub(crate) fn name(&self) -> &[u64; NAME_WORDS] {
        &self.name
    }

    /// The name as text.
    pub(crate) fn text(&self) -> String {
        text(&self.name, self.len)
    }

    /// The number of its bucket.
    pub(crate) fn bucket(&self, buckets: u64) -> u64 {
        let words =
            self.name.iter().fold(self.family, |seed, word| hash(seed, &word.to_ne_bytes()));
        if self.family == ANONYMOUS { NONE } else { words.checked_rem(buckets).unwrap_or(0) }
    }
}

/// A name of that length in bytes as text, which may be damaged.
pub(crate) fn text(name: &[u64; NAME_WORDS], len: u64) -> String {
    let len = usize::try_from(len).unwrap_or(0).min(MAX_NAME);
    let bytes: Vec<u8> = name.iter().flat_map(|word| word.to_ne_bytes()).take(len).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Local {
    /// Locks the directory.
    pub(crate) fn directory(&self) -> Result<RawMutexGuard<'_>, Refusal> {
        let complete = |local: &Self| local.complete(Intent::is_of_directory);
        let locked = self.lock(&self.parts.control().directory, None, complete)?;
        // Without a timeout there is a guard.
        locked.map(|(guard, _)| guard).ok_or_else(|| Refusal::os("lock", Errno::EAGAIN))
    }

    /// The numbers of the objects of a list, beginning with the number plus 1 of the first one. The
    /// iterator ends at the latest after the number of all objects, because a damaged list may have
    /// a loop.
    pub(crate) fn list(&self, first: u64) -> impl Iterator<Item = u64> + '_ {
        let next = |number: &u64| {
            let record = self.parts.record(*number)?;
            record.next.load(Ordering::Acquire).checked_sub(1)
        };
        let objects = usize::try_from(self.parts.place.objects).unwrap_or(usize::MAX);
        std::iter::successors(first.checked_sub(1), next).take(objects)
    }

    /// All objects, while the directory is locked.
    pub(crate) fn objects(&self) -> impl Iterator<Item = Handle<'_>> {
        (0..self.parts.place.objects).filter_map(|number| self.handle_of(number))
    }

    pub(crate) fn bucket_list(&self, bucket: u64) -> impl Iterator<Item = u64> + '_ {
        self.list(self.parts.bucket(bucket).map_or(0, |first| first.load(Ordering::Acquire)))
    }

    /// Finds an object, while the directory is locked. Fails if it has another type.
    pub(crate) fn find(
        &self,
        key: &Key,
        wanted: &Description,
    ) -> Result<Option<ObjectId>, Refusal> {
        let bucket = key.bucket(self.parts.place.objects);
        let records = self.bucket_list(bucket).filter_map(|at| Some((at, self.parts.record(at)?)));
        for (number, record) in records {
            let state = record.state.load(Ordering::Acquire);
            if kind_of(state) != 0 && Key::of(record) == *key {
                self.expect_type(record, wanted)?;
                return Ok(Some(ObjectId::new(number, generation_of(state))));
            }
        }
        Ok(None)
    }

    /// Fails if an object has another type than the wanted one. The error lists all differences.
    pub(crate) fn expect_type(&self, record: &Record, wanted: &Description) -> Result<(), Refusal> {
        let kind = kind_of(record.state.load(Ordering::Acquire));
        if kind != wanted.kind.code() {
            let (found, wanted) = (ObjectKind::what(kind), ObjectKind::what(wanted.kind.code()));
            return Err(Refusal::mismatch("find", format_args!("found {found}, wanted {wanted}")));
        }
        let described = record.description.load(Ordering::Relaxed);
        let size = self.block(described).map_or(0, |block| block.size.min(Description::MAX_LEN));
        let mut found = vec![0; usize::try_from(size).unwrap_or(0)];
        if let Some(words) = self.words(described, size / 8) {
            // As many words as the block has.
            let _ = words::copy_out(words, 0, &mut found);
        }
        let is_same = record.type_hash.load(Ordering::Relaxed) == wanted.hash
            && found.starts_with(&wanted.bytes);
        if is_same {
            return Ok(());
        }
        let difference = wanted.difference(&found);
        Err(Refusal::mismatch("find", format_args!("its type differs: {difference}")))
    }

    /// The number of the first free object, from its number plus 1.
    pub(crate) fn free_object(
        &self,
        first: u64,
        state_of: impl Fn(u64) -> u64,
    ) -> Result<u64, Refusal> {
        let Some(number) = first.checked_sub(1) else {
            let why = format_args!("all {} objects are in use", self.parts.place.objects);
            return Err(Refusal::os("create", Errno::ENOSPC).because(why));
        };
        let is_free = number < self.parts.place.objects && kind_of(state_of(number)) == 0;
        if is_free { Ok(number) } else { Err(damaged()) }
    }

    /// Allocates a block that contains a description.
    pub(crate) fn allocate_description(&self, wanted: &Description) -> Result<u64, Refusal> {
        let description = self.allocate(wanted.bytes.len() as u64, 8)?;
        if let Some(words) = self.words(description, wanted.bytes.len().div_ceil(8) as u64) {
            // As many words as the bytes need.
            let _ = words::copy_in(words, 0, &wanted.bytes);
        }
        Ok(description)
    }

    /// Creates an object, while the directory is locked.
    pub(crate) fn create(
        &self,
        key: &Key,
        wanted: &Description,
        content: impl FnOnce(&Self) -> Result<Content, Refusal>,
    ) -> Result<ObjectId, Refusal> {
        let control = self.parts.control();
        let free = control.free_object.load(Ordering::Acquire);
        let number = self.free_object(free, |number| {
            self.parts.record(number).map_or(0, |record| record.state.load(Ordering::Acquire))
        })?;
        let Some(record) = self.parts.record(number) else { return Err(damaged()) };
        let description = self.allocate_description(wanted)?;
        let content = content(self).inspect_err(|_| self.free_loose(description))?;
        record.content.store(content.block, Ordering::Relaxed);
        record.len.store(content.len, Ordering::Relaxed);
        record.third.store(content.third, Ordering::Relaxed);
        record.type_hash.store(wanted.hash, Ordering::Relaxed);
        record.description.store(description, Ordering::Relaxed);
        key.store(record);
        let generation = generation_of(record.state.load(Ordering::Relaxed));
        let bucket = key.bucket(self.parts.place.objects);
        self.carry_out(Intent::Create {
            object: number,
            state: state(wanted.kind.code(), generation),
            bucket,
            next: self.parts.bucket(bucket).map_or(0, |first| first.load(Ordering::Acquire)),
            free: record.next.load(Ordering::Relaxed),
            content: content.block,
            description,
        });
        Ok(ObjectId::new(number, generation))
    }

    /// Destroys an object that this thread has locked. Returns `None` if it has another name than
    /// the given one, and `true` if it owned others, which exist until `destroy_owned` destroys
    /// them.
    pub(crate) fn destroy(
        &self,
        held: &Held<'_>,
        name: Option<&Key>,
    ) -> Result<Option<bool>, Refusal> {
        let _directory = self.directory()?;
        let (record, number) = (held.record, held.number);
        if name.is_some_and(|name| Key::of(record) != *name) {
            return Ok(None);
        }
        let id = ObjectId::new(number, generation_of(record.state.load(Ordering::Relaxed)));
        let is_owner = self.owned_by(id).next().is_some();
        if is_owner {
            self.announce_ownerless();
        }
        let bucket = Key::of(record).bucket(self.parts.place.objects);
        let is_there = self.bucket_list(bucket).any(|other| other == number);
        let before = self.bucket_list(bucket).take_while(|other| *other != number).last();
        let before = before.map_or(bucket, |object| object | OBJECT);
        let generation = generation_of(record.state.load(Ordering::Relaxed)).wrapping_add(1);
        self.carry_out(Intent::Destroy {
            object: number,
            state: state(0, generation),
            before: if is_there { before } else { NONE },
            next: record.next.load(Ordering::Relaxed),
            free: self.parts.control().free_object.load(Ordering::Relaxed),
            content: record.content.load(Ordering::Relaxed),
            description: record.description.load(Ordering::Relaxed),
        });
        Ok(Some(is_owner))
    }

    /// The object with an identity.
    pub(crate) fn record_of(&self, id: ObjectId, kind: ObjectKind) -> Result<&Record, Refusal> {
        self.existing(id).ok_or_else(|| self.handle(id, kind).removed())
    }

    /// The handle of an object.
    pub(crate) fn handle(&self, id: ObjectId, kind: ObjectKind) -> Handle<'_> {
        Handle { local: self, id, kind }
    }
}

fn damaged() -> Refusal {
    Refusal::mismatch("create", "the list of free objects is damaged")
}
