//! The rounds of a barrier, in one word.

use ipc_core::owner::{PROCESS, flag};

/// A round that goes on, and how the last ones ended.
///
/// | bits | meaning |
/// |---|---|
/// | 0 to 15 | how the last 16 rounds ended, the last one lowest: 1 is broken |
/// | 16 to 31 | how often a party that had come went away again |
/// | 32 to 63 | the number of the round |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round(u64);

const HISTORY: u32 = 16;
const CHANGES: u64 = 0xFFFF << HISTORY;
const NUMBER: u32 = 32;

impl Round {
    pub(super) fn from_word(word: u64) -> Self {
        Self(word)
    }

    pub(super) fn word(self) -> u64 {
        self.0
    }

    pub(super) fn number(self) -> u32 {
        // 32 bits fit.
        u32::try_from(self.0 >> NUMBER).unwrap_or(0)
    }

    /// The next round, after all have come.
    pub(super) fn completed(self) -> Self {
        self.next(0)
    }

    /// The next round, after a party died.
    pub(super) fn broken(self) -> Self {
        self.next(1)
    }

    fn next(self, outcome: u64) -> Self {
        let history = (self.0 << 1 | outcome) & 0xFFFF;
        Self(u64::from(self.number().wrapping_add(1)) << NUMBER | self.0 & CHANGES | history)
    }

    /// The same round, in which a party that had come has gone away.
    pub(super) fn changed(self) -> Self {
        let changes = self.0.wrapping_add(1 << HISTORY) & CHANGES;
        Self(self.0 & !CHANGES | changes)
    }

    /// How a round ended: `true` if all had come, `None` if it goes on.
    ///
    /// A thread that waits in a round can miss the ends of later rounds: each death of another
    /// party ends one without it. If more rounds have ended than are remembered, its round counts
    /// as broken.
    pub(super) fn outcome_of(self, number: u32) -> Option<bool> {
        match self.number().wrapping_sub(number) {
            0 => None,
            behind @ 1..=HISTORY => Some(self.0 >> (behind - 1) & 1 == 0),
            _ => Some(false),
        }
    }

    /// Returns `true` if a place with this word may be occupied: it is empty, or the death of its
    /// party has broken a round.
    pub(super) fn is_vacant(self, word: u64) -> bool {
        let died_in = u32::try_from(word & PROCESS).unwrap_or(0);
        word == 0 || word & flag(0) != 0 && self.outcome_of(died_in) == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_remembers_how_the_last_ones_ended() {
        let mut round = Round::from_word(u64::from(u32::MAX) << NUMBER);
        assert_eq!(round.outcome_of(u32::MAX), None);
        round = round.completed().changed().broken();
        assert_eq!(
            (round.number(), round.outcome_of(u32::MAX), round.outcome_of(0)),
            (1, Some(true), Some(false))
        );
        for _ in 0..20 {
            round = round.completed();
        }
        assert_eq!(
            (round.outcome_of(2), round.outcome_of(20)),
            (Some(false), Some(true)),
            "forgotten, remembered"
        );
    }

    #[test]
    fn a_place_is_vacant_when_a_death_has_broken_a_round() {
        let round = Round::from_word(0);
        assert!(round.is_vacant(0) && !round.is_vacant(7) && !round.is_vacant(flag(0)));
        assert!(round.broken().is_vacant(flag(0)));
        assert!(
            !round.completed().is_vacant(flag(0)),
            "found dead in a round that was complete at the same time"
        );
    }
}
