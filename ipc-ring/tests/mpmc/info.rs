//! Properties that are read from the bytes of a ring or queue.

use ipc_hostile::memory::bytes as image;
use ipc_mem::{Kind, LocalMemory};
use ipc_ring::service::{Server, ServiceOptions};
use ipc_ring::spsc::Peer;
use ipc_ring::{RingInfo, RingKind, mailbox, mpmc, spsc};
use ipc_testkit::{Rng, fixture, rounds};

fn info(memory: &LocalMemory) -> RingInfo {
    RingInfo::of_bytes(&image(memory)).unwrap()
}

#[test]
fn the_first_bytes_say_what_is_in_a_ring_or_queue() {
    let memory = || LocalMemory::new(4096).unwrap();
    let ring = spsc::Sender::<u32, _>::create_in(memory(), 8).unwrap();
    ring.try_send_slice(&[1, 2, 3]).unwrap();
    let found = info(ring.memory());
    assert_eq!((found.kind, found.capacity, found.waiting), (RingKind::Ring, 8, Some(3)));
    assert_eq!((found.sender, found.receiver), (Some(Peer::Open), Some(Peer::Absent)));
    assert_eq!(found.message.kind(), Kind::U32);
    let ring = spsc::bytes::Sender::create_in(memory(), 1000).unwrap();
    ring.send(b"hello").unwrap();
    let found = info(ring.memory());
    assert_eq!((found.kind, found.capacity, found.waiting), (RingKind::ByteRing, 1024, Some(16)));
    let queue = mpmc::Sender::<u8, _>::create_in(memory(), 4).unwrap();
    queue.send(&1).unwrap();
    let found = info(queue.memory());
    assert_eq!((found.kind, found.capacity, found.waiting), (RingKind::Queue, 4, Some(1)));
    assert!(found.sender.is_none());
}

#[test]
fn the_first_bytes_say_what_is_in_a_service_or_mailbox() {
    let memory = || LocalMemory::new(16_384).unwrap();
    let options = ServiceOptions::new(100).handles(8);
    let server = Server::<u32, u64, _>::create_in(memory(), options).unwrap();
    let found = info(server.memory());
    assert_eq!((found.kind, found.capacity, found.waiting), (RingKind::Service, 128, Some(0)));
    assert_eq!((found.servers, found.clients, found.receiver), (Some(1), Some(0), None));
    assert!(found.message.fields().any(|field| field.path == "reply" && field.kind == Kind::U64));
    let found = RingInfo::of_bytes(&image(server.memory())[..512]).unwrap();
    assert_eq!(found.servers, None, "the bytes end before the last handle");
    let name = fixture::name();
    let sender = mailbox::Sender::<u8>::open_or_create(&*name, 64).unwrap();
    (0..3).for_each(|number| sender.send(&number).unwrap());
    let found = || RingInfo::of_bytes(&image(sender.memory())).unwrap();
    assert_eq!((found().kind, found().waiting), (RingKind::Mailbox, Some(3)));
    assert_eq!((found().receiver, found().servers), (Some(Peer::Absent), None));
    let _inbox = mailbox::Mailbox::<u8>::open(&*name).unwrap();
    assert_eq!(found().receiver, Some(Peer::Open));
}

#[test]
fn a_process_of_another_pid_namespace_is_not_called_dead() {
    let ring = spsc::Sender::<u32, _>::create_in(LocalMemory::new(4096).unwrap(), 8).unwrap();
    let mut image = image(ring.memory());
    let described = u32::from_ne_bytes(std::array::from_fn(|i| image[12 + i])) as usize;
    let sender = (64 + described).next_multiple_of(128) + 256;
    // A process that does not exist here.
    image[sender..sender + 8].copy_from_slice(&(4_194_303_u64 << 37 | 1).to_ne_bytes());
    let sender = |image: &[u8]| RingInfo::of_bytes(image).unwrap().sender;
    assert_eq!(sender(&image), Some(Peer::Dead));
    image[32 + 16] ^= 1; // the PID namespace
    assert_eq!(sender(&image), Some(Peer::Open));
}

#[test]
fn any_bytes_are_described_or_refused() {
    let memory = || LocalMemory::new(2048).unwrap();
    let ring = spsc::Sender::<[u16; 3], _>::create_in(memory(), 8).unwrap();
    let options = ServiceOptions::new(8).handles(8);
    let server = Server::<u8, u8, _>::create_in(memory(), options).unwrap();
    let mut rng = Rng::new();
    for image in [image(ring.memory()), image(server.memory())] {
        for _ in 0..rounds(5_000, 1_000_000) {
            let damaged = rng.damage(&image, 0..512);
            let _ = RingInfo::of_bytes(&damaged).map(|info| format!("{info:?}"));
        }
    }
}
