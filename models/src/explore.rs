//! Every order in which processes can take their steps, and die between any two of them.
//!
//! Loom cannot model system calls and crashes: here a step is a call, and a state is what the
//! system and the processes know between two calls. All reachable states are visited once.

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;

/// The whole state between two calls.
pub trait State: Clone + Eq + Hash + Debug {
    /// The next steps of the live processes: a description, and the state after it or the rule that
    /// it breaks.
    fn steps(&self) -> Vec<Step<Self>>;

    /// The processes that can be killed next, in the same form.
    fn deaths(&self) -> Vec<Step<Self>>;

    /// Returns `true` if nothing more has to happen, or an error that names what is broken then.
    fn is_over(&self) -> Result<bool, String>;
}

pub type Step<S> = (String, Result<S, String>);

/// Visits all states, and returns their number.
///
/// # Panics
///
/// If a state breaks a rule, or if no process can continue. The message lists all steps that led
/// there.
pub fn explore<S: State>(first: &S) -> usize {
    visit(first).len()
}

/// Visits all states as [`explore`] does. Requires that the steps of the live processes alone,
/// without a further death, can lead from each state to one in which nothing more has to happen. So
/// it finds a process that wakes up after each slice and never gets what it waits for.
///
/// # Panics
///
/// Like [`explore`], and if a process waits for ever.
pub fn explore_to_the_end<S: State>(first: &S) -> usize {
    let before = visit(first);
    let number: HashMap<&S, usize> = before.keys().zip(0..).collect();
    let mut comes_from = vec![Vec::new(); before.len()];
    let mut ends = vec![false; before.len()];
    let mut next = Vec::new();
    for (state, from) in &number {
        for (_, then) in state.steps() {
            then.into_iter().for_each(|then| comes_from[number[&then]].push(*from));
        }
        if state.is_over() == Ok(true) {
            ends[*from] = true;
            next.push(*from);
        }
    }
    while let Some(to) = next.pop() {
        for from in &comes_from[to] {
            if !ends[*from] {
                ends[*from] = true;
                next.push(*from);
            }
        }
    }
    let stuck = number.iter().filter(|(_, number)| !ends[**number]).map(|(state, _)| *state);
    if let Some(state) = stuck.min_by_key(|state| way(&before, state).len()) {
        fail(&before, state, "a process waits for ever");
    }
    before.len()
}

/// Each state that was visited, and the state and the step that led to it.
type Visited<S> = HashMap<S, Option<(S, String)>>;

fn visit<S: State>(first: &S) -> Visited<S> {
    let mut before = HashMap::from([(first.clone(), None)]);
    let mut next = VecDeque::from([first.clone()]);
    while let Some(state) = next.pop_front() {
        let over = state.is_over().unwrap_or_else(|why| fail(&before, &state, &why));
        let steps = state.steps();
        if steps.is_empty() && !over {
            fail(&before, &state, "nobody can go on");
        }
        for (what, then) in steps.into_iter().chain(state.deaths()) {
            match then {
                Ok(then) if before.contains_key(&then) => {}
                Ok(then) => {
                    before.insert(then.clone(), Some((state.clone(), what)));
                    next.push_back(then);
                }
                Err(why) => fail(&before, &state, &format!("{why}, by: {what}")),
            }
        }
    }
    before
}

fn way<'a, S: State>(before: &'a Visited<S>, state: &'a S) -> Vec<&'a str> {
    let (mut way, mut at) = (Vec::new(), state);
    while let Some(Some((from, what))) = before.get(at) {
        way.push(what.as_str());
        at = from;
    }
    way.reverse();
    way
}

fn fail<S: State>(before: &Visited<S>, state: &S, why: &str) -> ! {
    let way = way(before, state).join("\n       ");
    panic!("broken: {why}\n after {way}\n in {state:?}");
}
