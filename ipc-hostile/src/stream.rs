//! The bodies of the fuzz targets of this crate.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ipc_stream::{
    BindOptions, Datagram, LocalStream, Message, Policy, Seqpacket, Socket, SocketName, kind::Kind,
};

/// Any bytes as control messages: each lies within them, behind the one before.
pub fn control(bytes: &[u8]) {
    assert!(ipc_stream::control_messages_are_inside(bytes));
}

/// Any bytes as a name: it is refused, or one that the system takes and returns.
pub fn socket_name(bytes: &[u8]) {
    let names = [
        std::str::from_utf8(bytes).ok().map(SocketName::new),
        Some(SocketName::new_abstract(bytes)),
        Some(SocketName::from_path(Path::new(OsStr::from_bytes(bytes)))),
    ];
    for name in names.into_iter().flatten() {
        let Ok(name) = name else { continue };
        let len = name
            .as_abstract()
            .map_or_else(|| name.as_path().map_or(0, |path| path.as_os_str().len()), <[u8]>::len);
        assert!((1..=SocketName::MAX_LEN).contains(&len) && !name.to_string().is_empty());
        // Asking the system takes a hundred times as long as reading does: one in 64, always the
        // same.
        let sum =
            bytes.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
        if name.is_abstract() && sum % 64 == 0 {
            let options = BindOptions::new().policy(Policy::anyone());
            if let Ok(bound) = Datagram::bind_with(&name, options) {
                assert_eq!(bound.local_name().unwrap(), Some(name));
            }
        }
    }
}

/// Any bytes as a course of messages that are sent and received: what arrives is what was sent, or
/// there is an error, and no descriptor is left.
pub fn ancillary(bytes: &[u8]) {
    let lowest = || File::open("/dev/null").unwrap().as_raw_fd();
    let before = lowest();
    let (kind, steps) = bytes.split_first().unwrap_or((&0, &[]));
    match kind % 3 {
        0 => exchange(LocalStream::pair().unwrap(), steps),
        1 => exchange(Seqpacket::pair().unwrap(), steps),
        _ => exchange(Datagram::pair().unwrap(), steps),
    }
    assert_eq!(lowest(), before, "a descriptor was left open");
}

fn exchange<K: Kind>((here, there): (Socket<K>, Socket<K>), steps: &[u8]) {
    let null = File::open("/dev/null").unwrap();
    let (mut into, sent) = ([0; 256], [7; 256]);
    for step in steps.chunks_exact(4).take(64) {
        let &[what, bytes, descriptors, room] = step else { return };
        if what & 1 != 0 {
            there.set_pass_credentials(what & 2 != 0).unwrap();
        }
        if what & 4 != 0 {
            let fds = std::iter::repeat_n(null.as_fd(), usize::from(descriptors % 16));
            let message = Message::new(&sent[..usize::from(bytes)]).descriptors(fds);
            let message = if what & 8 != 0 { message.credentials() } else { message };
            let _ = here.try_send_message(&message);
        }
        if what & 16 != 0 {
            let _ = there.try_recv(&mut into[..usize::from(room)]);
        }
        if what & 32 != 0 {
            let most = usize::from(what >> 6) * 4;
            let into = &mut into[..usize::from(room)];
            if let Ok(Some(received)) = there.try_recv_message(into, most) {
                assert!(received.descriptors().len() <= most && received.len() <= into.len());
                assert!(into[..received.len()].iter().all(|byte| *byte == 7));
            }
        }
    }
}
