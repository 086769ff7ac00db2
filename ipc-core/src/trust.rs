//! Whose objects are opened.

use std::fmt::Display;

use crate::{Error, Permissions, Result, UserId, switched_on};

/// Whose objects are opened.
///
/// Whoever owns an object can change it at any time, and so can everybody whom its mode lets write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// One owned by this user or by root, which nobody else may write.
    #[default]
    Owner,
    /// One owned by that user, by this one or by root, whoever may write it.
    User(UserId),
    /// Any that the mode lets us open.
    Anyone,
}

/// The permissions by which others than the owner may write.
const OTHERS_WRITE: u32 = 0o022;

impl Trust {
    /// For who would make the object with `permissions` if there were none: an own object that others may write is
    /// what was asked for then.
    #[must_use]
    pub fn for_permissions(self, permissions: Permissions) -> Self {
        match self {
            Self::Owner if permissions.mode() & OTHERS_WRITE != 0 => Self::User(UserId::effective()),
            trust => trust,
        }
    }

    /// Refuses what somebody made or can change who was not asked for; `call` and `object` are named in the error.
    ///
    /// # Errors
    ///
    /// `is_untrusted` if so.
    pub fn judge(self, call: &'static str, object: impl Display, owner: UserId, mode: Permissions) -> Result<()> {
        let ours = owner == UserId::new(0) || owner == UserId::effective();
        let wanted = match self {
            Self::Owner if !ours || mode.mode() & OTHERS_WRITE != 0 => {
                String::from("one of this user or root that nobody else may write")
            }
            Self::User(user) if !ours && owner != user => format!("one of {user}, this user or root"),
            _ => return Ok(()),
        };
        if !switched_on("trust") {
            return Ok(());
        }
        Err(Error::untrusted(call, object, format_args!("found one of {owner} with mode {mode}, wanted {wanted}")))
    }
}
