//! The word of a cell.
//!
//! | bits | meaning |
//! |---|---|
//! | 0 to 1 | state |
//! | 2 to 13 | the slot of the sender that owns the cell, if one does; else 0 |
//! | 14 to 63 | lap: how often the cell has been used before |
//!
//! One compare-and-exchange changes the state and the owner together. A cell is claimed once in a
//! lap, so that a word does not come again.

/// The states of a cell, in the order in which it passes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No sender has claimed it in this lap.
    Free,
    /// A sender writes a message there.
    Owned { slot: usize },
    /// It holds a message.
    Ready,
    /// The sender died before the message was complete.
    Lost,
}

const SLOT_AT: u32 = 2;
const LAP_AT: u32 = 14;

/// The maximum number of slots.
pub(super) const MAX_SLOTS: usize = 1 << (LAP_AT - SLOT_AT);

/// How far the lap of a cell is from that of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance {
    Same,
    /// The cell is in a later lap: this number of laps after the wanted one.
    Later(u64),
    /// The cell is in the lap before.
    OneBefore,
    /// No sequence of steps leads to that.
    Impossible,
}

/// The lap in this word, from the state with this number.
const fn word(lap: u64, number: u64) -> u64 {
    lap << LAP_AT | number
}

pub(super) const fn free(lap: u64) -> u64 {
    word(lap, 0)
}

pub(super) const fn owned(lap: u64, slot: usize) -> u64 {
    word(lap, 1 | (slot as u64) << SLOT_AT)
}

pub(super) const fn ready(lap: u64) -> u64 {
    word(lap, 2)
}

pub(super) const fn lost(lap: u64) -> u64 {
    word(lap, 3)
}

/// The lap in a word.
pub(super) const fn lap_of(word: u64) -> u64 {
    word >> LAP_AT
}

/// The state in a word, which may be anything.
#[inline]
pub(super) const fn state(word: u64) -> State {
    match word & 3 {
        0 => State::Free,
        1 => State::Owned { slot: (word >> SLOT_AT) as usize & (MAX_SLOTS - 1) },
        2 => State::Ready,
        _ => State::Lost,
    }
}

/// The lap in a word, which may be anything, compared with the lap of a position.
#[inline]
pub(super) const fn distance(word: u64, lap: u64) -> Distance {
    // In the upper bits, so that laps begin again at zero.
    let difference = ((word >> LAP_AT).wrapping_sub(lap) << LAP_AT).cast_signed() >> LAP_AT;
    match difference {
        0 => Distance::Same,
        -1 => Distance::OneBefore,
        1.. => Distance::Later(difference.cast_unsigned()),
        _ => Distance::Impossible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_state_slot_and_lap() {
        for lap in [0, 1, (1 << 50) - 1] {
            for (word, wanted) in [
                (free(lap), State::Free),
                (owned(lap, 4095), State::Owned { slot: 4095 }),
                (ready(lap), State::Ready),
                (lost(lap), State::Lost),
            ] {
                assert_eq!((state(word), distance(word, lap)), (wanted, Distance::Same));
                assert_eq!(distance(word, lap.wrapping_add(1)), Distance::OneBefore);
                assert_eq!(distance(word, lap.wrapping_sub(3)), Distance::Later(3));
                assert_eq!(distance(word, lap.wrapping_add(2)), Distance::Impossible);
            }
        }
    }
}
