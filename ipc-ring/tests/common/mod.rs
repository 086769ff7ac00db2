//! Parts that the tests of all structures share.

pub(crate) mod guarded;
pub(crate) mod message;
pub(crate) mod sys;

use ipc_testkit::{Child, figures};

/// Listens until a child is done.
pub(crate) fn done(mut child: Child) {
    loop {
        let line = child.hear();
        if let Some(result) = line.strip_prefix("done: ") {
            figures(result);
            return child.finish();
        }
    }
}
