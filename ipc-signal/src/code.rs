//! The causes of signals.

use ipc_core::Signal;

use crate::sys::c;

/// The cause of a signal.
///
/// # Examples
///
/// ```
/// use ipc_signal::{Code, Signal};
///
/// // The meaning of a positive number depends on the signal.
/// assert_eq!(Code::new(Signal::CHLD, 1), Code::Exited);
/// assert_eq!(Code::new(Signal::SEGV, 1), Code::NotMapped);
/// assert_eq!(Code::new(Signal::SEGV, 1000), Code::Unknown(1000));
/// assert_eq!(Code::Exited.name(), Some("CLD_EXITED"));
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/signal.h.html>
#[doc(alias = "si_code")]
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// `kill` sent the signal, to the process.
    #[doc(alias = "SI_USER")]
    User,
    /// The kernel sent the signal.
    #[doc(alias = "SI_KERNEL")]
    Kernel,
    /// `sigqueue` or [`send_value`](crate::send_value) sent the signal, with a value.
    #[doc(alias = "SI_QUEUE")]
    Queue,
    /// A timer of `timer_create` expired.
    #[doc(alias = "SI_TIMER")]
    Timer,
    /// A message arrived at an empty message queue for which `mq_notify` registered the process.
    #[doc(alias = "SI_MESGQ")]
    MessageQueue,
    /// An asynchronous input or output operation is complete.
    #[doc(alias = "SI_ASYNCIO")]
    AsyncIo,
    /// A descriptor is ready. Linux reports the kind of event instead: one of the codes from
    /// [`Input`](Self::Input) to [`HungUp`](Self::HungUp).
    #[doc(alias = "SI_SIGIO")]
    SigIo,
    /// `tgkill`, `pthread_kill` or `raise` sent the signal, to this thread.
    #[doc(alias = "SI_TKILL")]
    Thread,
    /// An asynchronous look-up of a name is complete.
    #[doc(alias = "SI_ASYNCNL")]
    AsyncName,
    /// An illegal opcode.
    #[doc(alias = "ILL_ILLOPC")]
    IllegalOpcode,
    /// An illegal operand.
    #[doc(alias = "ILL_ILLOPN")]
    IllegalOperand,
    /// An illegal addressing mode.
    #[doc(alias = "ILL_ILLADR")]
    IllegalAddressing,
    /// An illegal trap.
    #[doc(alias = "ILL_ILLTRP")]
    IllegalTrap,
    /// A privileged opcode.
    #[doc(alias = "ILL_PRVOPC")]
    PrivilegedOpcode,
    /// A privileged register.
    #[doc(alias = "ILL_PRVREG")]
    PrivilegedRegister,
    /// A coprocessor error.
    #[doc(alias = "ILL_COPROC")]
    Coprocessor,
    /// An internal stack error.
    #[doc(alias = "ILL_BADSTK")]
    BadStack,
    /// An integer was divided by zero.
    #[doc(alias = "FPE_INTDIV")]
    IntegerDivision,
    /// An integer overflowed.
    #[doc(alias = "FPE_INTOVF")]
    IntegerOverflow,
    /// A floating-point number was divided by zero.
    #[doc(alias = "FPE_FLTDIV")]
    FloatDivision,
    /// A floating-point number overflowed.
    #[doc(alias = "FPE_FLTOVF")]
    FloatOverflow,
    /// A floating-point number underflowed.
    #[doc(alias = "FPE_FLTUND")]
    FloatUnderflow,
    /// A floating-point result is not exact.
    #[doc(alias = "FPE_FLTRES")]
    FloatInexact,
    /// An invalid floating-point operation.
    #[doc(alias = "FPE_FLTINV")]
    FloatInvalid,
    /// A subscript is out of range.
    #[doc(alias = "FPE_FLTSUB")]
    SubscriptRange,
    /// The address is not mapped.
    #[doc(alias = "SEGV_MAPERR")]
    NotMapped,
    /// The mapping does not permit the access.
    #[doc(alias = "SEGV_ACCERR")]
    AccessDenied,
    /// A bounds check failed.
    #[doc(alias = "SEGV_BNDERR")]
    BoundsCheck,
    /// A memory protection key forbids the access.
    #[doc(alias = "SEGV_PKUERR")]
    ProtectionKey,
    /// The address is not aligned.
    #[doc(alias = "BUS_ADRALN")]
    Misaligned,
    /// The address has no physical memory, for instance because it is past the end of a mapped
    /// file.
    #[doc(alias = "BUS_ADRERR")]
    NoMemory,
    /// The hardware reported an error of the mapped object.
    #[doc(alias = "BUS_OBJERR")]
    ObjectError,
    /// The hardware reported an error in memory that the program accessed.
    #[doc(alias = "BUS_MCEERR_AR")]
    MachineCheckNow,
    /// The hardware reported an error in memory that the program did not access.
    #[doc(alias = "BUS_MCEERR_AO")]
    MachineCheckLater,
    /// A breakpoint.
    #[doc(alias = "TRAP_BRKPT")]
    Breakpoint,
    /// A single step of a traced process.
    #[doc(alias = "TRAP_TRACE")]
    TraceTrap,
    /// A traced branch.
    #[doc(alias = "TRAP_BRANCH")]
    BranchTrap,
    /// A hardware breakpoint or watchpoint.
    #[doc(alias = "TRAP_HWBKPT")]
    HardwareBreakpoint,
    /// The child exited.
    #[doc(alias = "CLD_EXITED")]
    Exited,
    /// A signal ended the child.
    #[doc(alias = "CLD_KILLED")]
    Killed,
    /// A signal ended the child, which left a core file.
    #[doc(alias = "CLD_DUMPED")]
    Dumped,
    /// A traced child reached a trap.
    #[doc(alias = "CLD_TRAPPED")]
    Trapped,
    /// The child stopped.
    #[doc(alias = "CLD_STOPPED")]
    Stopped,
    /// The child continued.
    #[doc(alias = "CLD_CONTINUED")]
    Continued,
    /// Data can be read.
    #[doc(alias = "POLL_IN")]
    Input,
    /// Data can be written.
    #[doc(alias = "POLL_OUT")]
    Output,
    /// A message can be read.
    #[doc(alias = "POLL_MSG")]
    Message,
    /// The descriptor has an error.
    #[doc(alias = "POLL_ERR")]
    IoError,
    /// High-priority data can be read.
    #[doc(alias = "POLL_PRI")]
    Priority,
    /// The device or the peer has disconnected.
    #[doc(alias = "POLL_HUP")]
    HungUp,
    /// A seccomp filter trapped the system call.
    #[doc(alias = "SYS_SECCOMP")]
    Seccomp,
    /// A cause that this crate does not know.
    Unknown(i32),
}

