//! Made by `cargo xtask bindgen --target x86_64-unknown-linux-musl`. Never edit it.
//! bindgen 0.72.1, libclang 14.0.6, C library 1.2, Linux headers 6.1.

pub type mode_t = ::core::ffi::c_uint;
pub type off_t = ::core::ffi::c_long;
pub type pid_t = ::core::ffi::c_int;
pub type gid_t = ::core::ffi::c_uint;
pub type time_t = ::core::ffi::c_long;
pub type mqd_t = ::core::ffi::c_int;
pub type nfds_t = ::core::ffi::c_ulong;
pub type sigset_t = __sigset_t;
pub type clockid_t = ::core::ffi::c_int;
pub type pthread_t = *mut __pthread;
pub type pthread_key_t = ::core::ffi::c_uint;
pub type pthread_spinlock_t = ::core::ffi::c_int;
pub type timer_t = *mut ::core::ffi::c_void;
pub type clock_t = ::core::ffi::c_long;
pub type uid_t = ::core::ffi::c_uint;
pub type key_t = ::core::ffi::c_int;
pub type msgqnum_t = ::core::ffi::c_ulong;
pub type msglen_t = ::core::ffi::c_ulong;
pub type suseconds_t = ::core::ffi::c_long;
pub type id_t = ::core::ffi::c_uint;
pub type rlim_t = ::core::ffi::c_ulonglong;
pub type shmatt_t = ::core::ffi::c_ulong;
pub type nlink_t = ::core::ffi::c_ulong;
pub type ino_t = ::core::ffi::c_ulong;
pub type dev_t = ::core::ffi::c_ulong;
pub type blksize_t = ::core::ffi::c_long;
pub type blkcnt_t = ::core::ffi::c_long;
pub type fsblkcnt_t = ::core::ffi::c_ulong;
pub type fsfilcnt_t = ::core::ffi::c_ulong;
pub type fsid_t = __fsid_t;
pub type idtype_t = ::core::ffi::c_uint;
pub type __u32 = ::core::ffi::c_uint;
pub type __u64 = ::core::ffi::c_ulonglong;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct Dl_info {
    pub dli_fname: *const ::core::ffi::c_char,
    pub dli_fbase: *mut ::core::ffi::c_void,
    pub dli_sname: *const ::core::ffi::c_char,
    pub dli_saddr: *mut ::core::ffi::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct flock {
    pub l_type: ::core::ffi::c_short,
    pub l_whence: ::core::ffi::c_short,
    pub l_start: off_t,
    pub l_len: off_t,
    pub l_pid: pid_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct timespec {
    pub tv_sec: time_t,
    pub tv_nsec: ::core::ffi::c_long,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct pthread_attr_t {
    pub __u: pthread_attr_t__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct mq_attr {
    pub mq_flags: ::core::ffi::c_long,
    pub mq_maxmsg: ::core::ffi::c_long,
    pub mq_msgsize: ::core::ffi::c_long,
    pub mq_curmsgs: ::core::ffi::c_long,
    pub __unused: [::core::ffi::c_long; 4usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct pollfd {
    pub fd: ::core::ffi::c_int,
    pub events: ::core::ffi::c_short,
    pub revents: ::core::ffi::c_short,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __sigset_t {
    pub __bits: [::core::ffi::c_ulong; 16usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __pthread {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct pthread_mutexattr_t {
    pub __attr: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct pthread_condattr_t {
    pub __attr: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct pthread_barrierattr_t {
    pub __attr: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct pthread_rwlockattr_t {
    pub __attr: [::core::ffi::c_uint; 2usize],
}
#[repr(C)]
pub struct pthread_mutex_t {
    pub __u: pthread_mutex_t__bindgen_ty_1,
}
#[repr(C)]
pub struct pthread_cond_t {
    pub __u: pthread_cond_t__bindgen_ty_1,
}
#[repr(C)]
pub struct pthread_rwlock_t {
    pub __u: pthread_rwlock_t__bindgen_ty_1,
}
#[repr(C)]
pub struct pthread_barrier_t {
    pub __u: pthread_barrier_t__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct cpu_set_t {
    pub __bits: [::core::ffi::c_ulong; 16usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct itimerspec {
    pub it_interval: timespec,
    pub it_value: timespec,
}
#[repr(C)]
#[derive(Debug)]
pub struct sem_t {
    pub __val: [::core::ffi::c_int; 8usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t {
    pub si_signo: ::core::ffi::c_int,
    pub si_errno: ::core::ffi::c_int,
    pub si_code: ::core::ffi::c_int,
    pub __si_fields: siginfo_t__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_1 {
    pub __first: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1,
    pub __second: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1 {
    pub si_pid: pid_t,
    pub si_uid: uid_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2 {
    pub si_timerid: ::core::ffi::c_int,
    pub si_overrun: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1 {
    pub si_status: ::core::ffi::c_int,
    pub si_utime: clock_t,
    pub si_stime: clock_t,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_2 {
    pub si_addr: *mut ::core::ffi::c_void,
    pub si_addr_lsb: ::core::ffi::c_short,
    pub __first: siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1 {
    pub si_lower: *mut ::core::ffi::c_void,
    pub si_upper: *mut ::core::ffi::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_3 {
    pub si_band: ::core::ffi::c_long,
    pub si_fd: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_4 {
    pub si_call_addr: *mut ::core::ffi::c_void,
    pub si_syscall: ::core::ffi::c_int,
    pub si_arch: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sigaction {
    pub __sa_handler: sigaction__bindgen_ty_1,
    pub sa_mask: sigset_t,
    pub sa_flags: ::core::ffi::c_int,
    pub sa_restorer: ::core::option::Option<unsafe extern "C" fn()>,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sigevent {
    pub sigev_value: sigval,
    pub sigev_signo: ::core::ffi::c_int,
    pub sigev_notify: ::core::ffi::c_int,
    pub __sev_fields: sigevent__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sigevent__bindgen_ty_1__bindgen_ty_1 {
    pub sigev_notify_function: ::core::option::Option<
        unsafe extern "C" fn(arg1: sigval),
    >,
    pub sigev_notify_attributes: *mut pthread_attr_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ipc_perm {
    pub key: key_t,
    pub uid: uid_t,
    pub gid: gid_t,
    pub cuid: uid_t,
    pub cgid: gid_t,
    pub mode: mode_t,
    pub seq: ::core::ffi::c_int,
    pub __pad1: ::core::ffi::c_long,
    pub __pad2: ::core::ffi::c_long,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct msqid_ds {
    pub msg_perm: ipc_perm,
    pub msg_stime: time_t,
    pub msg_rtime: time_t,
    pub msg_ctime: time_t,
    pub msg_cbytes: ::core::ffi::c_ulong,
    pub msg_qnum: msgqnum_t,
    pub msg_qbytes: msglen_t,
    pub msg_lspid: pid_t,
    pub msg_lrpid: pid_t,
    pub __unused: [::core::ffi::c_ulong; 2usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct msginfo {
    pub msgpool: ::core::ffi::c_int,
    pub msgmap: ::core::ffi::c_int,
    pub msgmax: ::core::ffi::c_int,
    pub msgmnb: ::core::ffi::c_int,
    pub msgmni: ::core::ffi::c_int,
    pub msgssz: ::core::ffi::c_int,
    pub msgtql: ::core::ffi::c_int,
    pub msgseg: ::core::ffi::c_ushort,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct timeval {
    pub tv_sec: time_t,
    pub tv_usec: suseconds_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct rlimit {
    pub rlim_cur: rlim_t,
    pub rlim_max: rlim_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct semid_ds {
    pub sem_perm: ipc_perm,
    pub sem_otime: time_t,
    pub __unused1: ::core::ffi::c_long,
    pub sem_ctime: time_t,
    pub __unused2: ::core::ffi::c_long,
    pub sem_nsems: ::core::ffi::c_ushort,
    pub __sem_nsems_pad: [::core::ffi::c_char; 6usize],
    pub __unused3: ::core::ffi::c_long,
    pub __unused4: ::core::ffi::c_long,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct seminfo {
    pub semmap: ::core::ffi::c_int,
    pub semmni: ::core::ffi::c_int,
    pub semmns: ::core::ffi::c_int,
    pub semmnu: ::core::ffi::c_int,
    pub semmsl: ::core::ffi::c_int,
    pub semopm: ::core::ffi::c_int,
    pub semume: ::core::ffi::c_int,
    pub semusz: ::core::ffi::c_int,
    pub semvmx: ::core::ffi::c_int,
    pub semaem: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sembuf {
    pub sem_num: ::core::ffi::c_ushort,
    pub sem_op: ::core::ffi::c_short,
    pub sem_flg: ::core::ffi::c_short,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct shmid_ds {
    pub shm_perm: ipc_perm,
    pub shm_segsz: usize,
    pub shm_atime: time_t,
    pub shm_dtime: time_t,
    pub shm_ctime: time_t,
    pub shm_cpid: pid_t,
    pub shm_lpid: pid_t,
    pub shm_nattch: ::core::ffi::c_ulong,
    pub __pad1: ::core::ffi::c_ulong,
    pub __pad2: ::core::ffi::c_ulong,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct shminfo {
    pub shmmax: ::core::ffi::c_ulong,
    pub shmmin: ::core::ffi::c_ulong,
    pub shmmni: ::core::ffi::c_ulong,
    pub shmseg: ::core::ffi::c_ulong,
    pub shmall: ::core::ffi::c_ulong,
    pub __unused: [::core::ffi::c_ulong; 4usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct shm_info {
    pub used_ids: ::core::ffi::c_int,
    pub shm_tot: ::core::ffi::c_ulong,
    pub shm_rss: ::core::ffi::c_ulong,
    pub shm_swp: ::core::ffi::c_ulong,
    pub swap_attempts: ::core::ffi::c_ulong,
    pub swap_successes: ::core::ffi::c_ulong,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct signalfd_siginfo {
    pub ssi_signo: u32,
    pub ssi_errno: i32,
    pub ssi_code: i32,
    pub ssi_pid: u32,
    pub ssi_uid: u32,
    pub ssi_fd: i32,
    pub ssi_tid: u32,
    pub ssi_band: u32,
    pub ssi_overrun: u32,
    pub ssi_trapno: u32,
    pub ssi_status: i32,
    pub ssi_int: i32,
    pub ssi_ptr: u64,
    pub ssi_utime: u64,
    pub ssi_stime: u64,
    pub ssi_addr: u64,
    pub ssi_addr_lsb: u16,
    pub __pad2: u16,
    pub ssi_syscall: i32,
    pub ssi_call_addr: u64,
    pub ssi_arch: u32,
    pub __pad: [u8; 28usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct stat {
    pub st_dev: dev_t,
    pub st_ino: ino_t,
    pub st_nlink: nlink_t,
    pub st_mode: mode_t,
    pub st_uid: uid_t,
    pub st_gid: gid_t,
    pub __pad0: ::core::ffi::c_uint,
    pub st_rdev: dev_t,
    pub st_size: off_t,
    pub st_blksize: blksize_t,
    pub st_blocks: blkcnt_t,
    pub st_atim: timespec,
    pub st_mtim: timespec,
    pub st_ctim: timespec,
    pub __unused: [::core::ffi::c_long; 3usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __fsid_t {
    pub __val: [::core::ffi::c_int; 2usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct statfs {
    pub f_type: ::core::ffi::c_ulong,
    pub f_bsize: ::core::ffi::c_ulong,
    pub f_blocks: fsblkcnt_t,
    pub f_bfree: fsblkcnt_t,
    pub f_bavail: fsblkcnt_t,
    pub f_files: fsfilcnt_t,
    pub f_ffree: fsfilcnt_t,
    pub f_fsid: fsid_t,
    pub f_namelen: ::core::ffi::c_ulong,
    pub f_frsize: ::core::ffi::c_ulong,
    pub f_flags: ::core::ffi::c_ulong,
    pub f_spare: [::core::ffi::c_ulong; 4usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct futex_waitv {
    pub val: __u64,
    pub uaddr: __u64,
    pub flags: __u32,
    pub __reserved: __u32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct robust_list {
    pub next: *mut robust_list,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct robust_list_head {
    pub list: robust_list,
    pub futex_offset: ::core::ffi::c_long,
    pub list_op_pending: *mut robust_list,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of Dl_info"][::core::mem::size_of::<Dl_info>() - 32usize];
    ["Alignment of Dl_info"][::core::mem::align_of::<Dl_info>() - 8usize];
    [
        "Offset of field: Dl_info::dli_fname",
    ][::core::mem::offset_of!(Dl_info, dli_fname) - 0usize];
    [
        "Offset of field: Dl_info::dli_fbase",
    ][::core::mem::offset_of!(Dl_info, dli_fbase) - 8usize];
    [
        "Offset of field: Dl_info::dli_sname",
    ][::core::mem::offset_of!(Dl_info, dli_sname) - 16usize];
    [
        "Offset of field: Dl_info::dli_saddr",
    ][::core::mem::offset_of!(Dl_info, dli_saddr) - 24usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of flock"][::core::mem::size_of::<flock>() - 32usize];
    ["Alignment of flock"][::core::mem::align_of::<flock>() - 8usize];
    ["Offset of field: flock::l_type"][::core::mem::offset_of!(flock, l_type) - 0usize];
    [
        "Offset of field: flock::l_whence",
    ][::core::mem::offset_of!(flock, l_whence) - 2usize];
    [
        "Offset of field: flock::l_start",
    ][::core::mem::offset_of!(flock, l_start) - 8usize];
    ["Offset of field: flock::l_len"][::core::mem::offset_of!(flock, l_len) - 16usize];
    ["Offset of field: flock::l_pid"][::core::mem::offset_of!(flock, l_pid) - 24usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of timespec"][::core::mem::size_of::<timespec>() - 16usize];
    ["Alignment of timespec"][::core::mem::align_of::<timespec>() - 8usize];
    [
        "Offset of field: timespec::tv_sec",
    ][::core::mem::offset_of!(timespec, tv_sec) - 0usize];
    [
        "Offset of field: timespec::tv_nsec",
    ][::core::mem::offset_of!(timespec, tv_nsec) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_attr_t__bindgen_ty_1",
    ][::core::mem::size_of::<pthread_attr_t__bindgen_ty_1>() - 56usize];
    [
        "Alignment of pthread_attr_t__bindgen_ty_1",
    ][::core::mem::align_of::<pthread_attr_t__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: pthread_attr_t__bindgen_ty_1::__i",
    ][::core::mem::offset_of!(pthread_attr_t__bindgen_ty_1, __i) - 0usize];
    [
        "Offset of field: pthread_attr_t__bindgen_ty_1::__vi",
    ][::core::mem::offset_of!(pthread_attr_t__bindgen_ty_1, __vi) - 0usize];
    [
        "Offset of field: pthread_attr_t__bindgen_ty_1::__s",
    ][::core::mem::offset_of!(pthread_attr_t__bindgen_ty_1, __s) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_attr_t"][::core::mem::size_of::<pthread_attr_t>() - 56usize];
    ["Alignment of pthread_attr_t"][::core::mem::align_of::<pthread_attr_t>() - 8usize];
    [
        "Offset of field: pthread_attr_t::__u",
    ][::core::mem::offset_of!(pthread_attr_t, __u) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of mq_attr"][::core::mem::size_of::<mq_attr>() - 64usize];
    ["Alignment of mq_attr"][::core::mem::align_of::<mq_attr>() - 8usize];
    [
        "Offset of field: mq_attr::mq_flags",
    ][::core::mem::offset_of!(mq_attr, mq_flags) - 0usize];
    [
        "Offset of field: mq_attr::mq_maxmsg",
    ][::core::mem::offset_of!(mq_attr, mq_maxmsg) - 8usize];
    [
        "Offset of field: mq_attr::mq_msgsize",
    ][::core::mem::offset_of!(mq_attr, mq_msgsize) - 16usize];
    [
        "Offset of field: mq_attr::mq_curmsgs",
    ][::core::mem::offset_of!(mq_attr, mq_curmsgs) - 24usize];
    [
        "Offset of field: mq_attr::__unused",
    ][::core::mem::offset_of!(mq_attr, __unused) - 32usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pollfd"][::core::mem::size_of::<pollfd>() - 8usize];
    ["Alignment of pollfd"][::core::mem::align_of::<pollfd>() - 4usize];
    ["Offset of field: pollfd::fd"][::core::mem::offset_of!(pollfd, fd) - 0usize];
    [
        "Offset of field: pollfd::events",
    ][::core::mem::offset_of!(pollfd, events) - 4usize];
    [
        "Offset of field: pollfd::revents",
    ][::core::mem::offset_of!(pollfd, revents) - 6usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __sigset_t"][::core::mem::size_of::<__sigset_t>() - 128usize];
    ["Alignment of __sigset_t"][::core::mem::align_of::<__sigset_t>() - 8usize];
    [
        "Offset of field: __sigset_t::__bits",
    ][::core::mem::offset_of!(__sigset_t, __bits) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_mutexattr_t",
    ][::core::mem::size_of::<pthread_mutexattr_t>() - 4usize];
    [
        "Alignment of pthread_mutexattr_t",
    ][::core::mem::align_of::<pthread_mutexattr_t>() - 4usize];
    [
        "Offset of field: pthread_mutexattr_t::__attr",
    ][::core::mem::offset_of!(pthread_mutexattr_t, __attr) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_condattr_t",
    ][::core::mem::size_of::<pthread_condattr_t>() - 4usize];
    [
        "Alignment of pthread_condattr_t",
    ][::core::mem::align_of::<pthread_condattr_t>() - 4usize];
    [
        "Offset of field: pthread_condattr_t::__attr",
    ][::core::mem::offset_of!(pthread_condattr_t, __attr) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_barrierattr_t",
    ][::core::mem::size_of::<pthread_barrierattr_t>() - 4usize];
    [
        "Alignment of pthread_barrierattr_t",
    ][::core::mem::align_of::<pthread_barrierattr_t>() - 4usize];
    [
        "Offset of field: pthread_barrierattr_t::__attr",
    ][::core::mem::offset_of!(pthread_barrierattr_t, __attr) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_rwlockattr_t",
    ][::core::mem::size_of::<pthread_rwlockattr_t>() - 8usize];
    [
        "Alignment of pthread_rwlockattr_t",
    ][::core::mem::align_of::<pthread_rwlockattr_t>() - 4usize];
    [
        "Offset of field: pthread_rwlockattr_t::__attr",
    ][::core::mem::offset_of!(pthread_rwlockattr_t, __attr) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_mutex_t__bindgen_ty_1",
    ][::core::mem::size_of::<pthread_mutex_t__bindgen_ty_1>() - 40usize];
    [
        "Alignment of pthread_mutex_t__bindgen_ty_1",
    ][::core::mem::align_of::<pthread_mutex_t__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: pthread_mutex_t__bindgen_ty_1::__i",
    ][::core::mem::offset_of!(pthread_mutex_t__bindgen_ty_1, __i) - 0usize];
    [
        "Offset of field: pthread_mutex_t__bindgen_ty_1::__vi",
    ][::core::mem::offset_of!(pthread_mutex_t__bindgen_ty_1, __vi) - 0usize];
    [
        "Offset of field: pthread_mutex_t__bindgen_ty_1::__p",
    ][::core::mem::offset_of!(pthread_mutex_t__bindgen_ty_1, __p) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_mutex_t"][::core::mem::size_of::<pthread_mutex_t>() - 40usize];
    [
        "Alignment of pthread_mutex_t",
    ][::core::mem::align_of::<pthread_mutex_t>() - 8usize];
    [
        "Offset of field: pthread_mutex_t::__u",
    ][::core::mem::offset_of!(pthread_mutex_t, __u) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_cond_t__bindgen_ty_1",
    ][::core::mem::size_of::<pthread_cond_t__bindgen_ty_1>() - 48usize];
    [
        "Alignment of pthread_cond_t__bindgen_ty_1",
    ][::core::mem::align_of::<pthread_cond_t__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: pthread_cond_t__bindgen_ty_1::__i",
    ][::core::mem::offset_of!(pthread_cond_t__bindgen_ty_1, __i) - 0usize];
    [
        "Offset of field: pthread_cond_t__bindgen_ty_1::__vi",
    ][::core::mem::offset_of!(pthread_cond_t__bindgen_ty_1, __vi) - 0usize];
    [
        "Offset of field: pthread_cond_t__bindgen_ty_1::__p",
    ][::core::mem::offset_of!(pthread_cond_t__bindgen_ty_1, __p) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_cond_t"][::core::mem::size_of::<pthread_cond_t>() - 48usize];
    ["Alignment of pthread_cond_t"][::core::mem::align_of::<pthread_cond_t>() - 8usize];
    [
        "Offset of field: pthread_cond_t::__u",
    ][::core::mem::offset_of!(pthread_cond_t, __u) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_rwlock_t__bindgen_ty_1",
    ][::core::mem::size_of::<pthread_rwlock_t__bindgen_ty_1>() - 56usize];
    [
        "Alignment of pthread_rwlock_t__bindgen_ty_1",
    ][::core::mem::align_of::<pthread_rwlock_t__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: pthread_rwlock_t__bindgen_ty_1::__i",
    ][::core::mem::offset_of!(pthread_rwlock_t__bindgen_ty_1, __i) - 0usize];
    [
        "Offset of field: pthread_rwlock_t__bindgen_ty_1::__vi",
    ][::core::mem::offset_of!(pthread_rwlock_t__bindgen_ty_1, __vi) - 0usize];
    [
        "Offset of field: pthread_rwlock_t__bindgen_ty_1::__p",
    ][::core::mem::offset_of!(pthread_rwlock_t__bindgen_ty_1, __p) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_rwlock_t"][::core::mem::size_of::<pthread_rwlock_t>() - 56usize];
    [
        "Alignment of pthread_rwlock_t",
    ][::core::mem::align_of::<pthread_rwlock_t>() - 8usize];
    [
        "Offset of field: pthread_rwlock_t::__u",
    ][::core::mem::offset_of!(pthread_rwlock_t, __u) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_barrier_t__bindgen_ty_1",
    ][::core::mem::size_of::<pthread_barrier_t__bindgen_ty_1>() - 32usize];
    [
        "Alignment of pthread_barrier_t__bindgen_ty_1",
    ][::core::mem::align_of::<pthread_barrier_t__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: pthread_barrier_t__bindgen_ty_1::__i",
    ][::core::mem::offset_of!(pthread_barrier_t__bindgen_ty_1, __i) - 0usize];
    [
        "Offset of field: pthread_barrier_t__bindgen_ty_1::__vi",
    ][::core::mem::offset_of!(pthread_barrier_t__bindgen_ty_1, __vi) - 0usize];
    [
        "Offset of field: pthread_barrier_t__bindgen_ty_1::__p",
    ][::core::mem::offset_of!(pthread_barrier_t__bindgen_ty_1, __p) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_barrier_t"][::core::mem::size_of::<pthread_barrier_t>() - 32usize];
    [
        "Alignment of pthread_barrier_t",
    ][::core::mem::align_of::<pthread_barrier_t>() - 8usize];
    [
        "Offset of field: pthread_barrier_t::__u",
    ][::core::mem::offset_of!(pthread_barrier_t, __u) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of cpu_set_t"][::core::mem::size_of::<cpu_set_t>() - 128usize];
    ["Alignment of cpu_set_t"][::core::mem::align_of::<cpu_set_t>() - 8usize];
    [
        "Offset of field: cpu_set_t::__bits",
    ][::core::mem::offset_of!(cpu_set_t, __bits) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of itimerspec"][::core::mem::size_of::<itimerspec>() - 32usize];
    ["Alignment of itimerspec"][::core::mem::align_of::<itimerspec>() - 8usize];
    [
        "Offset of field: itimerspec::it_interval",
    ][::core::mem::offset_of!(itimerspec, it_interval) - 0usize];
    [
        "Offset of field: itimerspec::it_value",
    ][::core::mem::offset_of!(itimerspec, it_value) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sem_t"][::core::mem::size_of::<sem_t>() - 32usize];
    ["Alignment of sem_t"][::core::mem::align_of::<sem_t>() - 4usize];
    ["Offset of field: sem_t::__val"][::core::mem::offset_of!(sem_t, __val) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sigval"][::core::mem::size_of::<sigval>() - 8usize];
    ["Alignment of sigval"][::core::mem::align_of::<sigval>() - 8usize];
    [
        "Offset of field: sigval::sival_int",
    ][::core::mem::offset_of!(sigval, sival_int) - 0usize];
    [
        "Offset of field: sigval::sival_ptr",
    ][::core::mem::offset_of!(sigval, sival_ptr) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1,
    >() - 8usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1,
    >() - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1::si_pid",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1, si_pid
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1::si_uid",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1, si_uid
    ) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2,
    >() - 8usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2,
    >() - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2::si_timerid",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2, si_timerid
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2::si_overrun",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2, si_overrun
    ) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1>()
        - 8usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1>()
        - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1::__piduid",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1, __piduid
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1::__timer",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1, __timer
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::size_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1,
    >() - 24usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::align_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1,
    >() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1::si_status",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1, si_status
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1::si_utime",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1, si_utime
    ) - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1::si_stime",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1, si_stime
    ) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2>()
        - 24usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2>()
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2::si_value",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2, si_value
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2::__sigchld",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2, __sigchld
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1>() - 32usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1::__first",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_1, __first) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1::__second",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_1, __second) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1,
    >() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1,
    >() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1::si_lower",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1, si_lower
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1::si_upper",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1, si_upper
    ) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1>()
        - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1>()
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1::__addr_bnd",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1, __addr_bnd
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1::si_pkey",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1, si_pkey
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_2>() - 32usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2::si_addr",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_2, si_addr) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2::si_addr_lsb",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_2, si_addr_lsb)
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2::__first",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_2, __first) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_3",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_3>() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_3",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_3::si_band",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_3, si_band) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_3::si_fd",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_3, si_fd) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_4>() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_call_addr",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_call_addr)
        - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_syscall",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_syscall)
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_arch",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_arch) - 12usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1>() - 112usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::__pad",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, __pad) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::__si_common",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, __si_common) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::__sigfault",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, __sigfault) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::__sigpoll",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, __sigpoll) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::__sigsys",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, __sigsys) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of siginfo_t"][::core::mem::size_of::<siginfo_t>() - 128usize];
    ["Alignment of siginfo_t"][::core::mem::align_of::<siginfo_t>() - 8usize];
    [
        "Offset of field: siginfo_t::si_signo",
    ][::core::mem::offset_of!(siginfo_t, si_signo) - 0usize];
    [
        "Offset of field: siginfo_t::si_errno",
    ][::core::mem::offset_of!(siginfo_t, si_errno) - 4usize];
    [
        "Offset of field: siginfo_t::si_code",
    ][::core::mem::offset_of!(siginfo_t, si_code) - 8usize];
    [
        "Offset of field: siginfo_t::__si_fields",
    ][::core::mem::offset_of!(siginfo_t, __si_fields) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sigaction__bindgen_ty_1",
    ][::core::mem::size_of::<sigaction__bindgen_ty_1>() - 8usize];
    [
        "Alignment of sigaction__bindgen_ty_1",
    ][::core::mem::align_of::<sigaction__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: sigaction__bindgen_ty_1::sa_handler",
    ][::core::mem::offset_of!(sigaction__bindgen_ty_1, sa_handler) - 0usize];
    [
        "Offset of field: sigaction__bindgen_ty_1::sa_sigaction",
    ][::core::mem::offset_of!(sigaction__bindgen_ty_1, sa_sigaction) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sigaction"][::core::mem::size_of::<sigaction>() - 152usize];
    ["Alignment of sigaction"][::core::mem::align_of::<sigaction>() - 8usize];
    [
        "Offset of field: sigaction::__sa_handler",
    ][::core::mem::offset_of!(sigaction, __sa_handler) - 0usize];
    [
        "Offset of field: sigaction::sa_mask",
    ][::core::mem::offset_of!(sigaction, sa_mask) - 8usize];
    [
        "Offset of field: sigaction::sa_flags",
    ][::core::mem::offset_of!(sigaction, sa_flags) - 136usize];
    [
        "Offset of field: sigaction::sa_restorer",
    ][::core::mem::offset_of!(sigaction, sa_restorer) - 144usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sigevent__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<sigevent__bindgen_ty_1__bindgen_ty_1>() - 16usize];
    [
        "Alignment of sigevent__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<sigevent__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: sigevent__bindgen_ty_1__bindgen_ty_1::sigev_notify_function",
    ][::core::mem::offset_of!(
        sigevent__bindgen_ty_1__bindgen_ty_1, sigev_notify_function
    ) - 0usize];
    [
        "Offset of field: sigevent__bindgen_ty_1__bindgen_ty_1::sigev_notify_attributes",
    ][::core::mem::offset_of!(
        sigevent__bindgen_ty_1__bindgen_ty_1, sigev_notify_attributes
    ) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sigevent__bindgen_ty_1",
    ][::core::mem::size_of::<sigevent__bindgen_ty_1>() - 48usize];
    [
        "Alignment of sigevent__bindgen_ty_1",
    ][::core::mem::align_of::<sigevent__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: sigevent__bindgen_ty_1::__pad",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1, __pad) - 0usize];
    [
        "Offset of field: sigevent__bindgen_ty_1::sigev_notify_thread_id",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1, sigev_notify_thread_id) - 0usize];
    [
        "Offset of field: sigevent__bindgen_ty_1::__sev_thread",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1, __sev_thread) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sigevent"][::core::mem::size_of::<sigevent>() - 64usize];
    ["Alignment of sigevent"][::core::mem::align_of::<sigevent>() - 8usize];
    [
        "Offset of field: sigevent::sigev_value",
    ][::core::mem::offset_of!(sigevent, sigev_value) - 0usize];
    [
        "Offset of field: sigevent::sigev_signo",
    ][::core::mem::offset_of!(sigevent, sigev_signo) - 8usize];
    [
        "Offset of field: sigevent::sigev_notify",
    ][::core::mem::offset_of!(sigevent, sigev_notify) - 12usize];
    [
        "Offset of field: sigevent::__sev_fields",
    ][::core::mem::offset_of!(sigevent, __sev_fields) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ipc_perm"][::core::mem::size_of::<ipc_perm>() - 48usize];
    ["Alignment of ipc_perm"][::core::mem::align_of::<ipc_perm>() - 8usize];
    ["Offset of field: ipc_perm::key"][::core::mem::offset_of!(ipc_perm, key) - 0usize];
    ["Offset of field: ipc_perm::uid"][::core::mem::offset_of!(ipc_perm, uid) - 4usize];
    ["Offset of field: ipc_perm::gid"][::core::mem::offset_of!(ipc_perm, gid) - 8usize];
    [
        "Offset of field: ipc_perm::cuid",
    ][::core::mem::offset_of!(ipc_perm, cuid) - 12usize];
    [
        "Offset of field: ipc_perm::cgid",
    ][::core::mem::offset_of!(ipc_perm, cgid) - 16usize];
    [
        "Offset of field: ipc_perm::mode",
    ][::core::mem::offset_of!(ipc_perm, mode) - 20usize];
    ["Offset of field: ipc_perm::seq"][::core::mem::offset_of!(ipc_perm, seq) - 24usize];
    [
        "Offset of field: ipc_perm::__pad1",
    ][::core::mem::offset_of!(ipc_perm, __pad1) - 32usize];
    [
        "Offset of field: ipc_perm::__pad2",
    ][::core::mem::offset_of!(ipc_perm, __pad2) - 40usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of msqid_ds"][::core::mem::size_of::<msqid_ds>() - 120usize];
    ["Alignment of msqid_ds"][::core::mem::align_of::<msqid_ds>() - 8usize];
    [
        "Offset of field: msqid_ds::msg_perm",
    ][::core::mem::offset_of!(msqid_ds, msg_perm) - 0usize];
    [
        "Offset of field: msqid_ds::msg_stime",
    ][::core::mem::offset_of!(msqid_ds, msg_stime) - 48usize];
    [
        "Offset of field: msqid_ds::msg_rtime",
    ][::core::mem::offset_of!(msqid_ds, msg_rtime) - 56usize];
    [
        "Offset of field: msqid_ds::msg_ctime",
    ][::core::mem::offset_of!(msqid_ds, msg_ctime) - 64usize];
    [
        "Offset of field: msqid_ds::msg_cbytes",
    ][::core::mem::offset_of!(msqid_ds, msg_cbytes) - 72usize];
    [
        "Offset of field: msqid_ds::msg_qnum",
    ][::core::mem::offset_of!(msqid_ds, msg_qnum) - 80usize];
    [
        "Offset of field: msqid_ds::msg_qbytes",
    ][::core::mem::offset_of!(msqid_ds, msg_qbytes) - 88usize];
    [
        "Offset of field: msqid_ds::msg_lspid",
    ][::core::mem::offset_of!(msqid_ds, msg_lspid) - 96usize];
    [
        "Offset of field: msqid_ds::msg_lrpid",
    ][::core::mem::offset_of!(msqid_ds, msg_lrpid) - 100usize];
    [
        "Offset of field: msqid_ds::__unused",
    ][::core::mem::offset_of!(msqid_ds, __unused) - 104usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of msginfo"][::core::mem::size_of::<msginfo>() - 32usize];
    ["Alignment of msginfo"][::core::mem::align_of::<msginfo>() - 4usize];
    [
        "Offset of field: msginfo::msgpool",
    ][::core::mem::offset_of!(msginfo, msgpool) - 0usize];
    [
        "Offset of field: msginfo::msgmap",
    ][::core::mem::offset_of!(msginfo, msgmap) - 4usize];
    [
        "Offset of field: msginfo::msgmax",
    ][::core::mem::offset_of!(msginfo, msgmax) - 8usize];
    [
        "Offset of field: msginfo::msgmnb",
    ][::core::mem::offset_of!(msginfo, msgmnb) - 12usize];
    [
        "Offset of field: msginfo::msgmni",
    ][::core::mem::offset_of!(msginfo, msgmni) - 16usize];
    [
        "Offset of field: msginfo::msgssz",
    ][::core::mem::offset_of!(msginfo, msgssz) - 20usize];
    [
        "Offset of field: msginfo::msgtql",
    ][::core::mem::offset_of!(msginfo, msgtql) - 24usize];
    [
        "Offset of field: msginfo::msgseg",
    ][::core::mem::offset_of!(msginfo, msgseg) - 28usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of timeval"][::core::mem::size_of::<timeval>() - 16usize];
    ["Alignment of timeval"][::core::mem::align_of::<timeval>() - 8usize];
    [
        "Offset of field: timeval::tv_sec",
    ][::core::mem::offset_of!(timeval, tv_sec) - 0usize];
    [
        "Offset of field: timeval::tv_usec",
    ][::core::mem::offset_of!(timeval, tv_usec) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of rlimit"][::core::mem::size_of::<rlimit>() - 16usize];
    ["Alignment of rlimit"][::core::mem::align_of::<rlimit>() - 8usize];
    [
        "Offset of field: rlimit::rlim_cur",
    ][::core::mem::offset_of!(rlimit, rlim_cur) - 0usize];
    [
        "Offset of field: rlimit::rlim_max",
    ][::core::mem::offset_of!(rlimit, rlim_max) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of semid_ds"][::core::mem::size_of::<semid_ds>() - 104usize];
    ["Alignment of semid_ds"][::core::mem::align_of::<semid_ds>() - 8usize];
    [
        "Offset of field: semid_ds::sem_perm",
    ][::core::mem::offset_of!(semid_ds, sem_perm) - 0usize];
    [
        "Offset of field: semid_ds::sem_otime",
    ][::core::mem::offset_of!(semid_ds, sem_otime) - 48usize];
    [
        "Offset of field: semid_ds::__unused1",
    ][::core::mem::offset_of!(semid_ds, __unused1) - 56usize];
    [
        "Offset of field: semid_ds::sem_ctime",
    ][::core::mem::offset_of!(semid_ds, sem_ctime) - 64usize];
    [
        "Offset of field: semid_ds::__unused2",
    ][::core::mem::offset_of!(semid_ds, __unused2) - 72usize];
    [
        "Offset of field: semid_ds::sem_nsems",
    ][::core::mem::offset_of!(semid_ds, sem_nsems) - 80usize];
    [
        "Offset of field: semid_ds::__sem_nsems_pad",
    ][::core::mem::offset_of!(semid_ds, __sem_nsems_pad) - 82usize];
    [
        "Offset of field: semid_ds::__unused3",
    ][::core::mem::offset_of!(semid_ds, __unused3) - 88usize];
    [
        "Offset of field: semid_ds::__unused4",
    ][::core::mem::offset_of!(semid_ds, __unused4) - 96usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of seminfo"][::core::mem::size_of::<seminfo>() - 40usize];
    ["Alignment of seminfo"][::core::mem::align_of::<seminfo>() - 4usize];
    [
        "Offset of field: seminfo::semmap",
    ][::core::mem::offset_of!(seminfo, semmap) - 0usize];
    [
        "Offset of field: seminfo::semmni",
    ][::core::mem::offset_of!(seminfo, semmni) - 4usize];
    [
        "Offset of field: seminfo::semmns",
    ][::core::mem::offset_of!(seminfo, semmns) - 8usize];
    [
        "Offset of field: seminfo::semmnu",
    ][::core::mem::offset_of!(seminfo, semmnu) - 12usize];
    [
        "Offset of field: seminfo::semmsl",
    ][::core::mem::offset_of!(seminfo, semmsl) - 16usize];
    [
        "Offset of field: seminfo::semopm",
    ][::core::mem::offset_of!(seminfo, semopm) - 20usize];
    [
        "Offset of field: seminfo::semume",
    ][::core::mem::offset_of!(seminfo, semume) - 24usize];
    [
        "Offset of field: seminfo::semusz",
    ][::core::mem::offset_of!(seminfo, semusz) - 28usize];
    [
        "Offset of field: seminfo::semvmx",
    ][::core::mem::offset_of!(seminfo, semvmx) - 32usize];
    [
        "Offset of field: seminfo::semaem",
    ][::core::mem::offset_of!(seminfo, semaem) - 36usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sembuf"][::core::mem::size_of::<sembuf>() - 6usize];
    ["Alignment of sembuf"][::core::mem::align_of::<sembuf>() - 2usize];
    [
        "Offset of field: sembuf::sem_num",
    ][::core::mem::offset_of!(sembuf, sem_num) - 0usize];
    [
        "Offset of field: sembuf::sem_op",
    ][::core::mem::offset_of!(sembuf, sem_op) - 2usize];
    [
        "Offset of field: sembuf::sem_flg",
    ][::core::mem::offset_of!(sembuf, sem_flg) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of shmid_ds"][::core::mem::size_of::<shmid_ds>() - 112usize];
    ["Alignment of shmid_ds"][::core::mem::align_of::<shmid_ds>() - 8usize];
    [
        "Offset of field: shmid_ds::shm_perm",
    ][::core::mem::offset_of!(shmid_ds, shm_perm) - 0usize];
    [
        "Offset of field: shmid_ds::shm_segsz",
    ][::core::mem::offset_of!(shmid_ds, shm_segsz) - 48usize];
    [
        "Offset of field: shmid_ds::shm_atime",
    ][::core::mem::offset_of!(shmid_ds, shm_atime) - 56usize];
    [
        "Offset of field: shmid_ds::shm_dtime",
    ][::core::mem::offset_of!(shmid_ds, shm_dtime) - 64usize];
    [
        "Offset of field: shmid_ds::shm_ctime",
    ][::core::mem::offset_of!(shmid_ds, shm_ctime) - 72usize];
    [
        "Offset of field: shmid_ds::shm_cpid",
    ][::core::mem::offset_of!(shmid_ds, shm_cpid) - 80usize];
    [
        "Offset of field: shmid_ds::shm_lpid",
    ][::core::mem::offset_of!(shmid_ds, shm_lpid) - 84usize];
    [
        "Offset of field: shmid_ds::shm_nattch",
    ][::core::mem::offset_of!(shmid_ds, shm_nattch) - 88usize];
    [
        "Offset of field: shmid_ds::__pad1",
    ][::core::mem::offset_of!(shmid_ds, __pad1) - 96usize];
    [
        "Offset of field: shmid_ds::__pad2",
    ][::core::mem::offset_of!(shmid_ds, __pad2) - 104usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of shminfo"][::core::mem::size_of::<shminfo>() - 72usize];
    ["Alignment of shminfo"][::core::mem::align_of::<shminfo>() - 8usize];
    [
        "Offset of field: shminfo::shmmax",
    ][::core::mem::offset_of!(shminfo, shmmax) - 0usize];
    [
        "Offset of field: shminfo::shmmin",
    ][::core::mem::offset_of!(shminfo, shmmin) - 8usize];
    [
        "Offset of field: shminfo::shmmni",
    ][::core::mem::offset_of!(shminfo, shmmni) - 16usize];
    [
        "Offset of field: shminfo::shmseg",
    ][::core::mem::offset_of!(shminfo, shmseg) - 24usize];
    [
        "Offset of field: shminfo::shmall",
    ][::core::mem::offset_of!(shminfo, shmall) - 32usize];
    [
        "Offset of field: shminfo::__unused",
    ][::core::mem::offset_of!(shminfo, __unused) - 40usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of shm_info"][::core::mem::size_of::<shm_info>() - 48usize];
    ["Alignment of shm_info"][::core::mem::align_of::<shm_info>() - 8usize];
    [
        "Offset of field: shm_info::used_ids",
    ][::core::mem::offset_of!(shm_info, used_ids) - 0usize];
    [
        "Offset of field: shm_info::shm_tot",
    ][::core::mem::offset_of!(shm_info, shm_tot) - 8usize];
    [
        "Offset of field: shm_info::shm_rss",
    ][::core::mem::offset_of!(shm_info, shm_rss) - 16usize];
    [
        "Offset of field: shm_info::shm_swp",
    ][::core::mem::offset_of!(shm_info, shm_swp) - 24usize];
    [
        "Offset of field: shm_info::swap_attempts",
    ][::core::mem::offset_of!(shm_info, swap_attempts) - 32usize];
    [
        "Offset of field: shm_info::swap_successes",
    ][::core::mem::offset_of!(shm_info, swap_successes) - 40usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of signalfd_siginfo"][::core::mem::size_of::<signalfd_siginfo>() - 128usize];
    [
        "Alignment of signalfd_siginfo",
    ][::core::mem::align_of::<signalfd_siginfo>() - 8usize];
    [
        "Offset of field: signalfd_siginfo::ssi_signo",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_signo) - 0usize];
    [
        "Offset of field: signalfd_siginfo::ssi_errno",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_errno) - 4usize];
    [
        "Offset of field: signalfd_siginfo::ssi_code",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_code) - 8usize];
    [
        "Offset of field: signalfd_siginfo::ssi_pid",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_pid) - 12usize];
    [
        "Offset of field: signalfd_siginfo::ssi_uid",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_uid) - 16usize];
    [
        "Offset of field: signalfd_siginfo::ssi_fd",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_fd) - 20usize];
    [
        "Offset of field: signalfd_siginfo::ssi_tid",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_tid) - 24usize];
    [
        "Offset of field: signalfd_siginfo::ssi_band",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_band) - 28usize];
    [
        "Offset of field: signalfd_siginfo::ssi_overrun",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_overrun) - 32usize];
    [
        "Offset of field: signalfd_siginfo::ssi_trapno",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_trapno) - 36usize];
    [
        "Offset of field: signalfd_siginfo::ssi_status",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_status) - 40usize];
    [
        "Offset of field: signalfd_siginfo::ssi_int",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_int) - 44usize];
    [
        "Offset of field: signalfd_siginfo::ssi_ptr",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_ptr) - 48usize];
    [
        "Offset of field: signalfd_siginfo::ssi_utime",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_utime) - 56usize];
    [
        "Offset of field: signalfd_siginfo::ssi_stime",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_stime) - 64usize];
    [
        "Offset of field: signalfd_siginfo::ssi_addr",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_addr) - 72usize];
    [
        "Offset of field: signalfd_siginfo::ssi_addr_lsb",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_addr_lsb) - 80usize];
    [
        "Offset of field: signalfd_siginfo::__pad2",
    ][::core::mem::offset_of!(signalfd_siginfo, __pad2) - 82usize];
    [
        "Offset of field: signalfd_siginfo::ssi_syscall",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_syscall) - 84usize];
    [
        "Offset of field: signalfd_siginfo::ssi_call_addr",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_call_addr) - 88usize];
    [
        "Offset of field: signalfd_siginfo::ssi_arch",
    ][::core::mem::offset_of!(signalfd_siginfo, ssi_arch) - 96usize];
    [
        "Offset of field: signalfd_siginfo::__pad",
    ][::core::mem::offset_of!(signalfd_siginfo, __pad) - 100usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of stat"][::core::mem::size_of::<stat>() - 144usize];
    ["Alignment of stat"][::core::mem::align_of::<stat>() - 8usize];
    ["Offset of field: stat::st_dev"][::core::mem::offset_of!(stat, st_dev) - 0usize];
    ["Offset of field: stat::st_ino"][::core::mem::offset_of!(stat, st_ino) - 8usize];
    [
        "Offset of field: stat::st_nlink",
    ][::core::mem::offset_of!(stat, st_nlink) - 16usize];
    ["Offset of field: stat::st_mode"][::core::mem::offset_of!(stat, st_mode) - 24usize];
    ["Offset of field: stat::st_uid"][::core::mem::offset_of!(stat, st_uid) - 28usize];
    ["Offset of field: stat::st_gid"][::core::mem::offset_of!(stat, st_gid) - 32usize];
    ["Offset of field: stat::__pad0"][::core::mem::offset_of!(stat, __pad0) - 36usize];
    ["Offset of field: stat::st_rdev"][::core::mem::offset_of!(stat, st_rdev) - 40usize];
    ["Offset of field: stat::st_size"][::core::mem::offset_of!(stat, st_size) - 48usize];
    [
        "Offset of field: stat::st_blksize",
    ][::core::mem::offset_of!(stat, st_blksize) - 56usize];
    [
        "Offset of field: stat::st_blocks",
    ][::core::mem::offset_of!(stat, st_blocks) - 64usize];
    ["Offset of field: stat::st_atim"][::core::mem::offset_of!(stat, st_atim) - 72usize];
    ["Offset of field: stat::st_mtim"][::core::mem::offset_of!(stat, st_mtim) - 88usize];
    [
        "Offset of field: stat::st_ctim",
    ][::core::mem::offset_of!(stat, st_ctim) - 104usize];
    [
        "Offset of field: stat::__unused",
    ][::core::mem::offset_of!(stat, __unused) - 120usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __fsid_t"][::core::mem::size_of::<__fsid_t>() - 8usize];
    ["Alignment of __fsid_t"][::core::mem::align_of::<__fsid_t>() - 4usize];
    [
        "Offset of field: __fsid_t::__val",
    ][::core::mem::offset_of!(__fsid_t, __val) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of statfs"][::core::mem::size_of::<statfs>() - 120usize];
    ["Alignment of statfs"][::core::mem::align_of::<statfs>() - 8usize];
    [
        "Offset of field: statfs::f_type",
    ][::core::mem::offset_of!(statfs, f_type) - 0usize];
    [
        "Offset of field: statfs::f_bsize",
    ][::core::mem::offset_of!(statfs, f_bsize) - 8usize];
    [
        "Offset of field: statfs::f_blocks",
    ][::core::mem::offset_of!(statfs, f_blocks) - 16usize];
    [
        "Offset of field: statfs::f_bfree",
    ][::core::mem::offset_of!(statfs, f_bfree) - 24usize];
    [
        "Offset of field: statfs::f_bavail",
    ][::core::mem::offset_of!(statfs, f_bavail) - 32usize];
    [
        "Offset of field: statfs::f_files",
    ][::core::mem::offset_of!(statfs, f_files) - 40usize];
    [
        "Offset of field: statfs::f_ffree",
    ][::core::mem::offset_of!(statfs, f_ffree) - 48usize];
    [
        "Offset of field: statfs::f_fsid",
    ][::core::mem::offset_of!(statfs, f_fsid) - 56usize];
    [
        "Offset of field: statfs::f_namelen",
    ][::core::mem::offset_of!(statfs, f_namelen) - 64usize];
    [
        "Offset of field: statfs::f_frsize",
    ][::core::mem::offset_of!(statfs, f_frsize) - 72usize];
    [
        "Offset of field: statfs::f_flags",
    ][::core::mem::offset_of!(statfs, f_flags) - 80usize];
    [
        "Offset of field: statfs::f_spare",
    ][::core::mem::offset_of!(statfs, f_spare) - 88usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of futex_waitv"][::core::mem::size_of::<futex_waitv>() - 24usize];
    ["Alignment of futex_waitv"][::core::mem::align_of::<futex_waitv>() - 8usize];
    [
        "Offset of field: futex_waitv::val",
    ][::core::mem::offset_of!(futex_waitv, val) - 0usize];
    [
        "Offset of field: futex_waitv::uaddr",
    ][::core::mem::offset_of!(futex_waitv, uaddr) - 8usize];
    [
        "Offset of field: futex_waitv::flags",
    ][::core::mem::offset_of!(futex_waitv, flags) - 16usize];
    [
        "Offset of field: futex_waitv::__reserved",
    ][::core::mem::offset_of!(futex_waitv, __reserved) - 20usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of robust_list"][::core::mem::size_of::<robust_list>() - 8usize];
    ["Alignment of robust_list"][::core::mem::align_of::<robust_list>() - 8usize];
    [
        "Offset of field: robust_list::next",
    ][::core::mem::offset_of!(robust_list, next) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of robust_list_head"][::core::mem::size_of::<robust_list_head>() - 24usize];
    [
        "Alignment of robust_list_head",
    ][::core::mem::align_of::<robust_list_head>() - 8usize];
    [
        "Offset of field: robust_list_head::list",
    ][::core::mem::offset_of!(robust_list_head, list) - 0usize];
    [
        "Offset of field: robust_list_head::futex_offset",
    ][::core::mem::offset_of!(robust_list_head, futex_offset) - 8usize];
    [
        "Offset of field: robust_list_head::list_op_pending",
    ][::core::mem::offset_of!(robust_list_head, list_op_pending) - 16usize];
};
pub const EPERM: ::core::ffi::c_int = 1;
pub const ENOENT: ::core::ffi::c_int = 2;
pub const ESRCH: ::core::ffi::c_int = 3;
pub const EINTR: ::core::ffi::c_int = 4;
pub const EIO: ::core::ffi::c_int = 5;
pub const ENXIO: ::core::ffi::c_int = 6;
pub const E2BIG: ::core::ffi::c_int = 7;
pub const ENOEXEC: ::core::ffi::c_int = 8;
pub const EBADF: ::core::ffi::c_int = 9;
pub const ECHILD: ::core::ffi::c_int = 10;
pub const EAGAIN: ::core::ffi::c_int = 11;
pub const ENOMEM: ::core::ffi::c_int = 12;
pub const EACCES: ::core::ffi::c_int = 13;
pub const EFAULT: ::core::ffi::c_int = 14;
pub const ENOTBLK: ::core::ffi::c_int = 15;
pub const EBUSY: ::core::ffi::c_int = 16;
pub const EEXIST: ::core::ffi::c_int = 17;
pub const EXDEV: ::core::ffi::c_int = 18;
pub const ENODEV: ::core::ffi::c_int = 19;
pub const ENOTDIR: ::core::ffi::c_int = 20;
pub const EISDIR: ::core::ffi::c_int = 21;
pub const EINVAL: ::core::ffi::c_int = 22;
pub const ENFILE: ::core::ffi::c_int = 23;
pub const EMFILE: ::core::ffi::c_int = 24;
pub const ENOTTY: ::core::ffi::c_int = 25;
pub const ETXTBSY: ::core::ffi::c_int = 26;
pub const EFBIG: ::core::ffi::c_int = 27;
pub const ENOSPC: ::core::ffi::c_int = 28;
pub const ESPIPE: ::core::ffi::c_int = 29;
pub const EROFS: ::core::ffi::c_int = 30;
pub const EMLINK: ::core::ffi::c_int = 31;
pub const EPIPE: ::core::ffi::c_int = 32;
pub const EDOM: ::core::ffi::c_int = 33;
pub const ERANGE: ::core::ffi::c_int = 34;
pub const EDEADLK: ::core::ffi::c_int = 35;
pub const ENAMETOOLONG: ::core::ffi::c_int = 36;
pub const ENOLCK: ::core::ffi::c_int = 37;
pub const ENOSYS: ::core::ffi::c_int = 38;
pub const ENOTEMPTY: ::core::ffi::c_int = 39;
pub const ELOOP: ::core::ffi::c_int = 40;
pub const EWOULDBLOCK: ::core::ffi::c_int = 11;
pub const ENOMSG: ::core::ffi::c_int = 42;
pub const EIDRM: ::core::ffi::c_int = 43;
pub const ECHRNG: ::core::ffi::c_int = 44;
pub const EL2NSYNC: ::core::ffi::c_int = 45;
pub const EL3HLT: ::core::ffi::c_int = 46;
pub const EL3RST: ::core::ffi::c_int = 47;
pub const ELNRNG: ::core::ffi::c_int = 48;
pub const EUNATCH: ::core::ffi::c_int = 49;
pub const ENOCSI: ::core::ffi::c_int = 50;
pub const EL2HLT: ::core::ffi::c_int = 51;
pub const EBADE: ::core::ffi::c_int = 52;
pub const EBADR: ::core::ffi::c_int = 53;
pub const EXFULL: ::core::ffi::c_int = 54;
pub const ENOANO: ::core::ffi::c_int = 55;
pub const EBADRQC: ::core::ffi::c_int = 56;
pub const EBADSLT: ::core::ffi::c_int = 57;
pub const EDEADLOCK: ::core::ffi::c_int = 35;
pub const EBFONT: ::core::ffi::c_int = 59;
pub const ENOSTR: ::core::ffi::c_int = 60;
pub const ENODATA: ::core::ffi::c_int = 61;
pub const ETIME: ::core::ffi::c_int = 62;
pub const ENOSR: ::core::ffi::c_int = 63;
pub const ENONET: ::core::ffi::c_int = 64;
pub const ENOPKG: ::core::ffi::c_int = 65;
pub const EREMOTE: ::core::ffi::c_int = 66;
pub const ENOLINK: ::core::ffi::c_int = 67;
pub const EADV: ::core::ffi::c_int = 68;
pub const ESRMNT: ::core::ffi::c_int = 69;
pub const ECOMM: ::core::ffi::c_int = 70;
pub const EPROTO: ::core::ffi::c_int = 71;
pub const EMULTIHOP: ::core::ffi::c_int = 72;
pub const EDOTDOT: ::core::ffi::c_int = 73;
pub const EBADMSG: ::core::ffi::c_int = 74;
pub const EOVERFLOW: ::core::ffi::c_int = 75;
pub const ENOTUNIQ: ::core::ffi::c_int = 76;
pub const EBADFD: ::core::ffi::c_int = 77;
pub const EREMCHG: ::core::ffi::c_int = 78;
pub const ELIBACC: ::core::ffi::c_int = 79;
pub const ELIBBAD: ::core::ffi::c_int = 80;
pub const ELIBSCN: ::core::ffi::c_int = 81;
pub const ELIBMAX: ::core::ffi::c_int = 82;
pub const ELIBEXEC: ::core::ffi::c_int = 83;
pub const EILSEQ: ::core::ffi::c_int = 84;
pub const ERESTART: ::core::ffi::c_int = 85;
pub const ESTRPIPE: ::core::ffi::c_int = 86;
pub const EUSERS: ::core::ffi::c_int = 87;
pub const ENOTSOCK: ::core::ffi::c_int = 88;
pub const EDESTADDRREQ: ::core::ffi::c_int = 89;
pub const EMSGSIZE: ::core::ffi::c_int = 90;
pub const EPROTOTYPE: ::core::ffi::c_int = 91;
pub const ENOPROTOOPT: ::core::ffi::c_int = 92;
pub const EPROTONOSUPPORT: ::core::ffi::c_int = 93;
pub const ESOCKTNOSUPPORT: ::core::ffi::c_int = 94;
pub const EOPNOTSUPP: ::core::ffi::c_int = 95;
pub const ENOTSUP: ::core::ffi::c_int = 95;
pub const EPFNOSUPPORT: ::core::ffi::c_int = 96;
pub const EAFNOSUPPORT: ::core::ffi::c_int = 97;
pub const EADDRINUSE: ::core::ffi::c_int = 98;
pub const EADDRNOTAVAIL: ::core::ffi::c_int = 99;
pub const ENETDOWN: ::core::ffi::c_int = 100;
pub const ENETUNREACH: ::core::ffi::c_int = 101;
pub const ENETRESET: ::core::ffi::c_int = 102;
pub const ECONNABORTED: ::core::ffi::c_int = 103;
pub const ECONNRESET: ::core::ffi::c_int = 104;
pub const ENOBUFS: ::core::ffi::c_int = 105;
pub const EISCONN: ::core::ffi::c_int = 106;
pub const ENOTCONN: ::core::ffi::c_int = 107;
pub const ESHUTDOWN: ::core::ffi::c_int = 108;
pub const ETOOMANYREFS: ::core::ffi::c_int = 109;
pub const ETIMEDOUT: ::core::ffi::c_int = 110;
pub const ECONNREFUSED: ::core::ffi::c_int = 111;
pub const EHOSTDOWN: ::core::ffi::c_int = 112;
pub const EHOSTUNREACH: ::core::ffi::c_int = 113;
pub const EALREADY: ::core::ffi::c_int = 114;
pub const EINPROGRESS: ::core::ffi::c_int = 115;
pub const ESTALE: ::core::ffi::c_int = 116;
pub const EUCLEAN: ::core::ffi::c_int = 117;
pub const ENOTNAM: ::core::ffi::c_int = 118;
pub const ENAVAIL: ::core::ffi::c_int = 119;
pub const EISNAM: ::core::ffi::c_int = 120;
pub const EREMOTEIO: ::core::ffi::c_int = 121;
pub const EDQUOT: ::core::ffi::c_int = 122;
pub const ENOMEDIUM: ::core::ffi::c_int = 123;
pub const EMEDIUMTYPE: ::core::ffi::c_int = 124;
pub const ECANCELED: ::core::ffi::c_int = 125;
pub const ENOKEY: ::core::ffi::c_int = 126;
pub const EKEYEXPIRED: ::core::ffi::c_int = 127;
pub const EKEYREVOKED: ::core::ffi::c_int = 128;
pub const EKEYREJECTED: ::core::ffi::c_int = 129;
pub const EOWNERDEAD: ::core::ffi::c_int = 130;
pub const ENOTRECOVERABLE: ::core::ffi::c_int = 131;
pub const ERFKILL: ::core::ffi::c_int = 132;
pub const EHWPOISON: ::core::ffi::c_int = 133;
pub const IPC_PRIVATE: key_t = 0;
pub const IPC_CREAT: ::core::ffi::c_int = 512;
pub const IPC_EXCL: ::core::ffi::c_int = 1024;
pub const IPC_NOWAIT: ::core::ffi::c_int = 2048;
pub const IPC_RMID: ::core::ffi::c_int = 0;
pub const IPC_SET: ::core::ffi::c_int = 1;
pub const IPC_STAT: ::core::ffi::c_int = 2;
pub const IPC_INFO: ::core::ffi::c_int = 3;
pub const OFFSET_OF___key: usize = 0;
pub const SHM_RDONLY: ::core::ffi::c_int = 4096;
pub const SHM_RND: ::core::ffi::c_int = 8192;
pub const SHM_REMAP: ::core::ffi::c_int = 16384;
pub const SHM_EXEC: ::core::ffi::c_int = 32768;
pub const SHM_HUGETLB: ::core::ffi::c_int = 2048;
pub const SHM_NORESERVE: ::core::ffi::c_int = 4096;
pub const SHM_LOCK: ::core::ffi::c_int = 11;
pub const SHM_UNLOCK: ::core::ffi::c_int = 12;
pub const SHM_STAT: ::core::ffi::c_int = 13;
pub const SHM_STAT_ANY: ::core::ffi::c_int = 15;
pub const SHM_INFO: ::core::ffi::c_int = 14;
pub const SHM_DEST: ::core::ffi::c_int = 512;
pub const SHM_LOCKED: ::core::ffi::c_int = 1024;
pub const SHM_R: ::core::ffi::c_int = 256;
pub const SHM_W: ::core::ffi::c_int = 128;
pub const SEM_UNDO: ::core::ffi::c_short = 4096;
pub const GETPID: ::core::ffi::c_int = 11;
pub const GETVAL: ::core::ffi::c_int = 12;
pub const GETALL: ::core::ffi::c_int = 13;
pub const GETNCNT: ::core::ffi::c_int = 14;
pub const GETZCNT: ::core::ffi::c_int = 15;
pub const SETVAL: ::core::ffi::c_int = 16;
pub const SETALL: ::core::ffi::c_int = 17;
pub const SEM_STAT: ::core::ffi::c_int = 18;
pub const SEM_STAT_ANY: ::core::ffi::c_int = 20;
pub const SEM_INFO: ::core::ffi::c_int = 19;
pub const MSG_NOERROR: ::core::ffi::c_int = 4096;
pub const MSG_EXCEPT: ::core::ffi::c_int = 8192;
pub const MSG_COPY: ::core::ffi::c_int = 16384;
pub const MSG_STAT: ::core::ffi::c_int = 11;
pub const MSG_STAT_ANY: ::core::ffi::c_int = 13;
pub const MSG_INFO: ::core::ffi::c_int = 12;
pub const O_RDONLY: ::core::ffi::c_int = 0;
pub const O_WRONLY: ::core::ffi::c_int = 1;
pub const O_RDWR: ::core::ffi::c_int = 2;
pub const O_ACCMODE: ::core::ffi::c_int = 2097155;
pub const O_CREAT: ::core::ffi::c_int = 64;
pub const O_EXCL: ::core::ffi::c_int = 128;
pub const O_NOCTTY: ::core::ffi::c_int = 256;
pub const O_TRUNC: ::core::ffi::c_int = 512;
pub const O_APPEND: ::core::ffi::c_int = 1024;
pub const O_NONBLOCK: ::core::ffi::c_int = 2048;
pub const O_DSYNC: ::core::ffi::c_int = 4096;
pub const O_SYNC: ::core::ffi::c_int = 1052672;
pub const O_ASYNC: ::core::ffi::c_int = 8192;
pub const O_DIRECT: ::core::ffi::c_int = 16384;
pub const O_DIRECTORY: ::core::ffi::c_int = 65536;
pub const O_NOFOLLOW: ::core::ffi::c_int = 131072;
pub const O_NOATIME: ::core::ffi::c_int = 262144;
pub const O_CLOEXEC: ::core::ffi::c_int = 524288;
pub const O_PATH: ::core::ffi::c_int = 2097152;
pub const O_TMPFILE: ::core::ffi::c_int = 4259840;
pub const AT_FDCWD: ::core::ffi::c_int = -100;
pub const AT_SYMLINK_NOFOLLOW: ::core::ffi::c_int = 256;
pub const AT_SYMLINK_FOLLOW: ::core::ffi::c_int = 1024;
pub const AT_REMOVEDIR: ::core::ffi::c_int = 512;
pub const AT_EACCESS: ::core::ffi::c_int = 512;
pub const AT_EMPTY_PATH: ::core::ffi::c_int = 4096;
pub const AT_NO_AUTOMOUNT: ::core::ffi::c_int = 2048;
pub const S_IFMT: mode_t = 61440;
pub const S_IFREG: mode_t = 32768;
pub const S_IFDIR: mode_t = 16384;
pub const S_IFLNK: mode_t = 40960;
pub const S_IFIFO: mode_t = 4096;
pub const S_IFSOCK: mode_t = 49152;
pub const S_IFCHR: mode_t = 8192;
pub const S_IFBLK: mode_t = 24576;
pub const S_ISUID: mode_t = 2048;
pub const S_ISGID: mode_t = 1024;
pub const S_ISVTX: mode_t = 512;
pub const S_IRWXU: mode_t = 448;
pub const S_IRUSR: mode_t = 256;
pub const S_IWUSR: mode_t = 128;
pub const S_IXUSR: mode_t = 64;
pub const S_IRWXG: mode_t = 56;
pub const S_IRGRP: mode_t = 32;
pub const S_IWGRP: mode_t = 16;
pub const S_IXGRP: mode_t = 8;
pub const S_IRWXO: mode_t = 7;
pub const S_IROTH: mode_t = 4;
pub const S_IWOTH: mode_t = 2;
pub const S_IXOTH: mode_t = 1;
pub const F_DUPFD: ::core::ffi::c_int = 0;
pub const F_DUPFD_CLOEXEC: ::core::ffi::c_int = 1030;
pub const F_GETFD: ::core::ffi::c_int = 1;
pub const F_SETFD: ::core::ffi::c_int = 2;
pub const F_GETFL: ::core::ffi::c_int = 3;
pub const F_SETFL: ::core::ffi::c_int = 4;
pub const FD_CLOEXEC: ::core::ffi::c_int = 1;
pub const F_GETLK: ::core::ffi::c_int = 5;
pub const F_SETLK: ::core::ffi::c_int = 6;
pub const F_SETLKW: ::core::ffi::c_int = 7;
pub const F_OFD_GETLK: ::core::ffi::c_int = 36;
pub const F_OFD_SETLK: ::core::ffi::c_int = 37;
pub const F_OFD_SETLKW: ::core::ffi::c_int = 38;
pub const F_GETOWN: ::core::ffi::c_int = 9;
pub const F_SETOWN: ::core::ffi::c_int = 8;
pub const F_GETSIG: ::core::ffi::c_int = 11;
pub const F_SETSIG: ::core::ffi::c_int = 10;
pub const F_GETPIPE_SZ: ::core::ffi::c_int = 1032;
pub const F_SETPIPE_SZ: ::core::ffi::c_int = 1031;
pub const F_RDLCK: ::core::ffi::c_short = 0;
pub const F_WRLCK: ::core::ffi::c_short = 1;
pub const F_UNLCK: ::core::ffi::c_short = 2;
pub const F_ADD_SEALS: ::core::ffi::c_int = 1033;
pub const F_GET_SEALS: ::core::ffi::c_int = 1034;
pub const F_SEAL_SEAL: ::core::ffi::c_int = 1;
pub const F_SEAL_SHRINK: ::core::ffi::c_int = 2;
pub const F_SEAL_GROW: ::core::ffi::c_int = 4;
pub const F_SEAL_WRITE: ::core::ffi::c_int = 8;
pub const F_SEAL_FUTURE_WRITE: ::core::ffi::c_int = 16;
pub const FALLOC_FL_KEEP_SIZE: ::core::ffi::c_int = 1;
pub const FALLOC_FL_PUNCH_HOLE: ::core::ffi::c_int = 2;
pub const FALLOC_FL_COLLAPSE_RANGE: ::core::ffi::c_int = 8;
pub const FALLOC_FL_ZERO_RANGE: ::core::ffi::c_int = 16;
pub const FALLOC_FL_INSERT_RANGE: ::core::ffi::c_int = 32;
pub const FALLOC_FL_UNSHARE_RANGE: ::core::ffi::c_int = 64;
pub const SEEK_SET: ::core::ffi::c_int = 0;
pub const SEEK_CUR: ::core::ffi::c_int = 1;
pub const SEEK_END: ::core::ffi::c_int = 2;
pub const SEEK_DATA: ::core::ffi::c_int = 3;
pub const SEEK_HOLE: ::core::ffi::c_int = 4;
pub const F_OK: ::core::ffi::c_int = 0;
pub const R_OK: ::core::ffi::c_int = 4;
pub const W_OK: ::core::ffi::c_int = 2;
pub const X_OK: ::core::ffi::c_int = 1;
pub const LOCK_SH: ::core::ffi::c_int = 1;
pub const LOCK_EX: ::core::ffi::c_int = 2;
pub const LOCK_UN: ::core::ffi::c_int = 8;
pub const LOCK_NB: ::core::ffi::c_int = 4;
pub const RENAME_NOREPLACE: ::core::ffi::c_uint = 1;
pub const RENAME_EXCHANGE: ::core::ffi::c_uint = 2;
pub const STDIN_FILENO: ::core::ffi::c_int = 0;
pub const STDOUT_FILENO: ::core::ffi::c_int = 1;
pub const STDERR_FILENO: ::core::ffi::c_int = 2;
pub const NAME_MAX: usize = 255;
pub const PATH_MAX: usize = 4096;
pub const PIPE_BUF: usize = 4096;
pub const TMPFS_MAGIC: ::core::ffi::c_long = 16914836;
pub const HUGETLBFS_MAGIC: ::core::ffi::c_long = 2508478710;
pub const MQUEUE_MAGIC: ::core::ffi::c_long = 427819522;
pub const PROT_NONE: ::core::ffi::c_int = 0;
pub const PROT_READ: ::core::ffi::c_int = 1;
pub const PROT_WRITE: ::core::ffi::c_int = 2;
pub const PROT_EXEC: ::core::ffi::c_int = 4;
pub const MAP_SHARED: ::core::ffi::c_int = 1;
pub const MAP_PRIVATE: ::core::ffi::c_int = 2;
pub const MAP_SHARED_VALIDATE: ::core::ffi::c_int = 3;
pub const MAP_FIXED: ::core::ffi::c_int = 16;
pub const MAP_FIXED_NOREPLACE: ::core::ffi::c_int = 1048576;
pub const MAP_ANONYMOUS: ::core::ffi::c_int = 32;
pub const MAP_GROWSDOWN: ::core::ffi::c_int = 256;
pub const MAP_LOCKED: ::core::ffi::c_int = 8192;
pub const MAP_NORESERVE: ::core::ffi::c_int = 16384;
pub const MAP_POPULATE: ::core::ffi::c_int = 32768;
pub const MAP_NONBLOCK: ::core::ffi::c_int = 65536;
pub const MAP_STACK: ::core::ffi::c_int = 131072;
pub const MAP_HUGETLB: ::core::ffi::c_int = 262144;
pub const MAP_SYNC: ::core::ffi::c_int = 524288;
pub const MAP_HUGE_SHIFT: ::core::ffi::c_int = 26;
pub const MAP_HUGE_MASK: ::core::ffi::c_int = 63;
pub const MS_ASYNC: ::core::ffi::c_int = 1;
pub const MS_SYNC: ::core::ffi::c_int = 4;
pub const MS_INVALIDATE: ::core::ffi::c_int = 2;
pub const MADV_NORMAL: ::core::ffi::c_int = 0;
pub const MADV_RANDOM: ::core::ffi::c_int = 1;
pub const MADV_SEQUENTIAL: ::core::ffi::c_int = 2;
pub const MADV_WILLNEED: ::core::ffi::c_int = 3;
pub const MADV_DONTNEED: ::core::ffi::c_int = 4;
pub const MADV_FREE: ::core::ffi::c_int = 8;
pub const MADV_REMOVE: ::core::ffi::c_int = 9;
pub const MADV_DONTFORK: ::core::ffi::c_int = 10;
pub const MADV_DOFORK: ::core::ffi::c_int = 11;
pub const MADV_MERGEABLE: ::core::ffi::c_int = 12;
pub const MADV_UNMERGEABLE: ::core::ffi::c_int = 13;
pub const MADV_HUGEPAGE: ::core::ffi::c_int = 14;
pub const MADV_NOHUGEPAGE: ::core::ffi::c_int = 15;
pub const MADV_DONTDUMP: ::core::ffi::c_int = 16;
pub const MADV_DODUMP: ::core::ffi::c_int = 17;
pub const MADV_WIPEONFORK: ::core::ffi::c_int = 18;
pub const MADV_KEEPONFORK: ::core::ffi::c_int = 19;
pub const MADV_COLD: ::core::ffi::c_int = 20;
pub const MADV_PAGEOUT: ::core::ffi::c_int = 21;
pub const MADV_HWPOISON: ::core::ffi::c_int = 100;
pub const MADV_POPULATE_READ: ::core::ffi::c_int = 22;
pub const MADV_POPULATE_WRITE: ::core::ffi::c_int = 23;
pub const MADV_COLLAPSE: ::core::ffi::c_int = 25;
pub const POSIX_MADV_NORMAL: ::core::ffi::c_int = 0;
pub const POSIX_MADV_RANDOM: ::core::ffi::c_int = 1;
pub const POSIX_MADV_SEQUENTIAL: ::core::ffi::c_int = 2;
pub const POSIX_MADV_WILLNEED: ::core::ffi::c_int = 3;
pub const POSIX_MADV_DONTNEED: ::core::ffi::c_int = 4;
pub const MREMAP_MAYMOVE: ::core::ffi::c_int = 1;
pub const MREMAP_FIXED: ::core::ffi::c_int = 2;
pub const MREMAP_DONTUNMAP: ::core::ffi::c_int = 4;
pub const MCL_CURRENT: ::core::ffi::c_int = 1;
pub const MCL_FUTURE: ::core::ffi::c_int = 2;
pub const MCL_ONFAULT: ::core::ffi::c_int = 4;
pub const MLOCK_ONFAULT: ::core::ffi::c_uint = 1;
pub const MFD_CLOEXEC: ::core::ffi::c_uint = 1;
pub const MFD_ALLOW_SEALING: ::core::ffi::c_uint = 2;
pub const MFD_HUGETLB: ::core::ffi::c_uint = 4;
pub const MPOL_DEFAULT: ::core::ffi::c_int = 0;
pub const MPOL_PREFERRED: ::core::ffi::c_int = 1;
pub const MPOL_BIND: ::core::ffi::c_int = 2;
pub const MPOL_INTERLEAVE: ::core::ffi::c_int = 3;
pub const MPOL_LOCAL: ::core::ffi::c_int = 4;
pub const MPOL_MF_STRICT: ::core::ffi::c_int = 1;
pub const MPOL_MF_MOVE: ::core::ffi::c_int = 2;
pub const SEM_VALUE_MAX: ::core::ffi::c_uint = 2147483647;
pub const MQ_PRIO_MAX: ::core::ffi::c_uint = 32768;
pub const PTHREAD_MUTEX_NORMAL: ::core::ffi::c_int = 0;
pub const PTHREAD_MUTEX_RECURSIVE: ::core::ffi::c_int = 1;
pub const PTHREAD_MUTEX_ERRORCHECK: ::core::ffi::c_int = 2;
pub const PTHREAD_MUTEX_DEFAULT: ::core::ffi::c_int = 0;
pub const PTHREAD_MUTEX_STALLED: ::core::ffi::c_int = 0;
pub const PTHREAD_MUTEX_ROBUST: ::core::ffi::c_int = 1;
pub const PTHREAD_PRIO_NONE: ::core::ffi::c_int = 0;
pub const PTHREAD_PRIO_INHERIT: ::core::ffi::c_int = 1;
pub const PTHREAD_PRIO_PROTECT: ::core::ffi::c_int = 2;
pub const PTHREAD_PROCESS_PRIVATE: ::core::ffi::c_int = 0;
pub const PTHREAD_PROCESS_SHARED: ::core::ffi::c_int = 1;
pub const PTHREAD_BARRIER_SERIAL_THREAD: ::core::ffi::c_int = -1;
pub const SIGHUP: ::core::ffi::c_int = 1;
pub const SIGINT: ::core::ffi::c_int = 2;
pub const SIGQUIT: ::core::ffi::c_int = 3;
pub const SIGILL: ::core::ffi::c_int = 4;
pub const SIGTRAP: ::core::ffi::c_int = 5;
pub const SIGABRT: ::core::ffi::c_int = 6;
pub const SIGIOT: ::core::ffi::c_int = 6;
pub const SIGBUS: ::core::ffi::c_int = 7;
pub const SIGFPE: ::core::ffi::c_int = 8;
pub const SIGKILL: ::core::ffi::c_int = 9;
pub const SIGUSR1: ::core::ffi::c_int = 10;
pub const SIGSEGV: ::core::ffi::c_int = 11;
pub const SIGUSR2: ::core::ffi::c_int = 12;
pub const SIGPIPE: ::core::ffi::c_int = 13;
pub const SIGALRM: ::core::ffi::c_int = 14;
pub const SIGTERM: ::core::ffi::c_int = 15;
pub const SIGSTKFLT: ::core::ffi::c_int = 16;
pub const SIGCHLD: ::core::ffi::c_int = 17;
pub const SIGCONT: ::core::ffi::c_int = 18;
pub const SIGSTOP: ::core::ffi::c_int = 19;
pub const SIGTSTP: ::core::ffi::c_int = 20;
pub const SIGTTIN: ::core::ffi::c_int = 21;
pub const SIGTTOU: ::core::ffi::c_int = 22;
pub const SIGURG: ::core::ffi::c_int = 23;
pub const SIGXCPU: ::core::ffi::c_int = 24;
pub const SIGXFSZ: ::core::ffi::c_int = 25;
pub const SIGVTALRM: ::core::ffi::c_int = 26;
pub const SIGPROF: ::core::ffi::c_int = 27;
pub const SIGWINCH: ::core::ffi::c_int = 28;
pub const SIGIO: ::core::ffi::c_int = 29;
pub const SIGPOLL: ::core::ffi::c_int = 29;
pub const SIGPWR: ::core::ffi::c_int = 30;
pub const SIGSYS: ::core::ffi::c_int = 31;
pub const SIG_BLOCK: ::core::ffi::c_int = 0;
pub const SIG_UNBLOCK: ::core::ffi::c_int = 1;
pub const SIG_SETMASK: ::core::ffi::c_int = 2;
pub const SA_NOCLDSTOP: ::core::ffi::c_int = 1;
pub const SA_NOCLDWAIT: ::core::ffi::c_int = 2;
pub const SA_SIGINFO: ::core::ffi::c_int = 4;
pub const SA_ONSTACK: ::core::ffi::c_int = 134217728;
pub const SA_RESTART: ::core::ffi::c_int = 268435456;
pub const SA_NODEFER: ::core::ffi::c_int = 1073741824;
pub const SA_RESETHAND: ::core::ffi::c_int = -2147483648;
pub const SI_USER: ::core::ffi::c_int = 0;
pub const SI_KERNEL: ::core::ffi::c_int = 128;
pub const SI_QUEUE: ::core::ffi::c_int = -1;
pub const SI_TIMER: ::core::ffi::c_int = -2;
pub const SI_MESGQ: ::core::ffi::c_int = -3;
pub const SI_ASYNCIO: ::core::ffi::c_int = -4;
pub const SI_SIGIO: ::core::ffi::c_int = -5;
pub const SI_TKILL: ::core::ffi::c_int = -6;
pub const SI_ASYNCNL: ::core::ffi::c_int = -60;
pub const ILL_ILLOPC: ::core::ffi::c_int = 1;
pub const ILL_ILLOPN: ::core::ffi::c_int = 2;
pub const ILL_ILLADR: ::core::ffi::c_int = 3;
pub const ILL_ILLTRP: ::core::ffi::c_int = 4;
pub const ILL_PRVOPC: ::core::ffi::c_int = 5;
pub const ILL_PRVREG: ::core::ffi::c_int = 6;
pub const ILL_COPROC: ::core::ffi::c_int = 7;
pub const ILL_BADSTK: ::core::ffi::c_int = 8;
pub const FPE_INTDIV: ::core::ffi::c_int = 1;
pub const FPE_INTOVF: ::core::ffi::c_int = 2;
pub const FPE_FLTDIV: ::core::ffi::c_int = 3;
pub const FPE_FLTOVF: ::core::ffi::c_int = 4;
pub const FPE_FLTUND: ::core::ffi::c_int = 5;
pub const FPE_FLTRES: ::core::ffi::c_int = 6;
pub const FPE_FLTINV: ::core::ffi::c_int = 7;
pub const FPE_FLTSUB: ::core::ffi::c_int = 8;
pub const SEGV_MAPERR: ::core::ffi::c_int = 1;
pub const SEGV_ACCERR: ::core::ffi::c_int = 2;
pub const SEGV_BNDERR: ::core::ffi::c_int = 3;
pub const SEGV_PKUERR: ::core::ffi::c_int = 4;
pub const BUS_ADRALN: ::core::ffi::c_int = 1;
pub const BUS_ADRERR: ::core::ffi::c_int = 2;
pub const BUS_OBJERR: ::core::ffi::c_int = 3;
pub const BUS_MCEERR_AR: ::core::ffi::c_int = 4;
pub const BUS_MCEERR_AO: ::core::ffi::c_int = 5;
pub const TRAP_BRKPT: ::core::ffi::c_int = 1;
pub const TRAP_TRACE: ::core::ffi::c_int = 2;
pub const TRAP_BRANCH: ::core::ffi::c_int = 3;
pub const TRAP_HWBKPT: ::core::ffi::c_int = 4;
pub const CLD_EXITED: ::core::ffi::c_int = 1;
pub const CLD_KILLED: ::core::ffi::c_int = 2;
pub const CLD_DUMPED: ::core::ffi::c_int = 3;
pub const CLD_TRAPPED: ::core::ffi::c_int = 4;
pub const CLD_STOPPED: ::core::ffi::c_int = 5;
pub const CLD_CONTINUED: ::core::ffi::c_int = 6;
pub const POLL_IN: ::core::ffi::c_int = 1;
pub const POLL_OUT: ::core::ffi::c_int = 2;
pub const POLL_MSG: ::core::ffi::c_int = 3;
pub const POLL_ERR: ::core::ffi::c_int = 4;
pub const POLL_PRI: ::core::ffi::c_int = 5;
pub const POLL_HUP: ::core::ffi::c_int = 6;
pub const SYS_SECCOMP: ::core::ffi::c_int = 1;
pub const SIGEV_NONE: ::core::ffi::c_int = 1;
pub const SIGEV_SIGNAL: ::core::ffi::c_int = 0;
pub const SIGEV_THREAD: ::core::ffi::c_int = 2;
pub const SIGEV_THREAD_ID: ::core::ffi::c_int = 4;
pub const SFD_CLOEXEC: ::core::ffi::c_int = 524288;
pub const SFD_NONBLOCK: ::core::ffi::c_int = 2048;
pub const OFFSET_OF_sa_handler: usize = 0;
pub const OFFSET_OF_sa_sigaction: usize = 0;
pub const OFFSET_OF_si_pid: usize = 16;
pub const OFFSET_OF_si_uid: usize = 20;
pub const OFFSET_OF_si_status: usize = 24;
pub const OFFSET_OF_si_utime: usize = 32;
pub const OFFSET_OF_si_stime: usize = 40;
pub const OFFSET_OF_si_value: usize = 24;
pub const OFFSET_OF_si_int: usize = 24;
pub const OFFSET_OF_si_ptr: usize = 24;
pub const OFFSET_OF_si_addr: usize = 16;
pub const OFFSET_OF_si_band: usize = 16;
pub const OFFSET_OF_si_fd: usize = 24;
pub const OFFSET_OF_si_timerid: usize = 16;
pub const OFFSET_OF_si_overrun: usize = 20;
pub const OFFSET_OF_sigev_notify_thread_id: usize = 16;
pub const CLOCK_REALTIME: clockid_t = 0;
pub const CLOCK_MONOTONIC: clockid_t = 1;
pub const CLOCK_PROCESS_CPUTIME_ID: clockid_t = 2;
pub const CLOCK_THREAD_CPUTIME_ID: clockid_t = 3;
pub const CLOCK_MONOTONIC_RAW: clockid_t = 4;
pub const CLOCK_REALTIME_COARSE: clockid_t = 5;
pub const CLOCK_MONOTONIC_COARSE: clockid_t = 6;
pub const CLOCK_BOOTTIME: clockid_t = 7;
pub const CLOCK_REALTIME_ALARM: clockid_t = 8;
pub const CLOCK_BOOTTIME_ALARM: clockid_t = 9;
pub const CLOCK_TAI: clockid_t = 11;
pub const TIMER_ABSTIME: ::core::ffi::c_int = 1;
pub const POLLIN: ::core::ffi::c_short = 1;
pub const POLLPRI: ::core::ffi::c_short = 2;
pub const POLLOUT: ::core::ffi::c_short = 4;
pub const POLLERR: ::core::ffi::c_short = 8;
pub const POLLHUP: ::core::ffi::c_short = 16;
pub const POLLNVAL: ::core::ffi::c_short = 32;
pub const POLLRDNORM: ::core::ffi::c_short = 64;
pub const POLLRDHUP: ::core::ffi::c_short = 8192;
pub const EFD_CLOEXEC: ::core::ffi::c_int = 524288;
pub const EFD_NONBLOCK: ::core::ffi::c_int = 2048;
pub const EFD_SEMAPHORE: ::core::ffi::c_int = 1;
pub const P_ALL: ::core::ffi::c_uint = 0;
pub const P_PID: ::core::ffi::c_uint = 1;
pub const P_PGID: ::core::ffi::c_uint = 2;
pub const P_PIDFD: ::core::ffi::c_uint = 3;
pub const WNOHANG: ::core::ffi::c_int = 1;
pub const WUNTRACED: ::core::ffi::c_int = 2;
pub const WEXITED: ::core::ffi::c_int = 4;
pub const WSTOPPED: ::core::ffi::c_int = 2;
pub const WCONTINUED: ::core::ffi::c_int = 8;
pub const WNOWAIT: ::core::ffi::c_int = 16777216;
pub const RLIMIT_AS: ::core::ffi::c_int = 9;
pub const RLIMIT_CORE: ::core::ffi::c_int = 4;
pub const RLIMIT_CPU: ::core::ffi::c_int = 0;
pub const RLIMIT_DATA: ::core::ffi::c_int = 2;
pub const RLIMIT_FSIZE: ::core::ffi::c_int = 1;
pub const RLIMIT_MEMLOCK: ::core::ffi::c_int = 8;
pub const RLIMIT_MSGQUEUE: ::core::ffi::c_int = 12;
pub const RLIMIT_NICE: ::core::ffi::c_int = 13;
pub const RLIMIT_NOFILE: ::core::ffi::c_int = 7;
pub const RLIMIT_NPROC: ::core::ffi::c_int = 6;
pub const RLIMIT_RTPRIO: ::core::ffi::c_int = 14;
pub const RLIMIT_SIGPENDING: ::core::ffi::c_int = 11;
pub const RLIMIT_STACK: ::core::ffi::c_int = 3;
pub const PR_SET_PDEATHSIG: ::core::ffi::c_int = 1;
pub const PR_GET_PDEATHSIG: ::core::ffi::c_int = 2;
pub const PR_SET_DUMPABLE: ::core::ffi::c_int = 4;
pub const PR_GET_DUMPABLE: ::core::ffi::c_int = 3;
pub const PR_SET_NAME: ::core::ffi::c_int = 15;
pub const PR_SET_TIMERSLACK: ::core::ffi::c_int = 29;
pub const PR_SET_CHILD_SUBREAPER: ::core::ffi::c_int = 36;
pub const _SC_PAGESIZE: ::core::ffi::c_int = 30;
pub const _SC_CLK_TCK: ::core::ffi::c_int = 2;
pub const _SC_OPEN_MAX: ::core::ffi::c_int = 4;
pub const _SC_NPROCESSORS_CONF: ::core::ffi::c_int = 83;
pub const _SC_NPROCESSORS_ONLN: ::core::ffi::c_int = 84;
pub const _SC_SEM_NSEMS_MAX: ::core::ffi::c_int = 32;
pub const _SC_SEM_VALUE_MAX: ::core::ffi::c_int = 33;
pub const _SC_SIGQUEUE_MAX: ::core::ffi::c_int = 34;
pub const _SC_RTSIG_MAX: ::core::ffi::c_int = 31;
pub const _SC_MQ_OPEN_MAX: ::core::ffi::c_int = 27;
pub const _SC_MQ_PRIO_MAX: ::core::ffi::c_int = 28;
pub const GRND_NONBLOCK: ::core::ffi::c_uint = 1;
pub const GRND_RANDOM: ::core::ffi::c_uint = 2;
pub const RTLD_LAZY: ::core::ffi::c_int = 1;
pub const RTLD_NOLOAD: ::core::ffi::c_int = 4;
pub const RTLD_NODELETE: ::core::ffi::c_int = 4096;
pub const SYS_gettid: ::core::ffi::c_long = 186;
pub const SYS_tgkill: ::core::ffi::c_long = 234;
pub const SYS_rt_sigqueueinfo: ::core::ffi::c_long = 129;
pub const SYS_rt_tgsigqueueinfo: ::core::ffi::c_long = 297;
pub const SYS_pidfd_open: ::core::ffi::c_long = 434;
pub const SYS_pidfd_send_signal: ::core::ffi::c_long = 424;
pub const SYS_pidfd_getfd: ::core::ffi::c_long = 438;
pub const SYS_futex: ::core::ffi::c_long = 202;
pub const SYS_futex_waitv: ::core::ffi::c_long = 449;
pub const SYS_get_robust_list: ::core::ffi::c_long = 274;
pub const SYS_set_robust_list: ::core::ffi::c_long = 273;
pub const SYS_membarrier: ::core::ffi::c_long = 324;
pub const SYS_mbind: ::core::ffi::c_long = 237;
pub const SYS_get_mempolicy: ::core::ffi::c_long = 239;
pub const SYS_set_mempolicy: ::core::ffi::c_long = 238;
pub const SYS_memfd_create: ::core::ffi::c_long = 319;
pub const SYS_close_range: ::core::ffi::c_long = 436;
pub const SYS_renameat2: ::core::ffi::c_long = 316;
pub const SYS_openat2: ::core::ffi::c_long = 437;
pub const SYS_kcmp: ::core::ffi::c_long = 312;
pub const SYS_waitid: ::core::ffi::c_long = 247;
pub const SYS_semtimedop: ::core::ffi::c_long = 220;
pub const SYS_mlock2: ::core::ffi::c_long = 325;
pub const SYS_rt_sigtimedwait: ::core::ffi::c_long = 128;
pub const FUTEX_WAIT: ::core::ffi::c_int = 0;
pub const FUTEX_WAKE: ::core::ffi::c_int = 1;
pub const FUTEX_REQUEUE: ::core::ffi::c_int = 3;
pub const FUTEX_CMP_REQUEUE: ::core::ffi::c_int = 4;
pub const FUTEX_WAKE_OP: ::core::ffi::c_int = 5;
pub const FUTEX_LOCK_PI: ::core::ffi::c_int = 6;
pub const FUTEX_UNLOCK_PI: ::core::ffi::c_int = 7;
pub const FUTEX_TRYLOCK_PI: ::core::ffi::c_int = 8;
pub const FUTEX_LOCK_PI2: ::core::ffi::c_int = 13;
pub const FUTEX_WAIT_BITSET: ::core::ffi::c_int = 9;
pub const FUTEX_WAKE_BITSET: ::core::ffi::c_int = 10;
pub const FUTEX_WAIT_REQUEUE_PI: ::core::ffi::c_int = 11;
pub const FUTEX_CMP_REQUEUE_PI: ::core::ffi::c_int = 12;
pub const FUTEX_PRIVATE_FLAG: ::core::ffi::c_int = 128;
pub const FUTEX_CLOCK_REALTIME: ::core::ffi::c_int = 256;
pub const FUTEX_WAITERS: ::core::ffi::c_uint = 2147483648;
pub const FUTEX_OWNER_DIED: ::core::ffi::c_uint = 1073741824;
pub const FUTEX_TID_MASK: ::core::ffi::c_uint = 1073741823;
pub const FUTEX_BITSET_MATCH_ANY: ::core::ffi::c_uint = 4294967295;
pub const FUTEX_32: ::core::ffi::c_uint = 2;
pub const FUTEX_WAITV_MAX: ::core::ffi::c_int = 128;
pub const MEMBARRIER_CMD_QUERY: ::core::ffi::c_int = 0;
pub const MEMBARRIER_CMD_GLOBAL: ::core::ffi::c_int = 1;
pub const MEMBARRIER_CMD_GLOBAL_EXPEDITED: ::core::ffi::c_int = 2;
pub const MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED: ::core::ffi::c_int = 4;
pub const MEMBARRIER_CMD_PRIVATE_EXPEDITED: ::core::ffi::c_int = 8;
pub const MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED: ::core::ffi::c_int = 16;
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_attr_t__bindgen_ty_1 {
    pub __i: [::core::ffi::c_int; 14usize],
    pub __vi: [::core::ffi::c_int; 14usize],
    pub __s: [::core::ffi::c_ulong; 7usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_mutex_t__bindgen_ty_1 {
    pub __i: [::core::ffi::c_int; 10usize],
    pub __vi: [::core::ffi::c_int; 10usize],
    pub __p: [*mut ::core::ffi::c_void; 5usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_cond_t__bindgen_ty_1 {
    pub __i: [::core::ffi::c_int; 12usize],
    pub __vi: [::core::ffi::c_int; 12usize],
    pub __p: [*mut ::core::ffi::c_void; 6usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_rwlock_t__bindgen_ty_1 {
    pub __i: [::core::ffi::c_int; 14usize],
    pub __vi: [::core::ffi::c_int; 14usize],
    pub __p: [*mut ::core::ffi::c_void; 7usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_barrier_t__bindgen_ty_1 {
    pub __i: [::core::ffi::c_int; 8usize],
    pub __vi: [::core::ffi::c_int; 8usize],
    pub __p: [*mut ::core::ffi::c_void; 4usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sigval {
    pub sival_int: ::core::ffi::c_int,
    pub sival_ptr: *mut ::core::ffi::c_void,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union siginfo_t__bindgen_ty_1 {
    pub __pad: [::core::ffi::c_char; 112usize],
    pub __si_common: siginfo_t__bindgen_ty_1__bindgen_ty_1,
    pub __sigfault: siginfo_t__bindgen_ty_1__bindgen_ty_2,
    pub __sigpoll: siginfo_t__bindgen_ty_1__bindgen_ty_3,
    pub __sigsys: siginfo_t__bindgen_ty_1__bindgen_ty_4,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1 {
    pub __piduid: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1,
    pub __timer: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2 {
    pub si_value: sigval,
    pub __sigchld: siginfo_t__bindgen_ty_1__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1 {
    pub __addr_bnd: siginfo_t__bindgen_ty_1__bindgen_ty_2__bindgen_ty_1__bindgen_ty_1,
    pub si_pkey: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sigaction__bindgen_ty_1 {
    pub sa_handler: ::core::option::Option<
        unsafe extern "C" fn(arg1: ::core::ffi::c_int),
    >,
    pub sa_sigaction: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: ::core::ffi::c_int,
            arg2: *mut siginfo_t,
            arg3: *mut ::core::ffi::c_void,
        ),
    >,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sigevent__bindgen_ty_1 {
    pub __pad: [::core::ffi::c_char; 48usize],
    pub sigev_notify_thread_id: pid_t,
    pub __sev_thread: sigevent__bindgen_ty_1__bindgen_ty_1,
}
unsafe extern "C" {
    pub fn dlopen(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_int,
    ) -> *mut ::core::ffi::c_void;
    pub fn dladdr(
        arg1: *const ::core::ffi::c_void,
        arg2: *mut Dl_info,
    ) -> ::core::ffi::c_int;
    pub fn __errno_location() -> *mut ::core::ffi::c_int;
    pub fn creat(arg1: *const ::core::ffi::c_char, arg2: mode_t) -> ::core::ffi::c_int;
    pub fn fcntl(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub fn open(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub fn openat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub fn posix_fallocate(
        arg1: ::core::ffi::c_int,
        arg2: off_t,
        arg3: off_t,
    ) -> ::core::ffi::c_int;
    pub safe fn fallocate(arg1: ::std::os::fd::BorrowedFd<'_>, arg2: ::core::ffi::c_int, arg3: off_t, arg4: off_t) -> ::core::ffi::c_int;
    pub fn setgroups(arg1: usize, arg2: *const gid_t) -> ::core::ffi::c_int;
    pub fn mq_close(arg1: mqd_t) -> ::core::ffi::c_int;
    pub safe fn mq_getattr(arg1: ::std::os::fd::BorrowedFd<'_>, arg2: &mut mq_attr) -> ::core::ffi::c_int;
    pub fn mq_notify(arg1: mqd_t, arg2: *const sigevent) -> ::core::ffi::c_int;
    pub fn mq_open(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_int,
        ...
    ) -> mqd_t;
    pub fn mq_receive(
        arg1: mqd_t,
        arg2: *mut ::core::ffi::c_char,
        arg3: usize,
        arg4: *mut ::core::ffi::c_uint,
    ) -> isize;
    pub fn mq_send(
        arg1: mqd_t,
        arg2: *const ::core::ffi::c_char,
        arg3: usize,
        arg4: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub safe fn mq_setattr(arg1: ::std::os::fd::BorrowedFd<'_>, arg2: &mq_attr, arg3: ::core::option::Option<&mut mq_attr>) -> ::core::ffi::c_int;
    pub fn mq_timedreceive(
        arg1: mqd_t,
        arg2: *mut ::core::ffi::c_char,
        arg3: usize,
        arg4: *mut ::core::ffi::c_uint,
        arg5: *const timespec,
    ) -> isize;
    pub fn mq_timedsend(
        arg1: mqd_t,
        arg2: *const ::core::ffi::c_char,
        arg3: usize,
        arg4: ::core::ffi::c_uint,
        arg5: *const timespec,
    ) -> ::core::ffi::c_int;
    pub fn mq_unlink(arg1: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn poll(
        arg1: *mut pollfd,
        arg2: nfds_t,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn ppoll(
        arg1: *mut pollfd,
        arg2: nfds_t,
        arg3: *const timespec,
        arg4: *const sigset_t,
    ) -> ::core::ffi::c_int;
    pub fn sched_yield() -> ::core::ffi::c_int;
    pub fn sched_getcpu() -> ::core::ffi::c_int;
    pub fn sched_getaffinity(
        arg1: pid_t,
        arg2: usize,
        arg3: *mut cpu_set_t,
    ) -> ::core::ffi::c_int;
    pub fn sched_setaffinity(
        arg1: pid_t,
        arg2: usize,
        arg3: *const cpu_set_t,
    ) -> ::core::ffi::c_int;
    pub fn nanosleep(arg1: *const timespec, arg2: *mut timespec) -> ::core::ffi::c_int;
    pub safe fn clock_getres(arg1: clockid_t, arg2: &mut timespec) -> ::core::ffi::c_int;
    pub safe fn clock_gettime(arg1: clockid_t, arg2: &mut timespec) -> ::core::ffi::c_int;
    pub safe fn clock_settime(arg1: clockid_t, arg2: &timespec) -> ::core::ffi::c_int;
    pub safe fn clock_nanosleep(arg1: clockid_t, arg2: ::core::ffi::c_int, arg3: &timespec, arg4: &mut timespec) -> ::core::ffi::c_int;
    pub fn timer_create(
        arg1: clockid_t,
        arg2: *mut sigevent,
        arg3: *mut timer_t,
    ) -> ::core::ffi::c_int;
    pub fn timer_delete(arg1: timer_t) -> ::core::ffi::c_int;
    pub fn timer_settime(
        arg1: timer_t,
        arg2: ::core::ffi::c_int,
        arg3: *const itimerspec,
        arg4: *mut itimerspec,
    ) -> ::core::ffi::c_int;
    pub fn timer_gettime(arg1: timer_t, arg2: *mut itimerspec) -> ::core::ffi::c_int;
    pub fn timer_getoverrun(arg1: timer_t) -> ::core::ffi::c_int;
    pub fn pthread_self() -> pthread_t;
    pub fn pthread_equal(arg1: pthread_t, arg2: pthread_t) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_mutex_t>>, arg2: ::core::option::Option<&crate::Live<pthread_mutexattr_t>>) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_lock(arg1: &crate::Live<pthread_mutex_t>) -> ::core::ffi::c_int;
    pub fn pthread_mutex_unlock(arg1: *mut pthread_mutex_t) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_trylock(arg1: &crate::Live<pthread_mutex_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_timedlock(arg1: &crate::Live<pthread_mutex_t>, arg2: &timespec) -> ::core::ffi::c_int;
    pub fn pthread_mutex_destroy(arg1: *mut pthread_mutex_t) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_consistent(arg1: &crate::Live<pthread_mutex_t>) -> ::core::ffi::c_int;
    pub fn pthread_mutex_getprioceiling(
        arg1: *const pthread_mutex_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutex_setprioceiling(
        arg1: *mut pthread_mutex_t,
        arg2: ::core::ffi::c_int,
        arg3: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_cond_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_cond_t>>, arg2: ::core::option::Option<&crate::Live<pthread_condattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_cond_destroy(arg1: *mut pthread_cond_t) -> ::core::ffi::c_int;
    pub fn pthread_cond_wait(
        arg1: *mut pthread_cond_t,
        arg2: *mut pthread_mutex_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_cond_timedwait(
        arg1: *mut pthread_cond_t,
        arg2: *mut pthread_mutex_t,
        arg3: *const timespec,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_cond_broadcast(arg1: &crate::Live<pthread_cond_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_cond_signal(arg1: &crate::Live<pthread_cond_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_rwlock_t>>, arg2: ::core::option::Option<&crate::Live<pthread_rwlockattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_rwlock_destroy(arg1: *mut pthread_rwlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_rdlock(arg1: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_tryrdlock(arg1: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_timedrdlock(arg1: &crate::Live<pthread_rwlock_t>, arg2: &timespec) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_wrlock(arg1: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_trywrlock(arg1: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_timedwrlock(arg1: &crate::Live<pthread_rwlock_t>, arg2: &timespec) -> ::core::ffi::c_int;
    pub fn pthread_rwlock_unlock(arg1: *mut pthread_rwlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_spin_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_spinlock_t>>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_spin_destroy(arg1: *mut pthread_spinlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_spin_lock(arg1: &crate::Live<pthread_spinlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_spin_trylock(arg1: &crate::Live<pthread_spinlock_t>) -> ::core::ffi::c_int;
    pub fn pthread_spin_unlock(arg1: *mut pthread_spinlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_barrier_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_barrier_t>>, arg2: ::core::option::Option<&crate::Live<pthread_barrierattr_t>>, arg3: ::core::ffi::c_uint) -> ::core::ffi::c_int;
    pub fn pthread_barrier_destroy(arg1: *mut pthread_barrier_t) -> ::core::ffi::c_int;
    pub safe fn pthread_barrier_wait(arg1: &crate::Live<pthread_barrier_t>) -> ::core::ffi::c_int;
    pub fn pthread_key_create(
        arg1: *mut pthread_key_t,
        arg2: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut ::core::ffi::c_void),
        >,
    ) -> ::core::ffi::c_int;
    pub fn pthread_key_delete(arg1: pthread_key_t) -> ::core::ffi::c_int;
    pub fn pthread_setspecific(
        arg1: pthread_key_t,
        arg2: *const ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_destroy(
        arg1: *mut pthread_mutexattr_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getprotocol(
        arg1: *const pthread_mutexattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getpshared(
        arg1: *const pthread_mutexattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getrobust(
        arg1: *const pthread_mutexattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_gettype(
        arg1: *const pthread_mutexattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_mutexattr_t>>) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setprotocol(arg1: &mut crate::Live<pthread_mutexattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setpshared(arg1: &mut crate::Live<pthread_mutexattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setrobust(arg1: &mut crate::Live<pthread_mutexattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_settype(arg1: &mut crate::Live<pthread_mutexattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_condattr_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_condattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_condattr_destroy(arg1: *mut pthread_condattr_t) -> ::core::ffi::c_int;
    pub safe fn pthread_condattr_setclock(arg1: &mut crate::Live<pthread_condattr_t>, arg2: clockid_t) -> ::core::ffi::c_int;
    pub safe fn pthread_condattr_setpshared(arg1: &mut crate::Live<pthread_condattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_condattr_getclock(
        arg1: *const pthread_condattr_t,
        arg2: *mut clockid_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_condattr_getpshared(
        arg1: *const pthread_condattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlockattr_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_rwlockattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_rwlockattr_destroy(
        arg1: *mut pthread_rwlockattr_t,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlockattr_setpshared(arg1: &mut crate::Live<pthread_rwlockattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_rwlockattr_getpshared(
        arg1: *const pthread_rwlockattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_barrierattr_destroy(
        arg1: *mut pthread_barrierattr_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_barrierattr_getpshared(
        arg1: *const pthread_barrierattr_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_barrierattr_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<pthread_barrierattr_t>>) -> ::core::ffi::c_int;
    pub safe fn pthread_barrierattr_setpshared(arg1: &mut crate::Live<pthread_barrierattr_t>, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_atfork(
        arg1: ::core::option::Option<unsafe extern "C" fn()>,
        arg2: ::core::option::Option<unsafe extern "C" fn()>,
        arg3: ::core::option::Option<unsafe extern "C" fn()>,
    ) -> ::core::ffi::c_int;
    pub fn sem_close(arg1: *mut sem_t) -> ::core::ffi::c_int;
    pub fn sem_destroy(arg1: *mut sem_t) -> ::core::ffi::c_int;
    pub safe fn sem_getvalue(arg1: &crate::Live<sem_t>, arg2: &mut ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn sem_init(arg1: &mut ::core::mem::MaybeUninit<crate::Live<sem_t>>, arg2: ::core::ffi::c_int, arg3: ::core::ffi::c_uint) -> ::core::ffi::c_int;
    pub fn sem_open(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_int,
        ...
    ) -> *mut sem_t;
    pub safe fn sem_post(arg1: &crate::Live<sem_t>) -> ::core::ffi::c_int;
    pub safe fn sem_timedwait(arg1: &crate::Live<sem_t>, arg2: &timespec) -> ::core::ffi::c_int;
    pub safe fn sem_trywait(arg1: &crate::Live<sem_t>) -> ::core::ffi::c_int;
    pub fn sem_unlink(arg1: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub safe fn sem_wait(arg1: &crate::Live<sem_t>) -> ::core::ffi::c_int;
    pub fn __libc_current_sigrtmin() -> ::core::ffi::c_int;
    pub fn __libc_current_sigrtmax() -> ::core::ffi::c_int;
    pub safe fn kill(arg1: pid_t, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn sigemptyset(arg1: &mut sigset_t) -> ::core::ffi::c_int;
    pub safe fn sigfillset(arg1: &mut sigset_t) -> ::core::ffi::c_int;
    pub safe fn sigaddset(arg1: &mut sigset_t, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn sigdelset(
        arg1: *mut sigset_t,
        arg2: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn sigismember(arg1: &sigset_t, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn sigprocmask(
        arg1: ::core::ffi::c_int,
        arg2: *const sigset_t,
        arg3: *mut sigset_t,
    ) -> ::core::ffi::c_int;
    pub safe fn sigsuspend(arg1: &sigset_t) -> ::core::ffi::c_int;
    pub fn sigaction(
        arg1: ::core::ffi::c_int,
        arg2: *const sigaction,
        arg3: *mut sigaction,
    ) -> ::core::ffi::c_int;
    pub safe fn sigpending(arg1: &mut sigset_t) -> ::core::ffi::c_int;
    pub fn sigwait(
        arg1: *const sigset_t,
        arg2: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn sigwaitinfo(
        arg1: *const sigset_t,
        arg2: *mut siginfo_t,
    ) -> ::core::ffi::c_int;
    pub safe fn sigtimedwait(arg1: &sigset_t, arg2: ::core::option::Option<&mut siginfo_t>, arg3: ::core::option::Option<&timespec>) -> ::core::ffi::c_int;
    pub fn sigqueue(
        arg1: pid_t,
        arg2: ::core::ffi::c_int,
        arg3: sigval,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_sigmask(arg1: ::core::ffi::c_int, arg2: ::core::option::Option<&sigset_t>, arg3: ::core::option::Option<&mut sigset_t>) -> ::core::ffi::c_int;
    pub fn pthread_kill(arg1: pthread_t, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn killpg(arg1: pid_t, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn raise(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn rename(
        arg1: *const ::core::ffi::c_char,
        arg2: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn renameat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: ::core::ffi::c_int,
        arg4: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub safe fn eventfd(arg1: ::core::ffi::c_uint, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn flock(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn ftok(arg1: *const ::core::ffi::c_char, arg2: ::core::ffi::c_int) -> key_t;
    pub fn mmap(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_int,
        arg4: ::core::ffi::c_int,
        arg5: ::core::ffi::c_int,
        arg6: off_t,
    ) -> *mut ::core::ffi::c_void;
    pub fn munmap(arg1: *mut ::core::ffi::c_void, arg2: usize) -> ::core::ffi::c_int;
    pub fn mprotect(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn msync(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn posix_madvise(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn mlock(arg1: *const ::core::ffi::c_void, arg2: usize) -> ::core::ffi::c_int;
    pub fn munlock(arg1: *const ::core::ffi::c_void, arg2: usize) -> ::core::ffi::c_int;
    pub fn mlockall(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn munlockall() -> ::core::ffi::c_int;
    pub fn mremap(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: usize,
        arg4: ::core::ffi::c_int,
        ...
    ) -> *mut ::core::ffi::c_void;
    pub fn memfd_create(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub fn mlock2(
        arg1: *const ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub fn madvise(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn mincore(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: *mut ::core::ffi::c_uchar,
    ) -> ::core::ffi::c_int;
    pub fn shm_open(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_int,
        arg3: mode_t,
    ) -> ::core::ffi::c_int;
    pub fn shm_unlink(arg1: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn msgctl(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
        arg3: *mut msqid_ds,
    ) -> ::core::ffi::c_int;
    pub safe fn msgget(arg1: key_t, arg2: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn msgrcv(
        arg1: ::core::ffi::c_int,
        arg2: *mut ::core::ffi::c_void,
        arg3: usize,
        arg4: ::core::ffi::c_long,
        arg5: ::core::ffi::c_int,
    ) -> isize;
    pub fn msgsnd(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_void,
        arg3: usize,
        arg4: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn prctl(arg1: ::core::ffi::c_int, ...) -> ::core::ffi::c_int;
    pub fn getrandom(
        arg1: *mut ::core::ffi::c_void,
        arg2: usize,
        arg3: ::core::ffi::c_uint,
    ) -> isize;
    pub fn gettimeofday(
        arg1: *mut timeval,
        arg2: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub safe fn getrlimit(arg1: ::core::ffi::c_int, arg2: &mut rlimit) -> ::core::ffi::c_int;
    pub fn setrlimit(
        arg1: ::core::ffi::c_int,
        arg2: *const rlimit,
    ) -> ::core::ffi::c_int;
    pub fn semctl(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
        arg3: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub safe fn semget(arg1: key_t, arg2: ::core::ffi::c_int, arg3: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn semop(
        arg1: ::core::ffi::c_int,
        arg2: *mut sembuf,
        arg3: usize,
    ) -> ::core::ffi::c_int;
    pub fn semtimedop(
        arg1: ::core::ffi::c_int,
        arg2: *mut sembuf,
        arg3: usize,
        arg4: *const timespec,
    ) -> ::core::ffi::c_int;
    pub fn shmat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_void,
        arg3: ::core::ffi::c_int,
    ) -> *mut ::core::ffi::c_void;
    pub fn shmctl(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
        arg3: *mut shmid_ds,
    ) -> ::core::ffi::c_int;
    pub fn shmdt(arg1: *const ::core::ffi::c_void) -> ::core::ffi::c_int;
    pub safe fn shmget(arg1: key_t, arg2: usize, arg3: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn signalfd(arg1: ::core::option::Option<::std::os::fd::BorrowedFd<'_>>, arg2: &sigset_t, arg3: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn stat(arg1: *const ::core::ffi::c_char, arg2: *mut stat) -> ::core::ffi::c_int;
    pub fn fstat(arg1: ::core::ffi::c_int, arg2: *mut stat) -> ::core::ffi::c_int;
    pub fn lstat(
        arg1: *const ::core::ffi::c_char,
        arg2: *mut stat,
    ) -> ::core::ffi::c_int;
    pub fn fstatat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: *mut stat,
        arg4: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn fchmod(arg1: ::core::ffi::c_int, arg2: mode_t) -> ::core::ffi::c_int;
    pub fn fchmodat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: mode_t,
        arg4: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn umask(arg1: mode_t) -> mode_t;
    pub fn mkdir(arg1: *const ::core::ffi::c_char, arg2: mode_t) -> ::core::ffi::c_int;
    pub fn mkfifo(arg1: *const ::core::ffi::c_char, arg2: mode_t) -> ::core::ffi::c_int;
    pub fn mkfifoat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: mode_t,
    ) -> ::core::ffi::c_int;
    pub fn statfs(
        arg1: *const ::core::ffi::c_char,
        arg2: *mut statfs,
    ) -> ::core::ffi::c_int;
    pub safe fn fstatfs(arg1: ::std::os::fd::BorrowedFd<'_>, arg2: &mut statfs) -> ::core::ffi::c_int;
    pub fn waitpid(
        arg1: pid_t,
        arg2: *mut ::core::ffi::c_int,
        arg3: ::core::ffi::c_int,
    ) -> pid_t;
    pub fn waitid(
        arg1: idtype_t,
        arg2: id_t,
        arg3: *mut siginfo_t,
        arg4: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pipe2(
        arg1: *mut ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn close(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn dup(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn dup2(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn dup3(
        arg1: ::core::ffi::c_int,
        arg2: ::core::ffi::c_int,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn lseek(
        arg1: ::core::ffi::c_int,
        arg2: off_t,
        arg3: ::core::ffi::c_int,
    ) -> off_t;
    pub fn fsync(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn fdatasync(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn read(
        arg1: ::core::ffi::c_int,
        arg2: *mut ::core::ffi::c_void,
        arg3: usize,
    ) -> isize;
    pub fn write(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_void,
        arg3: usize,
    ) -> isize;
    pub fn pread(
        arg1: ::core::ffi::c_int,
        arg2: *mut ::core::ffi::c_void,
        arg3: usize,
        arg4: off_t,
    ) -> isize;
    pub fn pwrite(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_void,
        arg3: usize,
        arg4: off_t,
    ) -> isize;
    pub fn fchown(
        arg1: ::core::ffi::c_int,
        arg2: uid_t,
        arg3: gid_t,
    ) -> ::core::ffi::c_int;
    pub fn fchownat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: uid_t,
        arg4: gid_t,
        arg5: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn link(
        arg1: *const ::core::ffi::c_char,
        arg2: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn linkat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: ::core::ffi::c_int,
        arg4: *const ::core::ffi::c_char,
        arg5: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn unlink(arg1: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn unlinkat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn rmdir(arg1: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn ftruncate(arg1: ::core::ffi::c_int, arg2: off_t) -> ::core::ffi::c_int;
    pub fn access(
        arg1: *const ::core::ffi::c_char,
        arg2: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn faccessat(
        arg1: ::core::ffi::c_int,
        arg2: *const ::core::ffi::c_char,
        arg3: ::core::ffi::c_int,
        arg4: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn alarm(arg1: ::core::ffi::c_uint) -> ::core::ffi::c_uint;
    pub fn pause() -> ::core::ffi::c_int;
    pub fn fork() -> pid_t;
    pub safe fn _exit(arg1: ::core::ffi::c_int) -> !;
    pub fn getpid() -> pid_t;
    pub fn getppid() -> pid_t;
    pub fn getpgrp() -> pid_t;
    pub fn getpgid(arg1: pid_t) -> pid_t;
    pub fn setpgid(arg1: pid_t, arg2: pid_t) -> ::core::ffi::c_int;
    pub fn setsid() -> pid_t;
    pub fn getsid(arg1: pid_t) -> pid_t;
    pub safe fn getuid() -> uid_t;
    pub safe fn geteuid() -> uid_t;
    pub safe fn getgid() -> gid_t;
    pub safe fn getegid() -> gid_t;
    pub fn getgroups(arg1: ::core::ffi::c_int, arg2: *mut gid_t) -> ::core::ffi::c_int;
    pub fn setuid(arg1: uid_t) -> ::core::ffi::c_int;
    pub fn seteuid(arg1: uid_t) -> ::core::ffi::c_int;
    pub fn setgid(arg1: gid_t) -> ::core::ffi::c_int;
    pub fn setegid(arg1: gid_t) -> ::core::ffi::c_int;
    pub fn sysconf(arg1: ::core::ffi::c_int) -> ::core::ffi::c_long;
    pub fn syscall(arg1: ::core::ffi::c_long, ...) -> ::core::ffi::c_long;
    pub fn setresuid(arg1: uid_t, arg2: uid_t, arg3: uid_t) -> ::core::ffi::c_int;
    pub fn setresgid(arg1: gid_t, arg2: gid_t, arg3: gid_t) -> ::core::ffi::c_int;
    pub fn getresuid(
        arg1: *mut uid_t,
        arg2: *mut uid_t,
        arg3: *mut uid_t,
    ) -> ::core::ffi::c_int;
    pub fn getresgid(
        arg1: *mut gid_t,
        arg2: *mut gid_t,
        arg3: *mut gid_t,
    ) -> ::core::ffi::c_int;
}
