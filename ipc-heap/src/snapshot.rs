//! Snapshots: copies of a heap as it was at one time.

#![expect(unsafe_code, reason = "sees private memory as bytes")]

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[cfg(doc)]
use ipc_core::Error;
use ipc_core::{Refusal, Removal, Result, crash_point};
use ipc_mem::file::Extent;
use ipc_mem::{LocalMemory, Memory, MemoryOptions, Object, ReadWrite, Tag};

use crate::check::{Statistics, blocks};
use crate::layout::{PAGE, Parts};
use crate::words;
use crate::{Heap, HeapOptions};

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Writes a copy of the heap to a file. To open the copy, pass a `MappedFile` of the file to
    /// [`open_in`](Self::open_in). An existing file is replaced when the copy is complete and
    /// flushed. A process that is killed meanwhile may leave an incomplete file beside it, whose
    /// name begins with that of the file.
    ///
    /// ```
    /// use ipc_heap::{Heap, HeapVec};
    ///
    /// # let name = format!("/heap-snapshot-{}", std::process::id());
    /// # let path = std::env::temp_dir().join(&name[1..]);
    /// let heap = Heap::create(&name, 1 << 20)?;
    /// heap.create_object::<HeapVec<u64>>("users", &[7, 9])?;
    /// heap.snapshot(&path)?; // later: Heap::open_in(MappedFile::open(&path)?)
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// The copy contains all objects as they were at one time, at which this thread held all their
    /// locks: it waits for each of them, and holds them while it copies the blocks to private
    /// memory, but not while it writes the file. A thread that holds the lock of an object and
    /// takes a snapshot waits for ever. Objects and blocks keep their identities and offsets.
    /// Blocks of handles are not in the copy. Blocks that belong to the heap and to no object are
    /// in it as they were at some time during the call.
    ///
    /// # Errors
    ///
    /// The error of the system if the file cannot be written, or there is not enough memory for the
    /// copy; [`is_invalid_argument`](Error::is_invalid_argument) in a forked child.
    pub fn snapshot(&self, path: impl AsRef<Path>) -> Result<()> {
        let (path, copy) = (path.as_ref(), self.copied()?);
        let memory = copy.memory();
        // SAFETY: initialised bytes of private memory (`LocalMemory`), which lives as long as
        // `copy`, and which no other code changes meanwhile: `copy` is no participant, and is local
        // to this function.
        let bytes = unsafe { slice::from_raw_parts(memory.base().as_ptr(), memory.size()) };
        let temporary = beside(path);
        let written = write(&temporary, bytes).and_then(|()| {
            crash_point("heap: a snapshot is written");
            fs::rename(&temporary, path).map_err(failed)?;
            crash_point("heap: a snapshot has its name");
            Ok(())
        });
        written.map_err(|refusal| {
            // It may not exist.
            let _ = fs::remove_file(&temporary);
            refusal.on(path.display())
        })
    }

    /// Returns a copy of the heap in private memory, with the same content as a
    /// [snapshot](Self::snapshot). Changes of the copy do not affect the heap.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if there is not enough memory for the copy;
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child.
    pub fn to_local(&self) -> Result<Heap<LocalMemory>> {
        self.copied()?.into_participant()
    }

    /// A copy that has no participants.
    fn copied(&self) -> Result<Heap<LocalMemory>> {
        let local = &self.local;
        local.check("snapshot").map_err(|refusal| local.name(refusal))?;
        // Completes the operations of dead processes.
        local.recover();
        let all = local.lock_all()?;
        local.refresh();
        let place = local.parts.place;
        let size = |pages: u64| usize::try_from(pages * PAGE).unwrap_or(usize::MAX);
        let options = HeapOptions { participants: place.participants, ..HeapOptions::new(0) };
        let options = HeapOptions {
            size: size(local.pages()),
            max_size: size(place.pages),
            objects: place.objects,
            ..options
        };
        let bytes = usize::try_from(place.size(local.pages())).unwrap_or(usize::MAX);
        let object = Object::create_in(LocalMemory::new(bytes)?, options, |_| Ok(()))?;
        let copy = Heap::reader(object, |_: &LocalMemory| {});
        copy.local.parts.import(&local.parts);
        blocks(local, &mut Statistics::default(), |offset, size| {
            let Some(block) = local.block(offset) else { return };
            copy.local.import(&block);
            let count = size / 8;
            if let (Some(from), Some(to)) =
                (local.words(offset, count), copy.local.words(offset, count))
            {
                // Both have that many words.
                let _ = words::copy_across((from, 0), (to, 0), from.len() * 8);
            }
        });
        drop(all);
        Ok(copy)
    }
}

/// The path of a file that no other process or thread uses, in the same directory.
fn beside(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let here = ipc_core::owner::here();
    name.push(format!(".{here:x}-{}", NUMBER.fetch_add(1, Relaxed)));
    path.with_file_name(name)
}

/// Creates a file with these bytes, which has holes where whole pages are zero, and flushes it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let new = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
    let file = new.map_err(failed)?;
    let options = MemoryOptions::new(bytes.len()).sparse().content(Tag::HEAP);
    Extent::make(&file, &options.removal(Removal::Never))?;
    for (number, page) in bytes.chunks(4096).enumerate() {
        if page.iter().any(|byte| *byte != 0) {
            file.write_all_at(page, number as u64 * 4096).map_err(failed)?;
        }
    }
    file.sync_all().map_err(failed)
}

fn failed(err: io::Error) -> Refusal {
    Refusal::io("snapshot", &err)
}

impl Parts {
    /// Copies the objects of another heap with tables of the same size, whose locks the caller
    /// holds. All locks here are free, and no block is allocated yet.
    fn import(&self, from: &Self) {
        let copy = |to: &AtomicU64, from: &AtomicU64| to.store(from.load(Relaxed), Relaxed);
        for number in 0..self.place.objects {
            if let (Some(to), Some(from)) = (self.bucket(number), from.bucket(number)) {
                copy(to, from);
            }
            if let (Some(to), Some(from)) = (self.record(number), from.record(number)) {
                to.words().zip(from.words()).for_each(|(to, from)| copy(to, from));
            }
        }
        copy(&self.control().free_object, &from.control().free_object);
        self.control().orphans.store(1, Relaxed);
    }
}
