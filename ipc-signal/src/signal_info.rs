//! What is known about a signal that came.

use std::fmt;

use ipc_core::{Errno, ProcessId, Result, Signal, UserId};

use crate::Code;

/// A signal that came: which, why, from whom, and with what.
///
/// What it carries depends on the signal and on its [`code`](Self::code); what it does not carry is `None`.
///
/// # Who sent it
///
/// The kernel vouches for [`process`](Self::process) and [`user`](Self::user) where the code is [`Code::User`] or
/// [`Code::Thread`], or tells of a child. With any other code, [`Code::Queue`] among them, the sender wrote them himself, and may
/// have written what he liked. A process in a PID namespace out of sight is number 0. So no right should hang
/// on them, beyond that the sender was allowed to signal this process at all.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/V2_chap02.html#tag_16_04_03>,
/// <https://man7.org/linux/man-pages/man2/sigaction.2.html>
#[doc(alias = "siginfo_t")]
#[derive(Clone, Copy)]
pub struct SignalInfo {
    signal: Signal,
    raw: RawInfo,
}

/// The fields, each as the system gave it, whether it means anything or not.
#[derive(Clone, Copy)]
pub(crate) struct RawInfo {
    pub(crate) signo: i32,
    pub(crate) code: i32,
    pub(crate) errno: i32,
    pub(crate) pid: i32,
    pub(crate) uid: u32,
    pub(crate) value: i32,
    pub(crate) status: i32,
    pub(crate) overrun: i32,
    pub(crate) address: usize,
    pub(crate) band: i64,
    pub(crate) fd: i32,
}

/// Which fields mean something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fields {
    Sender,
    SenderAndValue,
    Timer,
    Child,
    Fault,
    Descriptor,
    Nothing,
}

impl SignalInfo {
    /// # Errors
    ///
    /// `is_invalid_argument` if the number is no signal's, which the system does not do.
    #[inline]
    pub(crate) fn new(raw: RawInfo) -> Result<Self> {
        Ok(Self { signal: Signal::new(raw.signo)?, raw })
    }

    fn fields(&self) -> Fields {
        match self.code() {
            Code::Timer => Fields::Timer,
            Code::SigIo => Fields::Descriptor,
            Code::User | Code::Thread | Code::Kernel => Fields::Sender,
            _ if self.raw.code < 0 => Fields::SenderAndValue,
            Code::Unknown(_) if !self.signal.is_fault() => Fields::Nothing,
            _ if self.signal == Signal::CHLD => Fields::Child,
            _ if self.signal.is_fault() => Fields::Fault,
            _ => Fields::Descriptor,
        }
    }

    fn only<T>(&self, of: &[Fields], field: T) -> Option<T> {
        of.contains(&self.fields()).then_some(field)
    }

    /// Which signal.
    #[doc(alias = "si_signo")]
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// What made it come.
    #[doc(alias = "si_code")]
    #[must_use]
    pub fn code(&self) -> Code {
        Code::new(self.signal, self.raw.code)
    }

    /// What made it come, as C has it: what a positive number means depends on the signal.
    #[must_use]
    pub fn raw_code(&self) -> i32 {
        self.raw.code
    }

    /// An error number, of the few signals that come with one.
    #[doc(alias = "si_errno")]
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        (self.raw.errno != 0).then_some(Errno::new(self.raw.errno))
    }

    /// Who sent it, or the child that it is about.
    #[doc(alias = "si_pid")]
    #[must_use]
    pub fn process(&self) -> Option<ProcessId> {
        self.only(&[Fields::Sender, Fields::SenderAndValue, Fields::Child], ProcessId::new(self.raw.pid))
    }

    /// The real user of that process.
    #[doc(alias = "si_uid")]
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.only(&[Fields::Sender, Fields::SenderAndValue, Fields::Child], UserId::new(self.raw.uid))
    }

    /// The value sent with it. Of the union that C has here, this is the integer.
    #[doc(alias = "si_value")]
    #[doc(alias = "sigval")]
    #[must_use]
    pub fn value(&self) -> Option<i32> {
        self.only(&[Fields::SenderAndValue, Fields::Timer], self.raw.value)
    }

    /// The exit code of the child ([`Code::Exited`]), or else the number of the signal that ended or stopped it
    /// or let it go on.
    #[doc(alias = "si_status")]
    #[must_use]
    pub fn status(&self) -> Option<i32> {
        self.only(&[Fields::Child], self.raw.status)
    }

    /// Where the fault was: the address of the memory, or of the instruction.
    #[doc(alias = "si_addr")]
    #[must_use]
    pub fn address(&self) -> Option<usize> {
        self.only(&[Fields::Fault], self.raw.address)
    }

    /// What happened on the descriptor, as `poll` has it.
    #[doc(alias = "si_band")]
    #[must_use]
    pub fn band(&self) -> Option<i64> {
        self.only(&[Fields::Descriptor], self.raw.band)
    }

    /// On which descriptor.
    #[doc(alias = "si_fd")]
    #[must_use]
    pub fn fd(&self) -> Option<i32> {
        self.only(&[Fields::Descriptor], self.raw.fd)
    }

    /// How often the timer ran out once more before this was received.
    #[doc(alias = "si_overrun")]
    #[must_use]
    pub fn overrun(&self) -> Option<i32> {
        self.only(&[Fields::Timer], self.raw.overrun)
    }
}

/// What it carries.
impl fmt::Debug for SignalInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("SignalInfo");
        all.field("signal", &self.signal).field("code", &self.code());
        let numbers = [
            ("process", self.process().map(|process| process.raw().into())),
            ("user", self.user().map(|user| user.raw().into())),
            ("value", self.value().map(i64::from)),
            ("status", self.status().map(i64::from)),
            ("band", self.band()),
            ("fd", self.fd().map(i64::from)),
            ("overrun", self.overrun().map(i64::from)),
        ];
        for (name, value) in numbers.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            all.field(name, &value);
        }
        if let Some(address) = self.address() {
            all.field("address", &format_args!("{address:#x}"));
        }
        all.finish()
    }
}
