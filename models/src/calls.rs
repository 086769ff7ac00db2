//! Services and mailboxes: places whose words say which process has to act next, and processes that
//! are killed between any two steps.
//!
//! A step is one atomic operation, or half of a copy. A process that takes no step is stopped; a
//! process that is killed takes no more steps, and the others can prove it. A process that waits
//! continues when it has something to do, or when it can prove a death, because waits are in slices
//! (`ipc-core/src/patience.rs`). A client may cancel whenever it waits, as often as its role
//! allows; that also stands for deadlines and for receipts that are dropped.
//!
//! | here | there, in `ipc-ring/src/calls/protocol.rs` |
//! |---|---|
//! | `Free`, `Claim` | `claim` |
//! | `Number` to `Mark` | `submit` |
//! | `Look` to `Take` | `take`, `own` |
//! | `Count`, `Read` | `count`, `read_request` |
//! | `Prove` | `is_quiet` |
//! | `Reply` to `FinishQuiet` | `write_reply`, `finish` |
//! | `Wait`, `ReadReply`, `Release` | `look`, `reply_at`, `free` |
//! | `Forget`, `Cancel` | `cancel` |
//! | `Numbers`, `Settle` | `settle`, called by `look_after` and `sweep` |
//!
//! Required:
//!
//! - A call that a server gets is complete, and its client waits for it. One server at a time has a
//!   call, and it is delivered at most as often as allowed.
//! - A client gets one result for each call: a complete reply to that call, or the report that its
//!   server died.
//! - A message outlives its sender, and is read in the end. A receipt reports that only if it is
//!   true.
//! - In the end, no place is lost, and no living process waits for ever for a dead one.

mod types;
mod world;

use crate::explore::{State, Step, explore};
use types::{At, Place, Role, Word, World};

pub const MUTANTS: &[&str] = &[
    "a stopped server is taken for dead",
    "submitted before it is written",
    "a call is taken without a comparison",
    "answered without a comparison",
    "answered before the reply is written",
    "a cancelled call is free while its server has it",
    "a place is free before its reply is read",
    "the client is that of the call before",
    "deliveries are not counted",
    "a call of a dead server is always delivered again",
    "a call without a mark is not found",
    "a place of the dead is settled whatever is there by now",
    "a place that the dead were filling stays claimed",
    "a quiet call of a dead server stays",
    "a helper makes the call of a dead client quiet",
    "a message of a dead sender is dropped",
];

pub fn run(mutant: &'static str) {
    // Places, whether it is a mailbox, redeliveries, clients (calls, cancels, whether they wait),
    // servers, kills.
    type Config = (usize, bool, u8, &'static [(u8, u8, bool)], usize, u8);
    let configs: [Config; 8] = [
        (1, false, 0, &[(1, 0, true), (1, 0, true)], 1, 1),
        (1, false, 0, &[(2, 1, true)], 2, 1),
        (1, false, 0, &[(1, 1, true), (1, 0, true)], 2, 1),
        (1, false, 1, &[(1, 0, true)], 3, 2),
        (2, false, 0, &[(1, 1, true), (1, 0, true)], 1, 1),
        (1, true, 0, &[(1, 1, true), (1, 0, false)], 2, 1),
        (1, true, 0, &[(2, 1, true)], 2, 2),
        (2, true, 0, &[(1, 0, true), (1, 0, false)], 1, 1),
    ];
    for (places, outlives, redeliveries, clients, servers, kills) in configs {
        let place = Place {
            word: Word::Free,
            client: None,
            deliveries: 0,
            is_marked: false,
            request: (0, false),
            reply: (0, false),
        };
        let client = |(i, &(calls, cancels, waits)): (u8, &(u8, u8, bool))| {
            let role = Role::Client { next: 2 * i, to: 2 * i + calls, cancels, waits };
            (At::Free { place: 0 }, role)
        };
        let world = World {
            places: vec![place; places],
            outlives,
            redeliveries,
            processes: (0..)
                .zip(clients)
                .map(client)
                .chain((0..servers).map(|_| (At::Look, Role::Server { number: 0 })))
                .collect(),
            kills,
            submitted: 0,
            ended: 0,
            finished: 0,
            given: [0; 4],
            mutant,
        };
        println!("{} states", explore(&world));
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i| self.step(i).map(|then| (format!("{i} {:?}", self.processes[i].0), then));
        let mut steps: Vec<_> = (0..self.processes.len()).filter_map(step).collect();
        for (i, (at, role)) in self.processes.iter().enumerate() {
            match (*at, role) {
                (At::Wait { place }, Role::Client { cancels, .. }) if *cancels > 0 => {
                    let mut world = self.clone();
                    let Role::Client { cancels, .. } = &mut world.processes[i].1 else {
                        unreachable!()
                    };
                    *cancels -= 1;
                    world.processes[i].0 = At::Forget { place, word: self.places[place].word };
                    steps.push((format!("{i} wants to cancel"), Ok(world)));
                }
                // The server looks whether its client is dead.
                (At::Has { place }, Role::Server { .. })
                    if self.places[place].client.is_some_and(|client| self.is_dead(client)) =>
                {
                    let mut world = self.clone();
                    world.processes[i].0 = At::Prove { place };
                    steps.push((format!("{i} proves the death of its client"), Ok(world)));
                }
                _ => {}
            }
        }
        steps
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let alive = (0..self.processes.len())
            .filter(|i| !matches!(self.processes[*i].0, At::Over | At::Dead));
        let killed = alive.map(|i| {
            let mut world = self.clone();
            world.processes[i].0 = At::Dead;
            world.kills -= 1;
            (format!("{i} is killed"), Ok(world))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let (servers, clients): (Vec<_>, Vec<_>) =
            self.processes.iter().partition(|(_, role)| matches!(role, Role::Server { .. }));
        if servers.iter().all(|(at, _)| *at == At::Dead) {
            return Ok(true); // calls wait for a server
        }
        let is_over = clients.iter().all(|(at, _)| matches!(at, At::Over | At::Dead))
            && servers.iter().all(|(at, _)| matches!(at, At::Look | At::Dead))
            && self.steps().is_empty();
        if !is_over {
            return Ok(false);
        }
        if let Some(place) = self.places.iter().find(|place| place.word != Word::Free) {
            return Err(format!("{place:?} is lost"));
        }
        let unread = self.submitted & !self.finished;
        if self.outlives && unread != 0 {
            return Err(format!("the messages {unread:b} are lost"));
        }
        Ok(true)
    }
}
