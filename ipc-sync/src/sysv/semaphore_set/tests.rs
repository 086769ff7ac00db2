//! Sets whose id was reused, and sets longer than a page.

use super::*;

#[test]
fn a_set_that_reuses_the_id_is_neither_read_nor_written() {
    let options = SetOptions::new([1, 2, 3]).removal(Removal::OnDrop);
    let other = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
    let (key, id) = (other.key, other.id);
    let gone =
        SemaphoreSet { key, id, len: 1, made: other.made, creator: None, removal: Removal::Never };
    assert!(gone.values().unwrap_err().is_removed());
    assert!(gone.set_values(&[7]).unwrap_err().is_removed());
    assert_eq!(other.values().unwrap(), [1, 2, 3]);
}

#[test]
fn a_set_that_is_longer_than_a_page_is_neither_read_nor_written_beyond() {
    let len = 3000;
    let options = SetOptions::new(vec![7; len]).removal(Removal::OnDrop);
    let other = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
    for wanted in [1, 2047, 2048, 2049, 2999] {
        let gone = SemaphoreSet {
            key: other.key,
            id: other.id,
            len: wanted,
            made: other.made,
            creator: None,
            removal: Removal::Never,
        };
        assert!(gone.values().unwrap_err().is_removed());
        assert!(gone.set_values(&vec![1; wanted.into()]).unwrap_err().is_removed());
    }
    assert_eq!(other.values().unwrap(), vec![7; len]);
}

#[test]
fn a_set_that_got_the_id_of_a_removed_one_is_not_removed_in_its_place() {
    let options = SetOptions::new([1, 2, 3]).removal(Removal::OnDrop);
    let other = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
    let creator = Some(Origin::here());
    let removal = Removal::OnDrop;
    let (key, creator_of_other) = other.made;
    let another_user = UserId::new(creator_of_other.raw() ^ 1);
    for (len, made) in [(1, other.made), (3, (key, another_user)), (3, (Key::new(7), another_user))]
    {
        drop(SemaphoreSet { key: other.key, id: other.id, len, made, creator, removal });
        assert_eq!(other.values().unwrap(), [1, 2, 3]);
    }
}
