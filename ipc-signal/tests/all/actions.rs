//! Handlers as C has them.

#![expect(unsafe_code, reason = "installs signal handlers")]

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use ipc_signal::{
    Action, ActionFlags, Handler, Signal, SignalInfo, SignalMask, SignalSet, ignore, raise,
    restore_default,
};
use ipc_testkit::{Part, Role};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[("installs", installs), ("ignores", ignores)];

static PLAIN: AtomicU64 = AtomicU64::new(0);
static CODE: AtomicI32 = AtomicI32::new(i32::MIN);
static BLOCKED: AtomicU64 = AtomicU64::new(0);

extern "C" fn plain(_: c_int) {
    PLAIN.fetch_add(1, Ordering::SeqCst);
}

extern "C" fn with_info(_: c_int, info: *mut ipc_sys::siginfo_t, _: *mut c_void) {
    // SAFETY: this is what the system gave a handler.
    let code = unsafe { SignalInfo::from_raw(info) }.map_or(i32::MAX, |info| info.raw_code());
    CODE.store(code, Ordering::SeqCst);
    let blocked = SignalMask::current().unwrap_or_default();
    let both = [Signal::USR1, Signal::HUP].map(|signal| u64::from(blocked.contains(signal)));
    BLOCKED.store(both[0] * 10 + both[1], Ordering::SeqCst);
}

#[test]
fn an_installed_action_runs_and_the_previous_one_is_restored() {
    play("installs");
}

fn installs(_: &mut Role) {
    let before = Action::current(Signal::USR1).unwrap();
    assert_eq!((before.handler(), before.flags()), (Handler::Default, ActionFlags::default()));

    let first = Action::new(plain).with_flags(ActionFlags::RESTART | ActionFlags::NO_CHILD_STOP);
    // SAFETY: `plain` touches an atomic only.
    let replaced = unsafe { first.install(Signal::USR1) }.unwrap();
    assert_eq!(replaced.handler(), Handler::Default);
    raise(Signal::USR1).unwrap();
    assert_eq!(PLAIN.load(Ordering::SeqCst), 1);

    let second =
        Action::with_info(with_info).blocking(Signal::HUP).with_flags(ActionFlags::ON_STACK);
    // SAFETY: `with_info` touches atomics, and calls pthread_sigmask.
    let replaced = unsafe { second.install(Signal::USR1) }.unwrap();
    assert_eq!(replaced.handler(), Handler::Function(plain as *const () as usize));
    assert_eq!(replaced.flags(), ActionFlags::RESTART | ActionFlags::NO_CHILD_STOP);
    assert!(!replaced.has_info() && replaced.blocked().is_empty());
    let now = Action::current(Signal::USR1).unwrap();
    assert!(
        now.has_info()
            && now.blocked() == Signal::HUP.into()
            && now.flags() == ActionFlags::ON_STACK
    );
    raise(Signal::USR1).unwrap();
    assert_eq!(CODE.load(Ordering::SeqCst), libc::SI_TKILL);
    assert_eq!(BLOCKED.load(Ordering::SeqCst), 11, "the one handled and the one asked for");
    assert_eq!(SignalMask::current().unwrap(), SignalSet::EMPTY);

    // SAFETY: it was installed before.
    unsafe { replaced.install(Signal::USR1) }.unwrap();
    raise(Signal::USR1).unwrap();
    assert_eq!(PLAIN.load(Ordering::SeqCst), 2);

    let once = Action::new(plain).with_flags(ActionFlags::RESET | ActionFlags::NO_DEFER);
    // SAFETY: `plain` touches an atomic only.
    unsafe { once.install(Signal::USR1) }.unwrap();
    raise(Signal::USR1).unwrap();
    assert_eq!(Action::current(Signal::USR1).unwrap().handler(), Handler::Default);
}

#[test]
fn an_ignored_signal_is_discarded_until_the_default_is_restored() {
    play("ignores");
}

fn ignores(_: &mut Role) {
    assert_eq!(ignore(Signal::TERM).unwrap().handler(), Handler::Default);
    raise(Signal::TERM).unwrap();
    assert_eq!(restore_default(Signal::TERM).unwrap().handler(), Handler::Ignore);
    assert_eq!(Action::current(Signal::TERM).unwrap().handler(), Handler::Default);
    assert!(
        format!("{:?}", Action::current(Signal::TERM).unwrap())
            .starts_with("Action { handler: Default")
    );
}
