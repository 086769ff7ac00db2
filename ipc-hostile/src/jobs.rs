//! Arbitrary bytes as a job queue: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::Result;
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::{JobQueue, RingInfo};

use crate::memory;

/// Takes, returns and submits jobs.
pub fn works<T: Plain, M: Memory<Access = ReadWrite>>(memory: M, job: T) -> Result<()> {
    let jobs = JobQueue::<T, _>::open_in(memory)?;
    for _ in 0..8 {
        jobs.try_take()?.map_or(Ok(()), |job| job.done())?;
    }
    jobs.take_dead_letter()?.map_or(Ok(()), |job| job.retry())?;
    for _ in 0..8 {
        jobs.try_submit(&job)?;
    }
    jobs.take_timeout(Duration::ZERO)?.map_or(Ok(()), |job| job.retry())?;
    jobs.submit_timeout(&job, Duration::ZERO)?;
    let depth = jobs.depth();
    assert!(depth.ready + depth.taken + depth.dead_letters <= jobs.capacity());
    Ok(())
}

/// Uses the bytes in several ways, laid out again each time: each finds a job queue inside them, or an
/// error. Returns whether one found it in order.
pub fn run(bytes: &[u8]) -> bool {
    let _ = RingInfo::of_bytes(bytes);
    let bytes = memory::created_here(bytes);
    let memory = || memory::memory(&bytes);
    let results = [works(memory(), 7_u64), works(memory(), [1_u8, 2, 3])];
    results
        .into_iter()
        .any(|result| result.inspect_err(|err| assert!(err.is_mismatch(), "{err}")).is_ok())
}
