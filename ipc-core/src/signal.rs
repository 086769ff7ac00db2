//! Which signal.
//!
//! A newtype and not an enum: where the real-time signals begin is known only when the program runs, since the C
//! library keeps the first ones for itself and decides how many.

use std::fmt;
use std::str::FromStr;

use crate::sys::c;
use crate::{Error, Result};

/// The number of a signal that a program may use.
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
/// assert!(Signal::new(32).is_err_and(|err| err.is_invalid_argument())); // the C library's own
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/signal.h.html>
#[doc(alias = "signal.h")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(i32);

#[rustfmt::skip]
impl Signal {
    /// The terminal is gone; by convention, to a server: read your configuration again.
    pub const HUP: Self = Self(c::SIGHUP);
    /// Ctrl-C.
    pub const INT: Self = Self(c::SIGINT);
    /// Ctrl-\.
    pub const QUIT: Self = Self(c::SIGQUIT);
    /// An instruction that there is not; a fault.
    pub const ILL: Self = Self(c::SIGILL);
    /// A breakpoint; a fault.
    pub const TRAP: Self = Self(c::SIGTRAP);
    /// `abort` was called.
    #[doc(alias = "SIGIOT")]
    pub const ABRT: Self = Self(c::SIGABRT);
    /// Memory that is mapped and not there; a fault.
    pub const BUS: Self = Self(c::SIGBUS);
    /// Arithmetic without a result; a fault.
    pub const FPE: Self = Self(c::SIGFPE);
    /// The end; nobody can block, catch or ignore it.
    pub const KILL: Self = Self(c::SIGKILL);
    /// For programs.
    pub const USR1: Self = Self(c::SIGUSR1);
    /// Memory that may not be accessed; a fault.
    pub const SEGV: Self = Self(c::SIGSEGV);
    /// For programs.
    pub const USR2: Self = Self(c::SIGUSR2);
    /// Written to a pipe that nobody reads. Rust programs ignore it unless told otherwise.
    pub const PIPE: Self = Self(c::SIGPIPE);
    /// The timer of `alarm` ran out.
    pub const ALRM: Self = Self(c::SIGALRM);
    /// Please end.
    pub const TERM: Self = Self(c::SIGTERM);
    /// Not used.
    pub const STKFLT: Self = Self(c::SIGSTKFLT);
    /// A child ended, stopped or went on.
    #[doc(alias = "SIGCLD")]
    pub const CHLD: Self = Self(c::SIGCHLD);
    /// Go on, if stopped.
    pub const CONT: Self = Self(c::SIGCONT);
    /// Stop; nobody can block, catch or ignore it.
    pub const STOP: Self = Self(c::SIGSTOP);
    /// Ctrl-Z.
    pub const TSTP: Self = Self(c::SIGTSTP);
    /// Read from the terminal while in the background.
    pub const TTIN: Self = Self(c::SIGTTIN);
    /// Written to the terminal while in the background.
    pub const TTOU: Self = Self(c::SIGTTOU);
    /// Urgent data on a socket.
    pub const URG: Self = Self(c::SIGURG);
    /// Used up the limit of processor time.
    pub const XCPU: Self = Self(c::SIGXCPU);
    /// A file grew over the limit.
    pub const XFSZ: Self = Self(c::SIGXFSZ);
    /// A timer of processor time ran out.
    pub const VTALRM: Self = Self(c::SIGVTALRM);
    /// The profiler's timer ran out.
    pub const PROF: Self = Self(c::SIGPROF);
    /// The terminal's window changed its size.
    pub const WINCH: Self = Self(c::SIGWINCH);
    /// A descriptor is ready.
    #[doc(alias = "SIGPOLL")]
    pub const IO: Self = Self(c::SIGIO);
    /// The power fails.
    pub const PWR: Self = Self(c::SIGPWR);
    /// A system call that there is not, or that is forbidden; a fault.
    #[doc(alias = "SIGUNUSED")]
    pub const SYS: Self = Self(c::SIGSYS);
}

