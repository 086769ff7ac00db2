//! Numbers of signals.
//!
//! [`Signal`] is a newtype and not an enum, because the number of the first real-time signal is
//! known only when the program runs: the C library reserves some numbers for itself.

use std::fmt;
use std::str::FromStr;

use crate::sys::c;
use crate::{Error, Result};

/// A signal that a program may use, identified by its number.
///
/// # Examples
///
/// ```
/// use ipc_core::Signal;
///
/// let job = Signal::realtime(3)?;
/// assert_eq!(job.to_string(), "SIGRTMIN+3");
/// assert_eq!("RTMIN+3".parse::<Signal>()?, job);
/// assert_eq!("term".parse::<Signal>()?, Signal::TERM);
/// assert!(Signal::new(32).is_err_and(|err| err.is_invalid_argument())); // reserved by the C library
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/signal.h.html>
#[doc(alias = "signal.h")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(i32);

#[rustfmt::skip]
impl Signal {
    /// The terminal was closed; by convention, a server reads its configuration again.
    pub const HUP: Self = Self(c::SIGHUP);
    /// The user pressed Ctrl-C.
    pub const INT: Self = Self(c::SIGINT);
    /// The user pressed Ctrl-\.
    pub const QUIT: Self = Self(c::SIGQUIT);
    /// The program executed an instruction that is not valid; a fault.
    pub const ILL: Self = Self(c::SIGILL);
    /// The program reached a breakpoint; a fault.
    pub const TRAP: Self = Self(c::SIGTRAP);
    /// The program called `abort`.
    #[doc(alias = "SIGIOT")]
    pub const ABRT: Self = Self(c::SIGABRT);
    /// The program accessed mapped memory beyond the end of its file, or memory that failed; a
    /// fault.
    pub const BUS: Self = Self(c::SIGBUS);
    /// An arithmetic operation has no result; a fault.
    pub const FPE: Self = Self(c::SIGFPE);
    /// Ends the process; it cannot be blocked, caught or ignored.
    pub const KILL: Self = Self(c::SIGKILL);
    /// Free for programs to use.
    pub const USR1: Self = Self(c::SIGUSR1);
    /// The program accessed memory without permission; a fault.
    pub const SEGV: Self = Self(c::SIGSEGV);
    /// Free for programs to use.
    pub const USR2: Self = Self(c::SIGUSR2);
    /// The program wrote to a pipe without a reader. Rust programs ignore it by default.
    pub const PIPE: Self = Self(c::SIGPIPE);
    /// The timer of `alarm` expired.
    pub const ALRM: Self = Self(c::SIGALRM);
    /// Asks the process to end.
    pub const TERM: Self = Self(c::SIGTERM);
    /// Unused.
    pub const STKFLT: Self = Self(c::SIGSTKFLT);
    /// A child process exited, stopped or continued.
    #[doc(alias = "SIGCLD")]
    pub const CHLD: Self = Self(c::SIGCHLD);
    /// Continues a stopped process.
    pub const CONT: Self = Self(c::SIGCONT);
    /// Stops the process; it cannot be blocked, caught or ignored.
    pub const STOP: Self = Self(c::SIGSTOP);
    /// The user pressed Ctrl-Z.
    pub const TSTP: Self = Self(c::SIGTSTP);
    /// A background process read from its terminal.
    pub const TTIN: Self = Self(c::SIGTTIN);
    /// A background process wrote to its terminal.
    pub const TTOU: Self = Self(c::SIGTTOU);
    /// A socket received urgent data.
    pub const URG: Self = Self(c::SIGURG);
    /// The process exceeded its limit of processor time.
    pub const XCPU: Self = Self(c::SIGXCPU);
    /// The process exceeded its limit of file size.
    pub const XFSZ: Self = Self(c::SIGXFSZ);
    /// A timer of processor time expired.
    pub const VTALRM: Self = Self(c::SIGVTALRM);
    /// The profiling timer expired.
    pub const PROF: Self = Self(c::SIGPROF);
    /// The window of the terminal changed its size.
    pub const WINCH: Self = Self(c::SIGWINCH);
    /// A descriptor became ready.
    #[doc(alias = "SIGPOLL")]
    pub const IO: Self = Self(c::SIGIO);
    /// The power supply failed.
    pub const PWR: Self = Self(c::SIGPWR);
    /// The program made a system call that does not exist or is forbidden; a fault.
    #[doc(alias = "SIGUNUSED")]
    pub const SYS: Self = Self(c::SIGSYS);
}

