//! Options for starting a child.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Root;

/// The description of a child to run. The name of a role, or the path of a program, converts into
/// it.
///
/// # Examples
///
/// ```no_run
/// use ipc_testkit::{Child, ChildOptions, Root};
///
/// let Some(root) = Root::or_skip("needs a second user") else { return };
/// let intruder = ChildOptions::role("intruder").as_user(root, Root::NOBODY);
/// Child::run(intruder, &["/theirs"]).finish();
/// ```
#[derive(Debug, Clone)]
pub struct ChildOptions {
    pub(crate) what: What,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) user: Option<u32>,
    pub(crate) shm: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Role { name: String, test: String },
    Program(PathBuf),
}

impl ChildOptions {
    /// Runs this binary again, in the given role of the test `roles`.
    #[must_use]
    pub fn role(name: &str) -> Self {
        Self::new(What::Role { name: name.into(), test: "roles".into() })
    }

    /// Runs another program, which exchanges lines through its standard input and output; see
    /// [`c_program`](crate::c_program).
    #[must_use]
    pub fn program(path: &Path) -> Self {
        Self::new(What::Program(path.into()))
    }

    fn new(what: What) -> Self {
        Self { what, env: Vec::new(), user: None, shm: None }
    }

    /// Sets the full name of the test that calls [`play`](crate::play), if it is not `roles`: for
    /// tests in modules, `"posix::semaphore::tests::roles"`.
    #[must_use]
    pub fn in_test(mut self, test: &str) -> Self {
        if let What::Role { test: old, .. } = &mut self.what {
            *old = test.into();
        }
        self
    }

    /// Sets a variable of the child's environment.
    #[must_use]
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Runs the child as this user, in the group with the same number and in no other group.
    #[must_use]
    pub fn as_user(mut self, _: Root, user: u32) -> Self {
        self.user = Some(user);
        self
    }

    /// Gives the child a private `/dev/shm` of `bytes` bytes (whole pages), and an IPC namespace
    /// without System V objects and message queues. Both are removed when the child ends.
    #[must_use]
    pub fn small_shm(mut self, _: Root, bytes: usize) -> Self {
        self.shm = Some(bytes);
        self
    }

    /// Makes the child kill itself when it reaches the crash point `point` for the `hit`-th time,
    /// counted from 1.
    #[must_use]
    pub fn crash_at(self, point: &str, hit: u32) -> Self {
        self.env("IPC_CRASH_POINT", &format!("{point}:{hit}"))
    }
}

impl From<&str> for ChildOptions {
    fn from(role: &str) -> Self {
        Self::role(role)
    }
}

impl From<&Path> for ChildOptions {
    fn from(program: &Path) -> Self {
        Self::program(program)
    }
}

impl From<&PathBuf> for ChildOptions {
    fn from(program: &PathBuf) -> Self {
        Self::program(program)
    }
}
