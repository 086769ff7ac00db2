//! The header of NumPy files, `.npy`.
//!
//! ```text
//! 0.. 6   \x93NUMPY
//! 6.. 8   version: 1.0, 2.0 or 3.0
//! 8..10   bytes of what follows, little-endian; 8..12 from version 2.0 on
//!         {'descr': '<f4', 'fortran_order': True, 'shape': (640, 480), }
//!         spaces and a newline, up to a multiple of 64
//! ```
//!
//! The elements follow. The input may be arbitrary: its length is limited, it is parsed in one
//! pass, and no number is used before it was checked.
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::io::{self, Read};

use ipc_core::{Error, Result};
use ipc_mem::Kind;

use crate::Shape;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The limit of NumPy itself.
const MAX_LEN: usize = 10_000;

/// NumPy's names of the element types of the format, from number 1 on.
const NAMES: [&str; 12] = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "c8", "c16"];

/// The contents of a header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NpyHeader {
    pub(crate) kind: Kind,
    /// `true` if the bytes of each number are in the opposite byte order from this machine.
    pub(crate) swapped: bool,
    /// `true` if the first index varies fastest in memory.
    pub(crate) column_major: bool,
    pub(crate) shape: Shape,
}

impl NpyHeader {
    /// Encodes the header of elements in the byte order of this machine, in column-major order.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if NumPy does not have this element type.
    pub(crate) fn encode(kind: Kind, shape: &Shape, object: &str) -> Result<Vec<u8>> {
        let Some(name) = NAMES.get(usize::from(kind.code()).wrapping_sub(1)) else {
            return Err(Error::invalid("npy", object, "NumPy has no name for such elements"));
        };
        let order = match &name[1..] {
            "1" => '|',
            _ if cfg!(target_endian = "little") => '<',
            _ => '>',
        };
        let dims: Vec<String> = shape.dims().iter().map(usize::to_string).collect();
        let (dims, column_major) = match &dims[..] {
            [one] => (format!("{one},"), "False"),
            more => (more.join(", "), "True"),
        };
        let text = format!(
            "{{'descr': '{order}{name}', 'fortran_order': {column_major}, 'shape': ({dims}), }}"
        );
        let before = MAGIC.len() + 4;
        // Includes the newline.
        let len = (before + text.len() + 1).next_multiple_of(64) - before;
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0, len.to_le_bytes()[0], len.to_le_bytes()[1]]);
        bytes.extend(text.as_bytes());
        bytes.resize(before + len - 1, b' ');
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a header, and no byte beyond it.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if it is not a header, or no array of this crate can have its element type or
    /// shape.
    pub(crate) fn read(npy: &mut impl Read, object: &str) -> Result<Self> {
        let wrong = |why: String| Error::mismatch("npy", object, why);
        let mut fill = |bytes: &mut [u8]| match npy.read_exact(bytes) {
            Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => {
                Err(wrong(String::from("it ends before the end of the header")))
            }
            done => done.map_err(|err| Error::io("npy", object, &err)),
        };
        let mut begin = [0; 8];
        fill(&mut begin)?;
        let [magic @ .., major, minor] = &begin;
        if magic != MAGIC {
            return Err(wrong(String::from("found something that is no .npy file")));
        }
        let mut len = [0; 4];
        match (major, minor) {
            (1, 0) => fill(&mut len[..2])?,
            (2 | 3, 0) => fill(&mut len)?,
            _ => {
                return Err(wrong(format!(
                    "found version {major}.{minor} of the format, wanted 1.0, 2.0 or 3.0"
                )));
            }
        }
        let len = u32::from_le_bytes(len) as usize;
        if len > MAX_LEN {
            return Err(wrong(format!(
                "found a header of {len} bytes, {MAX_LEN} at most are possible"
            )));
        }
        let mut text = vec![0; len];
        fill(&mut text)?;
        let Some((descr, column_major, dims)) = std::str::from_utf8(&text).ok().and_then(parse)
        else {
            let shown: String = String::from_utf8_lossy(&text).chars().take(100).collect();
            return Err(wrong(format!(
                "found a header that is none of plain elements: {:?}",
                shown.trim_end()
            )));
        };
        let Some((kind, swapped)) = element(descr) else {
            let shown: String = descr.chars().take(20).collect();
            return Err(wrong(format!(
                "found elements of type {shown:?}, which no array here has"
            )));
        };
        let shape =
            Shape::new(&dims).map_err(|err| wrong(format!("found an impossible shape: {err}")))?;
        Ok(Self { kind, swapped, column_major, shape })
    }
}

/// The element type of this NumPy name, and `true` if the bytes must be swapped.
fn element(descr: &str) -> Option<(Kind, bool)> {
    let order = descr.chars().next()?;
    let name = descr.strip_prefix(['<', '>', '=', '|'])?;
    let code =
        NAMES.into_iter().zip(1..).find(|(known, _)| *known == name).map(|(_, code)| code)?;
    let swapped = match (order, cfg!(target_endian = "little")) {
        ('<', little) => !little,
        ('>', little) => little,
        _ => false,
    };
    Some((Kind::new(code), swapped))
}

