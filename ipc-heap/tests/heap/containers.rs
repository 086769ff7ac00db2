//! Containers of a heap, compared with those of the standard library.

#![expect(clippy::cast_possible_truncation, reason = "any bits of a number are a test value")]

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::thread;

use ipc_heap::{Heap, HeapDeque, HeapHashMap, HeapString, HeapVec};
use ipc_mem::Plain;
use ipc_testkit::{Rng, watchdog};

use crate::basics::local;

/// Compares a vector with `Vec` after each of many random operations.
fn compare<T: Plain + PartialEq + std::fmt::Debug>(of: impl Fn(u64) -> T) {
    let heap = local(4 << 20);
    let vec = heap.create_object::<HeapVec<T>>("vec", &[]).unwrap();
    let rng = &mut Rng::new();
    let mut model = Vec::new();
    for step in 0..2000 {
        let mut vec = vec.lock().unwrap();
        let value = of(step);
        let at = usize::try_from(rng.below(model.len() as u64 + 1)).unwrap();
        match rng.below(12) {
            0..4 => {
                vec.push(value).unwrap();
                model.push(value);
            }
            4 => assert_eq!(vec.pop(), model.pop()),
            5 => {
                vec.insert(at, value).unwrap();
                model.insert(at, value);
            }
            6 if at < model.len() => assert_eq!(vec.remove(at).unwrap(), model.remove(at)),
            7 if at < model.len() => {
                assert_eq!(vec.swap_remove(at).unwrap(), model.swap_remove(at));
            }
            8 if at < model.len() => {
                vec.set(at, value).unwrap();
                model[at] = value;
            }
            9 => {
                vec.extend_from_slice(&[value; 3]).unwrap();
                model.extend_from_slice(&[value; 3]);
            }
            10 if step % 5 == 0 => {
                vec.truncate(at);
                model.truncate(at);
                vec.shrink_to_fit().unwrap();
            }
            11 if step % 7 == 0 => {
                model.reverse();
                vec.assign(&model).unwrap();
            }
            _ => {}
        }
        assert_eq!(vec.to_vec(), model, "step {step}");
        assert_eq!(vec.get(at), model.get(at).copied());
        assert!(vec.capacity() >= vec.len());
    }
    assert_eq!(heap.check().unwrap(), 0);
    heap.destroy(&vec).unwrap();
    assert_eq!((heap.statistics().kept_bytes, heap.statistics().loose_bytes), (0, 0));
}

#[test]
fn a_vector_is_a_vec_for_elements_of_any_size() {
    watchdog(|| compare(|step| step as u8));
    watchdog(|| compare(|step| [step as u8; 3]));
    watchdog(|| compare(|step| step as u16));
    watchdog(|| compare(|step| step));
    watchdog(|| compare(|step| [step as u32; 3]));
    watchdog(|| compare(|step| [step; 9]));
}

#[test]
fn a_string_is_a_string() {
    let heap = local(1 << 20);
    let string = heap.create_anonymous::<HeapString>("").unwrap();
    let mut guard = string.lock().unwrap();
    let mut model = String::new();
    for number in 0..100 {
        write!(guard, "{number} äöü, ").unwrap();
        write!(model, "{number} äöü, ").unwrap();
        assert_eq!(guard.get().unwrap(), model);
    }
    guard.set("new").unwrap();
    guard.push('✓').unwrap();
    assert_eq!((guard.get().unwrap().as_str(), guard.len()), ("new✓", 6));
    guard.clear();
    assert!(guard.is_empty());
}

