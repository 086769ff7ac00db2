//! Sets of signals.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{BitAnd, BitOr, Sub};

use ipc_core::{Error, Result, Signal};

/// A set of signals.
///
/// Wherever one is wanted, a [`Signal`] or an array of them does as well.
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
pub struct SignalSet(u128); // the bit of signal n is n; no system has more than 127

impl SignalSet {
    /// No signal.
    #[doc(alias = "sigemptyset")]
    pub const EMPTY: Self = Self(0);

    /// Every signal, also those which nobody can block.
    #[doc(alias = "sigfillset")]
    #[must_use]
    pub fn all() -> Self {
        Signal::all().collect()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many it has.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether it has that one.
    #[doc(alias = "sigismember")]
    #[must_use]
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & bit(signal) != 0
    }

    /// Adds one, and says whether it is new.
    #[doc(alias = "sigaddset")]
    pub fn insert(&mut self, signal: Signal) -> bool {
        let before = *self;
        self.0 |= bit(signal);
        *self != before
    }

    /// Takes one out, and says whether it was there.
    #[doc(alias = "sigdelset")]
    pub fn remove(&mut self, signal: Signal) -> bool {
        let before = *self;
        self.0 &= !bit(signal);
        *self != before
    }

    /// What either has.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What this one has and the other has not.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the other has all that this one has.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Its signals in ascending order.
    #[must_use]
    pub const fn iter(self) -> Iter {
        Iter(self)
    }

    /// Itself, if a program can receive or react to all that it has.
    #[inline]
    pub(crate) fn ours(self, call: &'static str) -> Result<Self> {
        let not_ours = self.intersection(FAULTS.union(UNCATCHABLE));
        if not_ours.is_empty() { Ok(self) } else { Err(not_ours.refused(call)) }
    }

    #[cold]
    fn refused(self, call: &'static str) -> Error {
        let why = match self.intersection(UNCATCHABLE).is_empty() {
            true => "what to do about a fault can be said by an unsafe `Action` only",
            false => "nobody can block, catch or ignore it",
        };
        Error::invalid(call, self, why)
    }
}

const UNCATCHABLE: SignalSet = SignalSet(bit(Signal::KILL) | bit(Signal::STOP));

/// As [`Signal::is_fault`].
const FAULTS: SignalSet = SignalSet(
    bit(Signal::ILL) | bit(Signal::TRAP) | bit(Signal::BUS) | bit(Signal::FPE) | bit(Signal::SEGV) | bit(Signal::SYS),
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

/// The union.
impl BitOr for SignalSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

/// The intersection.
impl BitAnd for SignalSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.intersection(other)
    }
}

/// The difference.
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
        // Its bits come from signals, so the lowest is the number of one, and no error is made: handlers come by here.
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

/// The names, with a space between them.
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
    fn faults_are_what_is_called_so_elsewhere() {
        assert_eq!(FAULTS, Signal::all().filter(|signal| signal.is_fault()).collect());
        assert_eq!(UNCATCHABLE, Signal::all().filter(|signal| !signal.is_catchable()).collect());
    }
}
