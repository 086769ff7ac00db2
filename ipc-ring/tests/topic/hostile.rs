//! Topics of which every byte may be damaged: an error or some message, and never a fault.

use ipc_hostile::memory::{Pages, bytes as image};
use ipc_hostile::message::Message;
use ipc_hostile::topic::{works, works_with_slices};
use ipc_mem::LocalMemory;
use ipc_ring::topic::{Publisher, Subscriber, TopicInfo, TopicOptions, WhenFull};
use ipc_testkit::{Rng, figures, rounds, watchdog};

fn options() -> TopicOptions {
    TopicOptions::new().max_publishers(2).max_subscribers(3).queue(2).history(2)
}

/// The bytes of a topic that has been used, whose participants are not closed.
fn of_values() -> Vec<u8> {
    let size = Publisher::<Message>::size_for(options()).unwrap();
    let memory = LocalMemory::new(size).unwrap();
    let topic = Publisher::<Message, _>::create_in(memory, options()).unwrap();
    for number in 0..5 {
        topic.publish(&Message::new(number)).unwrap();
    }
    let _loan = topic.loan().unwrap();
    image(topic.memory())
}

fn of_slices() -> Vec<u8> {
    let options = options().max_len(100);
    let size = Publisher::<[u8]>::size_for(options).unwrap();
    let memory = LocalMemory::new(size).unwrap();
    let topic = Publisher::<[u8], _>::create_in(memory, options).unwrap();
    (0..5).for_each(|len| topic.publish(&vec![7; 20 * len]).unwrap());
    image(topic.memory())
}

/// The bytes of a topic in which everything has been used, at the moment when nothing is left.
fn after_work(image_before: &[u8]) -> Vec<u8> {
    let pages = Pages::new(image_before.len());
    let memory = pages.with(image_before);
    let orders = Subscriber::<Message, _>::open_in(memory.clone(), WhenFull::DropOldest).unwrap();
    let topic = Publisher::<Message, _>::open_in(memory.clone()).unwrap();
    (0..5).for_each(|number| topic.publish(&Message::new(number)).unwrap());
    let _sample = orders.recv().unwrap();
    image(&memory)
}

#[test]
fn damaged_topics_are_errors_or_some_messages_and_never_faults() {
    watchdog(|| {
        let (values, slices) = (of_values(), of_slices());
        let used = after_work(&values);
        let (pages, mut rng) = (Pages::new(values.len().max(slices.len())), Rng::new());
        assert!(works(&pages.with(&values), Message::new(7), WhenFull::DropOldest).is_ok());
        assert!(works_with_slices(&pages.with(&slices)).is_ok());
        let (mut refused, mut worked) = (0, 0);
        for round in 0..rounds(6_000, 1_000_000) {
            let image = [&values, &used, &slices][usize::try_from(round % 3).unwrap()];
            // The whole image, the header, or the parts before the messages.
            let to = [image.len(), 64, image.len() / 2][usize::try_from(round / 3 % 3).unwrap()];
            let damaged = rng.damage(image, 0..to);
            let _ = TopicInfo::of_bytes(&damaged);
            let memory = pages.with(&damaged);
            let result = if round % 3 == 2 {
                works_with_slices(&memory)
            } else {
                works(
                    &memory,
                    Message::new(7),
                    [WhenFull::Block, WhenFull::DropOldest][usize::try_from(round % 2).unwrap()],
                )
            };
            if let Err(err) = &result {
                assert!(err.is_mismatch() || err.is_busy(), "{err}");
            }
            *(if result.is_ok() { &mut worked } else { &mut refused }) += 1;
        }
        assert!(refused > 100 && worked > 100, "{refused} refused, {worked} used");
        figures(format_args!("{refused} damaged topics refused, {worked} used, no fault"));
    });
}
