//! `ipc chmod`: changes the mode of an object.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use clap::Args;

use super::rm::REMOVABLE;
use crate::failure::{Failure, os};
use crate::machine::{Kind, library};
use crate::selector::one;
use crate::sys;

pub(super) const AFTER: &str = "\
Examples:
  ipc chmod 640 /frames         the group may read it
  ipc chmod 660 set:7           the group may use it";

/// The options of `ipc chmod`.
#[derive(Args, Debug)]
pub(crate) struct Chmod {
    /// Three octal digits, such as 640
    #[arg(value_parser = super::mode)]
    mode: u32,

    /// A name, a key or an id
    #[arg(required = true, value_name = "NAME|KEY|ID")]
    what: Vec<String>,
}

impl Chmod {
    /// Changes each.
    pub(crate) fn run(self) -> Result<(), Failure> {
        for what in &self.what {
            let object = one(what, &REMOVABLE)?;
            match (object.kind, object.id, object.path()) {
                (Kind::Segment, Some(id), _) => {
                    sys::set_segment_mode(id, self.mode)
                        .map_err(os("shmctl", object.selector()))?;
                }
                (Kind::Set, Some(id), _) => library::set(id)?.set_permissions(self.mode)?,
                (Kind::SysvQueue, Some(id), _) => {
                    library::sysv_queue(id)?.set_permissions(self.mode)?;
                }
                (_, _, Some(path)) => {
                    let mode = fs::Permissions::from_mode(self.mode);
                    // Not through a link that has been put there meanwhile.
                    match library::look(&path) {
                        Ok(file) => {
                            file.set_permissions(mode).map_err(os("fchmod", path.display()))?;
                        }
                        Err(_) => {
                            fs::set_permissions(&path, mode)
                                .map_err(os("chmod", path.display()))?;
                        }
                    }
                }
                _ => {
                    return Err(Failure::new(
                        object.selector(),
                        "no file whose mode could be changed is visible here",
                    ));
                }
            }
        }
        Ok(())
    }
}
