//! Limits, leaked values and forked children.

use std::mem;

use ipc_hostile::message::Message;
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_testkit::{Child, Forked, Part, Role, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("forker", forker)];

#[test]
fn limits_are_kept_and_errors_say_them() {
    let name = fixture::name();
    let options = TopicOptions::new().max_publishers(1).max_subscribers(2).max_loans(1);
    let topic = Publisher::<Message>::create(&*name, options.max_borrowed(1)).unwrap();
    let err = Publisher::<Message>::open(&*name).unwrap_err();
    assert!(err.is_busy() && err.to_string().contains("1 publishers"), "{err}");
    let all = [(); 2].map(|()| Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap());
    let err = Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap_err();
    assert!(err.is_busy() && err.to_string().contains("2 subscribers"), "{err}");

    let loan = topic.loan().unwrap();
    let err = topic.loan().unwrap_err();
    assert!(err.is_busy() && err.to_string().contains("1 samples on loan"), "{err}");
    drop(loan);
    topic.publish(&Message::new(1)).unwrap();
    topic.publish(&Message::new(2)).unwrap();
    let sample = all[0].recv().unwrap();
    let err = all[0].recv().unwrap_err();
    assert!(err.is_busy() && err.to_string().contains("1 samples held"), "{err}");
    drop(sample);
    assert_eq!(all[0].recv().unwrap().get().checked(), 2);
}

#[test]
fn options_out_of_range_and_other_topics_are_refused() {
    let name = fixture::name();
    for options in [
        TopicOptions::new().max_publishers(0),
        TopicOptions::new().max_publishers(65),
        TopicOptions::new().max_subscribers(0),
        TopicOptions::new().max_subscribers(64),
        TopicOptions::new().queue(0),
        TopicOptions::new().queue(1 << 16),
        TopicOptions::new().history(1 << 16),
        TopicOptions::new().max_loans(0),
        TopicOptions::new().max_borrowed(0),
        TopicOptions::new().max_len(4),
    ] {
        let err = Publisher::<Message>::create(&*name, options).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
    }
    let err = Publisher::<[u8]>::create(&*name, TopicOptions::new()).unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("max_len"), "{err}");
    let huge = TopicOptions::new().max_len(u32::MAX as usize).queue(1 << 15).max_subscribers(63);
    let err = Publisher::<[[u64; 512]]>::create(&*name, huge).unwrap_err();
    assert!(err.is_invalid_argument(), "{err}");

    let _topic = Publisher::<Message>::create(&*name, TopicOptions::new()).unwrap();
    let err = Publisher::<Message>::open_or_create(&*name, TopicOptions::new().history(9));
    let text = err.unwrap_err().to_string();
    assert!(text.contains("a history of 0") && text.contains("a history of 9"), "{text}");
    let err = Subscriber::<u64>::open(&*name, WhenFull::Block).unwrap_err();
    assert!(err.is_mismatch(), "{err}");
    let err = Subscriber::<[Message]>::open(&*name, WhenFull::Block).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("single values"), "{err}");
}

#[test]
fn publishers_and_subscribers_move_to_other_threads() {
    let name = fixture::name();
    let topic = Publisher::<Message>::create(&*name, TopicOptions::new()).unwrap();
    let orders = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
    let publish = move || (0..100).for_each(|number| topic.publish(&Message::new(number)).unwrap());
    let receive = move || {
        (0..100).for_each(|number| assert_eq!(orders.recv().unwrap().get().checked(), number));
    };
    let threads = [std::thread::spawn(publish), std::thread::spawn(receive)];
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn leaked_loans_and_samples_come_back_when_their_handles_are_closed() {
    let name = fixture::name();
    let options = TopicOptions::new().max_publishers(1).max_subscribers(1).queue(1);
    for _ in 0..20 {
        let topic = Publisher::<Message>::open_or_create(&*name, options).unwrap();
        let orders = Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap();
        mem::forget(topic.loan().unwrap());
        (0..2).for_each(|number| topic.publish(&Message::new(number)).unwrap());
        mem::forget(orders.recv().unwrap());
        topic.publish(&Message::new(2)).unwrap();
        assert_eq!(topic.info().unwrap().in_use, Some(3));
        drop(topic);
        drop(Publisher::<Message>::open(&*name).unwrap());
        assert_eq!(orders.info().unwrap().in_use, Some(2));
        mem::drop(orders);
        let other = Publisher::<Message>::open_or_create(&*name, options).unwrap();
        assert_eq!(other.info().unwrap().in_use, Some(0));
    }
}

/// Forks with a loan and a sample: the child can use neither, and what it drops stays its parent's.
fn forker(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let topic = Publisher::<Message>::create(&*name, TopicOptions::new()).unwrap();
    let orders = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
    topic.publish(&Message::new(1)).unwrap();
    let (mut loan, sample) = (Some(topic.loan().unwrap()), Some(orders.recv().unwrap()));
    loan.as_mut().unwrap().write(Message::new(2));
    let mut copies = (loan, sample);
    Forked::run(|| {
        let (loan, sample) = (copies.0.take().unwrap(), copies.1.take().unwrap());
        assert!(loan.publish().unwrap_err().is_invalid_argument());
        drop(sample);
        assert!(topic.publish(&Message::new(3)).unwrap_err().is_invalid_argument());
        assert!(orders.try_recv().unwrap_err().is_invalid_argument());
        let own = Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap();
        assert!(own.try_recv().unwrap().is_none());
    })
    .finish();
    assert_eq!(topic.info().unwrap().in_use, Some(2));
    let (loan, sample) = (copies.0.take(), copies.1.take());
    assert_eq!(sample.unwrap().get().checked(), 1);
    loan.unwrap().publish().unwrap();
    assert_eq!(orders.recv().unwrap().get().checked(), 2);
    drop(copies);
    let mut handles = Some((topic, orders));
    Forked::run(|| drop(handles.take())).finish();
    let info = handles.unwrap().0.info().unwrap();
    assert_eq!((info.publishers.len(), info.subscribers.len()), (1, 1));
}

#[test]
fn a_forked_child_has_no_loan_and_no_sample_of_its_parent() {
    watchdog(|| {
        Child::run("forker", &[&fixture::name()]).finish();
    });
}
