//! Lines of text between two processes, in both directions.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

use crate::{sys, watchdog};

/// The result of waiting for a line.
pub(crate) enum Heard {
    Line(String),
    /// The other side closed its end or died.
    End,
    /// Half the watchdog's time passed.
    Nothing,
}

/// One end of the connection.
#[derive(Debug)]
pub(crate) struct Talk {
    stream: UnixStream,
    unread: Vec<u8>,
}

impl Talk {
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self { stream, unread: Vec::new() }
    }

    pub(crate) fn say(&mut self, line: &str) -> io::Result<()> {
        assert!(!line.contains('\n'), "one line at a time, not {line:?}");
        self.stream.set_write_timeout(Some(watchdog::patience()))?;
        self.stream.write_all(format!("{line}\n").as_bytes())
    }

    pub(crate) fn hear(&mut self) -> io::Result<Heard> {
        let deadline = sys::after(watchdog::patience());
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line = self.unread.drain(..=end).take(end).collect();
                return String::from_utf8(line).map(Heard::Line).map_err(io::Error::other);
            }
            if !sys::wait_readable(&self.stream, deadline)? {
                return Ok(Heard::Nothing);
            }
            let mut chunk = [0; 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Ok(Heard::End),
                Ok(count) => self.unread.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return Ok(Heard::End); // it died with words of ours unread
                }
                Err(error) => return Err(error),
            }
        }
    }
}
