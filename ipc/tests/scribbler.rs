//! Somebody who writes nonsense over everything, all the time, while others open what is there.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::AtomicU64;

use ipc_core::{Error, Removal};
use ipc_mem::Memory;
use ipc_shm::{MemoryOptions, ReadOnlyMemory, Shared, SharedMemory};
use ipc_shmarray::{AnyArray, ArrayOptions, ReadOnlyShmArray, ShmArray};
use ipc_testkit::{Child, Rng, Role, figures, fixture, play, rounds, watchdog};

#[test]
fn roles() {
    play(&[("scribbler", scribbler)]);
}

/// Half of what it writes is what was there when it came, so that now and then the file is in order.
fn scribbler(role: &mut Role) {
    let file = File::options().read(true).write(true).open(role.arg(0)).unwrap();
    let whole = std::fs::read(role.arg(0)).unwrap();
    let mut rng = Rng::new();
    role.say("writing");
    loop {
        let at = usize::try_from(rng.below(whole.len() as u64 / 8)).unwrap() * 8;
        // The first and the last bytes say what the rest is.
        let at = *rng.pick(&[at, at % 128, whole.len() - 64 + at % 64]);
        let word = match rng.below(8) {
            0 => [0; 8],
            1 => [0xff; 8],
            // Not 1: at its place behind the data that means that the last user removes the name.
            2 => (2_u64 << rng.below(63)).to_ne_bytes(),
            3 => rng.next_u64().to_ne_bytes(),
            _ => whole[at..at + 8].try_into().unwrap(),
        };
        file.write_all_at(&word, at as u64).unwrap();
    }
}

/// Counts what was opened and what was refused.
#[derive(Debug, Default)]
struct Tries {
    opened: u64,
    refused: u64,
}

impl Tries {
    fn add<T>(&mut self, tried: Result<T, Error>) -> Option<T> {
        match tried {
            Ok(opened) => {
                self.opened += 1;
                Some(opened)
            }
            Err(err) => {
                assert!(err.is_mismatch(), "{err}");
                self.refused += 1;
                None
            }
        }
    }
}

#[test]
fn nonsense_that_is_written_all_the_time_is_refused_or_a_view_within_the_memory() {
    let (numbers, hits) = (fixture::name(), fixture::name());
    drop(ShmArray::<u32>::create(&*numbers, ArrayOptions::new([16, 8]).removal(Removal::Never)).unwrap());
    let options = MemoryOptions::new(0).removal(Removal::Never);
    drop(Shared::<[AtomicU64; 4]>::create_with(&*hits, options, |_| Ok(())).unwrap());
    let mut scribblers = [&numbers, &hits].map(|name| Child::run("scribbler", &[&format!("/dev/shm{}", &**name)]));
    scribblers.iter_mut().for_each(|scribbler| scribbler.wait_for("writing"));
    let mut tries = Tries::default();
    watchdog(|| {
        for _ in 0..rounds(2_000, 500_000) {
            if let Some(array) = tries.add(ShmArray::<u32>::open(&*numbers)) {
                assert!(array.len() * 4 <= array.memory().size());
                assert_eq!(array.to_vec().len(), array.len());
            }
            tries.add(ReadOnlyShmArray::<u32, ReadOnlyMemory>::open(&*numbers)).map(|array| array.to_vec());
            tries.add(AnyArray::open(&*numbers)).map(|array| array.to_bytes());
            for name in [&numbers, &hits] {
                tries.add(SharedMemory::open(&**name));
                tries.add(ReadOnlyMemory::open(&**name));
                tries.add(Shared::<[AtomicU64; 4]>::open(&**name));
            }
        }
    });
    assert!(tries.opened > 0 && tries.refused > 0, "{tries:?}");
    figures(format_args!("{} opened, {} refused", tries.opened, tries.refused));
}
