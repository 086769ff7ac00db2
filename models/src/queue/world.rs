//! The steps of senders and receivers.

use super::{At, Cell, HIGHER, Message, Process, URGENT, Word, World, lane};

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    pub(super) fn is_dead(&self, i: usize) -> bool {
        self.processes[i].at == At::Dead
    }

    fn cell(&self, position: u8) -> usize {
        lane(position) * usize::from(self.capacity) + usize::from(position % HIGHER % self.capacity)
    }

    fn lap(&self, position: u8) -> u8 {
        position % HIGHER / self.capacity
    }

    fn word(&self, position: u8) -> Word {
        self.words[self.cell(position)]
    }

    /// Replaces exactly this word.
    fn replace(&mut self, position: u8, from: Word, to: Word) -> bool {
        let cell = self.cell(position);
        let replaced = self.words[cell] == from;
        if replaced {
            self.words[cell] = to;
        }
        replaced
    }

    /// The position after the one of the lap before that of a word, in the cell of a position.
    fn after(&self, position: u8, word: Word) -> u8 {
        let in_lap = position % HIGHER % self.capacity;
        position / HIGHER * HIGHER + (word.0 - 1) * self.capacity + in_lap + 1
    }

    fn lanes(&self) -> usize {
        self.words.len() / usize::from(self.capacity)
    }

    /// Where receiver `i` looks first in a lane.
    fn first(&self, i: usize, lane: usize) -> u8 {
        self.head[lane].max(self.processes[i].next[lane])
    }

    fn receive(&mut self, message: Message) -> Result<(), String> {
        if !message.1 {
            return Err(String::from("a torn message is received"));
        }
        if self.received >> message.0 & 1 == 1 {
            return Err(format!("message {} is received twice", message.0));
        }
        self.received |= 1 << message.0;
        Ok(())
    }

    /// The next step of a process; `None` if it waits.
    pub(super) fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let Process { at, slot: mine, next, .. } = self.processes[i];
        let mut done = Ok(());
        let then = match at {
            At::Over | At::Dead => return None,
            At::Slot => {
                if let Some(slot) = self.slots.iter().position(Option::is_none) {
                    world.slots[slot] = Some(i);
                    world.processes[i].slot = slot;
                    At::Tail
                } else {
                    let dead = |slot: &Option<usize>| slot.is_some_and(|of| self.is_dead(of));
                    let slot = self.slots.iter().position(dead)?;
                    let of = self.slots[slot].unwrap_or(0);
                    if self.is("a slot is taken over with its cells") {
                        At::Seize { slot, of }
                    } else {
                        At::Clear { slot, of, cell: 0 }
                    }
                }
            }
            At::Clear { slot, of, cell } => match self.words.get(cell) {
                None => At::Seize { slot, of },
                Some(_)
                    if cell >= usize::from(self.capacity)
                        && self.is("only the cells of the lowest priority are cleared") =>
                {
                    At::Seize { slot, of }
                }
                Some(&word) if word.1 == Cell::Owned(slot) => {
                    At::ClearOwner { slot, of, cell, word }
                }
                Some(_) => At::Clear { slot, of, cell: cell + 1 },
            },
            At::ClearOwner { slot, of, cell, word } => {
                let careless = self.is("a cell is cleared whatever its slot is by now");
                if self.slots[slot] == Some(of) || careless {
                    At::ClearLose { slot, of, cell, word }
                } else {
                    At::Slot
                }
            }
            At::ClearLose { slot, of, cell, word } => {
                if world.words[cell] == word {
                    world.words[cell].1 = Cell::Lost;
                }
                if self.is("a loss is counted by all who see the death") {
                    world.lost += 1;
                }
                At::Clear { slot, of, cell: cell + 1 }
            }
            At::Seize { slot, of } => {
                if self.slots[slot] == Some(of) {
                    world.slots[slot] = Some(i);
                    world.processes[i].slot = slot;
                    At::Tail
                } else {
                    At::Slot
                }
            }
            At::Tail => At::Look { position: self.tail[i % self.lanes()] },
            At::Look { position } => {
                let (word, lap) = (self.word(position), self.lap(position));
                let early = self.is("the tail moves before the claim");
                let any_lap = self.is("the lap is not compared") && word.1 == Cell::Free;
                if word == (lap, Cell::Free) || any_lap {
                    if early {
                        world.tail[lane(position)] = position + 1;
                    }
                    At::Claim { position, word }
                } else if word.0 == lap {
                    At::Look { position: position + 1 }
                } else if word.0 > lap {
                    At::Look { position: self.after(position, word) }
                } else {
                    At::Full { position, word }
                }
            }
            At::Full { position, word } => {
                if self.word(position) == word {
                    return None;
                }
                At::Look { position }
            }
            At::Claim { position, word } => {
                if world.replace(position, word, (word.0, Cell::Owned(mine))) {
                    world.claimed += 1;
                    At::Move { position }
                } else {
                    At::Look { position }
                }
            }
            At::Move { position } => {
                if !self.is("the tail moves before the claim") {
                    world.tail[lane(position)] = position + 1;
                }
                if self.is("published before it is written") {
                    At::Publish { position }
                } else {
                    At::Write { position }
                }
            }
            At::Write { position } => {
                let cell = self.cell(position);
                world.messages[cell] = (next[0], false);
                At::Finish { position }
            }
            At::Finish { position } => {
                let cell = self.cell(position);
                world.messages[cell] = (next[0], true);
                if self.is("published before it is written") {
                    world.sent(i)
                } else {
                    At::Publish { position }
                }
            }
            At::Publish { position } => {
                let cell = self.cell(position);
                world.words[cell] = (self.lap(position), Cell::Ready);
                world.published |= 1 << next[0];
                if self.is("published before it is written") {
                    At::Write { position }
                } else {
                    world.sent(i)
                }
            }
            At::Leave => {
                if self.slots[mine] == Some(i) {
                    world.slots[mine] = None;
                }
                At::Over
            }
            At::Head => {
                world.processes[i].before = self.published & !self.received & URGENT;
                let lowest = self.first(i, 0);
                let is_careless = self.is("the lowest priority comes first")
                    && self.word(lowest) == (self.lap(lowest), Cell::Ready);
                let lane = if is_careless { 0 } else { self.lanes() - 1 };
                At::See { position: self.first(i, lane) }
            }
            At::See { position } => {
                let (word, lap) = (self.word(position), self.lap(position));
                match word.1 {
                    _ if word.0 > lap => At::See { position: self.after(position, word) },
                    _ if word.0 < lap => {
                        done = Err(String::from("a receiver is a lap ahead"));
                        At::Over
                    }
                    Cell::Ready => {
                        if self.is("the head moves before the message is received") {
                            world.head[lane(position)] = position + 1;
                        }
                        At::Copy { position, word }
                    }
                    Cell::Lost => At::Pass { position, word },
                    Cell::Owned(_) | Cell::Free => {
                        world.processes[i].next[lane(position)] = position;
                        if lane(position) == 1 {
                            At::See { position: self.first(i, 0) }
                        } else {
                            At::Wait { position, word }
                        }
                    }
                }
            }
            At::Wait { position, word } => match word.1 {
                _ if self.word(position) != word => At::Head,
                _ if self.lanes() == 2 && self.may_go_on(self.first(i, 1)) => {
                    let position = self.first(i, 1);
                    match self.word(position) {
                        word @ (_, Cell::Owned(_)) => At::Owner { position, word },
                        _ => At::Head,
                    }
                }
                Cell::Owned(_) if self.is("a receiver waits for the dead") => return None,
                // A slice is over.
                Cell::Owned(slot) => {
                    let of = self.slots[slot];
                    let wants = self.is("a stopped sender is given up")
                        || of.is_some_and(|of| self.is_dead(of));
                    if !wants {
                        return None;
                    }
                    if self.is("the slot is read before the cell") {
                        At::Prove { position, word, of }
                    } else {
                        At::Owner { position, word }
                    }
                }
                _ => return None,
            },
            At::Owner { position, word } => {
                let Cell::Owned(slot) = word.1 else { unreachable!() };
                At::Prove { position, word, of: self.slots[slot] }
            }
            At::Prove { position, word, of } => {
                let is_dead = of.is_some_and(|of| self.is_dead(of));
                // The mutant has read the slot before, and reads the cell only now.
                let found = self.word(position);
                let late = matches!(found.1, Cell::Owned(_)).then_some(found);
                match late {
                    Some(word) if is_dead && self.is("the slot is read before the cell") => {
                        At::Lose { position, word }
                    }
                    _ if is_dead || self.is("a stopped sender is given up") => {
                        At::Lose { position, word }
                    }
                    _ => At::See { position },
                }
            }
            At::Lose { position, word } => {
                world.replace(position, word, (word.0, Cell::Lost));
                if self.is("a loss is counted by all who see the death") {
                    world.lost += 1;
                }
                At::See { position }
            }
            At::Copy { position, word } => {
                if self.is("a receiver copies what it has freed") {
                    if world.replace(position, word, (word.0 + 1, Cell::Free)) {
                        At::Take { position, word, message: (0, false) }
                    } else {
                        At::See { position }
                    }
                } else {
                    let message = self.messages[self.cell(position)];
                    At::Take { position, word, message }
                }
            }
            At::Take { position, word, message } => {
                let cell = self.cell(position);
                let freed = (word.0 + 1, Cell::Free);
                let (taken, message) = if self.is("a receiver copies what it has freed") {
                    (true, self.messages[cell])
                } else if self.is("a receiver does not compare") {
                    world.words[cell] = freed;
                    (true, message)
                } else {
                    (world.replace(position, word, freed), message)
                };
                if taken {
                    done = world.receive(message);
                    let earlier = self.processes[i].before & !self.received;
                    if self.lanes() == 2 && lane(position) == 0 && earlier != 0 {
                        done = Err(format!("{earlier:b} of a higher priority wait"));
                    }
                    world.head[lane(position)] = position + 1;
                    world.processes[i].next[lane(position)] = position + 1;
                    At::Head
                } else {
                    At::See { position }
                }
            }
            At::Pass { position, word } => {
                if world.replace(position, word, (word.0 + 1, Cell::Free)) {
                    world.lost += u8::from(!self.is("a loss is counted by all who see the death"));
                    world.head[lane(position)] = position + 1;
                    world.processes[i].next[lane(position)] = position + 1;
                    At::Head
                } else {
                    At::See { position }
                }
            }
        };
        world.processes[i].at = then;
        Some(done.map(|()| world))
    }

    /// A receiver goes on at this position of the higher lane: with a message, or when a slice is over
    /// with the message of a dead sender.
    fn may_go_on(&self, position: u8) -> bool {
        match self.word(position).1 {
            Cell::Free => self.word(position).0 > self.lap(position),
            Cell::Ready | Cell::Lost => true,
            Cell::Owned(slot) => {
                !self.is("a slice looks at the lowest priority only")
                    && self.slots[slot].is_some_and(|of| self.is_dead(of))
            }
        }
    }

    /// Sender `i` has sent a message.
    fn sent(&mut self, i: usize) -> At {
        let process = &mut self.processes[i];
        process.left -= 1;
        process.next[0] += 1;
        if process.left > 0 { At::Tail } else { At::Leave }
    }
}
