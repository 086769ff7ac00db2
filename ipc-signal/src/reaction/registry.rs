//! The table of reactions, and the one signal handler that runs them.
//!
//! Nothing here waits for a lock, in the handler, in registration or in a forked child: a child
//! that is forked while another thread of its parent registers or removes a reaction has no such
//! thread, and would wait for it for ever. Each signal has a list of nodes that only grows; a node
//! is used again once its reaction is gone.
//!
//! A node changes hands by its `order`: [`FREE`] or [`CLAIMED`], or the number of the registration
//! whose closure it holds. The handler counts itself in, looks at `order`, and runs the closure
//! only if the number is still there; removal takes the number away and then waits until the count
//! is zero. Both use sequentially consistent operations, so one of the two sees the other.

#![expect(unsafe_code, reason = "registers code that runs in signal handlers")]

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize};
use std::time::Duration;
use std::{iter, ptr, thread};

use ipc_core::{Errno, Origin, Signal, pin_library_of};

use crate::sys::{self, c};

/// The order of a node without a closure.
const FREE: u64 = 0;

/// The order of a node whose closure one thread is storing or removing.
const CLAIMED: u64 = 1;

/// The order of the first registration.
const FIRST: u64 = 2;

/// One more than the highest number of a signal on any Linux.
const SIGNALS: usize = 129;

static TABLE: [Slot; SIGNALS] = [const { Slot::new() }; SIGNALS];

type Run = Box<dyn Fn() + Send + Sync>;

/// The reactions to one signal.
struct Slot {
    /// The newest node; nodes are added and never removed.
    nodes: AtomicPtr<Node>,
    /// The action that was installed before the handler of this table, or null.
    previous: AtomicPtr<c::sigaction>,
    /// Set once the handler was installed.
    installed: AtomicBool,
}

struct Node {
    order: AtomicU64,
    /// How many handlers are inside. In a forked child it may also count threads that exist only in
    /// the parent, and then never becomes 0.
    running: AtomicUsize,
    run: UnsafeCell<Option<Run>>,
    /// The next older node, fixed before the node is added to the list.
    older: *const Node,
}

// SAFETY: `order`, `running` and what `older` points to (a node, never freed) are shared by design.
// `run` is accessed mutably by the one thread that changed `order` to `CLAIMED`, after no handler
// is counted in `running`, and shared by handlers that are counted and found a registration's
// order.
unsafe impl Sync for Node {}
// SAFETY: a node is moved only into the heap block in which it stays; its closure is `Send`.
unsafe impl Send for Node {}

/// A registered reaction. It stays registered when this value is dropped.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    node: &'static Node,
    order: u64,
    /// The process that registered it. A forked child has a copy of the whole table.
    origin: Origin,
}

/// Lets `run` run whenever the signal arrives.
///
/// # Safety
///
/// `run` calls only functions that POSIX lists as async-signal-safe, and does not panic.
pub(super) unsafe fn register(
    signal: Signal,
    run: impl Fn() + Send + Sync + 'static,
) -> Result<Entry, Errno> {
    static NEXT: AtomicU64 = AtomicU64::new(FIRST);

    let slot = slot(signal.raw()).ok_or(Errno::EINVAL)?;
    slot.install(signal)?;
    let node = slot.nodes().find(|node| node.claim()).unwrap_or_else(|| slot.add_claimed());
    // SAFETY: the node is claimed by this thread and counts no handler: `claim` and `add_claimed`
    // saw to both, and a handler that counts itself in now does not touch `run` of a claimed node.
    unsafe { *node.run.get() = Some(Box::new(run)) };
    let order = NEXT.fetch_add(1, SeqCst);
    node.order.store(order, SeqCst);
    Ok(Entry { node, order, origin: Origin::here() })
}

impl Entry {
    /// Removes the reaction, and returns once no handler runs it.
    pub(super) fn remove(self) {
        let Self { node, order, origin } = self;
        if node.order.compare_exchange(order, CLAIMED, SeqCst, SeqCst).is_err() {
            return;
        }
        let mut rounds = 0;
        while node.running.load(SeqCst) != 0 {
            if !origin.is_here() {
                // The handler that is counted may be that of a thread of the parent, which never
                // comes back here. The node stays claimed, and its closure is not freed.
                return;
            }
            rounds += 1;
            // A handler may have been interrupted by this thread, if that has a higher priority.
            if rounds < 100 {
                thread::yield_now();
            } else {
                thread::sleep(Duration::from_micros(50));
            }
        }
        // SAFETY: the node is claimed by this thread and counts no handler, see above.
        let run = unsafe { (*node.run.get()).take() };
        node.order.store(FREE, SeqCst);
        drop(run);
    }
}