/// Parses a dictionary that has the three keys, in any order.
fn parse(text: &str) -> Option<(&str, bool, Vec<usize>)> {
    let (mut descr, mut column_major, mut shape) = (None, None, None);
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    while !rest.is_empty() {
        let (key, behind) = quoted(rest)?;
        let value = behind.trim_start().strip_prefix(':')?.trim_start();
        rest = match key {
            "descr" if descr.is_none() => {
                let (value, behind) = quoted(value)?;
                descr = Some(value);
                behind
            }
            "fortran_order" if column_major.is_none() => {
                let (value, behind) =
                    match (value.strip_prefix("True"), value.strip_prefix("False")) {
                        (Some(behind), _) => (true, behind),
                        (_, behind) => (false, behind?),
                    };
                column_major = Some(value);
                behind
            }
            "shape" if shape.is_none() => {
                let (inside, behind) = value.strip_prefix('(')?.split_once(')')?;
                shape = Some(numbers(inside)?);
                behind
            }
            _ => return None,
        };
        rest = rest.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(behind) => behind.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some((descr?, column_major?, shape?))
}

/// Splits off the quoted string at the beginning, and returns it and the rest.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mark = text.chars().next().filter(|mark| ['\'', '"'].contains(mark))?;
    text[1..].split_once(mark)
}

/// The numbers of a tuple: a tuple of one number must have a comma.
fn numbers(inside: &str) -> Option<Vec<usize>> {
    let mut parts: Vec<&str> = inside.split(',').map(str::trim).collect();
    if parts.len() > 1 && parts.last() == Some(&"") {
        parts.pop();
    } else if parts.len() == 1 {
        return parts[0].is_empty().then(Vec::new);
    }
    let number =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
    parts.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NpyHeader> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
        NpyHeader::read(&mut &*bytes, "/x")
    }

    #[test]
    fn a_header_has_the_bytes_that_numpy_writes() {
        let bytes = NpyHeader::encode(Kind::F32, &Shape::from([640, 480]), "/x").unwrap();
        let mut wanted =
            b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': True, 'shape': (640, 480), }"
                .to_vec();
        wanted.resize(127, b' ');
        wanted.push(b'\n');
        assert_eq!(bytes, wanted);
        let bytes = NpyHeader::encode(Kind::U8, &Shape::from(7), "/x").unwrap();
        assert!(
            bytes[10..].starts_with(b"{'descr': '|u1', 'fortran_order': False, 'shape': (7,), } ")
        );
        assert!(
            NpyHeader::encode(Kind::STRUCT, &Shape::from(7), "/x")
                .unwrap_err()
                .is_invalid_argument()
        );
    }

    #[test]
    fn what_is_written_is_read() {
        for code in 1..=12 {
            for dims in 1..=16 {
                let shape = Shape::new(&vec![usize::MAX; dims]).unwrap();
                let bytes = NpyHeader::encode(Kind::new(code), &shape, "/x").unwrap();
                assert_eq!(bytes.len() % 64, 0);
                let read = NpyHeader::read(&mut &*bytes, "/x").unwrap();
                let wanted = NpyHeader {
                    kind: Kind::new(code),
                    swapped: false,
                    column_major: dims > 1,
                    shape,
                };
                assert_eq!(read, wanted);
            }
        }
    }

    #[test]
    fn a_dictionary_may_be_written_in_other_ways() {
        let wanted = NpyHeader {
            kind: Kind::F64,
            swapped: true,
            column_major: false,
            shape: Shape::from([3, 4]),
        };
        for text in [
            "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 4), }",
            "{\"shape\":(3,4),\"descr\":\">f8\",\"fortran_order\":False}\n",
            " { 'fortran_order' : False , 'shape' : ( 3 , 4 , ) , 'descr' : '>f8' }   \n",
        ] {
            assert_eq!(read(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_header_of_an_array_is_refused_in_few_words() {
        let descr =
            |descr: &str| format!("{{'descr': {descr}, 'fortran_order': True, 'shape': (3,), }}");
        let shape =
            |shape: &str| format!("{{'descr': '<f4', 'fortran_order': True, 'shape': {shape}, }}");
        let nested = "{".repeat(9_000);
        for text in [
            String::new(),
            String::from("{}"),
            nested.clone(),
            shape(&"(".repeat(9_000)),
            descr(&nested),
            descr("'<f2'"),
            descr("'|b1'"),
            descr("'|O'"),
            descr("'<U7'"),
            descr("'f4'"),
            descr("''"),
            descr("'<é'"),
            descr("[('a', '<f4')]"),
            descr("3"),
            descr("'<f4"),
            descr("'<f4', 'descr': '<f4'"),
            shape("()"),
            shape("(3)"),
            shape("(0,)"),
            shape("(3, 0)"),
            shape("(-3,)"),
            shape("(+3,)"),
            shape("(3,,4)"),
            shape("(,)"),
            shape("(1e3,)"),
            shape("(18446744073709551616,)"),
            shape("(3,"),
            shape("[3]"),
            shape(&format!("({})", "1,".repeat(17))),
            shape("(3,), 'more': 1"),
            shape("(3,)").replace("True", "Truest"),
            shape("(3,)").replace("True", "1"),
        ] {
            let err = read(&text).unwrap_err();
            assert!(err.is_mismatch(), "{text}: {err}");
            assert!(err.to_string().len() < 700, "{err}");
        }
    }

    #[test]
    fn a_file_that_ends_early_or_has_a_header_without_end_is_refused() {
        let bytes = NpyHeader::encode(Kind::F32, &Shape::from([640, 480]), "/x").unwrap();
        for len in 0..bytes.len() {
            assert!(NpyHeader::read(&mut &bytes[..len], "/x").unwrap_err().is_mismatch(), "{len}");
        }
        let endless = b"\x93NUMPY\x02\x00\xff\xff\xff\xff"
            .iter()
            .copied()
            .chain(std::iter::repeat_n(b' ', 100));
        let err = NpyHeader::read(&mut &*endless.collect::<Vec<_>>(), "/x").unwrap_err();
        assert!(err.to_string().contains("a header of 4294967295 bytes"), "{err}");
        for at in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(NpyHeader::read(&mut &*damaged, "/x").unwrap_err().is_mismatch());
        }
    }
}
