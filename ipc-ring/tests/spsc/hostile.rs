//! Rings of which every byte may be damaged: an error or some message, and never a fault.

use ipc_core::Result;
use ipc_hostile::memory::{Guarded, Pages, bytes as image};
use ipc_hostile::message::Message;
use ipc_hostile::spsc::{receives, receives_bytes, sends, sends_bytes};
use ipc_mem::LocalMemory;
use ipc_ring::spsc::{Sender, bytes};
use ipc_testkit::{Rng, figures, rounds};

type Use = fn(Guarded) -> Result<()>;

/// A ring with some messages in it, and what is done with its damaged images.
fn cases() -> [(Vec<u8>, [Use; 2]); 2] {
    let typed = Sender::<Message, _>::create_in(LocalMemory::new(2048).unwrap(), 16).unwrap();
    (0..10).for_each(|number| typed.send(&Message::new(number)).unwrap());
    let plain = bytes::Sender::create_in(LocalMemory::new(1536).unwrap(), 512).unwrap();
    (0..6).for_each(|number| plain.send(&vec![1; number * 7]).unwrap());
    let closed = |image: Vec<u8>, words: [usize; 2]| {
        let mut image = image;
        // As a sender leaves them that is closed.
        words.iter().for_each(|at| image[*at..at + 8].fill(0));
        image
    };
    let ends = |image: &[u8]| {
        let described = u32::from_ne_bytes(image[12..16].try_into().unwrap()) as usize;
        let control = (64 + described).next_multiple_of(128);
        [control + 256, control + 264]
    };
    let (typed, plain) = (image(typed.memory()), image(plain.memory()));
    let (typed_ends, plain_ends) = (ends(&typed), ends(&plain));
    let receives = |memory| receives(memory, Message::new(0));
    let sends = |memory| sends(memory, Message::new(1));
    [
        (closed(typed, typed_ends), [receives as Use, sends]),
        (closed(plain, plain_ends), [receives_bytes, sends_bytes]),
    ]
}

#[test]
fn damaged_rings_are_errors_or_some_messages_and_never_faults() {
    let pages = Pages::new(4096);
    let mut rng = Rng::new();
    let (mut refused, mut used) = (0, 0);
    for (image, uses) in cases() {
        for usage in uses {
            assert!(usage(pages.with(&image)).is_ok(), "an image without damage");
        }
        for round in 0..rounds(10_000, 5_000_000) {
            // The whole image, the header or the control block.
            let to = [image.len(), 64, 1024][usize::try_from(round % 3).unwrap()];
            let damaged = rng.damage(&image, 0..to);
            let result = uses[usize::try_from(round % 2).unwrap()](pages.with(&damaged));
            *(if result.is_ok() { &mut used } else { &mut refused }) += 1;
        }
    }
    assert!(refused > 100 && used > 100, "{refused} refused, {used} used");
    figures(format_args!("{refused} damaged rings refused, {used} used, no fault"));
}
