//! Sets of signals.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{BitAnd, BitOr, Sub};

use ipc_core::{Error, Result, Signal};

use crate::{restore_default, sys};

/// A set of signals.
///
/// Functions that take a set also accept a [`Signal`] or an array of signals.
///
/// # Examples
///
/// ```
/// use ipc_signal::{Signal, SignalSet};
///
/// let ends = SignalSet::from([Signal::INT, Signal::TERM]);
/// assert!(ends.contains(Signal::TERM) && !ends.contains(Signal::HUP));
/// assert_eq!((ends | Signal::HUP.into()).len(), 3);
/// assert_eq!((SignalSet::all() - ends).len(), SignalSet::all().len() - 2);
/// assert_eq!(ends.iter().collect::<Vec<_>>(), [Signal::INT, Signal::TERM]);
/// assert_eq!(ends.to_string(), "SIGINT SIGTERM");
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/signal.h.html>
#[doc(alias = "sigset_t")]
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SignalSet(u128); // bit n stands for signal n; no system has a signal above 127

impl SignalSet {
    /// The empty set.
    #[doc(alias = "sigemptyset")]
    pub const EMPTY: Self = Self(0);

    /// Returns the set of all signals, including those that cannot be blocked.
    #[doc(alias = "sigfillset")]
    #[must_use]
    pub fn all() -> Self {
        Signal::all().collect()
    }

    /// Returns `true` if the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the number of signals in the set.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Returns `true` if the set contains `signal`.
    #[doc(alias = "sigismember")]
    #[must_use]
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & bit(signal) != 0
    }

    /// Adds a signal. Returns `true` if the signal was not in the set before.
    #[doc(alias = "sigaddset")]
    pub fn insert(&mut self, signal: Signal) -> bool {
        let before = *self;
        self.0 |= bit(signal);
        *self != before
    }

    /// Removes a signal. Returns `true` if the signal was in the set before.
    #[doc(alias = "sigdelset")]
    pub fn remove(&mut self, signal: Signal) -> bool {
        let before = *self;
        self.0 &= !bit(signal);
        *self != before
    }

    /// Returns the signals that are in at least one of the two sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the signals that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the signals that are in this set but not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns `true` if every signal of this set is in `other`.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Returns the signals in ascending order.
    #[must_use]
    pub const fn iter(self) -> Iter {
        Iter(self)
    }

    /// Returns the set, unless it contains a signal that a program cannot receive or react to.
    #[inline]
    pub(crate) fn receivable(self, call: &'static str) -> Result<Self> {
        let refused = self.intersection(FAULTS.union(UNCATCHABLE));
        if refused.is_empty() { Ok(self) } else { Err(refused.refused(call)) }
    }

    #[cold]
    fn refused(self, call: &'static str) -> Error {
        let why = match self.intersection(UNCATCHABLE).is_empty() {
            true => "only an unsafe `Action` can handle a fault",
            false => "these signals cannot be blocked, caught or ignored",
        };
        Error::invalid(call, self, why)
    }

    /// Restores the default action of [`CHLD`](Signal::CHLD) if the set contains it and it is
    /// ignored, since the kernel does not send it then.
    ///
    /// Other signals that are ignored are sent nevertheless while they are blocked.
    pub(crate) fn make_sendable(self, call: &'static str) -> Result<()> {
        if !self.contains(Signal::CHLD) {
            return Ok(());
        }
        let now = sys::action(Signal::CHLD);
        let now = now.map_err(|errno| Error::os(call, Signal::CHLD, errno))?;
        if now.handler() == sys::c::SIG_IGN {
            restore_default(Signal::CHLD)?;
        }
        Ok(())
    }
}

const UNCATCHABLE: SignalSet = SignalSet(bit(Signal::KILL) | bit(Signal::STOP));

/// The signals for which [`Signal::is_fault`] is true.
const FAULTS: SignalSet = SignalSet(
    bit(Signal::ILL)
        | bit(Signal::TRAP)
        | bit(Signal::BUS)
        | bit(Signal::FPE)
        | bit(Signal::SEGV)
        | bit(Signal::SYS),
);

const fn bit(signal: Signal) -> u128 {
    1 << signal.raw()
}

impl From<Signal> for SignalSet {
    fn from(signal: Signal) -> Self {
        Self(bit(signal))
    }
}

impl<const N: usize> From<[Signal; N]> for SignalSet {
    fn from(signals: [Signal; N]) -> Self {
        signals.into_iter().collect()
    }
}

impl From<&[Signal]> for SignalSet {
    fn from(signals: &[Signal]) -> Self {
        signals.iter().copied().collect()
    }
}

impl FromIterator<Signal> for SignalSet {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        let mut set = Self::EMPTY;
        set.extend(signals);
        set
    }
}

impl Extend<Signal> for SignalSet {
    fn extend<I: IntoIterator<Item = Signal>>(&mut self, signals: I) {
        for signal in signals {
            self.insert(signal);
        }
    }
}

/// Returns the union of two sets.
impl BitOr for SignalSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

/// Returns the intersection of two sets.
impl BitAnd for SignalSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.intersection(other)
    }
}

/// Returns the signals of the first set that are not in the second.
impl Sub for SignalSet {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.difference(other)
    }
}

/// The signals of a [`SignalSet`], in ascending order.
#[derive(Clone, Debug)]
pub struct Iter(SignalSet);

impl Iterator for Iter {
    type Item = Signal;

    fn next(&mut self) -> Option<Signal> {
        if self.0.is_empty() {
            return None;
        }
        // The bits come from signals, so the lowest is the number of one. No error is created,
        // which would allocate: this runs in handlers.
        let lowest = Signal::new(self.0.0.trailing_zeros().cast_signed()).ok()?;
        self.0.remove(lowest);
        Some(lowest)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for Iter {}
impl FusedIterator for Iter {}

impl IntoIterator for SignalSet {
    type Item = Signal;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        self.iter()
    }
}

/// Writes the names of the signals, separated by spaces.
impl fmt::Display for SignalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.iter().map(|signal| signal.to_string()).collect();
        f.pad(&names.join(" "))
    }
}

impl fmt::Debug for SignalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_agree_with_the_predicates_of_a_signal() {
        assert_eq!(FAULTS, Signal::all().filter(|signal| signal.is_fault()).collect());
        assert_eq!(UNCATCHABLE, Signal::all().filter(|signal| !signal.is_catchable()).collect());
    }
}