/// All names of signals. A second name of the same number comes last.
#[rustfmt::skip]
const NAMES: &[(Signal, &str)] = &[
    (Signal::HUP, "SIGHUP"), (Signal::INT, "SIGINT"), (Signal::QUIT, "SIGQUIT"), (Signal::ILL, "SIGILL"),
    (Signal::TRAP, "SIGTRAP"), (Signal::ABRT, "SIGABRT"), (Signal::BUS, "SIGBUS"), (Signal::FPE, "SIGFPE"),
    (Signal::KILL, "SIGKILL"), (Signal::USR1, "SIGUSR1"), (Signal::SEGV, "SIGSEGV"), (Signal::USR2, "SIGUSR2"),
    (Signal::PIPE, "SIGPIPE"), (Signal::ALRM, "SIGALRM"), (Signal::TERM, "SIGTERM"), (Signal::STKFLT, "SIGSTKFLT"),
    (Signal::CHLD, "SIGCHLD"), (Signal::CONT, "SIGCONT"), (Signal::STOP, "SIGSTOP"), (Signal::TSTP, "SIGTSTP"),
    (Signal::TTIN, "SIGTTIN"), (Signal::TTOU, "SIGTTOU"), (Signal::URG, "SIGURG"), (Signal::XCPU, "SIGXCPU"),
    (Signal::XFSZ, "SIGXFSZ"), (Signal::VTALRM, "SIGVTALRM"), (Signal::PROF, "SIGPROF"), (Signal::WINCH, "SIGWINCH"),
    (Signal::IO, "SIGIO"), (Signal::PWR, "SIGPWR"), (Signal::SYS, "SIGSYS"),
    (Signal::ABRT, "SIGIOT"), (Signal::CHLD, "SIGCLD"), (Signal::IO, "SIGPOLL"), (Signal::SYS, "SIGUNUSED"),
];

impl Signal {
    /// Returns the signal with this number.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there is no such signal, or the C
    /// library reserves it, as glibc does with 32 and 33.
    #[inline]
    pub fn new(raw: i32) -> Result<Self> {
        if is_for_programs(raw) { Ok(Self(raw)) } else { Err(refused(raw)) }
    }

    /// Returns the real-time signal `SIGRTMIN + number`.
    ///
    /// Linux has at least 30 real-time signals. Real-time signals that are sent several times are
    /// queued, each with its value, whereas other signals are merged. If several are pending, the
    /// signal with the lowest number is delivered first.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `number` is past the last one.
    #[doc(alias = "SIGRTMIN")]
    pub fn realtime(number: u8) -> Result<Self> {
        let raw = c::SIGRTMIN() + i32::from(number);
        let last = c::SIGRTMAX() - c::SIGRTMIN();
        let why = || {
            Error::invalid(
                "signal",
                format_args!("SIGRTMIN+{number}"),
                format_args!("the last is SIGRTMIN+{last}"),
            )
        };
        if raw <= c::SIGRTMAX() { Ok(Self(raw)) } else { Err(why()) }
    }

    /// Returns every signal, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=c::SIGRTMAX()).filter(|raw| is_for_programs(*raw)).map(Self)
    }

    /// Returns the number for C.
    #[must_use]
    #[inline]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// Returns the name that C gives the signal, or `None` for a real-time signal.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(signal, _)| *signal == self).map(|(_, name)| *name)
    }

    /// Returns `true` for real-time signals, which are queued and carry a value.
    #[must_use]
    #[inline]
    pub fn is_realtime(self) -> bool {
        self.0 >= c::SIGRTMIN()
    }

    /// Returns `true` for the signals that the processor or the kernel raises when a thread cannot
    /// continue.
    ///
    /// A fault that the processor or the kernel raised cannot be blocked or ignored. After its
    /// handler returns, the thread usually executes the same instruction again. If a process sent
    /// the signal, the kernel treats it like any other signal, but `ipc-signal` still neither
    /// receives it nor reacts to it.
    #[must_use]
    #[inline]
    pub fn is_fault(self) -> bool {
        [Self::ILL, Self::TRAP, Self::BUS, Self::FPE, Self::SEGV, Self::SYS].contains(&self)
    }

    /// Returns `true` for signals that can be blocked, caught and ignored: all but
    /// [`KILL`](Self::KILL) and [`STOP`](Self::STOP).
    #[must_use]
    #[inline]
    pub fn is_catchable(self) -> bool {
        self != Self::KILL && self != Self::STOP
    }
}

/// The last signal that has a name.
const LAST_NAMED: i32 = c::SIGSYS;

#[inline]
fn is_for_programs(raw: i32) -> bool {
    (1..=LAST_NAMED).contains(&raw) || raw >= c::SIGRTMIN() && raw <= c::SIGRTMAX()
}

#[cold]
fn refused(raw: i32) -> Error {
    if raw > LAST_NAMED && raw < c::SIGRTMIN() {
        Error::invalid("signal", raw, "the C library reserves this number for itself")
    } else {
        Error::invalid("signal", raw, format_args!("signals are numbered 1 to {}", c::SIGRTMAX()))
    }
}