fn compare_maps<K: Plain + Eq + std::hash::Hash, V: Plain + PartialEq + std::fmt::Debug>(
    key: impl Fn(u64) -> K,
    value: impl Fn(u64) -> V,
) {
    let heap = local(4 << 20);
    let map = heap.create_object::<HeapHashMap<K, V>>("map", ()).unwrap();
    let rng = &mut Rng::new();
    let mut model = HashMap::new();
    for step in 0..8_000 {
        let mut map = map.lock().unwrap();
        let key = key(rng.below(300));
        match rng.below(5) {
            0..2 => {
                let value = value(step);
                assert_eq!(map.insert(key, value).unwrap(), model.insert(key, value));
            }
            2..4 => assert_eq!(map.remove(&key), model.remove(&key)),
            _ if step % 1000 == 0 => {
                map.clear();
                model.clear();
            }
            _ => {}
        }
        assert_eq!(map.get(&key), model.get(&key).copied(), "step {step}");
        assert_eq!(map.contains_key(&key), model.contains_key(&key));
        assert_eq!(map.len(), model.len());
    }
    let found: HashMap<K, V> = map.lock().unwrap().iter().collect();
    assert!(found == model);
    assert_eq!(heap.check().unwrap(), 0);
    heap.destroy(&map).unwrap();
    assert_eq!((heap.statistics().kept_bytes, heap.statistics().loose_bytes), (0, 0));
}

#[test]
fn a_map_is_a_hash_map_for_keys_and_values_of_any_size() {
    watchdog(|| compare_maps(|key| key, |value| value));
    watchdog(|| compare_maps(|key| key as u16, |value| [value; 3]));
    watchdog(|| compare_maps(|key| [key as u8; 13], |value| value as u8));
}

#[test]
fn threads_that_share_containers_lose_nothing() {
    watchdog(|| {
        let heap = local(4 << 20);
        heap.create_object::<HeapVec<u64>>("vec", &[]).unwrap();
        heap.create_object::<HeapHashMap<u64, u64>>("map", ()).unwrap();
        thread::scope(|scope| {
            for thread in 0..4u64 {
                let heap: Heap<_> = heap.try_clone().unwrap();
                scope.spawn(move || {
                    let vec = heap.find::<HeapVec<u64>>("vec").unwrap();
                    let map = heap.find::<HeapHashMap<u64, u64>>("map").unwrap();
                    for number in 0..500 {
                        vec.lock().unwrap().push(thread * 500 + number).unwrap();
                        let mut map = map.lock().unwrap();
                        let count = map.get(&(number % 50)).unwrap_or(0);
                        map.insert(number % 50, count + 1).unwrap();
                    }
                });
            }
        });
        let mut all = heap.find::<HeapVec<u64>>("vec").unwrap().lock().unwrap().to_vec();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..2000));
        let map = heap.find::<HeapHashMap<u64, u64>>("map").unwrap();
        assert!(map.lock().unwrap().iter().all(|(_, count)| count == 40));
        assert_eq!(heap.check().unwrap(), 0);
    });
}

#[test]
fn a_double_ended_queue_is_a_vec_deque() {
    watchdog(|| {
        let heap = local(4 << 20);
        let deque = heap.create_object::<HeapDeque<[u16; 3]>>("deque", &[[1; 3]; 5]).unwrap();
        let rng = &mut Rng::new();
        let mut model: VecDeque<_> = [[1; 3]; 5].into();
        for step in 0..8_000u32 {
            let mut deque = deque.lock().unwrap();
            let value = [step as u16; 3];
            match rng.below(9) {
                0..2 => {
                    deque.push_back(value).unwrap();
                    model.push_back(value);
                }
                2..4 => {
                    deque.push_front(value).unwrap();
                    model.push_front(value);
                }
                4..6 => assert_eq!(deque.pop_front(), model.pop_front()),
                6..8 => assert_eq!(deque.pop_back(), model.pop_back()),
                _ if step % 50 == 0 => {
                    deque.clear();
                    model.clear();
                }
                _ if !model.is_empty() => {
                    let at = rng.index(model.len());
                    deque.set(at, value).unwrap();
                    model[at] = value;
                }
                _ => {}
            }
            assert_eq!((deque.len(), deque.front()), (model.len(), model.front().copied()));
            assert_eq!(deque.back(), model.back().copied());
            assert!(deque.iter().eq(model.iter().copied()), "step {step}");
        }
        assert!(deque.lock().unwrap().set(usize::MAX, [0; 3]).unwrap_err().is_invalid_argument());
        let len = heap.objects().unwrap()[0].len;
        assert_eq!((len, heap.check().unwrap()), (model.len() as u64, 0));
    });
}
