//! A process that constantly overwrites everything with nonsense, while others open the object.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::AtomicU64;

use ipc_core::{Error, Removal};
use ipc_mem::Memory;
use ipc_shm::{MemoryOptions, Shared, SharedMemory};
use ipc_shmarray::{AnyArray, ArrayOptions, ShmArray};
use ipc_testkit::{Child, Rng, Role, figures, fixture, play, rounds, watchdog};

#[test]
fn roles() {
    play(&[("scribbler", scribbler)]);
}

/// Writes the original bytes half of the time, so that the file is valid now and then.
fn scribbler(role: &mut Role) {
    let file = File::options().read(true).write(true).open(role.arg(0)).unwrap();
    let whole = std::fs::read(role.arg(0)).unwrap();
    let mut rng = Rng::new();
    role.say("writing");
    loop {
        let at = usize::try_from(rng.below(whole.len() as u64 / 8)).unwrap() * 8;
        // The first and the last bytes describe the rest.
        let at = *rng.pick(&[at, at % 128, whole.len() - 64 + at % 64]);
        let word = match rng.below(8) {
            0 => [0; 8],
            1 => [0xff; 8],
            // Not 1: at its place behind the data, 1 means that the last attached process removes
            // the name.
            2 => (2_u64 << rng.below(63)).to_ne_bytes(),
            3 => rng.next_u64().to_ne_bytes(),
            _ => whole[at..at + 8].try_into().unwrap(),
        };
        file.write_all_at(&word, at as u64).unwrap();
    }
}

/// Counts the successful and the refused opens.
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
fn constant_random_writes_give_an_error_or_a_view_inside_the_memory() {
    let (numbers, hits) = (fixture::name(), fixture::name());
    drop(
        ShmArray::<u32>::create(&*numbers, ArrayOptions::new([16, 8]).removal(Removal::Never))
            .unwrap(),
    );
    let options = MemoryOptions::new(0).removal(Removal::Never);
    drop(Shared::<[AtomicU64; 4]>::create_filled(&*hits, options, 0_u64, |_| Ok(())).unwrap());
    let mut scribblers =
        [&numbers, &hits].map(|name| Child::run("scribbler", &[&format!("/dev/shm{}", &**name)]));
    scribblers.iter_mut().for_each(|scribbler| scribbler.wait_for("writing"));
    let mut tries = Tries::default();
    watchdog(|| {
        for _ in 0..rounds(2_000, 500_000) {
            if let Some(array) = tries.add(ShmArray::<u32>::open(&*numbers)) {
                assert!(array.len() * 4 <= array.memory().size());
                assert_eq!(array.to_vec().len(), array.len());
            }
            tries.add(ShmArray::<u32>::open_read_only(&*numbers)).map(|array| array.to_vec());
            tries.add(AnyArray::open(&*numbers)).map(|array| array.to_bytes());
            for name in [&numbers, &hits] {
                tries.add(SharedMemory::open(&**name));
                tries.add(SharedMemory::open_read_only(&**name));
                tries.add(Shared::<[AtomicU64; 4]>::open(&**name));
            }
        }
    });
    assert!(tries.opened > 0 && tries.refused > 0, "{tries:?}");
    figures(format_args!("{} opened, {} refused", tries.opened, tries.refused));
}
