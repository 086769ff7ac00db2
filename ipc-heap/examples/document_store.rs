//! A store of documents that grows while several processes write to it. Each document is an object
//! of its own, which its readers and writers lock; an ordered map leads to all of them. One of the
//! writers is killed by `kill -9`.
//!
//! ```sh
//! cargo run -p ipc-heap --example document_store
//! ```

use std::env;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use ipc_core::Result;
use ipc_heap::{Family, Heap, HeapMap, HeapOptions, HeapRef, HeapString};

/// The documents by number.
type Store<'h> = HeapMap<'h, u64, HeapRef<HeapString<'static>>>;

/// The number of documents that each writer adds.
const DOCUMENTS: u64 = 300;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let args: Vec<_> = env::args().collect();
    match args.as_slice() {
        [_, name, first] => Ok(write(name, first.parse()?)?),
        _ => lead(),
    }
}

/// The parent: creates the store, starts writers, kills one, reads all, and removes all.
fn lead() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let name = format!("/document-store-{}", process::id());
    let options = HeapOptions::new(1 << 20).max_size(64 << 20).objects(4096);
    let heap = Heap::create(&name, options)?;
    let before = heap.statistics().pages;
    let store = heap.create_object::<Store<'_>>("store", ())?;
    let start = |first: u64| {
        Command::new(env::current_exe()?).args([&name, &(first * DOCUMENTS).to_string()]).spawn()
    };
    let mut writers = [start(0)?, start(1)?, start(2)?];
    while store.lock()?.len() < 100 {
        thread::sleep(Duration::from_millis(1));
    }
    writers[0].kill()?; // wherever it is
    writers[0].wait()?;
    for writer in &mut writers[1..] {
        assert!(writer.wait()?.success(), "a writer failed");
    }

    let documents: Vec<_> = store.lock()?.iter().collect();
    let mut bytes = 0;
    for (number, document) in &documents {
        let text = heap.get_ref(*document)?.lock()?.get()?;
        assert!(text.starts_with(&format!("document {number}:")));
        bytes += text.len();
    }
    let (count, pages) = (documents.len(), heap.statistics().pages);
    println!("{count} documents of {bytes} bytes, the heap grew from {before} to {pages} pages");

    // The killed writer may have created a document that the map does not contain.
    let known = |id| documents.iter().any(|(_, document)| document.id() == id);
    let objects = heap.objects()?;
    let owned = objects.iter().filter(|object| object.family == Family::Owned);
    println!("{} unfinished documents", owned.filter(|object| !known(object.id)).count());
    heap.destroy(&store)?; // with all documents
    println!("{} objects left, {} bytes", heap.objects()?.len(), heap.check()?);
    Ok(())
}

/// A writer: adds documents, and extends another one each time, perhaps of another writer.
fn write(name: &str, first: u64) -> Result<()> {
    let heap = Heap::open(name)?;
    let store = heap.find::<Store<'_>>("store")?;
    for number in first..first + DOCUMENTS {
        let document = heap.create_owned::<HeapString<'_>>(&store, "")?;
        document.lock()?.set(&format!("document {number}: {}", "text ".repeat(2000)))?;
        let mut documents = store.lock()?;
        documents.insert(number, heap.ref_of(&document))?;
        let other = documents.range(number / 2..).next().map(|(_, other)| other);
        drop(documents); // another process can use the map while this one writes a document
        if let Some(other) = other {
            heap.get_ref(other)?.lock()?.push_str("and more ")?;
        }
    }
    Ok(())
}
