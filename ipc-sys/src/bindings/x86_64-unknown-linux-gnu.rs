//! Made by `cargo xtask bindgen --target x86_64-unknown-linux-gnu`. Never edit it.
//! bindgen 0.72.1, libclang 14.0.6, C library 2.36, Linux headers 6.1.

pub type __uint32_t = ::core::ffi::c_uint;
pub type __dev_t = ::core::ffi::c_ulong;
pub type __uid_t = ::core::ffi::c_uint;
pub type __gid_t = ::core::ffi::c_uint;
pub type __ino_t = ::core::ffi::c_ulong;
pub type __mode_t = ::core::ffi::c_uint;
pub type __nlink_t = ::core::ffi::c_ulong;
pub type __off_t = ::core::ffi::c_long;
pub type __pid_t = ::core::ffi::c_int;
pub type __clock_t = ::core::ffi::c_long;
pub type __rlim_t = ::core::ffi::c_ulong;
pub type __id_t = ::core::ffi::c_uint;
pub type __time_t = ::core::ffi::c_long;
pub type __suseconds_t = ::core::ffi::c_long;
pub type __key_t = ::core::ffi::c_int;
pub type __clockid_t = ::core::ffi::c_int;
pub type __timer_t = *mut ::core::ffi::c_void;
pub type __blksize_t = ::core::ffi::c_long;
pub type __blkcnt_t = ::core::ffi::c_long;
pub type __fsblkcnt_t = ::core::ffi::c_ulong;
pub type __fsfilcnt_t = ::core::ffi::c_ulong;
pub type __fsword_t = ::core::ffi::c_long;
pub type __syscall_slong_t = ::core::ffi::c_long;
pub type __syscall_ulong_t = ::core::ffi::c_ulong;
pub type mode_t = __mode_t;
pub type off_t = __off_t;
pub type pid_t = __pid_t;
pub type time_t = __time_t;
pub type gid_t = __gid_t;
pub type ino_t = __ino_t;
pub type dev_t = __dev_t;
pub type nlink_t = __nlink_t;
pub type uid_t = __uid_t;
pub type key_t = __key_t;
pub type clockid_t = __clockid_t;
pub type timer_t = __timer_t;
pub type sigset_t = __sigset_t;
pub type __pthread_list_t = __pthread_internal_list;
pub type pthread_t = ::core::ffi::c_ulong;
pub type pthread_key_t = ::core::ffi::c_uint;
pub type pthread_spinlock_t = ::core::ffi::c_int;
pub type __sigval_t = sigval;
pub type mqd_t = ::core::ffi::c_int;
pub type nfds_t = ::core::ffi::c_ulong;
pub type __cpu_mask = ::core::ffi::c_ulong;
pub type __sighandler_t = ::core::option::Option<
    unsafe extern "C" fn(arg1: ::core::ffi::c_int),
