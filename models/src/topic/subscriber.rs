//! The steps of a subscriber.

use super::{At, Cell, Subscriber, Then, WhenFull, Word, World};

impl World {
    pub(super) fn subscriber_step(
        &mut self,
        i: usize,
        subscriber: &Subscriber,
        at: At,
    ) -> Result<Option<At>, String> {
        let early = self.is("the history is read before the subscriber is served");
        let then = match at {
            At::Enter => {
                let steals = self.is("a stopped subscriber is taken for dead")
                    && self.subscriber.is_some_and(|owner| self.processes[owner].0 != At::Over);
                if !self.is_free(self.subscriber) && !steals {
                    return Ok(None);
                }
                self.subscriber = Some(i);
                At::Leave { then: Then::Join }
            }
            At::Join => {
                self.generation += 1;
                self.when_full = subscriber.when_full;
                let generation = self.generation;
                self.subscriber_mut(i).generation = generation;
                if early { At::Newest } else { At::Serve }
            }
            At::Serve => {
                self.is_active = true;
                At::ServeEpoch
            }
            At::ServeEpoch => {
                self.change_epoch();
                if early { self.joined(i) } else { At::Newest }
            }
            At::Newest => {
                self.subscriber_mut(i).newest = self.published;
                At::History { sample: 0 }
            }
            At::History { sample: from } => {
                let newest = subscriber.newest;
                let oldest = newest.saturating_sub(self.history) + 1;
                let is_wanted =
                    |sample: &usize| (oldest..=newest).contains(&self.samples[*sample].number);
                let found = (from..self.samples.len()).find(is_wanted);
                match found.filter(|_| subscriber.history.is_none()) {
                    Some(sample) => At::Hold { sample, number: self.samples[sample].number },
                    None if early => At::Serve,
                    None => self.joined(i),
                }
            }
            At::Hold { sample, number } => {
                if self.samples[sample].is_writing {
                    At::History { sample: sample + 1 }
                } else {
                    self.samples[sample].held = true;
                    At::Check { sample, number }
                }
            }
            At::Check { sample, number } => {
                if self.samples[sample].number == number
                    || self.is("a sample is held whatever is in it by now")
                {
                    let this = self.subscriber_mut(i);
                    this.history = Some((sample, number));
                    this.last = Some(number - 1);
                } else {
                    self.samples[sample].held = false;
                }
                At::History { sample: sample + 1 }
            }
            At::Look if subscriber.wants == 0 => At::Leave { then: Then::Over },
            At::Look => {
                if let Some((sample, number)) = subscriber.history {
                    let this = self.subscriber_mut(i);
                    this.history = None;
                    this.has = Some((sample, number, true));
                    return Ok(Some(At::Read));
                }
                let ignores = self.is("a subscriber takes what is queued for the one before");
                let is_mine = self.for_generation == subscriber.generation || ignores;
                if !subscriber.is_open && is_mine {
                    let (start, base) = (self.start, self.base);
                    let this = self.subscriber_mut(i);
                    this.is_open = true;
                    this.next = start;
                    this.last = this.last.or(Some(base.saturating_sub(1)));
                    return Ok(Some(At::Look));
                }
                let Cell { word, position, number, sample } = self.cell;
                let is_next = subscriber.is_open && word != Word::New;
                if is_next && position > subscriber.next {
                    self.subscriber_mut(i).next = position;
                    At::Look
                } else if is_next && position == subscriber.next && word == Word::Ready {
                    At::Take { number, sample }
                } else if is_next && position == subscriber.next {
                    self.subscriber_mut(i).next = position + 1;
                    At::Look
                } else if self.is_last() {
                    At::Leave { then: Then::Over }
                } else {
                    return Ok(None);
                }
            }
            At::Take { number, sample } => {
                let position = subscriber.next;
                if self.cell.word != Word::Ready || self.cell.position != position {
                    return Ok(Some(At::Look));
                }
                self.cell.word = Word::Taken;
                let this = self.subscriber_mut(i);
                this.next = position + 1;
                this.has = Some((sample, number, false));
                At::Read
            }
            At::Read => {
                let (sample, number, is_history) = subscriber.has.unwrap();
                let last = subscriber.last.unwrap();
                let is_again = number <= last;
                if is_again {
                    // It came with the history.
                    return Ok(Some(At::Release));
                }
                if self.messages.get(usize::from(number)) != Some(&self.samples[sample].content) {
                    return Err(format!("message {number} is that of another sample"));
                }
                let missed = number - last - 1;
                let is_safe = !self.was_killed;
                let blocks = subscriber.when_full == WhenFull::Block;
                if is_safe && blocks && missed > 0 {
                    return Err(format!("{missed} messages are missed by one that blocks"));
                }
                // The first one was in the history when the subscriber was open, or came later.
                let oldest = subscriber.joined.saturating_sub(self.history) + 1;
                let is_late = !subscriber.has_any && !is_history && number > oldest;
                if is_safe && blocks && is_late && self.history > 0 {
                    return Err(format!("message {number} comes first, and {oldest} is lost"));
                }
                let this = self.subscriber_mut(i);
                this.last = Some(number);
                this.has_any = true;
                this.wants -= 1;
                At::Release
            }
            At::Release => {
                let (sample, number, is_history) = subscriber.has.unwrap();
                let is_it =
                    self.messages.get(usize::from(number)) == Some(&self.samples[sample].content);
                let it = &mut self.samples[sample];
                if !is_it {
                    return Err(format!("message {number} is overwritten while it is held"));
                }
                if is_history {
                    it.held = false;
                } else {
                    it.queued = false;
                }
                self.subscriber_mut(i).has = None;
                At::Look
            }
            other => return self.clear_step(i, other),
        };
        Ok(Some(then))
    }
}