impl From<Signal> for i32 {
    fn from(signal: Signal) -> Self {
        signal.0
    }
}

/// The same as [`Signal::new`].
impl TryFrom<i32> for Signal {
    type Error = Error;

    fn try_from(raw: i32) -> Result<Self> {
        Self::new(raw)
    }
}

/// Parses C's name with or without `SIG`, `SIGRTMIN+n`, `SIGRTMAX-n`, or a number of decimal
/// digits.
impl FromStr for Signal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(raw) = decimal(text) {
            return Self::new(raw);
        }
        let upper = text.to_ascii_uppercase();
        let short = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some((signal, _)) = NAMES.iter().find(|(_, name)| &name[3..] == short) {
            return Ok(*signal);
        }
        let offset = |rest: &str, sign| match rest {
            "" => Some(0),
            _ => decimal(rest.strip_prefix(sign)?),
        };
        let from_first = short.strip_prefix("RTMIN").and_then(|rest| offset(rest, '+'));
        let from_last = short.strip_prefix("RTMAX").and_then(|rest| offset(rest, '-'));
        match (from_first, from_last) {
            (Some(up), _) => Self::realtime(up),
            (_, Some(down)) if i32::from(down) <= c::SIGRTMAX() - c::SIGRTMIN() => {
                Ok(Self(c::SIGRTMAX() - i32::from(down)))
            }
            _ => Err(Error::invalid("signal", text, "not the name or the number of a signal")),
        }
    }
}

/// Parses a number of decimal digits only: `parse` alone would accept a sign, and `kill +9` means
/// nothing anywhere.
fn decimal<N: FromStr>(text: &str) -> Option<N> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Prints C's name, or `SIGRTMIN+n` for a real-time signal.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.0 - c::SIGRTMIN()) {
            (Some(name), _) => f.pad(name),
            (None, 0) => f.pad("SIGRTMIN"),
            (None, offset) => f.pad(&format!("SIGRTMIN+{offset}")),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of Linux on x86-64 and aarch64.
    #[test]
    fn every_standard_signal_has_its_number_and_its_name() {
        let names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP \
                     TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
        for (raw, name) in (1..).zip(names.split(' ')) {
            let signal = Signal::new(raw).unwrap();
            assert_eq!((signal.raw(), signal.to_string()), (raw, format!("SIG{name}")));
            assert_eq!(name.parse::<Signal>().unwrap(), signal);
            assert!(!signal.is_realtime());
        }
        for (other, signal) in
            [("IOT", Signal::ABRT), ("SIGCLD", Signal::CHLD), ("POLL", Signal::IO)]
        {
            assert_eq!(other.parse::<Signal>().unwrap(), signal);
        }
    }

    /// The C library is asked when the program runs.
    #[test]
    fn real_time_signals_count_from_where_the_c_library_begins() {
        assert_eq!(Signal::realtime(0).unwrap().raw(), c::SIGRTMIN());
        let last = u8::try_from(c::SIGRTMAX() - c::SIGRTMIN()).unwrap();
        assert_eq!(Signal::realtime(last).unwrap().raw(), c::SIGRTMAX());
        assert!(Signal::realtime(last + 1).unwrap_err().is_invalid_argument());
        assert_eq!("SIGRTMAX-1".parse::<Signal>().unwrap().raw(), c::SIGRTMAX() - 1);
        assert_eq!("rtmin".parse::<Signal>().unwrap().to_string(), "SIGRTMIN");
    }

    #[test]
    fn numbers_and_names_of_no_signal_are_refused() {
        for raw in [-1, 0, 32, 33, c::SIGRTMIN() - 1, c::SIGRTMAX() + 1, i32::MAX] {
            assert!(Signal::new(raw).unwrap_err().is_invalid_argument(), "{raw}");
        }
        for text in [
            "",
            "SIG",
            "SIGHUPS",
            "RTMIN+99",
            "RTMIN+300",
            "RTMAX-99",
            "RTMIN-1",
            "RTMIN++5",
            "RTMAX+0",
        ]
        .into_iter()
        .chain([
            "33",
            "+-1",
            "+9",
            "+015",
            "-9",
            " 9",
            "9 ",
            "+TERM",
            "RTMIN+ 1",
            "99999999999",
            "\u{663}",
        ]) {
            assert!(text.parse::<Signal>().unwrap_err().is_invalid_argument(), "{text}");
        }
    }

    #[test]
    fn all_yields_each_named_and_each_real_time_signal_once() {
        let real_time = usize::try_from(c::SIGRTMAX() - c::SIGRTMIN()).unwrap() + 1;
        assert_eq!(Signal::all().count(), 31 + real_time);
        assert!(
            Signal::all().all(|signal| signal.to_string().parse::<Signal>().unwrap() == signal)
        );
    }
}
