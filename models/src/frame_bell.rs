//! Readers of frames that sleep on a word which only the writer changes, and announce that they do
//! by a mark which only they set.
//!
//! | here | there |
//! |---|---|
//! | `Newest`, `Ring`, `Mark` | `WriterPart::publish` in `ipc-ring/src/frames/parts.rs` |
//! | `Clear`, `RingAgain`, `Wake` | `WriterPart::wake_all` |
//! | `Seen`, `Announce`, `Look`, `Sleep` | `FrameReader::attempt` in `ipc-ring/src/frames/reading.rs` |
//!
//! One of the readers looks before it announces itself, as readers in C and Python do, which leave
//! the barrier in between to the kernel.
//!
//! Required: whichever reader is killed, the others get the last frame without looking by
//! themselves.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "the bell is read after the look",
    "the bell does not change with a frame",
    "the mark is looked for before the bell changes",
    "the mark is cleared after the bell has changed again",
    "the bell does not change again",
    "one reader is woken",
];

/// The last frame.
const FRAMES: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Newest,
    Ring,
    Mark,
    Clear,
    RingAgain,
    Wake,
    Seen,
    Announce,
    Look,
    Sleep,
    Asleep,
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reader {
    at: At,
    /// The order of its steps, in a round.
    order: [At; 4],
    seen: u8,
    last: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    newest: u8,
    bell: u8,
    mark: bool,
    writer: At,
    readers: Vec<Reader>,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    let native = [At::Seen, At::Announce, At::Look, At::Sleep];
    let foreign = [At::Seen, At::Look, At::Announce, At::Sleep];
    for orders in [vec![native, native], vec![native, foreign], vec![foreign; 2]] {
        let readers = orders.into_iter().map(|mut order| {
            if mutant == "the bell is read after the look" {
                order = [At::Announce, At::Look, At::Seen, At::Sleep];
            }
            Reader { at: order[0], order, seen: 0, last: 0 }
        });
        let (readers, writer) = (readers.collect(), At::Newest);
        let world = World { newest: 0, bell: 0, mark: false, writer, readers, mutant };
        println!("{} states", explore(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn write(&self) -> Option<Self> {
        let mut world = self.clone();
        let early = self.is("the mark is looked for before the bell changes");
        let late = self.is("the mark is cleared after the bell has changed again");
        let next = if self.newest == FRAMES { At::Over } else { At::Newest };
        world.writer = match self.writer {
            At::Newest => {
                world.newest += 1;
                if early { At::Mark } else { At::Ring }
            }
            At::Ring => {
                world.bell += u8::from(!self.is("the bell does not change with a frame"));
                if early { next } else { At::Mark }
            }
            At::Mark if !self.mark => if early { At::Ring } else { next },
            At::Mark => if late { At::RingAgain } else { At::Clear },
            At::Clear => {
                world.mark = false;
                if late { At::Wake } else { At::RingAgain }
            }
            At::RingAgain => {
                world.bell += u8::from(!self.is("the bell does not change again"));
                if late { At::Clear } else { At::Wake }
            }
            At::Wake => {
                let most = if self.is("one reader is woken") { 1 } else { usize::MAX };
                let asleep = world.readers.iter_mut().filter(|reader| reader.at == At::Asleep);
                asleep.take(most).for_each(|reader| reader.at = reader.order[0]);
                if early { At::Ring } else { next }
            }
            _ => return None,
        };
        Some(world)
    }

    fn read(&self, i: usize) -> Option<Self> {
        let mut world = self.clone();
        let reader = &mut world.readers[i];
        let after = reader.order.iter().position(|at| *at == reader.at)? + 1;
        let mut next = *reader.order.get(after).unwrap_or(&At::Asleep);
        match reader.at {
            At::Seen => reader.seen = self.bell,
            At::Announce => world.mark = true,
            At::Look if self.newest > reader.last => {
                reader.last = self.newest;
                next = if reader.last == FRAMES { At::Over } else { reader.order[0] };
            }
            // In the kernel, at once.
            At::Sleep if self.bell != reader.seen => next = reader.order[0],
            _ => {}
        }
        world.readers[i].at = next;
        Some(world)
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let write = self.write().map(|world| (format!("writer {:?}", self.writer), Ok(world)));
        let read = |i: usize| Some((format!("{i} {:?}", self.readers[i].at), Ok(self.read(i)?)));
        write.into_iter().chain((0..self.readers.len()).filter_map(read)).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        let killed = (0..self.readers.len()).map(|i| {
            let mut killed = self.clone();
            killed.readers[i].at = At::Dead;
            (format!("{i} is killed"), Ok(killed))
        });
        // One of them stays alive.
        let any = self.readers.iter().any(|reader| reader.at == At::Dead);
        killed.filter(|_| !any).collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let over = |reader: &Reader| matches!(reader.at, At::Over | At::Dead);
        Ok(self.writer == At::Over && self.readers.iter().all(over))
    }
}
