//! The format of control messages: what `recvmsg` leaves beside the bytes.
//!
//! ```text
//!  0 ..  8   length of the message, this header included
//!  8 .. 12   level
//! 12 .. 16   type
//! 16 ..      data, and padding up to a multiple of 8
//! ```
//!
//! The widths are those of `size_t` and `int`. The kernel writes these bytes; they are read as if
//! an enemy did.

/// One control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    pub(crate) level: i32,
    pub(crate) kind: i32,
    pub(crate) data: &'a [u8],
}

const WORD: usize = size_of::<usize>();
const INT: usize = size_of::<i32>();
/// The size of a header, which is a multiple of `WORD` where `usize` has 32 or 64 bits.
pub(crate) const HEADER: usize = (WORD + 2 * INT).next_multiple_of(WORD);

/// Returns the space that a message with `data` bytes takes.
pub(crate) const fn space(data: usize) -> usize {
    HEADER + data.next_multiple_of(WORD)
}

/// Returns the messages in the order in which they stand, up to the first incomplete one.
pub(crate) fn items(bytes: &[u8]) -> impl Iterator<Item = Item<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<WORD>()?;
        let (level, after) = after.split_first_chunk::<INT>()?;
        let (kind, _) = after.split_first_chunk::<INT>()?;
        let length = usize::from_ne_bytes(*length);
        let data = rest.get(HEADER..length)?;
        // The last one may lack its padding.
        let next = length.checked_next_multiple_of(WORD)?;
        rest = rest.get(next..).unwrap_or_default();
        Some(Item { level: i32::from_ne_bytes(*level), kind: i32::from_ne_bytes(*kind), data })
    })
}

/// Returns the numbers in the data of a message; bytes left over are ignored.
pub(crate) fn numbers(data: &[u8]) -> impl Iterator<Item = i32> {
    data.chunks_exact(INT).map(|bytes| bytes.try_into().map_or(-1, i32::from_ne_bytes))
}

/// Returns `true` if each message that is found in arbitrary bytes lies within them, behind the one
/// before: for the fuzz targets of this project.
#[cfg(any(ipc_test_hooks, fuzzing))]
#[must_use]
pub fn control_messages_are_inside(bytes: &[u8]) -> bool {
    let (mut from, mut found) = (0, 0);
    items(bytes).all(|item| {
        // By address, as an empty one has no bytes.
        let begin = item.data.as_ptr().addr() - bytes.as_ptr().addr();
        let is_behind = begin >= from + HEADER && (begin - HEADER).is_multiple_of(WORD);
        from = begin + item.data.len();
        found += numbers(item.data).count();
        is_behind && from <= bytes.len() && found * INT <= bytes.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let mut bytes = (HEADER + data.len()).to_ne_bytes().to_vec();
        bytes.extend(level.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(data);
        bytes.resize(space(data.len()), 0xAA);
        bytes
    }

    #[test]
    fn each_message_is_found_with_its_data_and_without_its_padding() {
        let bytes =
            [message(1, 2, &[1, 2, 3]), message(1, 1, &[]), message(7, 9, &[0; 8])].concat();
        let found: Vec<_> =
            items(&bytes).map(|item| (item.level, item.kind, item.data.len())).collect();
        assert_eq!(found, [(1, 2, 3), (1, 1, 0), (7, 9, 8)]);
    }

    #[test]
    fn the_last_message_may_lack_its_padding() {
        let mut bytes = message(1, 1, &[1, 2, 3, 4]);
        bytes.truncate(HEADER + 4);
        assert_eq!(items(&bytes).map(|item| item.data).collect::<Vec<_>>(), [[1, 2, 3, 4]]);
    }

    #[test]
    fn a_length_that_lies_ends_the_messages() {
        for length in [0, 1, HEADER - 1, HEADER + 9, usize::MAX, usize::MAX - 6] {
            let mut bytes = message(1, 1, &[0; 8]);
            bytes[..WORD].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(items(&bytes).count(), 0, "{length}");
        }
        assert_eq!(items(&[0; HEADER - 1]).count(), 0);
    }

    #[test]
    fn numbers_leave_out_what_is_not_a_whole_one() {
        let data = [5_i32.to_ne_bytes().as_slice(), &7_i32.to_ne_bytes(), &[1, 2]].concat();
        assert_eq!(numbers(&data).collect::<Vec<_>>(), [5, 7]);
    }
}
