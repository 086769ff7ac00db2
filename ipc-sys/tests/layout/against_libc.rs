//! The second opinion: the crate `libc`, whose authors wrote their declarations by hand.

use crate::{
    rows::same,
    table::{constants, types},
};

#[test]
fn the_crate_libc_has_the_same_values() {
    let rows = constants();
    let shared: Vec<_> =
        rows.iter().filter_map(|row| Some((row.name, row.value, row.libc?))).collect();
    assert!(shared.len() > rows.len() / 2, "libc has {} of {}", shared.len(), rows.len());
    let wrong: Vec<_> = shared.iter().filter(|(_, ours, libcs)| !same(*ours, *libcs)).collect();
    assert!(wrong.is_empty(), "name, our value, libc's: {wrong:?}");
}

#[test]
fn the_crate_libc_has_the_same_sizes_and_alignments() {
    let rows = types();
    let shared: Vec<_> =
        rows.iter().filter_map(|row| Some((row.c, (row.size, row.align), row.libc?))).collect();
    assert!(shared.len() > rows.len() / 2, "libc has {} of {}", shared.len(), rows.len());
    let wrong: Vec<_> = shared.iter().filter(|(_, ours, libcs)| ours != libcs).collect();
    assert!(wrong.is_empty(), "name, our size and alignment, libc's: {wrong:?}");
}
