//! ipc-channel: bytes through its sockets.

use ipc_channel::ipc::{self, IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender};

use crate::Res;
use crate::partner::{Channel, Finish};

type Ends = (IpcBytesSender, IpcBytesReceiver);

pub(crate) fn lead(_: &str, _: usize) -> Res<(String, Finish)> {
    let (server, name) = IpcOneShotServer::<Ends>::new()?;
    Ok((name, Box::new(|| Ok(Box::new(server.accept()?.1)))))
}

pub(crate) fn follow(name: &str, _: usize) -> Res<Box<dyn Channel>> {
    let (their_sender, receiver) = ipc::bytes_channel()?;
    let (sender, their_receiver) = ipc::bytes_channel()?;
    IpcSender::<Ends>::connect(name.to_owned())?.send((their_sender, their_receiver))?;
    Ok(Box::new((sender, receiver)))
}

impl Channel for Ends {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        Ok(self.0.send(bytes)?)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        let bytes = self.1.recv().map_err(|err| format!("{err:?}"))?;
        into.copy_from_slice(&bytes);
        Ok(())
    }
}
