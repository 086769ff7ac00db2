//! iceoryx2: publish-subscribe; the payload is copied in, read in place and copied out.

use iceoryx2::port::listener::Listener;
use iceoryx2::port::notifier::Notifier;
use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::*;
use iceoryx2_bb_posix::mutex::{Handle, MutexBuilder, MutexHandle};
use iceoryx2_bb_posix::semaphore::{SemaphoreInterface, UnnamedSemaphoreBuilder, UnnamedSemaphoreHandle};

use crate::partner::{Channel, Finish};
use crate::{Once, Res};

pub(crate) fn lock() -> Res<Once> {
    Ok(Box::new(|times| {
        let handle = MutexHandle::<u64>::new();
        let mutex =
            MutexBuilder::new().is_interprocess_capable(true).create(0, &handle).map_err(|err| format!("{err:?}"))?;
        for _ in 0..times {
            drop(mutex.lock().map_err(|err| format!("{err:?}"))?);
        }
        Ok(())
    }))
}

pub(crate) fn semaphore() -> Res<Once> {
    Ok(Box::new(|times| {
        let handle = UnnamedSemaphoreHandle::new();
        let builder = UnnamedSemaphoreBuilder::new().is_interprocess_capable(true);
        let sem = builder.create(&handle).map_err(|err| format!("{err:?}"))?;
        for _ in 0..times {
            sem.post().map_err(|err| format!("{err:?}"))?;
            sem.blocking_wait().map_err(|err| format!("{err:?}"))?;
        }
        Ok(())
    }))
}

struct Ports {
    _node: Node<ipc::Service>,
    publisher: Publisher<ipc::Service, [u8], ()>,
    subscriber: Subscriber<ipc::Service, [u8], ()>,
    /// If set, the rival waits for events instead of polling.
    events: Option<(Notifier<ipc::Service>, Listener<ipc::Service>)>,
}

impl Ports {
    fn open(name: &str, size: usize, leads: bool, events: bool) -> Res<Self> {
        set_log_level(LogLevel::Fatal);
        let node = NodeBuilder::new().create::<ipc::Service>()?;
        let [mine, theirs] = if leads { ["there", "back"] } else { ["back", "there"] };
        let service = |end: &str| -> Res<_> {
            let builder =
                node.service_builder(&format!("{name}-{end}").as_str().try_into()?).publish_subscribe::<[u8]>();
            Ok(builder.enable_safe_overflow(false).subscriber_max_buffer_size(8).open_or_create()?)
        };
        let blocking = BackpressureStrategy::RetryUntilDelivered;
        let service_of_mine = service(mine)?;
        let publisher = service_of_mine.publisher_builder().initial_max_slice_len(size);
        let publisher = publisher.backpressure_strategy(blocking).create()?;
        let subscriber = service(theirs)?.subscriber_builder().create()?;
        let event = |end: &str| -> Res<_> {
            Ok(node.service_builder(&format!("{name}-{end}-event").as_str().try_into()?).event().open_or_create()?)
        };
        let events = if events {
            Some((event(mine)?.notifier_builder().create()?, event(theirs)?.listener_builder().create()?))
        } else {
            None
        };
        Ok(Self { _node: node, publisher, subscriber, events })
    }
}

impl Channel for Ports {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        self.publisher.loan_slice_uninit(bytes.len())?.write_from_slice(bytes).send()?;
        if let Some((notifier, _)) = &self.events {
            notifier.notify()?;
        }
        Ok(())
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        loop {
            if let Some(sample) = self.subscriber.receive()? {
                into.copy_from_slice(sample.payload());
                return Ok(());
            }
            match &self.events {
                Some((_, listener)) => _ = listener.blocking_wait(|_| ())?,
                None => std::hint::spin_loop(),
            }
        }
    }
}

fn lead(name: &str, size: usize, events: bool) -> Res<(String, Finish)> {
    let ports = Ports::open(name, size, true, events)?;
    Ok((name.to_owned(), Box::new(|| Ok(Box::new(ports)))))
}

pub(crate) fn lead_polling(name: &str, size: usize) -> Res<(String, Finish)> {
    lead(name, size, false)
}

pub(crate) fn lead_events(name: &str, size: usize) -> Res<(String, Finish)> {
    lead(name, size, true)
}

pub(crate) fn follow_polling(name: &str, size: usize) -> Res<Box<dyn Channel>> {
    Ok(Box::new(Ports::open(name, size, false, false)?))
}

pub(crate) fn follow_events(name: &str, size: usize) -> Res<Box<dyn Channel>> {
    Ok(Box::new(Ports::open(name, size, false, true)?))
}
