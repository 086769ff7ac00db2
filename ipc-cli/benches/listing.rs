//! `ipc ls` beside a program that only reads what it reads: `cargo bench -p ipc-cli --bench listing`.
//!
//! Both run in turns, as processes of their own, on 10,000 objects: a third each are files of
//! another program, arrays, and semaphores. The benchmark compares processor time, user and
//! system together, because other load on the machine changes it little.
//!
//! # Panics
//!
//! A benchmark that cannot measure stops.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::process::{Command, Stdio};

use ipc::array::{ArrayOptions, ShmArray};
use ipc::core::Removal;
use ipc::sync::NamedSemaphore;
use ipc_testkit::fixture;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

/// The argument with which this program is the one that only reads.
const READ: &str = "read";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == READ) {
        println!("{} entries", read_all());
        return;
    }
    let is_test = args.iter().any(|arg| arg == "--test");
    let (count, pairs) = if is_test { (30, 1) } else { (10_000, 40) };
    let name = fixture::name();
    for number in 0..count {
        plant(&format!("{}-{number}", &*name), number);
    }
    let this = std::env::current_exe().unwrap();
    let ipc = env!("CARGO_BIN_EXE_ipc");
    let (mut reads, mut lists) = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        reads.push(time_of(Command::new(&this).arg(READ)));
        lists.push(time_of(Command::new(ipc).arg("ls")));
    }
    let mut ratios: Vec<_> = reads.iter().zip(&lists).map(|(read, list)| list / read).collect();
    println!("{count} objects, {pairs} pairs of runs; user and system time in milliseconds");
    for (what, times) in [("only reading", &mut reads), ("ipc ls", &mut lists)] {
        let (median, least) = of(times);
        println!("{what:>14}: median {:.2}, least {:.2}", median * 1e3, least * 1e3);
    }
    println!("{:>14}: median {:.2}", "ratio", of(&mut ratios).0);
}

/// The median and the least.
fn of(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}

/// Creates one object, of one of three kinds.
fn plant(name: &str, number: usize) {
    match number % 3 {
        0 => fs::write(format!("/dev/shm{name}"), [7; 5000]).unwrap(),
        1 => drop(
            ShmArray::<f32>::create(name, ArrayOptions::new([30, 20]).removal(Removal::Never))
                .unwrap(),
        ),
        _ => drop(NamedSemaphore::create(name, 1).unwrap()),
    }
}

/// The seconds that a command ran on a processor, until it ended.
fn time_of(command: &mut Command) -> f64 {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let id = Pid::from_raw(child.id().try_into().unwrap());
    waitid(Id::Pid(id), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
    let stat = fs::read_to_string(format!("/proc/{id}/schedstat")).unwrap();
    assert!(child.wait().unwrap().success(), "{command:?}");
    let nanoseconds: f64 = stat.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

/// Reads what a listing needs of each process and each file of `/dev/shm`, once, and does nothing
/// with it. Returns the number of system calls that returned something.
fn read_all() -> usize {
    let mut buffer = vec![0; 1 << 16];
    let mut count = 0;
    let me = std::process::id().to_string();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let pid = entry.file_name().into_string().unwrap();
        if pid != me && pid.bytes().all(|byte| byte.is_ascii_digit()) {
            count += read_process(&pid, &mut buffer);
        }
    }
    for entry in fs::read_dir("/dev/shm").unwrap().flatten() {
        let Ok(file) = File::open(entry.path()) else { continue };
        let len = file.metadata().unwrap().len();
        count += 1 + usize::from(file.read_at(&mut buffer[..512], 0).is_ok());
        if !entry.file_name().as_encoded_bytes().starts_with(b"sem.") {
            let trailer = file.read_at(&mut buffer[..64], len.saturating_sub(64));
            count += usize::from(trailer.is_ok());
        }
    }
    count
}

fn read_process(pid: &str, buffer: &mut [u8]) -> usize {
    let mut count = 0;
    for file in ["stat", "maps"] {
        let Ok(mut file) = File::open(format!("/proc/{pid}/{file}")) else { continue };
        while is_more(file.read(buffer)) {
            count += 1;
        }
    }
    for namespace in ["mnt", "ipc"] {
        count += usize::from(fs::read_link(format!("/proc/{pid}/ns/{namespace}")).is_ok());
    }
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return count };
    for descriptor in descriptors.flatten() {
        let path = descriptor.path();
        let Ok(link) = fs::read_link(&path) else { continue };
        count += 1;
        // Sockets and pipes are known by their names.
        if link.starts_with("/dev/shm") || link.starts_with("/memfd:") {
            count += usize::from(fs::metadata(&path).is_ok_and(|metadata| metadata.ino() > 0));
        }
    }
    count
}

/// Returns `true` if a read returned something: a process may end meanwhile.
fn is_more(read: std::io::Result<usize>) -> bool {
    match read {
        Ok(len) => len > 0,
        Err(err) if err.kind() == ErrorKind::Interrupted => true,
        Err(_) => false,
    }
}
