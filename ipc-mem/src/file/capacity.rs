//! The maximum amount of memory that a process can have, regardless of current use.

use std::fs;
use std::path::{Path, PathBuf};

use ipc_core::{Errno, Refusal};

/// The maximum of a process: RAM and swap of the machine, reduced by the limits of its control
/// groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// RAM and swap in bytes, if the system reports them.
    machine: Option<u64>,
    /// The minimum of the limits of the control group of the process and of its ancestors.
    group: Option<u64>,
}

impl Capacity {
    pub(crate) fn of_this_process() -> Self {
        let read = |path: &Path| fs::read_to_string(path).ok();
        let machine = read(Path::new("/proc/meminfo")).and_then(|text| ram_and_swap(&text));
        let groups = read(Path::new("/proc/thread-self/cgroup")).unwrap_or_default();
        let group = limit_files(&groups).filter_map(|files| group_limit(files, read)).min();
        Self { machine, group }
    }

    /// Refuses a size above the maximum.
    pub(crate) fn expect_room(self, wanted: u64) -> Result<(), Refusal> {
        let refuse = |most: u64, whose: &str| {
            let why = format!("wanted {wanted} bytes, {whose} can have {most}");
            Err(Refusal::os("fallocate", Errno::ENOMEM).because(why))
        };
        match (self.group, self.machine) {
            (Some(most), _) if wanted > most => {
                refuse(most, "the memory control group of this process")
            }
            (_, Some(most)) if wanted > most => refuse(most, "this machine, with RAM and swap,"),
            _ => Ok(()),
        }
    }
}

/// Returns RAM plus swap in bytes, from the text of `/proc/meminfo`.
fn ram_and_swap(meminfo: &str) -> Option<u64> {
    let of = |key: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    of("MemTotal")?.checked_add(of("SwapTotal").unwrap_or(0))
}

/// The files with the limits of a control group: the limit of memory, and the limit of swap, which
/// may include memory.
struct LimitFiles {
    memory: PathBuf,
    swap: Option<PathBuf>,
}

/// Returns the limit files of the control group of the process and of its ancestors, from the text
/// of `/proc/self/cgroup`, for version 2 and version 1 of control groups.
fn limit_files(groups: &str) -> impl Iterator<Item = LimitFiles> {
    groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) =
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_first = controllers.split(',').any(|controller| controller == "memory");
        let root = match controllers {
            "" => Some("/sys/fs/cgroup"),
            _ if is_first => Some("/sys/fs/cgroup/memory"),
            _ => None,
        };
        let path = Path::new(path.trim_start_matches('/')).to_owned();
        root.into_iter().flat_map(move |root| {
            let around: Vec<PathBuf> =
                path.ancestors().map(|group| Path::new(root).join(group)).collect();
            around.into_iter().map(move |group| match is_first {
                true => LimitFiles { memory: group.join("memory.limit_in_bytes"), swap: None },
                false => LimitFiles {
                    memory: group.join("memory.max"),
                    swap: Some(group.join("memory.swap.max")),
                },
            })
        })
    })
}

/// Returns the limit of a group; `None` if memory or swap is unlimited.
fn group_limit(files: LimitFiles, read: impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let number = |path: &Path| read(path)?.trim().parse::<u64>().ok();
    let memory = number(&files.memory)?;
    match files.swap.as_deref().map(|swap| (read(swap), number(swap))) {
        None | Some((None, _)) => Some(memory), // counted together, or no swap to count
        Some((Some(_), swap)) => memory.checked_add(swap?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ram_swap_or_control_group_cannot_hold_is_refused_by_name() {
        let machine = Capacity { machine: Some(100), group: None };
        assert!(machine.expect_room(100).is_ok());
        let err = machine.expect_room(101).map_err(|refusal| refusal.on("/x")).unwrap_err();
        assert!(
            err.is_no_space() && err.to_string().contains("wanted 101 bytes, this machine"),
            "{err}"
        );
        let group = Capacity { machine: Some(100), group: Some(10) };
        assert!(group.expect_room(10).is_ok());
        let err = group.expect_room(11).map_err(|refusal| refusal.on("/x")).unwrap_err();
        assert!(err.is_no_space() && err.to_string().contains("control group"), "{err}");
        assert!(
            Capacity { machine: None, group: None }.expect_room(u64::MAX).is_ok(),
            "what is not known limits nothing"
        );
    }

    #[test]
    fn ram_and_swap_are_read_in_kibibytes() {
        let text = "MemTotal:       16000 kB\nMemFree:  1 kB\nSwapCached: 9 kB\nSwapTotal:         24 kB\n";
        assert_eq!(ram_and_swap(text), Some(16024 * 1024));
        assert_eq!(ram_and_swap("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn the_least_limit_of_all_groups_around_a_process_counts() {
        let file = |path: &Path| {
            let limits = [
                ("/sys/fs/cgroup/a/b/memory.max", "max\n"),
                ("/sys/fs/cgroup/a/memory.max", "1000\n"),
                ("/sys/fs/cgroup/a/memory.swap.max", "24\n"),
                ("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "512\n"),
            ];
            limits
                .iter()
                .find(|(name, _)| Path::new(name) == path)
                .map(|(_, text)| String::from(*text))
        };
        let limits =
            |groups: &str| limit_files(groups).filter_map(|files| group_limit(files, file)).min();
        assert_eq!(limits("0::/a/b\n"), Some(1024));
        assert_eq!(limits("12:cpu:/x\n5:memory:/job\n0::/\n"), Some(512));
        assert_eq!(limits("0::/\n"), None);
    }

    #[test]
    fn this_machine_can_hold_something_and_not_everything() {
        let capacity = Capacity::of_this_process();
        assert!(capacity.expect_room(1 << 20).is_ok());
        assert!(capacity.expect_room(1 << 60).is_err());
    }
}
