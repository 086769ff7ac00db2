//! Arrays of structs, whose layout is stored beside them.

use ipc_mem::{Kind, Plain};
use ipc_shmarray::{AnyArray, ShmArray};
use ipc_testkit::fixture;

#[derive(Clone, Copy, Debug, PartialEq, Plain)]
#[repr(C)]
struct Particle {
    position: [f64; 3],
    id: u32,
    charge: i16,
    flags: [u8; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Plain)]
#[repr(C)]
struct Track {
    head: Particle,
    tail: Particle,
    steps: u64,
}

const ONE: Particle = Particle { position: [1.0, 2.0, 3.0], id: 7, charge: -1, flags: [8, 9] };

#[test]
fn structs_are_elements_like_any_other() {
    let name = fixture::name();
    let ours = ShmArray::<Particle>::create(&*name, [10, 3]).unwrap();
    ours.set([9, 2], ONE).unwrap();
    let theirs = ShmArray::<Particle>::open_read_only(&*name).unwrap();
    assert_eq!((theirs.get([9, 2]).unwrap(), theirs.get([0, 0]).unwrap().id), (ONE, 0));
    assert_eq!(theirs.iter().map(|particle| particle.id).sum::<u32>(), 7);

    let any = AnyArray::open(&*name).unwrap();
    assert_eq!((any.kind(), any.element_size(), any.len()), (Kind::STRUCT, 32, 30));
    assert!(any.description().is_some());
    assert_eq!(any.to_bytes()[29 * 32 + 24..][..4], 7u32.to_ne_bytes());
    assert_eq!(any.downcast::<Particle>().unwrap().get([9, 2]).unwrap(), ONE);

    let name = fixture::name();
    let tracks = ShmArray::<Track>::create(&*name, 5).unwrap();
    let track = Track { head: ONE, tail: Particle { id: 8, ..ONE }, steps: u64::MAX };
    tracks.fill(track);
    assert_eq!(ShmArray::<Track>::open(&*name).unwrap().to_vec(), [track; 5]);
}

#[test]
fn another_layout_of_a_struct_is_reported_field_by_field() {
    /// `charge` has grown, and `flags` was removed to make space for it.
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Newer {
        position: [f64; 3],
        id: u32,
        charge: i32,
    }

    /// The same bytes, with two fields swapped and one renamed.
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Swapped {
        position: [f64; 3],
        serial: u32,
        flags: [u8; 2],
        charge: i16,
    }

    let name = fixture::name();
    let _ours = ShmArray::<Particle>::create(&*name, 3).unwrap();
    let told = |err: ipc_core::Error, parts: &[&str]| {
        assert!(err.is_mismatch());
        let text = err.to_string();
        assert!(
            text.starts_with(&format!("open {name}: the elements have another layout: ")),
            "{text}"
        );
        for part in parts {
            assert!(text.contains(part), "no `{part}` in `{text}`");
        }
        assert!(!text.contains("position"), "what is the same is not told: {text}");
    };
    told(
        ShmArray::<Newer>::open(&*name).unwrap_err(),
        &[
            "field `charge`: found i16, 2 bytes, alignment 2, wanted i32, 4 bytes, alignment 4",
            "field `flags`: found array, offset 30, 2 bytes, alignment 1, wanted nothing",
            "field `flags[]`: found u8, offset 30, 1 bytes",
        ],
    );
    told(
        AnyArray::open(&*name).unwrap().downcast::<Swapped>().unwrap_err(),
        &[
            "field `id`: found u32, offset 24, 4 bytes, alignment 4, wanted nothing",
            "field `serial`: found nothing, wanted u32, offset 24",
            "field `charge`: found offset 28, wanted offset 30",
            "field `flags`: found offset 30, wanted offset 28",
        ],
    );
    let err = ShmArray::<f64>::open(&*name).unwrap_err();
    assert!(err.is_mismatch());
    assert!(
        err.to_string().contains("layout: found struct, 32 bytes, wanted f64, 8 bytes; "),
        "{err}"
    );
    let err = ShmArray::<Track>::open(&*name).unwrap_err();
    assert!(
        err.to_string().contains("field `head.position[]`: found nothing, wanted f64, offset 0"),
        "{err}"
    );
}

/// The name of the Rust type does not matter: a program in another language does not have it.
#[test]
fn a_struct_of_the_same_fields_is_the_same_whatever_it_is_called() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Teilchen {
        position: [f64; 3],
        id: u32,
        charge: i16,
        flags: [u8; 2],
    }

    let name = fixture::name();
    ShmArray::<Particle>::create(&*name, 3)
        .map(|ours| {
            ours.set([1], ONE).unwrap();
            let theirs = ShmArray::<Teilchen>::open(&*name).unwrap().get([1]).unwrap();
            assert_eq!(
                (theirs.position, theirs.id, theirs.charge, theirs.flags),
                ([1.0, 2.0, 3.0], 7, -1, [8, 9])
            );
        })
        .unwrap();
}

/// An array of arrays is not an array of numbers, though its bytes are the same.
#[test]
fn arrays_as_elements_are_not_their_elements() {
    let name = fixture::name();
    let ours = ShmArray::<[f32; 4]>::create(&*name, 6).unwrap();
    ours.set([5], [1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_eq!(ShmArray::<[f32; 4]>::open(&*name).unwrap().get([5]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
    for err in
        [ShmArray::<[f32; 3]>::open(&*name).map(drop), ShmArray::<f32>::open(&*name).map(drop)]
    {
        assert!(err.unwrap_err().is_mismatch());
    }
    let err = ShmArray::<[i32; 4]>::open(&*name).unwrap_err();
    assert!(err.to_string().contains("field `[]`: found f32, wanted i32"), "{err}");
}