impl Node {
    /// Reserves a free node for the calling thread.
    fn claim(&self) -> bool {
        if self.order.compare_exchange(FREE, CLAIMED, SeqCst, SeqCst).is_err() {
            return false;
        }
        if self.running.load(SeqCst) == 0 {
            return true;
        }
        // A handler is looking at it, perhaps one that exists only in the parent of this process.
        self.order.store(FREE, SeqCst);
        false
    }

    /// In a handler: runs the closure if it is still that of the registration `order`.
    fn run(&self, order: u64) {
        self.running.fetch_add(1, SeqCst);
        if self.order.load(SeqCst) == order {
            // SAFETY: this handler is counted and has then found the order of a registration, so
            // the closure is not changed until it is no longer counted.
            if let Some(run) = unsafe { &*self.run.get() } {
                run();
            }
        }
        self.running.fetch_sub(1, SeqCst);
    }
}

impl Slot {
    const fn new() -> Self {
        let (nodes, previous) = (AtomicPtr::new(ptr::null_mut()), AtomicPtr::new(ptr::null_mut()));
        Self { nodes, previous, installed: AtomicBool::new(false) }
    }

    fn nodes(&self) -> impl Iterator<Item = &'static Node> {
        let as_ref = |node: *const Node| {
            // SAFETY: null, or a node of this list: those are leaked, and published after they were
            // written.
            unsafe { node.as_ref() }
        };
        iter::successors(as_ref(self.nodes.load(SeqCst)), move |node| as_ref(node.older))
    }

    /// Adds a node that is claimed by the calling thread.
    fn add_claimed(&self) -> &'static Node {
        let mut older = self.nodes.load(SeqCst);
        let (order, running) = (AtomicU64::new(CLAIMED), AtomicUsize::new(0));
        let node = Box::leak(Box::new(Node { order, running, run: UnsafeCell::new(None), older }));
        loop {
            match self.nodes.compare_exchange(older, node, SeqCst, SeqCst) {
                Ok(_) => return node,
                Err(newer) => older = newer,
            }
            node.older = older;
        }
    }

    /// In a handler: runs the reactions in the order of registration.
    fn run_all(&self) {
        let mut last = CLAIMED;
        let next = |last| {
            let orders = self.nodes().map(|node| (node.order.load(SeqCst), node));
            orders.filter(|(order, _)| *order > last).min_by_key(|(order, _)| *order)
        };
        while let Some((order, node)) = next(last) {
            node.run(order);
            last = order;
        }
    }

    /// Installs the handler, unless it is installed.
    fn install(&self, signal: Signal) -> Result<(), Errno> {
        let now = sys::action(signal)?;
        let is_ours = |action: &c::sigaction| action.handler() == sys::handler_address(handler);
        let runs_function = ![c::SIG_DFL, c::SIG_IGN].contains(&now.handler());
        if is_ours(&now) || runs_function && self.installed.load(SeqCst) {
            // Another library has installed its handler since, which calls this one. To install
            // this one again would let the two call each other for ever.
            return Ok(());
        }
        // A plug-in may be unloaded, but its handler stays installed.
        pin_library_of(handler as *const ());
        self.set_previous(now);
        // SAFETY: the handler runs reactions, which may run in handlers by contract of `register`,
        // and the function that the action before would have run.
        let before = unsafe { sys::install(signal, &sys::chained(handler)) }?;
        self.installed.store(true, SeqCst);
        // Another thread or library may have been faster since the first look.
        if !is_ours(&before) && before.handler() != now.handler() {
            self.set_previous(before);
        }
        Ok(())
    }

    /// Stores the action to continue with. The one before is leaked, as a handler may be using it.
    fn set_previous(&self, action: c::sigaction) {
        self.previous.store(Box::leak(Box::new(action)), SeqCst);
    }
}

fn slot(signal: c_int) -> Option<&'static Slot> {
    TABLE.get(usize::try_from(signal).ok()?)
}

/// Runs the handler that was installed before, and then the reactions in the order of registration.
extern "C" fn handler(signal: c_int, info: *mut c::siginfo_t, context: *mut c_void) {
    let Some(slot) = slot(signal) else { return };
    sys::keeping_errno(|| {
        // SAFETY: null, or an action that `set_previous` leaked.
        if let Some(previous) = unsafe { slot.previous.load(SeqCst).as_ref() } {
            // SAFETY: it was installed for this signal; that its function stays loaded is the duty
            // of its owner (contract of sigaction); the arguments are the system's.
            unsafe { sys::call_previous(previous, signal, info, context) };
        }
        slot.run_all();
    });
}
