//! The steps of the processes.

use super::types::{At, Back, Place, Role, Word, World};

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    pub(super) fn is_dead(&self, process: usize) -> bool {
        self.processes[process].0 == At::Dead
    }

    /// Replaces exactly this word.
    fn replace(&mut self, place: usize, from: Word, to: Word) -> bool {
        let replaced = self.places[place].word == from;
        if replaced {
            self.places[place].word = to;
        }
        replaced
    }

    /// The word of a ready call whose client does not wait any longer.
    fn abandoned(&self) -> Word {
        if self.outlives && !self.is("a message of a dead sender is dropped") {
            Word::Ready(None)
        } else {
            Word::Free
        }
    }

    /// Returns `true` if process `me`, which searches for dead processes, can repair something at a
    /// place.
    fn is_left(&self, place: usize, me: usize) -> bool {
        let Place { word, client, .. } = self.places[place];
        match word {
            Word::Free | Word::Ready(None) => false,
            Word::Filling(_) if self.is("a place that the dead were filling stays claimed") => {
                false
            }
            Word::Quiet(_) if self.is("a quiet call of a dead server stays") => false,
            Word::Taken(of) => {
                let is_taken_for_dead = self.is("a stopped server is taken for dead");
                let is_of_the_dead = client.is_some_and(|client| self.is_dead(client))
                    && self.is("a helper makes the call of a dead client quiet");
                of != me && (self.is_dead(of) || is_taken_for_dead || is_of_the_dead)
            }
            Word::Filling(of)
            | Word::Ready(Some(of))
            | Word::Quiet(of)
            | Word::Answered(of)
            | Word::Died(of) => self.is_dead(of),
        }
    }

    fn lacks_its_mark(&self, place: usize) -> bool {
        let Place { word, is_marked, .. } = self.places[place];
        matches!(word, Word::Ready(_))
            && !is_marked
            && !self.is("a call without a mark is not found")
    }

    /// The new word of a place of a dead process.
    fn settled(&self, place: usize, word: Word) -> Word {
        let Place { client, deliveries, .. } = self.places[place];
        match word {
            Word::Ready(_) | Word::Quiet(_) => self.abandoned(),
            Word::Taken(of)
                if !self.is_dead(of) && !self.is("a stopped server is taken for dead") =>
            {
                Word::Quiet(of) // the mutant
            }
            Word::Taken(_) if self.outlives => Word::Ready(client),
            Word::Taken(_)
                if deliveries <= self.redeliveries
                    || self.is("a call of a dead server is always delivered again") =>
            {
                Word::Ready(client)
            }
            Word::Taken(_) => client.map_or(Word::Free, Word::Died),
            _ => Word::Free,
        }
    }

    /// The next step of a process; `None` if it waits.
    pub(super) fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let (at, role) = &self.processes[i];
        let mut done = Ok(());
        let is_early = self.is("submitted before it is written");
        let is_unwritten = self.is("answered before the reply is written");
        let (number, waits) = match *role {
            Role::Client { next, waits, .. } => (next, waits),
            Role::Server { number } => (number, false),
        };
        let then = match *at {
            At::Over | At::Dead => return None,
            At::Free { .. } if matches!(role, Role::Client { next, to, .. } if next == to) => {
                At::Over
            }
            At::Free { place } => match self.places.get(place) {
                // A slice is over.
                None => match (0..self.places.len()).find(|place| self.is_left(*place, i)) {
                    Some(place) => {
                        At::Numbers { place, word: self.places[place].word, back: Back::Free }
                    }
                    None if self.places.iter().any(|place| place.word == Word::Free) => {
                        At::Free { place: 0 }
                    }
                    None => return None,
                },
                Some(found) if found.word == Word::Free => At::Claim { place },
                Some(_) => At::Free { place: place + 1 },
            },
            At::Claim { place } => {
                if !world.replace(place, Word::Free, Word::Filling(i)) {
                    At::Free { place: place + 1 }
                } else if is_early {
                    At::Submit { place }
                } else {
                    At::Number { place }
                }
            }
            At::Number { place } => {
                let place_of = &mut world.places[place];
                if !self.is("the client is that of the call before") || place_of.client.is_none() {
                    place_of.client = waits.then_some(i);
                }
                place_of.deliveries = 0;
                At::Write { place }
            }
            At::Write { place } => {
                world.places[place].request = (number, false);
                At::Written { place }
            }
            At::Written { place } => {
                world.places[place].request.1 = true;
                if is_early { At::Mark { place } } else { At::Submit { place } }
            }
            At::Submit { place } => {
                world.places[place].word = Word::Ready(waits.then_some(i));
                world.submitted |= 1 << number;
                if is_early { At::Number { place } } else { At::Mark { place } }
            }
            At::Mark { place } => {
                world.places[place].is_marked = true;
                if waits { At::Wait { place } } else { world.next(i) }
            }
            At::Wait { place } => match self.places[place].word {
                Word::Answered(of) if of == i => {
                    if self.is("a place is free before its reply is read") {
                        world.places[place].word = Word::Free;
                    }
                    At::ReadReply { place, number }
                }
                Word::Died(of) if of == i => {
                    done = world.end(number);
                    At::Release { place }
                }
                word @ Word::Taken(_) if self.is_left(place, i) => {
                    At::Numbers { place, word, back: Back::Wait }
                }
                Word::Ready(Some(of)) if of == i && self.lacks_its_mark(place) => {
                    At::MarkAgain { place, back: Back::Wait }
                }
                Word::Ready(Some(of)) if of == i => return None,
                Word::Taken(_) => return None,
                word => return Some(Err(format!("client {i} waits, and finds {word:?}"))),
            },
            At::Forget { place, word } => {
                if matches!(word, Word::Ready(_)) && !self.outlives {
                    world.places[place].is_marked = false;
                }
                At::Cancel { place, word }
            }
            At::Cancel { place, word } => {
                let to = match word {
                    Word::Ready(_) if self.outlives => Word::Ready(None),
                    Word::Taken(_)
                        if self.is("a cancelled call is free while its server has it") =>
                    {
                        Word::Free
                    }
                    Word::Taken(of) => Word::Quiet(of),
                    _ => Word::Free,
                };
                if world.replace(place, word, to) {
                    done = world.end(number);
                    world.next(i)
                } else {
                    At::Wait { place }
                }
            }
            At::ReadReply { place, number } => {
                let reply = self.places[place].reply;
                done = world.end(number);
                if done.is_ok() && !self.outlives && reply != (number, true) {
                    done = Err(format!("client {i} reads {reply:?} as the reply to {number}"));
                } else if done.is_ok() && self.outlives && self.finished >> number & 1 == 0 {
                    done = Err(format!("the receipt of {number} says that it is read"));
                }
                At::Release { place }
            }
            At::Release { place } => {
                if !self.is("a place is free before its reply is read") {
                    world.places[place].word = Word::Free;
                }
                world.next(i)
            }
            At::Look => {
                let left = |place: &usize| self.is_left(*place, i);
                let all = 0..self.places.len();
                if let Some(place) = all.clone().find(|place| self.places[*place].is_marked) {
                    At::Unmark { place }
                } else if let Some(place) = all.clone().find(left) {
                    At::Numbers { place, word: self.places[place].word, back: Back::Look }
                } else if let Some(place) = all.clone().find(|place| self.lacks_its_mark(*place)) {
                    At::MarkAgain { place, back: Back::Look }
                } else {
                    return None;
                }
            }
            At::Unmark { place } => {
                let was_marked = std::mem::take(&mut world.places[place].is_marked);
                if was_marked { At::Own { place } } else { At::Look }
            }
            At::Own { place } => match self.places[place].word {
                word @ Word::Ready(_) => At::Take { place, word },
                _ => At::Look,
            },
            At::Take { place, word } => {
                let to = if word == Word::Ready(None) { Word::Quiet(i) } else { Word::Taken(i) };
                if world.replace(place, word, to) {
                    At::Count { place }
                } else if self.is("a call is taken without a comparison") {
                    world.places[place].word = to;
                    At::Count { place }
                } else {
                    if matches!(self.places[place].word, Word::Ready(_)) {
                        world.places[place].is_marked = true;
                    }
                    At::Look
                }
            }
            At::Count { place } => {
                if !self.is("deliveries are not counted") {
                    world.places[place].deliveries += 1;
                }
                At::Read { place }
            }
            At::Read { place } => {
                done = world.give(i, place);
                At::Has { place }
            }
            At::Has { place } => At::Reply { place },
            At::Prove { place } => {
                world.replace(place, Word::Taken(i), Word::Quiet(i));
                At::Reply { place }
            }
            At::Reply { place } if is_unwritten => At::Finish { place },
            At::Reply { place } => {
                world.places[place].reply = (self.places[place].request.0, false);
                At::Replied { place }
            }
            At::Replied { place } => {
                world.places[place].reply.1 = true;
                if is_unwritten { At::Look } else { At::Finish { place } }
            }
            At::Finish { place } => {
                let client = self.places[place].client;
                let answered = client.map_or(Word::Free, Word::Answered);
                let request = self.places[place].request.0;
                if world.replace(place, Word::Taken(i), answered) {
                    world.finished |= 1 << request;
                    if is_unwritten { At::Replied { place } } else { At::Look }
                } else if self.is("answered without a comparison") {
                    world.places[place].word = answered;
                    At::Look
                } else {
                    At::FinishQuiet { place }
                }
            }
            At::FinishQuiet { place } => {
                let request = self.places[place].request.0;
                if world.replace(place, Word::Quiet(i), Word::Free) {
                    world.finished |= 1 << request;
                } else {
                    done = Err(format!("server {i} has lost its call at {place}"));
                }
                At::Look
            }
            At::Numbers { place, word, back } => {
                At::Settle { place, word, to: self.settled(place, word), back }
            }
            At::Settle { place, word, to, back } => {
                let is_blind = self.is("a place of the dead is settled whatever is there by now");
                let settled = world.replace(place, word, to);
                if is_blind {
                    world.places[place].word = to;
                }
                if (settled || is_blind) && matches!(to, Word::Ready(_)) {
                    At::MarkAgain { place, back }
                } else {
                    back.to(place)
                }
            }
            At::MarkAgain { place, back } => {
                world.places[place].is_marked = true;
                back.to(place)
            }
        };
        world.processes[i].0 = then;
        Some(done.map(|()| world))
    }

    /// Client `i` continues with its next call.
    fn next(&mut self, i: usize) -> At {
        let Role::Client { next, .. } = &mut self.processes[i].1 else { unreachable!() };
        *next += 1;
        At::Free { place: 0 }
    }

    /// A call ends for its client.
    fn end(&mut self, number: u8) -> Result<(), String> {
        if self.ended >> number & 1 == 1 {
            return Err(format!("call {number} ends twice"));
        }
        self.ended |= 1 << number;
        Ok(())
    }

    /// Delivers a call to server `i`, which has just read it.
    fn give(&mut self, i: usize, place: usize) -> Result<(), String> {
        let Place { request: (number, is_whole), word, .. } = self.places[place];
        let others = |(other, (at, _)): (usize, &(At, Role))| {
            other != i && matches!(*at, At::Has { place: of } if of == place)
        };
        self.given[number as usize] += 1;
        if !is_whole {
            Err(String::from("a torn call is delivered"))
        } else if word == Word::Taken(i) && self.ended >> number & 1 == 1 {
            Err(format!("call {number} is delivered after its end"))
        } else if !self.outlives && self.given[number as usize] > self.redeliveries + 1 {
            Err(format!("call {number} is delivered too often"))
        } else if self.processes.iter().enumerate().any(others) {
            Err(format!("two servers have call {number}"))
        } else {
            Ok(())
        }
    }
}
