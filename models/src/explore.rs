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
    let mut before: HashMap<S, Option<(S, String)>> = HashMap::from([(first.clone(), None)]);
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
    before.len()
}

fn fail<S: State>(before: &HashMap<S, Option<(S, String)>>, state: &S, why: &str) -> ! {
    let (mut way, mut at) = (Vec::new(), state);
    while let Some(Some((from, what))) = before.get(at) {
        way.push(what.as_str());
        at = from;
    }
    way.reverse();
    panic!("broken: {why}\n after {}\n in {state:?}", way.join("\n       "));
}
