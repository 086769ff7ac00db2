//! Rings of which every byte may be damaged: an error or some message, and never a fault.

use std::time::Duration;

use ipc_core::Result;
use ipc_mem::LocalMemory;
use ipc_ring::spsc::{Receiver, Sender, bytes};
use ipc_testkit::{Rng, figures, rounds};

use crate::common::guarded::{Guarded, image};
use crate::common::message::Message;

fn receives(memory: Guarded) -> Result<()> {
    let receiver = Receiver::<Message, _>::open_in(memory)?;
    let mut some = vec![Message::new(0); 40];
    receiver.try_peek()?;
    receiver.try_recv()?;
    receiver.try_recv_into(&mut some)?;
    receiver.release();
    receiver.recv_timeout(Duration::ZERO)?;
    Ok(())
}

fn sends(memory: Guarded) -> Result<()> {
    let sender = Sender::<Message, _>::open_in(memory)?;
    sender.try_send(&Message::new(1))?;
    sender.try_send_slice(&vec![Message::new(2); 40])?;
    sender.send_timeout(&Message::new(3), Duration::ZERO)?;
    Ok(())
}

fn receives_bytes(memory: Guarded) -> Result<()> {
    let mut receiver = bytes::Receiver::open_in(memory)?;
    if let Some(message) = receiver.try_peek()? {
        message.to_vec()?;
    }
    let mut bytes = Vec::new();
    for _ in 0..8 {
        receiver.try_recv(&mut bytes)?;
    }
    Ok(())
}

fn sends_bytes(memory: Guarded) -> Result<()> {
    let sender = bytes::Sender::open_in(memory)?;
    for len in [0, 1, 100, sender.max_len(), 17] {
        sender.try_send(&vec![1; len.min(4096)])?;
    }
    Ok(())
}

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
    [
        (closed(typed, typed_ends), [receives, sends]),
        (closed(plain, plain_ends), [receives_bytes, sends_bytes]),
    ]
}

#[test]
fn damaged_rings_are_errors_or_some_messages_and_never_faults() {
    let pages = Guarded::new(4096);
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
