//! The information that comes with a signal.

use std::fmt;

use ipc_core::{Errno, ProcessId, Result, Signal, UserId};

use crate::Code;

/// A received signal: its number, cause, sender and value.
///
/// The signal and its [`code`](Self::code) determine which fields are present. The methods of all
/// other fields return `None`.
///
/// # The sender
///
/// Do not grant access because of [`process`](Self::process) and [`user`](Self::user). It is only
/// certain that the sender was permitted to signal this process.
///
/// - The kernel determines both ids if the code is [`Code::User`] or [`Code::Thread`], or that of a
///   child, such as [`Code::Exited`]. With any other code, including [`Code::Queue`], the sender
///   may have chosen both ids.
/// - The process id is 0 if the sender is in a PID namespace that is not visible here.
/// - If the queue of signals is full, the kernel may deliver any signal with [`Code::User`],
///   process 0 and user 0. So user 0 does not prove that root sent the signal.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::{Code, Signal, Signals, send_value};
///
/// let job = Signal::realtime(0)?;
/// let signals = Signals::block(job)?;
/// send_value(std::process::id(), job, 42)?;
/// let info = signals.recv()?;
/// assert_eq!((info.signal(), info.code(), info.value()), (job, Code::Queue, Some(42)));
/// assert_eq!((info.process(), info.status()), (Some(ProcessId::current()), None));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/V2_chap02.html#tag_16_04_03>,
/// <https://man7.org/linux/man-pages/man2/sigaction.2.html>
#[doc(alias = "siginfo_t")]
#[derive(Clone, Copy)]
pub struct SignalInfo {
    signal: Signal,
    raw: RawInfo,
}

/// All fields as the system gave them, whether or not they mean anything.
#[derive(Clone, Copy)]
pub(crate) struct RawInfo {
    pub(crate) signo: i32,
    pub(crate) code: i32,
    pub(crate) errno: i32,
    pub(crate) pid: i32,
    pub(crate) uid: u32,
    /// All bytes of C's union; an integer is its first four bytes.
    pub(crate) value: i64,
    pub(crate) status: i32,
    pub(crate) overrun: i32,
    pub(crate) address: usize,
    pub(crate) band: i64,
    pub(crate) fd: i32,
}

/// The group of fields that a signal carries.
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
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if there is no such signal;
    /// the system never reports such a number.
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

    /// Returns the signal.
    #[doc(alias = "si_signo")]
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Returns the cause of the signal.
    #[doc(alias = "si_code")]
    #[must_use]
    pub fn code(&self) -> Code {
        Code::new(self.signal, self.raw.code)
    }

    /// Returns the cause of the signal as C's number. The meaning of a positive number depends on
    /// the signal.
    #[must_use]
    pub fn raw_code(&self) -> i32 {
        self.raw.code
    }

    /// Returns the error number of the signal. Few signals have one.
    #[doc(alias = "si_errno")]
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        (self.raw.errno != 0).then_some(Errno::new(self.raw.errno))
    }

    /// Returns the process that sent the signal, or, for `CHLD`, the child whose state changed.
    #[doc(alias = "si_pid")]
    #[must_use]
    pub fn process(&self) -> Option<ProcessId> {
        self.only(
            &[Fields::Sender, Fields::SenderAndValue, Fields::Child],
            ProcessId::new(self.raw.pid),
        )
    }

    /// Returns the real user id of [`process`](Self::process).
    #[doc(alias = "si_uid")]
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.only(
            &[Fields::Sender, Fields::SenderAndValue, Fields::Child],
            UserId::new(self.raw.uid),
        )
    }

    /// Returns the 32-bit value that was sent with the signal: `sival_int` of C's `union sigval`.
    ///
    /// If the sender stored a pointer or a 64-bit value, use [`wide_value`](Self::wide_value).
    #[doc(alias = "si_int")]
    #[doc(alias = "si_value")]
    #[must_use]
    pub fn value(&self) -> Option<i32> {
        let [a, b, c, d, ..] = self.raw.value.to_ne_bytes();
        self.only(&[Fields::SenderAndValue, Fields::Timer], i32::from_ne_bytes([a, b, c, d]))
    }

    /// Returns the 64-bit value that was sent with the signal: `sival_ptr` of C's `union sigval`.
    ///
    /// [`send_value`](crate::send_value) sets all 64 bits. If a C program stored an `int`, the
    /// upper 32 bits are unspecified; use [`value`](Self::value).
    #[doc(alias = "si_ptr")]
    #[doc(alias = "sigval")]
    #[must_use]
    pub fn wide_value(&self) -> Option<i64> {
        self.only(&[Fields::SenderAndValue, Fields::Timer], self.raw.value)
    }

    /// Returns the exit code of a child if the code is [`Code::Exited`], or else the number of the
    /// signal that ended, stopped or continued the child.
    #[doc(alias = "si_status")]
    #[must_use]
    pub fn status(&self) -> Option<i32> {
        self.only(&[Fields::Child], self.raw.status)
    }

    /// Returns the address of the memory access or the instruction that caused a fault.
    #[doc(alias = "si_addr")]
    #[must_use]
    pub fn address(&self) -> Option<usize> {
        self.only(&[Fields::Fault], self.raw.address)
    }

    /// Returns the events on the descriptor [`fd`](Self::fd), as flags of `poll`.
    #[doc(alias = "si_band")]
    #[must_use]
    pub fn band(&self) -> Option<i64> {
        self.only(&[Fields::Descriptor], self.raw.band)
    }

    /// Returns the descriptor on which an event caused the signal.
    #[doc(alias = "si_fd")]
    #[must_use]
    pub fn fd(&self) -> Option<i32> {
        self.only(&[Fields::Descriptor], self.raw.fd)
    }

    /// Returns how many times the timer expired again between sending this signal and its receipt.
    #[doc(alias = "si_overrun")]
    #[must_use]
    pub fn overrun(&self) -> Option<i32> {
        self.only(&[Fields::Timer], self.raw.overrun)
    }
}

/// Writes the fields that are present.
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
