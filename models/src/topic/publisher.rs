//! The steps of a publisher.

use super::{At, Cell, Publisher, Role, Sample, Then, WhenFull, Word, World};

impl World {
    pub(super) fn publisher_step(
        &mut self,
        i: usize,
        publisher: &Publisher,
        at: At,
    ) -> Result<Option<At>, String> {
        let Publisher { tail, sample, .. } = *publisher;
        let number = publisher.published + 1;
        let late = self.is("a message is published after subscribers are looked for");
        let then = match at {
            At::Open if !self.is_free(self.publisher) => return Ok(None),
            At::Open => {
                self.publisher = Some(i);
                At::Settle { closes: false }
            }
            At::Settle { closes } => {
                let settles = self.queuing && !self.is("the successor settles nothing");
                let Cell { word, number, sample, position } = self.cell;
                let place = self.place;
                let is_it = sample == place && number == self.samples[place].number;
                let is_served = self.is_active && self.generation == self.for_generation;
                let is_theirs = match word {
                    Word::Taken => is_it,
                    Word::Ready => is_it && (is_served || !self.drop_message(position)),
                    Word::New | Word::Dropped => false,
                };
                let is_theirs = is_theirs && !self.is("the successor forgets what is in the queue");
                if settles && !is_theirs { At::Unrefer { closes } } else { At::Settled { closes } }
            }
            At::Unrefer { closes } => {
                let place = self.place;
                self.samples[place].queued = false;
                At::Settled { closes }
            }
            At::Settled { closes } => {
                self.queuing = false;
                At::ForgetOld { closes }
            }
            At::ForgetOld { closes } => {
                if self.cell.word == Word::Dropped
                    && !self.is("the successor does not forget what was dropped")
                {
                    self.forget();
                }
                At::Reset { closes }
            }
            At::Reset { closes } => {
                let published = self.published;
                let loans = !self.is("a loan does not come back");
                let numbers = !self.is("a number that was not published stays");
                for it in &mut self.samples {
                    if it.number > published && numbers {
                        it.number = 0;
                    }
                    it.is_writing &= !loans;
                }
                if closes {
                    self.publisher = None;
                    At::Over
                } else {
                    let cell = self.cell;
                    let this = self.publisher_mut(i);
                    this.published = published;
                    this.tail = if cell.word == Word::New { 0 } else { cell.position + 1 };
                    At::Find { sample: 0 }
                }
            }
            At::Find { .. } if publisher.left == 0 => At::Settle { closes: true },
            At::Find { sample: from } => {
                self.is_tidy()?;
                let writes_queued = self.is("a sample that is queued is written");
                let is_free = |sample: &usize| {
                    self.is_old(*sample) && (!self.samples[*sample].queued || writes_queued)
                };
                match (from..self.samples.len()).find(is_free) {
                    Some(sample) => At::Claim { sample },
                    None => return Err(String::from("no sample is free")),
                }
            }
            At::Claim { sample } => {
                let it = &mut self.samples[sample];
                if it.held || it.is_writing {
                    At::Find { sample: sample + 1 }
                } else {
                    it.is_writing = true;
                    self.publisher_mut(i).sample = sample;
                    At::Write
                }
            }
            At::Write => {
                self.samples[sample].content = (number, i);
                At::Epoch { chosen: false }
            }
            At::Epoch { chosen } => {
                let epoch = self.epoch;
                if publisher.epoch != Some(epoch) {
                    At::Active { chosen, epoch }
                } else if chosen {
                    At::Choose
                } else {
                    At::Room
                }
            }
            At::Active { chosen, epoch } => {
                if self.is_active {
                    At::Generation { chosen, epoch }
                } else {
                    self.noticed(i, epoch, false, chosen)
                }
            }
            At::Generation { chosen, epoch } => {
                At::Again { chosen, epoch, generation: self.generation }
            }
            At::Again { chosen, epoch, generation } => {
                if !self.is_active {
                    self.noticed(i, epoch, false, chosen)
                } else if self.for_generation == generation {
                    self.noticed(i, epoch, true, chosen)
                } else {
                    At::Empty { chosen, epoch, generation }
                }
            }
            At::Empty { chosen, epoch, generation } => {
                let Cell { word, position, sample, .. } = self.cell;
                if word == Word::Ready && self.drop_message(position) {
                    At::ForgetEmptied { chosen, epoch, generation, sample }
                } else {
                    At::Begin { chosen, epoch, generation }
                }
            }
            At::ForgetEmptied { chosen, epoch, generation, .. } => {
                self.forget();
                At::Begin { chosen, epoch, generation }
            }
            At::Begin { chosen, epoch, generation } => {
                self.base = number;
                self.start = tail;
                self.for_generation = generation;
                self.noticed(i, epoch, true, chosen)
            }
            At::Room => {
                let is_full = self.cell.word == Word::Ready && publisher.serves;
                if is_full && self.when_full == WhenFull::Block { At::Wait } else { At::Number }
            }
            // The slot is free, or its process can be proved dead, or a message was taken.
            At::Wait => {
                let owner = self.subscriber;
                let is_dead = owner.is_some_and(|owner| self.processes[owner].0 == At::Dead);
                let may_clear = !self.is("a publisher waits for a dead subscriber");
                if is_dead && may_clear {
                    self.subscriber = Some(i);
                    At::Leave { then: Then::Wait }
                } else if self.cell.word != Word::Ready || publisher.epoch != Some(self.epoch) {
                    At::Epoch { chosen: false }
                } else {
                    return Ok(None);
                }
            }
            At::Number => {
                self.samples[sample].number = number;
                At::Complete
            }
            At::Complete => {
                self.samples[sample].is_writing = false;
                if late { At::Epoch { chosen: true } } else { At::Publish }
            }
            At::Publish => {
                self.published = number;
                self.messages.push((number, i));
                if late { At::Queuing } else { At::Epoch { chosen: true } }
            }
            At::Choose => {
                let is_full = self.cell.word == Word::Ready;
                let drops = self.when_full == WhenFull::DropOldest;
                self.publisher_mut(i).chosen = publisher.serves && (!is_full || drops);
                if publisher.serves && is_full && drops {
                    At::Drop { sample: self.cell.sample }
                } else if late {
                    At::Publish
                } else {
                    At::Queuing
                }
            }
            At::Drop { sample } => {
                let position = self.cell.position;
                if self.drop_message(position) {
                    At::Forget { sample }
                } else if late {
                    At::Publish
                } else {
                    At::Queuing
                }
            }
            At::Forget { .. } => {
                self.forget();
                if late { At::Publish } else { At::Queuing }
            }
            At::Queuing => {
                self.place = sample;
                self.queuing = publisher.chosen;
                At::Refer
            }
            At::Refer => {
                self.samples[sample].queued = publisher.chosen;
                if publisher.chosen { At::Put } else { At::EpochAgain }
            }
            At::Put => {
                if self.cell.word == Word::Ready {
                    return Err(String::from("a message that waits is overwritten"));
                }
                self.cell = Cell { word: Word::Ready, position: tail, number, sample };
                self.publisher_mut(i).tail += 1;
                At::EpochAgain
            }
            At::EpochAgain => {
                let is_same =
                    publisher.epoch == Some(self.epoch) || self.is("nothing is withdrawn");
                if is_same || !publisher.chosen { At::Done } else { At::Served }
            }
            At::Served => At::ServedAgain { generation: self.generation },
            At::ServedAgain { generation } => {
                if self.is_active && generation == self.for_generation {
                    At::Done
                } else {
                    At::Withdraw
                }
            }
            At::Withdraw => {
                if self.drop_message(tail - 1) {
                    At::ForgetWithdrawn
                } else {
                    At::Done
                }
            }
            At::ForgetWithdrawn => {
                self.forget();
                At::Done
            }
            At::Done => {
                self.queuing = false;
                let this = self.publisher_mut(i);
                this.published = number;
                this.left -= 1;
                At::Find { sample: 0 }
            }
            other => return self.clear_step(i, other),
        };
        Ok(Some(then))
    }

    /// While a publisher queues no message, only the queue and the subscriber refer to samples.
    fn is_tidy(&self) -> Result<(), String> {
        let owner = self.subscriber.map(|owner| &self.processes[owner]);
        let Some((At::Look | At::Take { .. } | At::Read | At::Release, Role::Subscriber(owner))) =
            owner
        else {
            return Ok(());
        };
        let waits = |sample| self.cell.word == Word::Ready && self.cell.sample == sample;
        let has =
            |sample| owner.has.is_some_and(|(has, _, is_history)| has == sample && !is_history);
        let is_lost = |(sample, it): (usize, &Sample)| it.queued && !waits(sample) && !has(sample);
        if self.samples.iter().enumerate().any(is_lost) {
            return Err(format!("a sample is lost: {:?}", self.samples));
        }
        Ok(())
    }

    /// The publisher has noticed which subscriber to serve.
    fn noticed(&mut self, i: usize, epoch: u8, serves: bool, chosen: bool) -> At {
        let this = self.publisher_mut(i);
        this.epoch = Some(epoch);
        this.serves = serves;
        if chosen { At::Choose } else { At::Room }
    }
}