>;
pub type msgqnum_t = __syscall_ulong_t;
pub type msglen_t = __syscall_ulong_t;
pub type __u32 = ::core::ffi::c_uint;
pub type __u64 = ::core::ffi::c_ulonglong;
pub type __rlimit_resource = ::core::ffi::c_uint;
pub type rlim_t = __rlim_t;
pub type shmatt_t = __syscall_ulong_t;
pub type idtype_t = ::core::ffi::c_uint;
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
pub struct __fsid_t {
    pub __val: [::core::ffi::c_int; 2usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct flock {
    pub l_type: ::core::ffi::c_short,
    pub l_whence: ::core::ffi::c_short,
    pub l_start: __off_t,
    pub l_len: __off_t,
    pub l_pid: __pid_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct timespec {
    pub tv_sec: __time_t,
    pub tv_nsec: __syscall_slong_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct stat {
    pub st_dev: __dev_t,
    pub st_ino: __ino_t,
    pub st_nlink: __nlink_t,
    pub st_mode: __mode_t,
    pub st_uid: __uid_t,
    pub st_gid: __gid_t,
    pub __pad0: ::core::ffi::c_int,
    pub st_rdev: __dev_t,
    pub st_size: __off_t,
    pub st_blksize: __blksize_t,
    pub st_blocks: __blkcnt_t,
    pub st_atim: timespec,
    pub st_mtim: timespec,
    pub st_ctim: timespec,
    pub __glibc_reserved: [__syscall_slong_t; 3usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __sigset_t {
    pub __val: [::core::ffi::c_ulong; 16usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct timeval {
    pub tv_sec: __time_t,
    pub tv_usec: __suseconds_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __atomic_wide_counter__bindgen_ty_1 {
    pub __low: ::core::ffi::c_uint,
    pub __high: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __pthread_internal_list {
    pub __prev: *mut __pthread_internal_list,
    pub __next: *mut __pthread_internal_list,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __pthread_mutex_s {
    pub __lock: ::core::ffi::c_int,
    pub __count: ::core::ffi::c_uint,
    pub __owner: ::core::ffi::c_int,
    pub __nusers: ::core::ffi::c_uint,
    pub __kind: ::core::ffi::c_int,
    pub __spins: ::core::ffi::c_short,
    pub __elision: ::core::ffi::c_short,
    pub __list: __pthread_list_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct __pthread_rwlock_arch_t {
    pub __readers: ::core::ffi::c_uint,
    pub __writers: ::core::ffi::c_uint,
    pub __wrphase_futex: ::core::ffi::c_uint,
    pub __writers_futex: ::core::ffi::c_uint,
    pub __pad3: ::core::ffi::c_uint,
    pub __pad4: ::core::ffi::c_uint,
    pub __cur_writer: ::core::ffi::c_int,
    pub __shared: ::core::ffi::c_int,
    pub __rwelision: ::core::ffi::c_schar,
    pub __pad1: [::core::ffi::c_uchar; 7usize],
    pub __pad2: ::core::ffi::c_ulong,
    pub __flags: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct __pthread_cond_s {
    pub __wseq: __atomic_wide_counter,
    pub __g1_start: __atomic_wide_counter,
    pub __g_refs: [::core::ffi::c_uint; 2usize],
    pub __g_size: [::core::ffi::c_uint; 2usize],
    pub __g1_orig_size: ::core::ffi::c_uint,
    pub __wrefs: ::core::ffi::c_uint,
    pub __g_signals: [::core::ffi::c_uint; 2usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sigevent {
    pub sigev_value: __sigval_t,
    pub sigev_signo: ::core::ffi::c_int,
    pub sigev_notify: ::core::ffi::c_int,
    pub _sigev_un: sigevent__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sigevent__bindgen_ty_1__bindgen_ty_1 {
    pub _function: ::core::option::Option<unsafe extern "C" fn(arg1: __sigval_t)>,
    pub _attribute: *mut pthread_attr_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct mq_attr {
    pub mq_flags: __syscall_slong_t,
    pub mq_maxmsg: __syscall_slong_t,
    pub mq_msgsize: __syscall_slong_t,
    pub mq_curmsgs: __syscall_slong_t,
    pub __pad: [__syscall_slong_t; 4usize],
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
pub struct cpu_set_t {
    pub __bits: [__cpu_mask; 16usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct itimerspec {
    pub it_interval: timespec,
    pub it_value: timespec,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t {
    pub si_signo: ::core::ffi::c_int,
    pub si_errno: ::core::ffi::c_int,
    pub si_code: ::core::ffi::c_int,
    pub __pad0: ::core::ffi::c_int,
    pub _sifields: siginfo_t__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_1 {
    pub si_pid: __pid_t,
    pub si_uid: __uid_t,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_2 {
    pub si_tid: ::core::ffi::c_int,
    pub si_overrun: ::core::ffi::c_int,
    pub si_sigval: __sigval_t,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_3 {
    pub si_pid: __pid_t,
    pub si_uid: __uid_t,
    pub si_sigval: __sigval_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_4 {
    pub si_pid: __pid_t,
    pub si_uid: __uid_t,
    pub si_status: ::core::ffi::c_int,
    pub si_utime: __clock_t,
    pub si_stime: __clock_t,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_5 {
    pub si_addr: *mut ::core::ffi::c_void,
    pub si_addr_lsb: ::core::ffi::c_short,
    pub _bounds: siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1 {
    pub _lower: *mut ::core::ffi::c_void,
    pub _upper: *mut ::core::ffi::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_6 {
    pub si_band: ::core::ffi::c_long,
    pub si_fd: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct siginfo_t__bindgen_ty_1__bindgen_ty_7 {
    pub _call_addr: *mut ::core::ffi::c_void,
    pub _syscall: ::core::ffi::c_int,
    pub _arch: ::core::ffi::c_uint,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sigaction {
    pub __sigaction_handler: sigaction__bindgen_ty_1,
    pub sa_mask: __sigset_t,
    pub sa_flags: ::core::ffi::c_int,
    pub sa_restorer: ::core::option::Option<unsafe extern "C" fn()>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ipc_perm {
    pub __key: __key_t,
    pub uid: __uid_t,
    pub gid: __gid_t,
    pub cuid: __uid_t,
    pub cgid: __gid_t,
    pub mode: __mode_t,
    pub __seq: ::core::ffi::c_ushort,
    pub __pad2: ::core::ffi::c_ushort,
    pub __glibc_reserved1: __syscall_ulong_t,
    pub __glibc_reserved2: __syscall_ulong_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct msqid_ds {
    pub msg_perm: ipc_perm,
    pub msg_stime: __time_t,
    pub msg_rtime: __time_t,
    pub msg_ctime: __time_t,
    pub __msg_cbytes: __syscall_ulong_t,
    pub msg_qnum: msgqnum_t,
    pub msg_qbytes: msglen_t,
    pub msg_lspid: __pid_t,
    pub msg_lrpid: __pid_t,
    pub __glibc_reserved4: __syscall_ulong_t,
    pub __glibc_reserved5: __syscall_ulong_t,
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
pub struct rlimit {
    pub rlim_cur: rlim_t,
    pub rlim_max: rlim_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct semid_ds {
    pub sem_perm: ipc_perm,
    pub sem_otime: __time_t,
    pub __sem_otime_high: __syscall_ulong_t,
    pub sem_ctime: __time_t,
    pub __sem_ctime_high: __syscall_ulong_t,
    pub sem_nsems: __syscall_ulong_t,
    pub __glibc_reserved3: __syscall_ulong_t,
    pub __glibc_reserved4: __syscall_ulong_t,
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
    pub shm_atime: __time_t,
    pub shm_dtime: __time_t,
    pub shm_ctime: __time_t,
    pub shm_cpid: __pid_t,
    pub shm_lpid: __pid_t,
    pub shm_nattch: shmatt_t,
    pub __glibc_reserved5: __syscall_ulong_t,
    pub __glibc_reserved6: __syscall_ulong_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct shminfo {
    pub shmmax: __syscall_ulong_t,
    pub shmmin: __syscall_ulong_t,
    pub shmmni: __syscall_ulong_t,
    pub shmseg: __syscall_ulong_t,
    pub shmall: __syscall_ulong_t,
    pub __glibc_reserved1: __syscall_ulong_t,
    pub __glibc_reserved2: __syscall_ulong_t,
    pub __glibc_reserved3: __syscall_ulong_t,
    pub __glibc_reserved4: __syscall_ulong_t,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct shm_info {
    pub used_ids: ::core::ffi::c_int,
    pub shm_tot: __syscall_ulong_t,
    pub shm_rss: __syscall_ulong_t,
    pub shm_swp: __syscall_ulong_t,
    pub swap_attempts: __syscall_ulong_t,
    pub swap_successes: __syscall_ulong_t,
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
pub struct statfs {
    pub f_type: __fsword_t,
    pub f_bsize: __fsword_t,
    pub f_blocks: __fsblkcnt_t,
    pub f_bfree: __fsblkcnt_t,
    pub f_bavail: __fsblkcnt_t,
    pub f_files: __fsfilcnt_t,
    pub f_ffree: __fsfilcnt_t,
    pub f_fsid: __fsid_t,
    pub f_namelen: __fsword_t,
    pub f_frsize: __fsword_t,
    pub f_flags: __fsword_t,
    pub f_spare: [__fsword_t; 4usize],
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
    ["Size of __fsid_t"][::core::mem::size_of::<__fsid_t>() - 8usize];
    ["Alignment of __fsid_t"][::core::mem::align_of::<__fsid_t>() - 4usize];
    [
        "Offset of field: __fsid_t::__val",
    ][::core::mem::offset_of!(__fsid_t, __val) - 0usize];
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
        "Offset of field: stat::__glibc_reserved",
    ][::core::mem::offset_of!(stat, __glibc_reserved) - 120usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __sigset_t"][::core::mem::size_of::<__sigset_t>() - 128usize];
    ["Alignment of __sigset_t"][::core::mem::align_of::<__sigset_t>() - 8usize];
    [
        "Offset of field: __sigset_t::__val",
    ][::core::mem::offset_of!(__sigset_t, __val) - 0usize];
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
    [
        "Size of __atomic_wide_counter__bindgen_ty_1",
    ][::core::mem::size_of::<__atomic_wide_counter__bindgen_ty_1>() - 8usize];
    [
        "Alignment of __atomic_wide_counter__bindgen_ty_1",
    ][::core::mem::align_of::<__atomic_wide_counter__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: __atomic_wide_counter__bindgen_ty_1::__low",
    ][::core::mem::offset_of!(__atomic_wide_counter__bindgen_ty_1, __low) - 0usize];
    [
        "Offset of field: __atomic_wide_counter__bindgen_ty_1::__high",
    ][::core::mem::offset_of!(__atomic_wide_counter__bindgen_ty_1, __high) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of __atomic_wide_counter",
    ][::core::mem::size_of::<__atomic_wide_counter>() - 8usize];
    [
        "Alignment of __atomic_wide_counter",
    ][::core::mem::align_of::<__atomic_wide_counter>() - 8usize];
    [
        "Offset of field: __atomic_wide_counter::__value64",
    ][::core::mem::offset_of!(__atomic_wide_counter, __value64) - 0usize];
    [
        "Offset of field: __atomic_wide_counter::__value32",
    ][::core::mem::offset_of!(__atomic_wide_counter, __value32) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of __pthread_internal_list",
    ][::core::mem::size_of::<__pthread_internal_list>() - 16usize];
    [
        "Alignment of __pthread_internal_list",
    ][::core::mem::align_of::<__pthread_internal_list>() - 8usize];
    [
        "Offset of field: __pthread_internal_list::__prev",
    ][::core::mem::offset_of!(__pthread_internal_list, __prev) - 0usize];
    [
        "Offset of field: __pthread_internal_list::__next",
    ][::core::mem::offset_of!(__pthread_internal_list, __next) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __pthread_mutex_s"][::core::mem::size_of::<__pthread_mutex_s>() - 40usize];
    [
        "Alignment of __pthread_mutex_s",
    ][::core::mem::align_of::<__pthread_mutex_s>() - 8usize];
    [
        "Offset of field: __pthread_mutex_s::__lock",
    ][::core::mem::offset_of!(__pthread_mutex_s, __lock) - 0usize];
    [
        "Offset of field: __pthread_mutex_s::__count",
    ][::core::mem::offset_of!(__pthread_mutex_s, __count) - 4usize];
    [
        "Offset of field: __pthread_mutex_s::__owner",
    ][::core::mem::offset_of!(__pthread_mutex_s, __owner) - 8usize];
    [
        "Offset of field: __pthread_mutex_s::__nusers",
    ][::core::mem::offset_of!(__pthread_mutex_s, __nusers) - 12usize];
    [
        "Offset of field: __pthread_mutex_s::__kind",
    ][::core::mem::offset_of!(__pthread_mutex_s, __kind) - 16usize];
    [
        "Offset of field: __pthread_mutex_s::__spins",
    ][::core::mem::offset_of!(__pthread_mutex_s, __spins) - 20usize];
    [
        "Offset of field: __pthread_mutex_s::__elision",
    ][::core::mem::offset_of!(__pthread_mutex_s, __elision) - 22usize];
    [
        "Offset of field: __pthread_mutex_s::__list",
    ][::core::mem::offset_of!(__pthread_mutex_s, __list) - 24usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of __pthread_rwlock_arch_t",
    ][::core::mem::size_of::<__pthread_rwlock_arch_t>() - 56usize];
    [
        "Alignment of __pthread_rwlock_arch_t",
    ][::core::mem::align_of::<__pthread_rwlock_arch_t>() - 8usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__readers",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __readers) - 0usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__writers",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __writers) - 4usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__wrphase_futex",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __wrphase_futex) - 8usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__writers_futex",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __writers_futex) - 12usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__pad3",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __pad3) - 16usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__pad4",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __pad4) - 20usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__cur_writer",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __cur_writer) - 24usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__shared",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __shared) - 28usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__rwelision",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __rwelision) - 32usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__pad1",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __pad1) - 33usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__pad2",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __pad2) - 40usize];
    [
        "Offset of field: __pthread_rwlock_arch_t::__flags",
    ][::core::mem::offset_of!(__pthread_rwlock_arch_t, __flags) - 48usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __pthread_cond_s"][::core::mem::size_of::<__pthread_cond_s>() - 48usize];
    [
        "Alignment of __pthread_cond_s",
    ][::core::mem::align_of::<__pthread_cond_s>() - 8usize];
    [
        "Offset of field: __pthread_cond_s::__wseq",
    ][::core::mem::offset_of!(__pthread_cond_s, __wseq) - 0usize];
    [
        "Offset of field: __pthread_cond_s::__g1_start",
    ][::core::mem::offset_of!(__pthread_cond_s, __g1_start) - 8usize];
    [
        "Offset of field: __pthread_cond_s::__g_refs",
    ][::core::mem::offset_of!(__pthread_cond_s, __g_refs) - 16usize];
    [
        "Offset of field: __pthread_cond_s::__g_size",
    ][::core::mem::offset_of!(__pthread_cond_s, __g_size) - 24usize];
    [
        "Offset of field: __pthread_cond_s::__g1_orig_size",
    ][::core::mem::offset_of!(__pthread_cond_s, __g1_orig_size) - 32usize];
    [
        "Offset of field: __pthread_cond_s::__wrefs",
    ][::core::mem::offset_of!(__pthread_cond_s, __wrefs) - 36usize];
    [
        "Offset of field: __pthread_cond_s::__g_signals",
    ][::core::mem::offset_of!(__pthread_cond_s, __g_signals) - 40usize];
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
        "Offset of field: pthread_mutexattr_t::__size",
    ][::core::mem::offset_of!(pthread_mutexattr_t, __size) - 0usize];
    [
        "Offset of field: pthread_mutexattr_t::__align",
    ][::core::mem::offset_of!(pthread_mutexattr_t, __align) - 0usize];
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
        "Offset of field: pthread_condattr_t::__size",
    ][::core::mem::offset_of!(pthread_condattr_t, __size) - 0usize];
    [
        "Offset of field: pthread_condattr_t::__align",
    ][::core::mem::offset_of!(pthread_condattr_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_attr_t"][::core::mem::size_of::<pthread_attr_t>() - 56usize];
    ["Alignment of pthread_attr_t"][::core::mem::align_of::<pthread_attr_t>() - 8usize];
    [
        "Offset of field: pthread_attr_t::__size",
    ][::core::mem::offset_of!(pthread_attr_t, __size) - 0usize];
    [
        "Offset of field: pthread_attr_t::__align",
    ][::core::mem::offset_of!(pthread_attr_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_mutex_t"][::core::mem::size_of::<pthread_mutex_t>() - 40usize];
    [
        "Alignment of pthread_mutex_t",
    ][::core::mem::align_of::<pthread_mutex_t>() - 8usize];
    [
        "Offset of field: pthread_mutex_t::__data",
    ][::core::mem::offset_of!(pthread_mutex_t, __data) - 0usize];
    [
        "Offset of field: pthread_mutex_t::__size",
    ][::core::mem::offset_of!(pthread_mutex_t, __size) - 0usize];
    [
        "Offset of field: pthread_mutex_t::__align",
    ][::core::mem::offset_of!(pthread_mutex_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_cond_t"][::core::mem::size_of::<pthread_cond_t>() - 48usize];
    ["Alignment of pthread_cond_t"][::core::mem::align_of::<pthread_cond_t>() - 8usize];
    [
        "Offset of field: pthread_cond_t::__data",
    ][::core::mem::offset_of!(pthread_cond_t, __data) - 0usize];
    [
        "Offset of field: pthread_cond_t::__size",
    ][::core::mem::offset_of!(pthread_cond_t, __size) - 0usize];
    [
        "Offset of field: pthread_cond_t::__align",
    ][::core::mem::offset_of!(pthread_cond_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_rwlock_t"][::core::mem::size_of::<pthread_rwlock_t>() - 56usize];
    [
        "Alignment of pthread_rwlock_t",
    ][::core::mem::align_of::<pthread_rwlock_t>() - 8usize];
    [
        "Offset of field: pthread_rwlock_t::__data",
    ][::core::mem::offset_of!(pthread_rwlock_t, __data) - 0usize];
    [
        "Offset of field: pthread_rwlock_t::__size",
    ][::core::mem::offset_of!(pthread_rwlock_t, __size) - 0usize];
    [
        "Offset of field: pthread_rwlock_t::__align",
    ][::core::mem::offset_of!(pthread_rwlock_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of pthread_rwlockattr_t",
    ][::core::mem::size_of::<pthread_rwlockattr_t>() - 8usize];
    [
        "Alignment of pthread_rwlockattr_t",
    ][::core::mem::align_of::<pthread_rwlockattr_t>() - 8usize];
    [
        "Offset of field: pthread_rwlockattr_t::__size",
    ][::core::mem::offset_of!(pthread_rwlockattr_t, __size) - 0usize];
    [
        "Offset of field: pthread_rwlockattr_t::__align",
    ][::core::mem::offset_of!(pthread_rwlockattr_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of pthread_barrier_t"][::core::mem::size_of::<pthread_barrier_t>() - 32usize];
    [
        "Alignment of pthread_barrier_t",
    ][::core::mem::align_of::<pthread_barrier_t>() - 8usize];
    [
        "Offset of field: pthread_barrier_t::__size",
    ][::core::mem::offset_of!(pthread_barrier_t, __size) - 0usize];
    [
        "Offset of field: pthread_barrier_t::__align",
    ][::core::mem::offset_of!(pthread_barrier_t, __align) - 0usize];
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
        "Offset of field: pthread_barrierattr_t::__size",
    ][::core::mem::offset_of!(pthread_barrierattr_t, __size) - 0usize];
    [
        "Offset of field: pthread_barrierattr_t::__align",
    ][::core::mem::offset_of!(pthread_barrierattr_t, __align) - 0usize];
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
        "Size of sigevent__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<sigevent__bindgen_ty_1__bindgen_ty_1>() - 16usize];
    [
        "Alignment of sigevent__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<sigevent__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: sigevent__bindgen_ty_1__bindgen_ty_1::_function",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1__bindgen_ty_1, _function) - 0usize];
    [
        "Offset of field: sigevent__bindgen_ty_1__bindgen_ty_1::_attribute",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1__bindgen_ty_1, _attribute)
        - 8usize];
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
        "Offset of field: sigevent__bindgen_ty_1::_pad",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1, _pad) - 0usize];
    [
        "Offset of field: sigevent__bindgen_ty_1::_tid",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1, _tid) - 0usize];
    [
        "Offset of field: sigevent__bindgen_ty_1::_sigev_thread",
    ][::core::mem::offset_of!(sigevent__bindgen_ty_1, _sigev_thread) - 0usize];
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
        "Offset of field: sigevent::_sigev_un",
    ][::core::mem::offset_of!(sigevent, _sigev_un) - 16usize];
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
        "Offset of field: mq_attr::__pad",
    ][::core::mem::offset_of!(mq_attr, __pad) - 32usize];
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
    ["Alignment of sem_t"][::core::mem::align_of::<sem_t>() - 8usize];
    ["Offset of field: sem_t::__size"][::core::mem::offset_of!(sem_t, __size) - 0usize];
    [
        "Offset of field: sem_t::__align",
    ][::core::mem::offset_of!(sem_t, __align) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1::si_pid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_1, si_pid) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_1::si_uid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_1, si_uid) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_2>() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2::si_tid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_2, si_tid) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2::si_overrun",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_2, si_overrun)
        - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_2::si_sigval",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_2, si_sigval)
        - 8usize];
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
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_3::si_pid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_3, si_pid) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_3::si_uid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_3, si_uid) - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_3::si_sigval",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_3, si_sigval)
        - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_4>() - 32usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_pid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_pid) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_uid",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_uid) - 4usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_status",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_status)
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_utime",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_utime)
        - 16usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_4::si_stime",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_4, si_stime)
        - 24usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1,
    >() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<
        siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1,
    >() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1::_lower",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1, _lower
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1::_upper",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1, _upper
    ) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1>()
        - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1>()
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1::_addr_bnd",
    ][::core::mem::offset_of!(
        siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1, _addr_bnd
    ) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1::_pkey",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1, _pkey)
        - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_5",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_5>() - 32usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_5",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_5>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5::si_addr",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_5, si_addr) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5::si_addr_lsb",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_5, si_addr_lsb)
        - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_5::_bounds",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_5, _bounds) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_6",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_6>() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_6",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_6>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_6::si_band",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_6, si_band) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_6::si_fd",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_6, si_fd) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of siginfo_t__bindgen_ty_1__bindgen_ty_7",
    ][::core::mem::size_of::<siginfo_t__bindgen_ty_1__bindgen_ty_7>() - 16usize];
    [
        "Alignment of siginfo_t__bindgen_ty_1__bindgen_ty_7",
    ][::core::mem::align_of::<siginfo_t__bindgen_ty_1__bindgen_ty_7>() - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_7::_call_addr",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_7, _call_addr)
        - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_7::_syscall",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_7, _syscall) - 8usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1__bindgen_ty_7::_arch",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1__bindgen_ty_7, _arch) - 12usize];
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
        "Offset of field: siginfo_t__bindgen_ty_1::_pad",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _pad) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_kill",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _kill) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_timer",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _timer) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_rt",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _rt) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_sigchld",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _sigchld) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_sigfault",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _sigfault) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_sigpoll",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _sigpoll) - 0usize];
    [
        "Offset of field: siginfo_t__bindgen_ty_1::_sigsys",
    ][::core::mem::offset_of!(siginfo_t__bindgen_ty_1, _sigsys) - 0usize];
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
        "Offset of field: siginfo_t::__pad0",
    ][::core::mem::offset_of!(siginfo_t, __pad0) - 12usize];
    [
        "Offset of field: siginfo_t::_sifields",
    ][::core::mem::offset_of!(siginfo_t, _sifields) - 16usize];
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
        "Offset of field: sigaction::__sigaction_handler",
    ][::core::mem::offset_of!(sigaction, __sigaction_handler) - 0usize];
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
    ["Size of ipc_perm"][::core::mem::size_of::<ipc_perm>() - 48usize];
    ["Alignment of ipc_perm"][::core::mem::align_of::<ipc_perm>() - 8usize];
    [
        "Offset of field: ipc_perm::__key",
    ][::core::mem::offset_of!(ipc_perm, __key) - 0usize];
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
    [
        "Offset of field: ipc_perm::__seq",
    ][::core::mem::offset_of!(ipc_perm, __seq) - 24usize];
    [
        "Offset of field: ipc_perm::__pad2",
    ][::core::mem::offset_of!(ipc_perm, __pad2) - 26usize];
    [
        "Offset of field: ipc_perm::__glibc_reserved1",
    ][::core::mem::offset_of!(ipc_perm, __glibc_reserved1) - 32usize];
    [
        "Offset of field: ipc_perm::__glibc_reserved2",
    ][::core::mem::offset_of!(ipc_perm, __glibc_reserved2) - 40usize];
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
        "Offset of field: msqid_ds::__msg_cbytes",
    ][::core::mem::offset_of!(msqid_ds, __msg_cbytes) - 72usize];
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
        "Offset of field: msqid_ds::__glibc_reserved4",
    ][::core::mem::offset_of!(msqid_ds, __glibc_reserved4) - 104usize];
    [
        "Offset of field: msqid_ds::__glibc_reserved5",
    ][::core::mem::offset_of!(msqid_ds, __glibc_reserved5) - 112usize];
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
        "Offset of field: semid_ds::__sem_otime_high",
    ][::core::mem::offset_of!(semid_ds, __sem_otime_high) - 56usize];
    [
        "Offset of field: semid_ds::sem_ctime",
    ][::core::mem::offset_of!(semid_ds, sem_ctime) - 64usize];
    [
        "Offset of field: semid_ds::__sem_ctime_high",
    ][::core::mem::offset_of!(semid_ds, __sem_ctime_high) - 72usize];
    [
        "Offset of field: semid_ds::sem_nsems",
    ][::core::mem::offset_of!(semid_ds, sem_nsems) - 80usize];
    [
        "Offset of field: semid_ds::__glibc_reserved3",
    ][::core::mem::offset_of!(semid_ds, __glibc_reserved3) - 88usize];
    [
        "Offset of field: semid_ds::__glibc_reserved4",
    ][::core::mem::offset_of!(semid_ds, __glibc_reserved4) - 96usize];
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
        "Offset of field: shmid_ds::__glibc_reserved5",
    ][::core::mem::offset_of!(shmid_ds, __glibc_reserved5) - 96usize];
    [
        "Offset of field: shmid_ds::__glibc_reserved6",
    ][::core::mem::offset_of!(shmid_ds, __glibc_reserved6) - 104usize];
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
        "Offset of field: shminfo::__glibc_reserved1",
    ][::core::mem::offset_of!(shminfo, __glibc_reserved1) - 40usize];
    [
        "Offset of field: shminfo::__glibc_reserved2",
    ][::core::mem::offset_of!(shminfo, __glibc_reserved2) - 48usize];
    [
        "Offset of field: shminfo::__glibc_reserved3",
    ][::core::mem::offset_of!(shminfo, __glibc_reserved3) - 56usize];
    [
        "Offset of field: shminfo::__glibc_reserved4",
    ][::core::mem::offset_of!(shminfo, __glibc_reserved4) - 64usize];
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
pub const O_ACCMODE: ::core::ffi::c_int = 3;
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
pub const PTHREAD_RWLOCK_PREFER_READER_NP: ::core::ffi::c_int = 0;
pub const PTHREAD_RWLOCK_PREFER_WRITER_NP: ::core::ffi::c_int = 1;
pub const PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP: ::core::ffi::c_int = 2;
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
pub const RLIMIT_AS: ::core::ffi::c_uint = 9;
pub const RLIMIT_CORE: ::core::ffi::c_uint = 4;
pub const RLIMIT_CPU: ::core::ffi::c_uint = 0;
pub const RLIMIT_DATA: ::core::ffi::c_uint = 2;
pub const RLIMIT_FSIZE: ::core::ffi::c_uint = 1;
pub const RLIMIT_MEMLOCK: ::core::ffi::c_uint = 8;
pub const RLIMIT_MSGQUEUE: ::core::ffi::c_uint = 12;
pub const RLIMIT_NICE: ::core::ffi::c_uint = 13;
pub const RLIMIT_NOFILE: ::core::ffi::c_uint = 7;
pub const RLIMIT_NPROC: ::core::ffi::c_uint = 6;
pub const RLIMIT_RTPRIO: ::core::ffi::c_uint = 14;
pub const RLIMIT_SIGPENDING: ::core::ffi::c_uint = 11;
pub const RLIMIT_STACK: ::core::ffi::c_uint = 3;
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
pub union __atomic_wide_counter {
    pub __value64: ::core::ffi::c_ulonglong,
    pub __value32: __atomic_wide_counter__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_mutexattr_t {
    pub __size: [::core::ffi::c_char; 4usize],
    pub __align: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_condattr_t {
    pub __size: [::core::ffi::c_char; 4usize],
    pub __align: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_attr_t {
    pub __size: [::core::ffi::c_char; 56usize],
    pub __align: ::core::ffi::c_long,
}
#[repr(C)]
pub union pthread_mutex_t {
    pub __data: __pthread_mutex_s,
    pub __size: [::core::ffi::c_char; 40usize],
    pub __align: ::core::ffi::c_long,
}
#[repr(C)]
pub union pthread_cond_t {
    pub __data: __pthread_cond_s,
    pub __size: [::core::ffi::c_char; 48usize],
    pub __align: ::core::ffi::c_longlong,
}
#[repr(C)]
pub union pthread_rwlock_t {
    pub __data: __pthread_rwlock_arch_t,
    pub __size: [::core::ffi::c_char; 56usize],
    pub __align: ::core::ffi::c_long,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_rwlockattr_t {
    pub __size: [::core::ffi::c_char; 8usize],
    pub __align: ::core::ffi::c_long,
}
#[repr(C)]
pub union pthread_barrier_t {
    pub __size: [::core::ffi::c_char; 32usize],
    pub __align: ::core::ffi::c_long,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union pthread_barrierattr_t {
    pub __size: [::core::ffi::c_char; 4usize],
    pub __align: ::core::ffi::c_int,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sigval {
    pub sival_int: ::core::ffi::c_int,
    pub sival_ptr: *mut ::core::ffi::c_void,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sigevent__bindgen_ty_1 {
    pub _pad: [::core::ffi::c_int; 12usize],
    pub _tid: __pid_t,
    pub _sigev_thread: sigevent__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
pub union sem_t {
    pub __size: [::core::ffi::c_char; 32usize],
    pub __align: ::core::ffi::c_long,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union siginfo_t__bindgen_ty_1 {
    pub _pad: [::core::ffi::c_int; 28usize],
    pub _kill: siginfo_t__bindgen_ty_1__bindgen_ty_1,
    pub _timer: siginfo_t__bindgen_ty_1__bindgen_ty_2,
    pub _rt: siginfo_t__bindgen_ty_1__bindgen_ty_3,
    pub _sigchld: siginfo_t__bindgen_ty_1__bindgen_ty_4,
    pub _sigfault: siginfo_t__bindgen_ty_1__bindgen_ty_5,
    pub _sigpoll: siginfo_t__bindgen_ty_1__bindgen_ty_6,
    pub _sigsys: siginfo_t__bindgen_ty_1__bindgen_ty_7,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1 {
    pub _addr_bnd: siginfo_t__bindgen_ty_1__bindgen_ty_5__bindgen_ty_1__bindgen_ty_1,
    pub _pkey: __uint32_t,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sigaction__bindgen_ty_1 {
    pub sa_handler: __sighandler_t,
    pub sa_sigaction: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: ::core::ffi::c_int,
            arg2: *mut siginfo_t,
            arg3: *mut ::core::ffi::c_void,
        ),
    >,
}
pub use self::__rlimit_resource as __rlimit_resource_t;
unsafe extern "C" {
    pub fn dlopen(
        __file: *const ::core::ffi::c_char,
        __mode: ::core::ffi::c_int,
    ) -> *mut ::core::ffi::c_void;
    pub fn dladdr(
        __address: *const ::core::ffi::c_void,
        __info: *mut Dl_info,
    ) -> ::core::ffi::c_int;
    pub fn __errno_location() -> *mut ::core::ffi::c_int;
    pub safe fn fallocate(__fd: ::std::os::fd::BorrowedFd<'_>, __mode: ::core::ffi::c_int, __offset: __off_t, __len: __off_t) -> ::core::ffi::c_int;
    pub fn fcntl(
        __fd: ::core::ffi::c_int,
        __cmd: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub fn open(
        __file: *const ::core::ffi::c_char,
        __oflag: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub fn openat(
        __fd: ::core::ffi::c_int,
        __file: *const ::core::ffi::c_char,
        __oflag: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub fn creat(
        __file: *const ::core::ffi::c_char,
        __mode: mode_t,
    ) -> ::core::ffi::c_int;
    pub fn posix_fallocate(
        __fd: ::core::ffi::c_int,
        __offset: off_t,
        __len: off_t,
    ) -> ::core::ffi::c_int;
    pub fn setgroups(__n: usize, __groups: *const __gid_t) -> ::core::ffi::c_int;
    pub fn mq_open(
        __name: *const ::core::ffi::c_char,
        __oflag: ::core::ffi::c_int,
        ...
    ) -> mqd_t;
    pub fn mq_close(__mqdes: mqd_t) -> ::core::ffi::c_int;
    pub safe fn mq_getattr(__mqdes: ::std::os::fd::BorrowedFd<'_>, __mqstat: &mut mq_attr) -> ::core::ffi::c_int;
    pub safe fn mq_setattr(__mqdes: ::std::os::fd::BorrowedFd<'_>, __mqstat: &mq_attr, __omqstat: ::core::option::Option<&mut mq_attr>) -> ::core::ffi::c_int;
    pub fn mq_unlink(__name: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn mq_notify(
        __mqdes: mqd_t,
        __notification: *const sigevent,
    ) -> ::core::ffi::c_int;
    pub fn mq_receive(
        __mqdes: mqd_t,
        __msg_ptr: *mut ::core::ffi::c_char,
        __msg_len: usize,
        __msg_prio: *mut ::core::ffi::c_uint,
    ) -> isize;
    pub fn mq_send(
        __mqdes: mqd_t,
        __msg_ptr: *const ::core::ffi::c_char,
        __msg_len: usize,
        __msg_prio: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub fn mq_timedreceive(
        __mqdes: mqd_t,
        __msg_ptr: *mut ::core::ffi::c_char,
        __msg_len: usize,
        __msg_prio: *mut ::core::ffi::c_uint,
        __abs_timeout: *const timespec,
    ) -> isize;
    pub fn mq_timedsend(
        __mqdes: mqd_t,
        __msg_ptr: *const ::core::ffi::c_char,
        __msg_len: usize,
        __msg_prio: ::core::ffi::c_uint,
        __abs_timeout: *const timespec,
    ) -> ::core::ffi::c_int;
    pub fn poll(
        __fds: *mut pollfd,
        __nfds: nfds_t,
        __timeout: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn ppoll(
        __fds: *mut pollfd,
        __nfds: nfds_t,
        __timeout: *const timespec,
        __ss: *const __sigset_t,
    ) -> ::core::ffi::c_int;
    pub fn sched_getcpu() -> ::core::ffi::c_int;
    pub fn sched_yield() -> ::core::ffi::c_int;
    pub fn sched_setaffinity(
        __pid: __pid_t,
        __cpusetsize: usize,
        __cpuset: *const cpu_set_t,
    ) -> ::core::ffi::c_int;
    pub fn sched_getaffinity(
        __pid: __pid_t,
        __cpusetsize: usize,
        __cpuset: *mut cpu_set_t,
    ) -> ::core::ffi::c_int;
    pub fn nanosleep(
        __requested_time: *const timespec,
        __remaining: *mut timespec,
    ) -> ::core::ffi::c_int;
    pub safe fn clock_getres(__clock_id: clockid_t, __res: &mut timespec) -> ::core::ffi::c_int;
    pub safe fn clock_gettime(__clock_id: clockid_t, __tp: &mut timespec) -> ::core::ffi::c_int;
    pub safe fn clock_settime(__clock_id: clockid_t, __tp: &timespec) -> ::core::ffi::c_int;
    pub safe fn clock_nanosleep(__clock_id: clockid_t, __flags: ::core::ffi::c_int, __req: &timespec, __rem: &mut timespec) -> ::core::ffi::c_int;
    pub fn timer_create(
        __clock_id: clockid_t,
        __evp: *mut sigevent,
        __timerid: *mut timer_t,
    ) -> ::core::ffi::c_int;
    pub fn timer_delete(__timerid: timer_t) -> ::core::ffi::c_int;
    pub fn timer_settime(
        __timerid: timer_t,
        __flags: ::core::ffi::c_int,
        __value: *const itimerspec,
        __ovalue: *mut itimerspec,
    ) -> ::core::ffi::c_int;
    pub fn timer_gettime(
        __timerid: timer_t,
        __value: *mut itimerspec,
    ) -> ::core::ffi::c_int;
    pub fn timer_getoverrun(__timerid: timer_t) -> ::core::ffi::c_int;
    pub fn pthread_self() -> pthread_t;
    pub fn pthread_equal(
        __thread1: pthread_t,
        __thread2: pthread_t,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_init(__mutex: &mut ::core::mem::MaybeUninit<crate::Live<pthread_mutex_t>>, __mutexattr: ::core::option::Option<&crate::Live<pthread_mutexattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_mutex_destroy(__mutex: *mut pthread_mutex_t) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_trylock(__mutex: &crate::Live<pthread_mutex_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_lock(__mutex: &crate::Live<pthread_mutex_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_timedlock(__mutex: &crate::Live<pthread_mutex_t>, __abstime: &timespec) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_clocklock(__mutex: &crate::Live<pthread_mutex_t>, __clockid: clockid_t, __abstime: &timespec) -> ::core::ffi::c_int;
    pub fn pthread_mutex_unlock(__mutex: *mut pthread_mutex_t) -> ::core::ffi::c_int;
    pub fn pthread_mutex_getprioceiling(
        __mutex: *const pthread_mutex_t,
        __prioceiling: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutex_setprioceiling(
        __mutex: *mut pthread_mutex_t,
        __prioceiling: ::core::ffi::c_int,
        __old_ceiling: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutex_consistent(__mutex: &crate::Live<pthread_mutex_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_init(__attr: &mut ::core::mem::MaybeUninit<crate::Live<pthread_mutexattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_destroy(
        __attr: *mut pthread_mutexattr_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getpshared(
        __attr: *const pthread_mutexattr_t,
        __pshared: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setpshared(__attr: &mut crate::Live<pthread_mutexattr_t>, __pshared: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_gettype(
        __attr: *const pthread_mutexattr_t,
        __kind: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_settype(__attr: &mut crate::Live<pthread_mutexattr_t>, __kind: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getprotocol(
        __attr: *const pthread_mutexattr_t,
        __protocol: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setprotocol(__attr: &mut crate::Live<pthread_mutexattr_t>, __protocol: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getprioceiling(
        __attr: *const pthread_mutexattr_t,
        __prioceiling: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setprioceiling(__attr: &mut crate::Live<pthread_mutexattr_t>, __prioceiling: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_mutexattr_getrobust(
        __attr: *const pthread_mutexattr_t,
        __robustness: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_mutexattr_setrobust(__attr: &mut crate::Live<pthread_mutexattr_t>, __robustness: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_init(__rwlock: &mut ::core::mem::MaybeUninit<crate::Live<pthread_rwlock_t>>, __attr: ::core::option::Option<&crate::Live<pthread_rwlockattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_rwlock_destroy(__rwlock: *mut pthread_rwlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_rdlock(__rwlock: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_tryrdlock(__rwlock: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_timedrdlock(__rwlock: &crate::Live<pthread_rwlock_t>, __abstime: &timespec) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_clockrdlock(__rwlock: &crate::Live<pthread_rwlock_t>, __clockid: clockid_t, __abstime: &timespec) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_wrlock(__rwlock: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_trywrlock(__rwlock: &crate::Live<pthread_rwlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_timedwrlock(__rwlock: &crate::Live<pthread_rwlock_t>, __abstime: &timespec) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlock_clockwrlock(__rwlock: &crate::Live<pthread_rwlock_t>, __clockid: clockid_t, __abstime: &timespec) -> ::core::ffi::c_int;
    pub fn pthread_rwlock_unlock(__rwlock: *mut pthread_rwlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlockattr_init(__attr: &mut ::core::mem::MaybeUninit<crate::Live<pthread_rwlockattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_rwlockattr_destroy(
        __attr: *mut pthread_rwlockattr_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_rwlockattr_getpshared(
        __attr: *const pthread_rwlockattr_t,
        __pshared: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlockattr_setpshared(__attr: &mut crate::Live<pthread_rwlockattr_t>, __pshared: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_rwlockattr_getkind_np(
        __attr: *const pthread_rwlockattr_t,
        __pref: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_rwlockattr_setkind_np(__attr: &mut crate::Live<pthread_rwlockattr_t>, __pref: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_cond_init(__cond: &mut ::core::mem::MaybeUninit<crate::Live<pthread_cond_t>>, __cond_attr: ::core::option::Option<&crate::Live<pthread_condattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_cond_destroy(__cond: *mut pthread_cond_t) -> ::core::ffi::c_int;
    pub safe fn pthread_cond_signal(__cond: &crate::Live<pthread_cond_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_cond_broadcast(__cond: &crate::Live<pthread_cond_t>) -> ::core::ffi::c_int;
    pub fn pthread_cond_wait(
        __cond: *mut pthread_cond_t,
        __mutex: *mut pthread_mutex_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_cond_timedwait(
        __cond: *mut pthread_cond_t,
        __mutex: *mut pthread_mutex_t,
        __abstime: *const timespec,
    ) -> ::core::ffi::c_int;
    pub fn pthread_cond_clockwait(
        __cond: *mut pthread_cond_t,
        __mutex: *mut pthread_mutex_t,
        __clock_id: __clockid_t,
        __abstime: *const timespec,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_condattr_init(__attr: &mut ::core::mem::MaybeUninit<crate::Live<pthread_condattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_condattr_destroy(
        __attr: *mut pthread_condattr_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_condattr_getpshared(
        __attr: *const pthread_condattr_t,
        __pshared: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_condattr_setpshared(__attr: &mut crate::Live<pthread_condattr_t>, __pshared: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_condattr_getclock(
        __attr: *const pthread_condattr_t,
        __clock_id: *mut __clockid_t,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_condattr_setclock(__attr: &mut crate::Live<pthread_condattr_t>, __clock_id: __clockid_t) -> ::core::ffi::c_int;
    pub safe fn pthread_spin_init(__lock: &mut ::core::mem::MaybeUninit<crate::Live<pthread_spinlock_t>>, __pshared: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_spin_destroy(__lock: *mut pthread_spinlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_spin_lock(__lock: &crate::Live<pthread_spinlock_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_spin_trylock(__lock: &crate::Live<pthread_spinlock_t>) -> ::core::ffi::c_int;
    pub fn pthread_spin_unlock(__lock: *mut pthread_spinlock_t) -> ::core::ffi::c_int;
    pub safe fn pthread_barrier_init(__barrier: &mut ::core::mem::MaybeUninit<crate::Live<pthread_barrier_t>>, __attr: ::core::option::Option<&crate::Live<pthread_barrierattr_t>>, __count: ::core::ffi::c_uint) -> ::core::ffi::c_int;
    pub fn pthread_barrier_destroy(
        __barrier: *mut pthread_barrier_t,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_barrier_wait(__barrier: &crate::Live<pthread_barrier_t>) -> ::core::ffi::c_int;
    pub safe fn pthread_barrierattr_init(__attr: &mut ::core::mem::MaybeUninit<crate::Live<pthread_barrierattr_t>>) -> ::core::ffi::c_int;
    pub fn pthread_barrierattr_destroy(
        __attr: *mut pthread_barrierattr_t,
    ) -> ::core::ffi::c_int;
    pub fn pthread_barrierattr_getpshared(
        __attr: *const pthread_barrierattr_t,
        __pshared: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn pthread_barrierattr_setpshared(__attr: &mut crate::Live<pthread_barrierattr_t>, __pshared: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn pthread_key_create(
        __key: *mut pthread_key_t,
        __destr_function: ::core::option::Option<
            unsafe extern "C" fn(arg1: *mut ::core::ffi::c_void),
        >,
    ) -> ::core::ffi::c_int;
    pub fn pthread_key_delete(__key: pthread_key_t) -> ::core::ffi::c_int;
    pub fn pthread_setspecific(
        __key: pthread_key_t,
        __pointer: *const ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn pthread_atfork(
        __prepare: ::core::option::Option<unsafe extern "C" fn()>,
        __parent: ::core::option::Option<unsafe extern "C" fn()>,
        __child: ::core::option::Option<unsafe extern "C" fn()>,
    ) -> ::core::ffi::c_int;
    pub safe fn sem_init(__sem: &mut ::core::mem::MaybeUninit<crate::Live<sem_t>>, __pshared: ::core::ffi::c_int, __value: ::core::ffi::c_uint) -> ::core::ffi::c_int;
    pub fn sem_destroy(__sem: *mut sem_t) -> ::core::ffi::c_int;
    pub fn sem_open(
        __name: *const ::core::ffi::c_char,
        __oflag: ::core::ffi::c_int,
        ...
    ) -> *mut sem_t;
    pub fn sem_close(__sem: *mut sem_t) -> ::core::ffi::c_int;
    pub fn sem_unlink(__name: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub safe fn sem_wait(__sem: &crate::Live<sem_t>) -> ::core::ffi::c_int;
    pub safe fn sem_timedwait(__sem: &crate::Live<sem_t>, __abstime: &timespec) -> ::core::ffi::c_int;
    pub safe fn sem_clockwait(__sem: &crate::Live<sem_t>, clock: clockid_t, __abstime: &timespec) -> ::core::ffi::c_int;
    pub safe fn sem_trywait(__sem: &crate::Live<sem_t>) -> ::core::ffi::c_int;
    pub safe fn sem_post(__sem: &crate::Live<sem_t>) -> ::core::ffi::c_int;
    pub safe fn sem_getvalue(__sem: &crate::Live<sem_t>, __sval: &mut ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn kill(__pid: __pid_t, __sig: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn killpg(__pgrp: __pid_t, __sig: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn raise(__sig: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn sigemptyset(__set: &mut sigset_t) -> ::core::ffi::c_int;
    pub safe fn sigfillset(__set: &mut sigset_t) -> ::core::ffi::c_int;
    pub safe fn sigaddset(__set: &mut sigset_t, __signo: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn sigdelset(
        __set: *mut sigset_t,
        __signo: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn sigismember(__set: &sigset_t, __signo: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn sigprocmask(
        __how: ::core::ffi::c_int,
        __set: *const sigset_t,
        __oset: *mut sigset_t,
    ) -> ::core::ffi::c_int;
    pub safe fn sigsuspend(__set: &sigset_t) -> ::core::ffi::c_int;
    pub fn sigaction(
        __sig: ::core::ffi::c_int,
        __act: *const sigaction,
        __oact: *mut sigaction,
    ) -> ::core::ffi::c_int;
    pub safe fn sigpending(__set: &mut sigset_t) -> ::core::ffi::c_int;
    pub fn sigwait(
        __set: *const sigset_t,
        __sig: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn sigwaitinfo(
        __set: *const sigset_t,
        __info: *mut siginfo_t,
    ) -> ::core::ffi::c_int;
    pub safe fn sigtimedwait(__set: &sigset_t, __info: ::core::option::Option<&mut siginfo_t>, __timeout: ::core::option::Option<&timespec>) -> ::core::ffi::c_int;
    pub fn sigqueue(
        __pid: __pid_t,
        __sig: ::core::ffi::c_int,
        __val: sigval,
    ) -> ::core::ffi::c_int;
    pub fn access(
        __name: *const ::core::ffi::c_char,
        __type: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn faccessat(
        __fd: ::core::ffi::c_int,
        __file: *const ::core::ffi::c_char,
        __type: ::core::ffi::c_int,
        __flag: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn lseek(
        __fd: ::core::ffi::c_int,
        __offset: __off_t,
        __whence: ::core::ffi::c_int,
    ) -> __off_t;
    pub fn close(__fd: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn read(
        __fd: ::core::ffi::c_int,
        __buf: *mut ::core::ffi::c_void,
        __nbytes: usize,
    ) -> isize;
    pub fn write(
        __fd: ::core::ffi::c_int,
        __buf: *const ::core::ffi::c_void,
        __n: usize,
    ) -> isize;
    pub fn pread(
        __fd: ::core::ffi::c_int,
        __buf: *mut ::core::ffi::c_void,
        __nbytes: usize,
        __offset: __off_t,
    ) -> isize;
    pub fn pwrite(
        __fd: ::core::ffi::c_int,
        __buf: *const ::core::ffi::c_void,
        __n: usize,
        __offset: __off_t,
    ) -> isize;
    pub fn pipe2(
        __pipedes: *mut ::core::ffi::c_int,
        __flags: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn alarm(__seconds: ::core::ffi::c_uint) -> ::core::ffi::c_uint;
    pub fn pause() -> ::core::ffi::c_int;
    pub fn fchown(
        __fd: ::core::ffi::c_int,
        __owner: __uid_t,
        __group: __gid_t,
    ) -> ::core::ffi::c_int;
    pub fn fchownat(
        __fd: ::core::ffi::c_int,
        __file: *const ::core::ffi::c_char,
        __owner: __uid_t,
        __group: __gid_t,
        __flag: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn dup(__fd: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn dup2(
        __fd: ::core::ffi::c_int,
        __fd2: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn dup3(
        __fd: ::core::ffi::c_int,
        __fd2: ::core::ffi::c_int,
        __flags: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn _exit(__status: ::core::ffi::c_int) -> !;
    pub fn sysconf(__name: ::core::ffi::c_int) -> ::core::ffi::c_long;
    pub fn getpid() -> __pid_t;
    pub fn getppid() -> __pid_t;
    pub fn getpgrp() -> __pid_t;
    pub fn getpgid(__pid: __pid_t) -> __pid_t;
    pub fn setpgid(__pid: __pid_t, __pgid: __pid_t) -> ::core::ffi::c_int;
    pub fn setsid() -> __pid_t;
    pub fn getsid(__pid: __pid_t) -> __pid_t;
    pub safe fn getuid() -> __uid_t;
    pub safe fn geteuid() -> __uid_t;
    pub safe fn getgid() -> __gid_t;
    pub safe fn getegid() -> __gid_t;
    pub fn getgroups(
        __size: ::core::ffi::c_int,
        __list: *mut __gid_t,
    ) -> ::core::ffi::c_int;
    pub fn setuid(__uid: __uid_t) -> ::core::ffi::c_int;
    pub fn seteuid(__uid: __uid_t) -> ::core::ffi::c_int;
    pub fn setgid(__gid: __gid_t) -> ::core::ffi::c_int;
    pub fn setegid(__gid: __gid_t) -> ::core::ffi::c_int;
    pub fn getresuid(
        __ruid: *mut __uid_t,
        __euid: *mut __uid_t,
        __suid: *mut __uid_t,
    ) -> ::core::ffi::c_int;
    pub fn getresgid(
        __rgid: *mut __gid_t,
        __egid: *mut __gid_t,
        __sgid: *mut __gid_t,
    ) -> ::core::ffi::c_int;
    pub fn setresuid(
        __ruid: __uid_t,
        __euid: __uid_t,
        __suid: __uid_t,
    ) -> ::core::ffi::c_int;
    pub fn setresgid(
        __rgid: __gid_t,
        __egid: __gid_t,
        __sgid: __gid_t,
    ) -> ::core::ffi::c_int;
    pub fn fork() -> __pid_t;
    pub fn link(
        __from: *const ::core::ffi::c_char,
        __to: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn linkat(
        __fromfd: ::core::ffi::c_int,
        __from: *const ::core::ffi::c_char,
        __tofd: ::core::ffi::c_int,
        __to: *const ::core::ffi::c_char,
        __flags: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn unlink(__name: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn unlinkat(
        __fd: ::core::ffi::c_int,
        __name: *const ::core::ffi::c_char,
        __flag: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn rmdir(__path: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn fsync(__fd: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn ftruncate(__fd: ::core::ffi::c_int, __length: __off_t) -> ::core::ffi::c_int;
    pub fn syscall(__sysno: ::core::ffi::c_long, ...) -> ::core::ffi::c_long;
    pub fn fdatasync(__fildes: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub safe fn pthread_sigmask(__how: ::core::ffi::c_int, __newmask: ::core::option::Option<&__sigset_t>, __oldmask: ::core::option::Option<&mut __sigset_t>) -> ::core::ffi::c_int;
    pub fn pthread_kill(
        __threadid: pthread_t,
        __signo: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn pthread_sigqueue(
        __threadid: pthread_t,
        __signo: ::core::ffi::c_int,
        __value: sigval,
    ) -> ::core::ffi::c_int;
    pub fn __libc_current_sigrtmin() -> ::core::ffi::c_int;
    pub fn __libc_current_sigrtmax() -> ::core::ffi::c_int;
    pub fn rename(
        __old: *const ::core::ffi::c_char,
        __new: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn renameat(
        __oldfd: ::core::ffi::c_int,
        __old: *const ::core::ffi::c_char,
        __newfd: ::core::ffi::c_int,
        __new: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub safe fn eventfd(__count: ::core::ffi::c_uint, __flags: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn flock(
        __fd: ::core::ffi::c_int,
        __operation: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn ftok(
        __pathname: *const ::core::ffi::c_char,
        __proj_id: ::core::ffi::c_int,
    ) -> key_t;
    pub fn memfd_create(
        __name: *const ::core::ffi::c_char,
        __flags: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub fn mlock2(
        __addr: *const ::core::ffi::c_void,
        __length: usize,
        __flags: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub fn mmap(
        __addr: *mut ::core::ffi::c_void,
        __len: usize,
        __prot: ::core::ffi::c_int,
        __flags: ::core::ffi::c_int,
        __fd: ::core::ffi::c_int,
        __offset: __off_t,
    ) -> *mut ::core::ffi::c_void;
    pub fn munmap(__addr: *mut ::core::ffi::c_void, __len: usize) -> ::core::ffi::c_int;
    pub fn mprotect(
        __addr: *mut ::core::ffi::c_void,
        __len: usize,
        __prot: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn msync(
        __addr: *mut ::core::ffi::c_void,
        __len: usize,
        __flags: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn madvise(
        __addr: *mut ::core::ffi::c_void,
        __len: usize,
        __advice: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn posix_madvise(
        __addr: *mut ::core::ffi::c_void,
        __len: usize,
        __advice: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn mlock(__addr: *const ::core::ffi::c_void, __len: usize) -> ::core::ffi::c_int;
    pub fn munlock(
        __addr: *const ::core::ffi::c_void,
        __len: usize,
    ) -> ::core::ffi::c_int;
    pub fn mlockall(__flags: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn munlockall() -> ::core::ffi::c_int;
    pub fn mincore(
        __start: *mut ::core::ffi::c_void,
        __len: usize,
        __vec: *mut ::core::ffi::c_uchar,
    ) -> ::core::ffi::c_int;
    pub fn mremap(
        __addr: *mut ::core::ffi::c_void,
        __old_len: usize,
        __new_len: usize,
        __flags: ::core::ffi::c_int,
        ...
    ) -> *mut ::core::ffi::c_void;
    pub fn shm_open(
        __name: *const ::core::ffi::c_char,
        __oflag: ::core::ffi::c_int,
        __mode: mode_t,
    ) -> ::core::ffi::c_int;
    pub fn shm_unlink(__name: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn msgctl(
        __msqid: ::core::ffi::c_int,
        __cmd: ::core::ffi::c_int,
        __buf: *mut msqid_ds,
    ) -> ::core::ffi::c_int;
    pub safe fn msgget(__key: key_t, __msgflg: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn msgrcv(
        __msqid: ::core::ffi::c_int,
        __msgp: *mut ::core::ffi::c_void,
        __msgsz: usize,
        __msgtyp: ::core::ffi::c_long,
        __msgflg: ::core::ffi::c_int,
    ) -> isize;
    pub fn msgsnd(
        __msqid: ::core::ffi::c_int,
        __msgp: *const ::core::ffi::c_void,
        __msgsz: usize,
        __msgflg: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn prctl(__option: ::core::ffi::c_int, ...) -> ::core::ffi::c_int;
    pub fn getrandom(
        __buffer: *mut ::core::ffi::c_void,
        __length: usize,
        __flags: ::core::ffi::c_uint,
    ) -> isize;
    pub safe fn getrlimit(__resource: __rlimit_resource_t, __rlimits: &mut rlimit) -> ::core::ffi::c_int;
    pub fn setrlimit(
        __resource: __rlimit_resource_t,
        __rlimits: *const rlimit,
    ) -> ::core::ffi::c_int;
    pub fn semctl(
        __semid: ::core::ffi::c_int,
        __semnum: ::core::ffi::c_int,
        __cmd: ::core::ffi::c_int,
        ...
    ) -> ::core::ffi::c_int;
    pub safe fn semget(__key: key_t, __nsems: ::core::ffi::c_int, __semflg: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn semop(
        __semid: ::core::ffi::c_int,
        __sops: *mut sembuf,
        __nsops: usize,
    ) -> ::core::ffi::c_int;
    pub fn semtimedop(
        __semid: ::core::ffi::c_int,
        __sops: *mut sembuf,
        __nsops: usize,
        __timeout: *const timespec,
    ) -> ::core::ffi::c_int;
    pub fn shmctl(
        __shmid: ::core::ffi::c_int,
        __cmd: ::core::ffi::c_int,
        __buf: *mut shmid_ds,
    ) -> ::core::ffi::c_int;
    pub safe fn shmget(__key: key_t, __size: usize, __shmflg: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn shmat(
        __shmid: ::core::ffi::c_int,
        __shmaddr: *const ::core::ffi::c_void,
        __shmflg: ::core::ffi::c_int,
    ) -> *mut ::core::ffi::c_void;
    pub fn shmdt(__shmaddr: *const ::core::ffi::c_void) -> ::core::ffi::c_int;
    pub safe fn signalfd(__fd: ::core::option::Option<::std::os::fd::BorrowedFd<'_>>, __mask: &sigset_t, __flags: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn stat(
        __file: *const ::core::ffi::c_char,
        __buf: *mut stat,
    ) -> ::core::ffi::c_int;
    pub fn fstat(__fd: ::core::ffi::c_int, __buf: *mut stat) -> ::core::ffi::c_int;
    pub fn fstatat(
        __fd: ::core::ffi::c_int,
        __file: *const ::core::ffi::c_char,
        __buf: *mut stat,
        __flag: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn lstat(
        __file: *const ::core::ffi::c_char,
        __buf: *mut stat,
    ) -> ::core::ffi::c_int;
    pub fn fchmod(__fd: ::core::ffi::c_int, __mode: __mode_t) -> ::core::ffi::c_int;
    pub fn fchmodat(
        __fd: ::core::ffi::c_int,
        __file: *const ::core::ffi::c_char,
        __mode: __mode_t,
        __flag: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn umask(__mask: __mode_t) -> __mode_t;
    pub fn mkdir(
        __path: *const ::core::ffi::c_char,
        __mode: __mode_t,
    ) -> ::core::ffi::c_int;
    pub fn mkfifo(
        __path: *const ::core::ffi::c_char,
        __mode: __mode_t,
    ) -> ::core::ffi::c_int;
    pub fn mkfifoat(
        __fd: ::core::ffi::c_int,
        __path: *const ::core::ffi::c_char,
        __mode: __mode_t,
    ) -> ::core::ffi::c_int;
    pub fn statfs(
        __file: *const ::core::ffi::c_char,
        __buf: *mut statfs,
    ) -> ::core::ffi::c_int;
    pub safe fn fstatfs(__fildes: ::std::os::fd::BorrowedFd<'_>, __buf: &mut statfs) -> ::core::ffi::c_int;
    pub fn gettimeofday(
        __tv: *mut timeval,
        __tz: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn waitpid(
        __pid: __pid_t,
        __stat_loc: *mut ::core::ffi::c_int,
        __options: ::core::ffi::c_int,
    ) -> __pid_t;
    pub fn waitid(
        __idtype: idtype_t,
        __id: __id_t,
        __infop: *mut siginfo_t,
        __options: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub safe fn gnu_get_libc_version() -> *const ::core::ffi::c_char;
}