/// The second names of a number come last.
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
    /// The signal with this number.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is none, or the C library keeps it for itself, as glibc does with 32 and 33.
    #[inline]
    pub fn new(raw: i32) -> Result<Self> {
        if is_for_programs(raw) { Ok(Self(raw)) } else { Err(refused(raw)) }
    }

    /// The real-time signal with this number, counted from 0: the first ones are delivered first.
    ///
    /// There are at least 30 on Linux. They queue, where others merge, and carry a value.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there are not as many.
    #[doc(alias = "SIGRTMIN")]
    pub fn realtime(number: u8) -> Result<Self> {
        let raw = c::SIGRTMIN() + i32::from(number);
        let last = c::SIGRTMAX() - c::SIGRTMIN();
        let why =
            || Error::invalid("signal", format_args!("SIGRTMIN+{number}"), format_args!("the last is SIGRTMIN+{last}"));
        if raw <= c::SIGRTMAX() { Ok(Self(raw)) } else { Err(why()) }
    }

    /// Every signal, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=c::SIGRTMAX()).filter(|raw| is_for_programs(*raw)).map(Self)
    }

    /// The number for C.
    #[must_use]
    #[inline]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// C's name for it; a real-time signal has none.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(signal, _)| *signal == self).map(|(_, name)| *name)
    }

    /// Whether it is one of those that queue and carry a value.
    #[must_use]
    #[inline]
    pub fn is_realtime(self) -> bool {
        self.0 >= c::SIGRTMIN()
    }

    /// Whether it is what the processor or the kernel raises where a thread cannot go on.
    ///
    /// One that was not sent but raised so can be neither blocked nor ignored, and a handler that returns comes back
    /// to where it was raised.
    #[must_use]
    #[inline]
    pub fn is_fault(self) -> bool {
        [Self::ILL, Self::TRAP, Self::BUS, Self::FPE, Self::SEGV, Self::SYS].contains(&self)
    }

    /// Whether it can be blocked, caught and ignored: all but [`KILL`](Self::KILL) and [`STOP`](Self::STOP) can.
    #[must_use]
    #[inline]
    pub fn is_catchable(self) -> bool {
        self != Self::KILL && self != Self::STOP
    }
}

/// The last of the signals that have names.
const LAST_NAMED: i32 = c::SIGSYS;

#[inline]
fn is_for_programs(raw: i32) -> bool {
    (1..=LAST_NAMED).contains(&raw) || raw >= c::SIGRTMIN() && raw <= c::SIGRTMAX()
}

#[cold]
fn refused(raw: i32) -> Error {
    if raw > LAST_NAMED && raw < c::SIGRTMIN() {
        Error::invalid("signal", raw, "the C library keeps this number for itself")
    } else {
        Error::invalid("signal", raw, format_args!("signals have the numbers 1 to {}", c::SIGRTMAX()))
    }
}

impl From<Signal> for i32 {
    fn from(signal: Signal) -> Self {
        signal.0
    }
}

/// As [`Signal::new`].
impl TryFrom<i32> for Signal {
    type Error = Error;

    fn try_from(raw: i32) -> Result<Self> {
        Self::new(raw)
    }
}

/// Reads C's name, with or without `SIG`, `SIGRTMIN+n`, `SIGRTMAX-n`, or a number.
impl FromStr for Signal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(raw) = text.parse() {
            return Self::new(raw);
        }
        let upper = text.to_ascii_uppercase();
        let short = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some((signal, _)) = NAMES.iter().find(|(_, name)| &name[3..] == short) {
            return Ok(*signal);
        }
        let offset = |rest: &str, sign| match rest {
            "" => Some(0),
            // `parse` by itself would take a sign.
            _ => rest.strip_prefix(sign).filter(|digits| !digits.starts_with('+'))?.parse::<u8>().ok(),
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

/// C's name, or the distance from `SIGRTMIN`.
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

    /// J-CST-14; the numbers of Linux on x86-64 and aarch64.
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
        for (other, signal) in [("IOT", Signal::ABRT), ("SIGCLD", Signal::CHLD), ("POLL", Signal::IO)] {
            assert_eq!(other.parse::<Signal>().unwrap(), signal);
        }
    }

    /// Jb-31: where they begin is asked when the program runs.
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
    fn numbers_that_no_program_may_use_are_refused() {
        for raw in [-1, 0, 32, 33, c::SIGRTMIN() - 1, c::SIGRTMAX() + 1, i32::MAX] {
            assert!(Signal::new(raw).unwrap_err().is_invalid_argument(), "{raw}");
        }
        for text in
            ["", "SIG", "SIGHUPS", "RTMIN+99", "RTMIN+300", "RTMAX-99", "RTMIN-1", "RTMIN++5", "RTMAX+0", "33", "+-1"]
        {
            assert!(text.parse::<Signal>().unwrap_err().is_invalid_argument(), "{text}");
        }
    }

    #[test]
    fn all_signals_are_as_many_as_there_are_names_and_real_time_numbers() {
        let real_time = usize::try_from(c::SIGRTMAX() - c::SIGRTMIN()).unwrap() + 1;
        assert_eq!(Signal::all().count(), 31 + real_time);
        assert!(Signal::all().all(|signal| signal.to_string().parse::<Signal>().unwrap() == signal));
    }
}
