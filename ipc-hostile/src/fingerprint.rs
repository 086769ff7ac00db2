//! Arbitrary bytes as the stored form of a layout.

use ipc_mem::{Fingerprint, Plain};

/// The maximum length of the description of a layout, whatever was found.
const SHORT: usize = 10_000;

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Reading {
    time: f64,
    channel: [u16; 3],
    gain: u16,
}

/// The bytes are a layout that can be stored again and compared, or they are refused.
pub fn run(bytes: &[u8]) {
    let len = Fingerprint::peek_len(bytes);
    match Fingerprint::decode(bytes) {
        Ok(found) => {
            let stored = found.encode();
            assert_eq!(Some(stored.len()), len);
            assert_eq!(Fingerprint::decode(&stored).ok().as_ref(), Some(&found));
            assert!(found.difference(&found).is_none() && found.kind().to_string().len() < SHORT);
            for schema in [<[f32; 2]>::SCHEMA, Reading::SCHEMA] {
                let wanted = Fingerprint::of(schema).unwrap();
                assert_eq!(found.difference(&wanted).is_none(), found == wanted);
                for told in
                    [found.difference(&wanted), wanted.difference(&found)].into_iter().flatten()
                {
                    assert!(
                        !told.is_empty() && told.len() < SHORT && !told.contains('\x1b'),
                        "{told}"
                    );
                }
            }
        }
        Err(refusal) => {
            let err = refusal.on("/hostile");
            assert!(err.is_mismatch() && err.to_string().len() < SHORT, "{err}");
        }
    }
}
