//! Keys of System V objects.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ipc_core::Key;
use ipc_testkit::fixture;

#[test]
fn a_key_is_its_number_and_nothing_else() {
    for raw in [i32::MIN, -1, 0, 123, i32::MAX] {
        let key = Key::new(raw);
        assert_eq!(key.raw(), raw);
        assert_eq!(Key::from(i32::from(key)), key);
        assert_ne!(key, Key::new(raw ^ 1));
    }
    assert_eq!(u16::try_from(i32::from(Key::new(123))), Ok(123));
    assert_eq!(Key::new(123).to_string(), "key 0x7b");
    assert_eq!(Key::new(-1).to_string(), "key 0xffffffff");
    assert_eq!(Key::PRIVATE.to_string(), "IPC_PRIVATE");
    assert_eq!(format!("{:?}", Key::new(-5)), "Key(-5)");
}

#[test]
fn the_private_key_is_a_key_like_any_other() {
    assert_eq!(Key::PRIVATE, Key::new(ipc_sys::IPC_PRIVATE));
}

/// Both C libraries take the project, 8 bits of the device and 16 of the inode.
#[test]
fn a_file_and_a_project_give_the_key_that_c_computes() {
    let dir = fixture::dir();
    let file = fs::metadata(&*dir).unwrap();
    for project in [1, b'1', 0x7f, 0x80, 255] {
        let key = Key::from_path(&dir, project).unwrap();
        let wanted = u64::from(project) << 24 | (file.dev() & 0xff) << 16 | (file.ino() & 0xffff);
        assert_eq!(u64::from(key.raw().cast_unsigned()), wanted);
        assert_eq!(key, Key::new(key.raw()));
    }
}

/// In IPC.jl, the refusal of an argument called itself for ever.
#[test]
fn project_zero_is_refused_with_a_reason() {
    let err = Key::from_path(Path::new("/"), 0).unwrap_err();
    assert!(err.is_invalid_argument());
    assert_eq!(err.to_string(), "ftok /: a project is a number from 1 to 255");
}

#[test]
fn a_file_that_does_not_exist_gives_no_key() {
    let dir = fixture::dir();
    let path = dir.join("absent");
    let err = Key::from_path(&path, 1).unwrap_err();
    assert!(err.is_not_found());
    assert_eq!((err.call(), err.object()), ("ftok", path.to_str().unwrap()));
}

#[test]
fn a_zero_byte_in_a_path_does_not_cut_it_short() {
    let path = Path::new(OsStr::from_bytes(b"/\0absent"));
    let err = Key::from_path(path, 1).unwrap_err();
    assert!(err.is_invalid_argument());
    assert_eq!(err.to_string(), r#"ftok "/\0absent": a path has no zero byte"#);
}
