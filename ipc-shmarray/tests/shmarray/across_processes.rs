//! Arrays between processes: their main use.

#![expect(unsafe_code, reason = "writes where it must not, to see that it cannot")]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::Ordering;

use ipc_mem::Memory;
use ipc_shmarray::{AnyArray, ShmArray};
use ipc_testkit::{Child, Part, Role, c_program, fixture, watchdog};

use crate::path;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("sharer", sharer), ("scribbler", scribbler), ("counter", counter)];

/// An array of `f32` and shape 3×4×5, seen through three handles in two processes.
#[test]
fn what_one_process_writes_into_an_array_the_others_see() {
    let name = fixture::name();
    let ours = ShmArray::<f32>::create(&*name, [3, 4, 5]).unwrap();
    assert!(ours.memory().size() >= 60 * size_of::<f32>() + 64);
    ours.write_from(&(0..60u8).map(f32::from).collect::<Vec<_>>()).unwrap();
    let mut child = Child::run("sharer", &[&name]);
    assert_eq!(
        child.hear(),
        format!("{:?} {:?} {}", ours.memory().identity(), ours.shape(), ours.memory().size())
    );
    assert_eq!(ours.get([2, 3, 4]).unwrap(), -59.0);
    ours.set([0, 0, 0], 7.5).unwrap();
    ours.write_at(12, &[1.0; 12]).unwrap(); // the slice [:, :, 2]
    child.tell("changed");
    child.finish();
    assert_eq!(ours.to_vec(), [0.0; 60]);
}

fn sharer(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let (array, view) =
        (ShmArray::<f32>::open(&name).unwrap(), ShmArray::<f32>::open_read_only(&name).unwrap());
    let any = AnyArray::open(&name).unwrap();
    assert_eq!(
        (view.memory().identity(), view.shape()),
        (array.memory().identity(), array.shape())
    );
    assert_eq!(
        (any.shape(), any.element_size(), any.len()),
        (array.shape(), size_of::<f32>(), view.len())
    );
    assert_eq!((array.get([1, 2, 3]).unwrap(), view.get([1, 2, 3]).unwrap()), (43.0, 43.0));
    array.set([2, 3, 4], -59.0).unwrap();
    assert_eq!(view.get([2, 3, 4]).unwrap(), -59.0);
    role.say(&format!(
        "{:?} {:?} {}",
        array.memory().identity(),
        array.shape(),
        array.memory().size()
    ));
    role.wait_for("changed");
    assert_eq!((array.get([0, 0, 0]).unwrap(), view.get([0, 0, 0]).unwrap()), (7.5, 7.5));
    let mut slice = [0.0; 12];
    view.read_at(12, &mut slice).unwrap();
    assert_eq!(slice, [1.0; 12]);
    array.fill(0.0);
}

/// A read-only array has no safe way to write, and no unsafe one either.
#[test]
fn a_write_into_a_read_only_array_ends_the_process() {
    const SIGSEGV: i32 = 11;
    let name = fixture::name();
    let ours = ShmArray::<f32>::create(&*name, [3, 4, 5]).unwrap();
    assert_eq!(Child::run("scribbler", &[&name]).wait().signal(), Some(SIGSEGV));
    assert_eq!(ours.to_vec(), [0.0; 60]);
}

fn scribbler(role: &mut Role) {
    let view = ShmArray::<f32>::open_read_only(role.arg(0)).unwrap();
    // SAFETY: this write is not sound: the page is mapped read-only, and the fault is what the test
    // waits for.
    unsafe { view.as_ptr().cast_mut().write_volatile(1.0) };
}

const TIMES: u32 = 1_000_000;

#[test]
fn increments_of_two_processes_are_all_counted() {
    watchdog(|| {
        let name = fixture::name();
        let counts = ShmArray::<u64>::create(&*name, [2, 2]).unwrap();
        let small = fixture::name();
        let bytes = ShmArray::<u8>::create(&*small, 3).unwrap();
        let mut children = [(); 2].map(|()| Child::run("counter", &[&name, &small]));
        children.iter_mut().for_each(|child| child.tell("go"));
        children.into_iter().for_each(Child::finish);
        assert_eq!(counts.to_vec(), [0, 0, u64::from(2 * TIMES), 0]);
        assert_eq!(bytes.to_vec(), [0, (2 * TIMES).to_le_bytes()[0], 0]);
    });
}

fn counter(role: &mut Role) {
    let counts = ShmArray::<u64>::open(role.arg(0)).unwrap();
    let bytes = ShmArray::<u8>::open(role.arg(1)).unwrap();
    role.wait_for("go");
    for _ in 0..TIMES {
        counts.atomic([0, 1]).unwrap().fetch_add(1, Ordering::Relaxed);
        bytes.atomic([1]).unwrap().fetch_add(1, Ordering::Relaxed);
    }
}

const C: &str = r#"
    #include <fcntl.h>
    #include <stdint.h>
    #include <sys/mman.h>
    #include <sys/stat.h>
    #include <unistd.h>

    struct header { uint32_t magic; uint16_t element, ndims; int64_t offset, dims[16]; };

    static struct header *map(const char *name, int flags, size_t size) {
        int fd = shm_open(name, flags, 0600);
        must(fd >= 0);
        must(size == 0 || ftruncate(fd, size) == 0);
        struct stat st;
        must(fstat(fd, &st) == 0);
        void *bytes = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        must(bytes != MAP_FAILED);
        must(close(fd) == 0);
        return bytes;
    }

    int main(int argc, char **argv) {
        must(argc == 3);
        struct header *theirs = map(argv[1], O_RDWR, 0);
        must(theirs->magic == 0x57412D31 && theirs->element == 10 && theirs->ndims == 2);
        must(theirs->offset == 64 && theirs->dims[0] == 3 && theirs->dims[1] == 4);
        double *doubles = (double *)((char *)theirs + theirs->offset), sum = 0;
        for (int i = 0; i < 12; i++)
            sum += doubles[i];
        doubles[1 + 3 * 2] = -sum;

        struct header *ours = map(argv[2], O_CREAT | O_EXCL | O_RDWR, 64 + 6 * sizeof(float));
        *ours = (struct header){ 0, 9, 2, 64, { 2, 3 } };
        float *floats = (float *)((char *)ours + 64);
        for (int i = 0; i < 6; i++)
            floats[i] = i + 0.5f;
        __atomic_store_n(&ours->magic, 0x57412D31, __ATOMIC_RELEASE);
        say("sum %.2f", sum);
        wait_for("go");
        must(floats[1 + 2 * 2] == -1.25f);
        return 0;
    }
"#;

#[test]
fn a_c_program_reads_an_array_of_ours_and_we_one_of_its() {
    let (ours, theirs) = (fixture::name(), fixture::name());
    let array = ShmArray::<f64>::create(&*ours, [3, 4]).unwrap();
    array.write_from(&(0..12u8).map(|i| f64::from(i) + 0.25).collect::<Vec<_>>()).unwrap();
    let mut program = Child::run(&c_program("array", C), &[&ours, &theirs]);
    program.wait_for("sum 69.00");
    assert_eq!(array.get([1, 2]).unwrap(), -69.0);
    let opened = ShmArray::<f32>::open(&*theirs).unwrap();
    assert_eq!(
        (opened.shape().dims(), opened.to_vec()),
        (&[2, 3][..], vec![0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    );
    opened.set([1, 2], -1.25).unwrap();
    program.tell("go");
    program.finish();
    drop(opened);
    assert!(fs::exists(path(&theirs)).unwrap(), "we did not make it");
}