/// The signals for which a number has a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Any,
    Only(Signal),
    /// Any signal that was chosen to report a descriptor (`F_SETSIG`).
    Descriptor,
}

#[rustfmt::skip]
const CODES: &[(Of, i32, Code, &str)] = &[
    (Of::Any, c::SI_USER, Code::User, "SI_USER"),
    (Of::Any, c::SI_KERNEL, Code::Kernel, "SI_KERNEL"),
    (Of::Any, c::SI_QUEUE, Code::Queue, "SI_QUEUE"),
    (Of::Any, c::SI_TIMER, Code::Timer, "SI_TIMER"),
    (Of::Any, c::SI_MESGQ, Code::MessageQueue, "SI_MESGQ"),
    (Of::Any, c::SI_ASYNCIO, Code::AsyncIo, "SI_ASYNCIO"),
    (Of::Any, c::SI_SIGIO, Code::SigIo, "SI_SIGIO"),
    (Of::Any, c::SI_TKILL, Code::Thread, "SI_TKILL"),
    (Of::Any, c::SI_ASYNCNL, Code::AsyncName, "SI_ASYNCNL"),
    (Of::Only(Signal::ILL), c::ILL_ILLOPC, Code::IllegalOpcode, "ILL_ILLOPC"),
    (Of::Only(Signal::ILL), c::ILL_ILLOPN, Code::IllegalOperand, "ILL_ILLOPN"),
    (Of::Only(Signal::ILL), c::ILL_ILLADR, Code::IllegalAddressing, "ILL_ILLADR"),
    (Of::Only(Signal::ILL), c::ILL_ILLTRP, Code::IllegalTrap, "ILL_ILLTRP"),
    (Of::Only(Signal::ILL), c::ILL_PRVOPC, Code::PrivilegedOpcode, "ILL_PRVOPC"),
    (Of::Only(Signal::ILL), c::ILL_PRVREG, Code::PrivilegedRegister, "ILL_PRVREG"),
    (Of::Only(Signal::ILL), c::ILL_COPROC, Code::Coprocessor, "ILL_COPROC"),
    (Of::Only(Signal::ILL), c::ILL_BADSTK, Code::BadStack, "ILL_BADSTK"),
    (Of::Only(Signal::FPE), c::FPE_INTDIV, Code::IntegerDivision, "FPE_INTDIV"),
    (Of::Only(Signal::FPE), c::FPE_INTOVF, Code::IntegerOverflow, "FPE_INTOVF"),
    (Of::Only(Signal::FPE), c::FPE_FLTDIV, Code::FloatDivision, "FPE_FLTDIV"),
    (Of::Only(Signal::FPE), c::FPE_FLTOVF, Code::FloatOverflow, "FPE_FLTOVF"),
    (Of::Only(Signal::FPE), c::FPE_FLTUND, Code::FloatUnderflow, "FPE_FLTUND"),
    (Of::Only(Signal::FPE), c::FPE_FLTRES, Code::FloatInexact, "FPE_FLTRES"),
    (Of::Only(Signal::FPE), c::FPE_FLTINV, Code::FloatInvalid, "FPE_FLTINV"),
    (Of::Only(Signal::FPE), c::FPE_FLTSUB, Code::SubscriptRange, "FPE_FLTSUB"),
    (Of::Only(Signal::SEGV), c::SEGV_MAPERR, Code::NotMapped, "SEGV_MAPERR"),
    (Of::Only(Signal::SEGV), c::SEGV_ACCERR, Code::AccessDenied, "SEGV_ACCERR"),
    (Of::Only(Signal::SEGV), c::SEGV_BNDERR, Code::BoundsCheck, "SEGV_BNDERR"),
    (Of::Only(Signal::SEGV), c::SEGV_PKUERR, Code::ProtectionKey, "SEGV_PKUERR"),
    (Of::Only(Signal::BUS), c::BUS_ADRALN, Code::Misaligned, "BUS_ADRALN"),
    (Of::Only(Signal::BUS), c::BUS_ADRERR, Code::NoMemory, "BUS_ADRERR"),
    (Of::Only(Signal::BUS), c::BUS_OBJERR, Code::ObjectError, "BUS_OBJERR"),
    (Of::Only(Signal::BUS), c::BUS_MCEERR_AR, Code::MachineCheckNow, "BUS_MCEERR_AR"),
    (Of::Only(Signal::BUS), c::BUS_MCEERR_AO, Code::MachineCheckLater, "BUS_MCEERR_AO"),
    (Of::Only(Signal::TRAP), c::TRAP_BRKPT, Code::Breakpoint, "TRAP_BRKPT"),
    (Of::Only(Signal::TRAP), c::TRAP_TRACE, Code::TraceTrap, "TRAP_TRACE"),
    (Of::Only(Signal::TRAP), c::TRAP_BRANCH, Code::BranchTrap, "TRAP_BRANCH"),
    (Of::Only(Signal::TRAP), c::TRAP_HWBKPT, Code::HardwareBreakpoint, "TRAP_HWBKPT"),
    (Of::Only(Signal::CHLD), c::CLD_EXITED, Code::Exited, "CLD_EXITED"),
    (Of::Only(Signal::CHLD), c::CLD_KILLED, Code::Killed, "CLD_KILLED"),
    (Of::Only(Signal::CHLD), c::CLD_DUMPED, Code::Dumped, "CLD_DUMPED"),
    (Of::Only(Signal::CHLD), c::CLD_TRAPPED, Code::Trapped, "CLD_TRAPPED"),
    (Of::Only(Signal::CHLD), c::CLD_STOPPED, Code::Stopped, "CLD_STOPPED"),
    (Of::Only(Signal::CHLD), c::CLD_CONTINUED, Code::Continued, "CLD_CONTINUED"),
    (Of::Descriptor, c::POLL_IN, Code::Input, "POLL_IN"),
    (Of::Descriptor, c::POLL_OUT, Code::Output, "POLL_OUT"),
    (Of::Descriptor, c::POLL_MSG, Code::Message, "POLL_MSG"),
    (Of::Descriptor, c::POLL_ERR, Code::IoError, "POLL_ERR"),
    (Of::Descriptor, c::POLL_PRI, Code::Priority, "POLL_PRI"),
    (Of::Descriptor, c::POLL_HUP, Code::HungUp, "POLL_HUP"),
    (Of::Only(Signal::SYS), c::SYS_SECCOMP, Code::Seccomp, "SYS_SECCOMP"),
];

impl Code {
    /// Returns the cause that C's number `raw` means for `signal`.
    #[must_use]
    pub fn new(signal: Signal, raw: i32) -> Self {
        let reports_descriptors = !signal.is_fault() && signal != Signal::CHLD;
        let means = |of| match of {
            Of::Any => true,
            Of::Only(other) => signal == other,
            Of::Descriptor => reports_descriptors,
        };
        let found = CODES.iter().find(|(of, number, ..)| *number == raw && means(*of));
        found.map_or(Self::Unknown(raw), |(_, _, code, _)| *code)
    }

    /// Returns the name that C gives the cause, or `None` if it is unknown.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        CODES.iter().find(|(_, _, code, _)| *code == self).map(|(.., name)| *name)
    }
}
