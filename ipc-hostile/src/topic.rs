//! Arbitrary bytes as a topic: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::topic::{Publisher, Sample, Subscriber, TopicInfo, WhenFull};

use crate::memory;

/// Publishes values, with loans, and receives them.
pub fn works<T: Plain, M: Memory<Access = ReadWrite> + Clone>(
    memory: &M,
    message: T,
    when_full: WhenFull,
) -> Result<()> {
    let orders = Subscriber::<T, _>::open_in(memory.clone(), when_full)?;
    receives(&orders, |sample| _ = sample.get())?;
    let topic = Publisher::<T, _>::open_in(memory.clone())?;
    for _ in 0..8 {
        topic.try_publish(&message)?;
    }
    drop(topic.loan()?);
    receives(&orders, |sample| _ = sample.get())?;
    topic.publish_timeout(&message, Duration::ZERO)?;
    let late = Subscriber::<T, _>::open_in(memory.clone(), WhenFull::DropOldest)?;
    receives(&late, |sample| _ = sample.get())?;
    shows(&topic.info()?);
    drop(orders);
    topic.try_publish(&message)?;
    Ok(())
}

/// Publishes slices, and receives them.
pub fn works_with_slices<M: Memory<Access = ReadWrite> + Clone>(memory: &M) -> Result<()> {
    let topic = Publisher::<[u8], _>::open_in(memory.clone())?;
    let orders = Subscriber::<[u8], _>::open_in(memory.clone(), WhenFull::DropOldest)?;
    for round in 0..8 {
        let mut loan = topic.loan(topic.max_len().min(64) >> (round % 4))?;
        loan.fill(round);
        loan.try_publish()?;
    }
    receives(&orders, |sample| {
        let mut into = [0; 16];
        assert!(sample.copy_to(sample.len() / 2, &mut into) <= sample.len());
        assert_eq!(sample.get(sample.len()), None);
    })?;
    shows(&orders.info()?);
    Ok(())
}

fn receives<T, M>(orders: &Subscriber<T, M>, look: impl Fn(&Sample<'_, T, M>)) -> Result<()>
where
    T: ipc_ring::topic::Payload + ?Sized,
    M: Memory<Access = ReadWrite>,
{
    for _ in 0..12 {
        if let Some(sample) = orders.try_recv()? {
            look(&sample);
        }
    }
    orders.recv_timeout(Duration::ZERO)?;
    Ok(())
}

fn shows(info: &TopicInfo) {
    assert!(info.publishers.len() <= info.max_publishers);
    assert!(info.subscribers.len() <= info.max_subscribers);
}

/// Uses the bytes in several ways, laid out again each time: each finds a topic inside them, or an
/// error. Returns whether one found it in order.
pub fn run(bytes: &[u8]) -> bool {
    let _ = TopicInfo::of_bytes(bytes);
    let bytes = memory::created_here(bytes);
    let memory = || memory::memory(&bytes);
    let results = [
        works(&memory(), 7_u64, WhenFull::Block),
        works(&memory(), [1_u8, 2, 3], WhenFull::DropNewest),
        works_with_slices(&memory()),
    ];
    results.into_iter().map(in_order).fold(false, |any, one| any | one)
}

fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| err.is_mismatch() || err.is_busy();
    result.inspect_err(|err| assert!(is_expected(err), "{err}")).is_ok()
}
