//! interprocess: a local socket, a stream without message boundaries.

use std::io::{Read, Write};

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Stream};

use crate::Res;
use crate::partner::{Channel, Finish};

pub(crate) fn lead(name: &str, _: usize) -> Res<(String, Finish)> {
    let listener = ListenerOptions::new().name(name.to_owned().to_ns_name::<GenericNamespaced>()?).create_sync()?;
    Ok((name.to_owned(), Box::new(move || Ok(Box::new(listener.accept()?)))))
}

pub(crate) fn follow(name: &str, _: usize) -> Res<Box<dyn Channel>> {
    Ok(Box::new(Stream::connect(name.to_ns_name::<GenericNamespaced>()?)?))
}

impl Channel for Stream {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        Ok(self.write_all(bytes)?)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        Ok(self.read_exact(into)?)
    }
}
