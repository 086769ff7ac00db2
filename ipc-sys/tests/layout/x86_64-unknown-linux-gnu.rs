//! Made by `cargo xtask bindgen --target x86_64-unknown-linux-gnu`. Never edit it.
//! bindgen 0.72.1, libclang 14.0.6, C library 2.36, Linux headers 6.1.

pub(crate) const BINDINGS: &str = include_str!("../../src/bindings/x86_64-unknown-linux-gnu.rs");
pub(crate) const LIBC: [u32; 2] = [2, 36];
pub(crate) const LINUX: [u32; 2] = [6, 1];

constants! {
    EPERM;
    ENOENT;
    ESRCH;
    EINTR;
    EIO;
    ENXIO;
    E2BIG;
    ENOEXEC;
    EBADF;
    ECHILD;
    EAGAIN;
    ENOMEM;
    EACCES;
    EFAULT;
    ENOTBLK;
    EBUSY;
    EEXIST;
    EXDEV;
    ENODEV;
    ENOTDIR;
    EISDIR;
    EINVAL;
    ENFILE;
    EMFILE;
    ENOTTY;
    ETXTBSY;
    EFBIG;
    ENOSPC;
    ESPIPE;
    EROFS;
    EMLINK;
    EPIPE;
    EDOM;
    ERANGE;
    EDEADLK;
    ENAMETOOLONG;
    ENOLCK;
    ENOSYS;
    ENOTEMPTY;
    ELOOP;
    EWOULDBLOCK;
    ENOMSG;
    EIDRM;
    ECHRNG;
    EL2NSYNC;
    EL3HLT;
    EL3RST;
    ELNRNG;
    EUNATCH;
    ENOCSI;
    EL2HLT;
    EBADE;
    EBADR;
    EXFULL;
    ENOANO;
    EBADRQC;
    EBADSLT;
    EDEADLOCK;
    EBFONT;
    ENOSTR;
    ENODATA;
    ETIME;
    ENOSR;
    ENONET;
    ENOPKG;
    EREMOTE;
    ENOLINK;
    EADV;
    ESRMNT;
    ECOMM;
    EPROTO;
    EMULTIHOP;
    EDOTDOT;
    EBADMSG;
    EOVERFLOW;
    ENOTUNIQ;
    EBADFD;
    EREMCHG;
    ELIBACC;
    ELIBBAD;
    ELIBSCN;
    ELIBMAX;
    ELIBEXEC;
    EILSEQ;
    ERESTART;
    ESTRPIPE;
    EUSERS;
    ENOTSOCK;
    EDESTADDRREQ;
    EMSGSIZE;
    EPROTOTYPE;
    ENOPROTOOPT;
    EPROTONOSUPPORT;
    ESOCKTNOSUPPORT;
    EOPNOTSUPP;
    ENOTSUP;
    EPFNOSUPPORT;
    EAFNOSUPPORT;
    EADDRINUSE;
    EADDRNOTAVAIL;
    ENETDOWN;
    ENETUNREACH;
    ENETRESET;
    ECONNABORTED;
    ECONNRESET;
    ENOBUFS;
    EISCONN;
    ENOTCONN;
    ESHUTDOWN;
    ETOOMANYREFS;
    ETIMEDOUT;
    ECONNREFUSED;
    EHOSTDOWN;
    EHOSTUNREACH;
    EALREADY;
    EINPROGRESS;
    ESTALE;
    EUCLEAN;
    ENOTNAM;
    ENAVAIL;
    EISNAM;
    EREMOTEIO;
    EDQUOT;
    ENOMEDIUM;
    EMEDIUMTYPE;
    ECANCELED;
    ENOKEY;
    EKEYEXPIRED;
    EKEYREVOKED;
    EKEYREJECTED;
    EOWNERDEAD;
    ENOTRECOVERABLE;
    ERFKILL;
    EHWPOISON;
    IPC_PRIVATE;
    IPC_CREAT;
    IPC_EXCL;
    IPC_NOWAIT;
    IPC_RMID;
    IPC_SET;
    IPC_STAT;
    IPC_INFO;
    OFFSET_OF___key = "offsetof(struct ipc_perm, __key)";
    SHM_RDONLY;
    SHM_RND;
    SHM_REMAP;
    SHM_EXEC;
    SHM_HUGETLB;
    SHM_NORESERVE;
    SHM_LOCK;
    SHM_UNLOCK;
    SHM_STAT;
    SHM_STAT_ANY;
    SHM_INFO;
    SHM_DEST;
    SHM_LOCKED;
    SHM_R;
    SHM_W;
    SEM_UNDO;
    GETPID;
    GETVAL;
    GETALL;
    GETNCNT;
    GETZCNT;
    SETVAL;
    SETALL;
    SEM_STAT;
    SEM_STAT_ANY;
    SEM_INFO;
    MSG_NOERROR;
    MSG_EXCEPT;
    MSG_COPY;
    MSG_STAT;
    MSG_STAT_ANY;
    MSG_INFO;
    O_RDONLY;
    O_WRONLY;
    O_RDWR;
    O_ACCMODE;
    O_CREAT;
    O_EXCL;
    O_NOCTTY;
    O_TRUNC;
    O_APPEND;
    O_NONBLOCK;
    O_DSYNC;
    O_SYNC;
    O_ASYNC;
    O_DIRECT;
    O_DIRECTORY;
    O_NOFOLLOW;
    O_NOATIME;
    O_CLOEXEC;
    O_PATH;
    O_TMPFILE;
    AT_FDCWD;
    AT_SYMLINK_NOFOLLOW;
    AT_SYMLINK_FOLLOW;
    AT_REMOVEDIR;
    AT_EACCESS;
    AT_EMPTY_PATH;
    AT_NO_AUTOMOUNT;
    S_IFMT;
    S_IFREG;
    S_IFDIR;
    S_IFLNK;
    S_IFIFO;
    S_IFSOCK;
    S_IFCHR;
    S_IFBLK;
    S_ISUID;
    S_ISGID;
    S_ISVTX;
    S_IRWXU;
    S_IRUSR;
    S_IWUSR;
    S_IXUSR;
    S_IRWXG;
    S_IRGRP;
    S_IWGRP;
    S_IXGRP;
    S_IRWXO;
    S_IROTH;
    S_IWOTH;
    S_IXOTH;
    F_DUPFD;
    F_DUPFD_CLOEXEC;
    F_GETFD;
    F_SETFD;
    F_GETFL;
    F_SETFL;
    FD_CLOEXEC;
    F_GETLK;
    F_SETLK;
    F_SETLKW;
    F_OFD_GETLK;
    F_OFD_SETLK;
    F_OFD_SETLKW;
    F_GETOWN;
    F_SETOWN;
    F_GETSIG;
    F_SETSIG;
    F_GETPIPE_SZ;
    F_SETPIPE_SZ;
    F_RDLCK;
    F_WRLCK;
    F_UNLCK;
    F_ADD_SEALS;
    F_GET_SEALS;
    F_SEAL_SEAL;
    F_SEAL_SHRINK;
    F_SEAL_GROW;
    F_SEAL_WRITE;
    F_SEAL_FUTURE_WRITE;
    FALLOC_FL_KEEP_SIZE;
    FALLOC_FL_PUNCH_HOLE;
    FALLOC_FL_COLLAPSE_RANGE;
    FALLOC_FL_ZERO_RANGE;
    FALLOC_FL_INSERT_RANGE;
    FALLOC_FL_UNSHARE_RANGE;
    SEEK_SET;
    SEEK_CUR;
    SEEK_END;
    SEEK_DATA;
    SEEK_HOLE;
    F_OK;
    R_OK;
    W_OK;
    X_OK;
    LOCK_SH;
    LOCK_EX;
    LOCK_UN;
    LOCK_NB;
    RENAME_NOREPLACE;
    RENAME_EXCHANGE;
    STDIN_FILENO;
    STDOUT_FILENO;
    STDERR_FILENO;
    NAME_MAX;
    PATH_MAX;
    PIPE_BUF;
    TMPFS_MAGIC;
    HUGETLBFS_MAGIC;
    MQUEUE_MAGIC;
    PROT_NONE;
    PROT_READ;
    PROT_WRITE;
    PROT_EXEC;
    MAP_SHARED;
    MAP_PRIVATE;
    MAP_SHARED_VALIDATE;
    MAP_FIXED;
    MAP_FIXED_NOREPLACE;
    MAP_ANONYMOUS;
    MAP_GROWSDOWN;
    MAP_LOCKED;
    MAP_NORESERVE;
    MAP_POPULATE;
    MAP_NONBLOCK;
    MAP_STACK;
    MAP_HUGETLB;
    MAP_SYNC;
    MAP_HUGE_SHIFT;
    MAP_HUGE_MASK;
    MS_ASYNC;
    MS_SYNC;
    MS_INVALIDATE;
    MADV_NORMAL;
    MADV_RANDOM;
    MADV_SEQUENTIAL;
    MADV_WILLNEED;
    MADV_DONTNEED;
    MADV_FREE;
    MADV_REMOVE;
    MADV_DONTFORK;
    MADV_DOFORK;
    MADV_MERGEABLE;
    MADV_UNMERGEABLE;
    MADV_HUGEPAGE;
    MADV_NOHUGEPAGE;
    MADV_DONTDUMP;
    MADV_DODUMP;
    MADV_WIPEONFORK;
    MADV_KEEPONFORK;
    MADV_COLD;
    MADV_PAGEOUT;
    MADV_HWPOISON;
    MADV_POPULATE_READ;
    MADV_POPULATE_WRITE;
    MADV_COLLAPSE;
    POSIX_MADV_NORMAL;
    POSIX_MADV_RANDOM;
    POSIX_MADV_SEQUENTIAL;
    POSIX_MADV_WILLNEED;
    POSIX_MADV_DONTNEED;
    MREMAP_MAYMOVE;
    MREMAP_FIXED;
    MREMAP_DONTUNMAP;
    MCL_CURRENT;
    MCL_FUTURE;
    MCL_ONFAULT;
    MLOCK_ONFAULT;
    MFD_CLOEXEC;
    MFD_ALLOW_SEALING;
    MFD_HUGETLB;
    MPOL_DEFAULT;
    MPOL_PREFERRED;
    MPOL_BIND;
    MPOL_INTERLEAVE;
    MPOL_LOCAL;
    MPOL_MF_STRICT;
    MPOL_MF_MOVE;
    SEM_VALUE_MAX;
    MQ_PRIO_MAX;
    PTHREAD_MUTEX_NORMAL;
    PTHREAD_MUTEX_RECURSIVE;
    PTHREAD_MUTEX_ERRORCHECK;
    PTHREAD_MUTEX_DEFAULT;
    PTHREAD_MUTEX_STALLED;
    PTHREAD_MUTEX_ROBUST;
    PTHREAD_PRIO_NONE;
    PTHREAD_PRIO_INHERIT;
    PTHREAD_PRIO_PROTECT;
    PTHREAD_PROCESS_PRIVATE;
    PTHREAD_PROCESS_SHARED;
    PTHREAD_RWLOCK_PREFER_READER_NP;
    PTHREAD_RWLOCK_PREFER_WRITER_NP;
    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
    PTHREAD_BARRIER_SERIAL_THREAD;
    SIGHUP;
    SIGINT;
    SIGQUIT;
    SIGILL;
    SIGTRAP;
    SIGABRT;
    SIGIOT;
    SIGBUS;
    SIGFPE;
    SIGKILL;
    SIGUSR1;
    SIGSEGV;
    SIGUSR2;
    SIGPIPE;
    SIGALRM;
    SIGTERM;
    SIGSTKFLT;
    SIGCHLD;
    SIGCONT;
    SIGSTOP;
    SIGTSTP;
    SIGTTIN;
    SIGTTOU;
    SIGURG;
    SIGXCPU;
    SIGXFSZ;
    SIGVTALRM;
    SIGPROF;
    SIGWINCH;
    SIGIO;
    SIGPOLL;
    SIGPWR;
    SIGSYS;
    SIG_BLOCK;
    SIG_UNBLOCK;
    SIG_SETMASK;
    SA_NOCLDSTOP;
    SA_NOCLDWAIT;
    SA_SIGINFO;
    SA_ONSTACK;
    SA_RESTART;
    SA_NODEFER;
    SA_RESETHAND;
    SI_USER;
    SI_KERNEL;
    SI_QUEUE;
    SI_TIMER;
    SI_MESGQ;
    SI_ASYNCIO;
    SI_SIGIO;
    SI_TKILL;
    SI_ASYNCNL;
    ILL_ILLOPC;
    ILL_ILLOPN;
    ILL_ILLADR;
    ILL_ILLTRP;
    ILL_PRVOPC;
    ILL_PRVREG;
    ILL_COPROC;
    ILL_BADSTK;
    FPE_INTDIV;
    FPE_INTOVF;
    FPE_FLTDIV;
    FPE_FLTOVF;
    FPE_FLTUND;
    FPE_FLTRES;
    FPE_FLTINV;
    FPE_FLTSUB;
    SEGV_MAPERR;
    SEGV_ACCERR;
    SEGV_BNDERR;
    SEGV_PKUERR;
    BUS_ADRALN;
    BUS_ADRERR;
    BUS_OBJERR;
    BUS_MCEERR_AR;
    BUS_MCEERR_AO;
    TRAP_BRKPT;
    TRAP_TRACE;
    TRAP_BRANCH;
    TRAP_HWBKPT;
    CLD_EXITED;
    CLD_KILLED;
    CLD_DUMPED;
    CLD_TRAPPED;
    CLD_STOPPED;
    CLD_CONTINUED;
    POLL_IN;
    POLL_OUT;
    POLL_MSG;
    POLL_ERR;
    POLL_PRI;
    POLL_HUP;
    SYS_SECCOMP;
    SIGEV_NONE;
    SIGEV_SIGNAL;
    SIGEV_THREAD;
    SIGEV_THREAD_ID;
    SFD_CLOEXEC;
    SFD_NONBLOCK;
    OFFSET_OF_sa_handler = "offsetof(struct sigaction, sa_handler)";
    OFFSET_OF_sa_sigaction = "offsetof(struct sigaction, sa_sigaction)";
    OFFSET_OF_si_pid = "offsetof(siginfo_t, si_pid)";
    OFFSET_OF_si_uid = "offsetof(siginfo_t, si_uid)";
    OFFSET_OF_si_status = "offsetof(siginfo_t, si_status)";
    OFFSET_OF_si_utime = "offsetof(siginfo_t, si_utime)";
    OFFSET_OF_si_stime = "offsetof(siginfo_t, si_stime)";
    OFFSET_OF_si_value = "offsetof(siginfo_t, si_value)";
    OFFSET_OF_si_int = "offsetof(siginfo_t, si_int)";
    OFFSET_OF_si_ptr = "offsetof(siginfo_t, si_ptr)";
    OFFSET_OF_si_addr = "offsetof(siginfo_t, si_addr)";
    OFFSET_OF_si_band = "offsetof(siginfo_t, si_band)";
    OFFSET_OF_si_fd = "offsetof(siginfo_t, si_fd)";
    OFFSET_OF_si_timerid = "offsetof(siginfo_t, si_timerid)";
    OFFSET_OF_si_overrun = "offsetof(siginfo_t, si_overrun)";
    OFFSET_OF_sigev_notify_thread_id = "offsetof(struct sigevent, sigev_notify_thread_id)";
    CLOCK_REALTIME;
    CLOCK_MONOTONIC;
    CLOCK_PROCESS_CPUTIME_ID;
    CLOCK_THREAD_CPUTIME_ID;
    CLOCK_MONOTONIC_RAW;
    CLOCK_REALTIME_COARSE;
    CLOCK_MONOTONIC_COARSE;
    CLOCK_BOOTTIME;
    CLOCK_REALTIME_ALARM;
    CLOCK_BOOTTIME_ALARM;
    CLOCK_TAI;
    TIMER_ABSTIME;
    POLLIN;
    POLLPRI;
    POLLOUT;
    POLLERR;
    POLLHUP;
    POLLNVAL;
    POLLRDNORM;
    POLLRDHUP;
    EFD_CLOEXEC;
    EFD_NONBLOCK;
    EFD_SEMAPHORE;
    P_ALL;
    P_PID;
    P_PGID;
    P_PIDFD;
    WNOHANG;
    WUNTRACED;
    WEXITED;
    WSTOPPED;
    WCONTINUED;
    WNOWAIT;
    RLIMIT_AS;
    RLIMIT_CORE;
    RLIMIT_CPU;
    RLIMIT_DATA;
    RLIMIT_FSIZE;
    RLIMIT_MEMLOCK;
    RLIMIT_MSGQUEUE;
    RLIMIT_NICE;
    RLIMIT_NOFILE;
    RLIMIT_NPROC;
    RLIMIT_RTPRIO;
    RLIMIT_SIGPENDING;
    RLIMIT_STACK;
    PR_SET_PDEATHSIG;
    PR_GET_PDEATHSIG;
    PR_SET_DUMPABLE;
    PR_GET_DUMPABLE;
    PR_SET_NAME;
    PR_SET_TIMERSLACK;
    PR_SET_CHILD_SUBREAPER;
    _SC_PAGESIZE;
    _SC_CLK_TCK;
    _SC_OPEN_MAX;
    _SC_NPROCESSORS_CONF;
    _SC_NPROCESSORS_ONLN;
    _SC_SEM_NSEMS_MAX;
    _SC_SEM_VALUE_MAX;
    _SC_SIGQUEUE_MAX;
    _SC_RTSIG_MAX;
    _SC_MQ_OPEN_MAX;
    _SC_MQ_PRIO_MAX;
    GRND_NONBLOCK;
    GRND_RANDOM;
    RTLD_LAZY;
    RTLD_NOLOAD;
    RTLD_NODELETE;
    SYS_gettid;
    SYS_tgkill;
    SYS_rt_sigqueueinfo;
    SYS_rt_tgsigqueueinfo;
    SYS_pidfd_open;
    SYS_pidfd_send_signal;
    SYS_pidfd_getfd;
    SYS_futex;
    SYS_futex_waitv;
    SYS_get_robust_list;
    SYS_set_robust_list;
    SYS_membarrier;
    SYS_mbind;
    SYS_get_mempolicy;
    SYS_set_mempolicy;
    SYS_memfd_create;
    SYS_close_range;
    SYS_renameat2;
    SYS_openat2;
    SYS_kcmp;
    SYS_waitid;
    SYS_semtimedop;
    SYS_mlock2;
    SYS_rt_sigtimedwait;
    FUTEX_WAIT;
    FUTEX_WAKE;
    FUTEX_REQUEUE;
    FUTEX_CMP_REQUEUE;
    FUTEX_WAKE_OP;
    FUTEX_LOCK_PI;
    FUTEX_UNLOCK_PI;
    FUTEX_TRYLOCK_PI;
    FUTEX_LOCK_PI2;
    FUTEX_WAIT_BITSET;
    FUTEX_WAKE_BITSET;
    FUTEX_WAIT_REQUEUE_PI;
    FUTEX_CMP_REQUEUE_PI;
    FUTEX_PRIVATE_FLAG;
    FUTEX_CLOCK_REALTIME;
    FUTEX_WAITERS;
    FUTEX_OWNER_DIED;
    FUTEX_TID_MASK;
    FUTEX_BITSET_MATCH_ANY;
    FUTEX_32;
    FUTEX_WAITV_MAX;
    MEMBARRIER_CMD_QUERY;
    MEMBARRIER_CMD_GLOBAL;
    MEMBARRIER_CMD_GLOBAL_EXPEDITED;
    MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
    MEMBARRIER_CMD_PRIVATE_EXPEDITED;
    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
}

types! {
    int __uint32_t "__uint32_t";
    int __dev_t "__dev_t";
    int __uid_t "__uid_t";
    int __gid_t "__gid_t";
    int __ino_t "__ino_t";
    int __mode_t "__mode_t";
    int __nlink_t "__nlink_t";
    int __off_t "__off_t";
    int __pid_t "__pid_t";
    int __clock_t "__clock_t";
    int __rlim_t "__rlim_t";
    int __id_t "__id_t";
    int __time_t "__time_t";
    int __suseconds_t "__suseconds_t";
    int __key_t "__key_t";
    int __clockid_t "__clockid_t";
    other __timer_t "__timer_t";
    int __blksize_t "__blksize_t";
    int __blkcnt_t "__blkcnt_t";
    int __fsblkcnt_t "__fsblkcnt_t";
    int __fsfilcnt_t "__fsfilcnt_t";
    int __fsword_t "__fsword_t";
    int __syscall_slong_t "__syscall_slong_t";
    int __syscall_ulong_t "__syscall_ulong_t";
    int mode_t "mode_t";
    int off_t "off_t";
    int pid_t "pid_t";
    int time_t "time_t";
    int gid_t "gid_t";
    int ino_t "ino_t";
    int dev_t "dev_t";
    int nlink_t "nlink_t";
    int uid_t "uid_t";
    int key_t "key_t";
    int clockid_t "clockid_t";
    other timer_t "timer_t";
    other sigset_t "sigset_t";
    other __pthread_list_t "__pthread_list_t";
    int pthread_t "pthread_t";
    int pthread_key_t "pthread_key_t";
    int pthread_spinlock_t "pthread_spinlock_t";
    other __sigval_t "__sigval_t";
    int mqd_t "mqd_t";
    int nfds_t "nfds_t";
    int __cpu_mask "__cpu_mask";
    other __sighandler_t "__sighandler_t";
    int msgqnum_t "msgqnum_t";
    int msglen_t "msglen_t";
    int __u32 "__u32";
    int __u64 "__u64";
    int __rlimit_resource "enum __rlimit_resource";
    int rlim_t "rlim_t";
    int shmatt_t "shmatt_t";
    int idtype_t "idtype_t";
    other Dl_info "Dl_info";
    other __fsid_t "__fsid_t";
    other flock "struct flock";
    other timespec "struct timespec";
    other stat "struct stat";
    other __sigset_t "__sigset_t";
    other timeval "struct timeval";
    other __pthread_internal_list "struct __pthread_internal_list";
    other __pthread_mutex_s "struct __pthread_mutex_s";
    other __pthread_rwlock_arch_t "struct __pthread_rwlock_arch_t";
    other __pthread_cond_s "struct __pthread_cond_s";
    other sigevent "struct sigevent";
    other mq_attr "struct mq_attr";
    other pollfd "struct pollfd";
    other cpu_set_t "cpu_set_t";
    other itimerspec "struct itimerspec";
    other siginfo_t "siginfo_t";
    other sigaction "struct sigaction";
    other ipc_perm "struct ipc_perm";
    other msqid_ds "struct msqid_ds";
    other msginfo "struct msginfo";
    other rlimit "struct rlimit";
    other semid_ds "struct semid_ds";
    other seminfo "struct seminfo";
    other sembuf "struct sembuf";
    other shmid_ds "struct shmid_ds";
    other shminfo "struct shminfo";
    other shm_info "struct shm_info";
    other signalfd_siginfo "struct signalfd_siginfo";
    other statfs "struct statfs";
    other futex_waitv "struct futex_waitv";
    other robust_list "struct robust_list";
    other robust_list_head "struct robust_list_head";
    other __atomic_wide_counter "__atomic_wide_counter";
    other pthread_mutexattr_t "pthread_mutexattr_t";
    other pthread_condattr_t "pthread_condattr_t";
    other pthread_attr_t "pthread_attr_t";
    other pthread_mutex_t "pthread_mutex_t";
    other pthread_cond_t "pthread_cond_t";
    other pthread_rwlock_t "pthread_rwlock_t";
    other pthread_rwlockattr_t "pthread_rwlockattr_t";
    other pthread_barrier_t "pthread_barrier_t";
    other pthread_barrierattr_t "pthread_barrierattr_t";
    other sigval "union sigval";
    other sem_t "sem_t";
}

members! {
    Dl_info "Dl_info" {
        other dli_fname;
        other dli_fbase;
        other dli_sname;
        other dli_saddr;
    }
    __fsid_t "__fsid_t" {
        int __val;
    }
    flock "struct flock" {
        int l_type;
        int l_whence;
        int l_start;
        int l_len;
        int l_pid;
    }
    timespec "struct timespec" {
        int tv_sec;
        int tv_nsec;
    }
    stat "struct stat" {
        int st_dev;
        int st_ino;
        int st_nlink;
        int st_mode;
        int st_uid;
        int st_gid;
        int __pad0;
        int st_rdev;
        int st_size;
        int st_blksize;
        int st_blocks;
        other st_atim;
        other st_mtim;
        other st_ctim;
        int __glibc_reserved;
    }
    __sigset_t "__sigset_t" {
        int __val;
    }
    timeval "struct timeval" {
        int tv_sec;
        int tv_usec;
    }
    sigevent "struct sigevent" {
        other sigev_value;
        int sigev_signo;
        int sigev_notify;
        int _sigev_un._pad;
        int _sigev_un._tid;
        other _sigev_un._sigev_thread._function;
        other _sigev_un._sigev_thread._attribute;
        other _sigev_un._sigev_thread;
        other _sigev_un;
    }
    mq_attr "struct mq_attr" {
        int mq_flags;
        int mq_maxmsg;
        int mq_msgsize;
        int mq_curmsgs;
        int __pad;
    }
    pollfd "struct pollfd" {
        int fd;
        int events;
        int revents;
    }
    cpu_set_t "cpu_set_t" {
        int __bits;
    }
    itimerspec "struct itimerspec" {
        other it_interval;
        other it_value;
    }
    siginfo_t "siginfo_t" {
        int si_signo;
        int si_errno;
        int si_code;
        int __pad0;
        int _sifields._pad;
        int _sifields._kill.si_pid;
        int _sifields._kill.si_uid;
        other _sifields._kill;
        int _sifields._timer.si_tid;
        int _sifields._timer.si_overrun;
        other _sifields._timer.si_sigval;
        other _sifields._timer;
        int _sifields._rt.si_pid;
        int _sifields._rt.si_uid;
        other _sifields._rt.si_sigval;
        other _sifields._rt;
        int _sifields._sigchld.si_pid;
        int _sifields._sigchld.si_uid;
        int _sifields._sigchld.si_status;
        int _sifields._sigchld.si_utime;
        int _sifields._sigchld.si_stime;
        other _sifields._sigchld;
        other _sifields._sigfault.si_addr;
        int _sifields._sigfault.si_addr_lsb;
        other _sifields._sigfault._bounds._addr_bnd._lower;
        other _sifields._sigfault._bounds._addr_bnd._upper;
        other _sifields._sigfault._bounds._addr_bnd;
        int _sifields._sigfault._bounds._pkey;
        other _sifields._sigfault._bounds;
        other _sifields._sigfault;
        int _sifields._sigpoll.si_band;
        int _sifields._sigpoll.si_fd;
        other _sifields._sigpoll;
        other _sifields._sigsys._call_addr;
        int _sifields._sigsys._syscall;
        int _sifields._sigsys._arch;
        other _sifields._sigsys;
        other _sifields;
    }
    sigaction "struct sigaction" {
        other __sigaction_handler.sa_handler;
        other __sigaction_handler.sa_sigaction;
        other __sigaction_handler;
        other sa_mask;
        int sa_flags;
        other sa_restorer;
    }
    ipc_perm "struct ipc_perm" {
        int __key;
        int uid;
        int gid;
        int cuid;
        int cgid;
        int mode;
        int __seq;
        int __pad2;
        int __glibc_reserved1;
        int __glibc_reserved2;
    }
    msqid_ds "struct msqid_ds" {
        other msg_perm;
        int msg_stime;
        int msg_rtime;
        int msg_ctime;
        int __msg_cbytes;
        int msg_qnum;
        int msg_qbytes;
        int msg_lspid;
        int msg_lrpid;
        int __glibc_reserved4;
        int __glibc_reserved5;
    }
    msginfo "struct msginfo" {
        int msgpool;
        int msgmap;
        int msgmax;
        int msgmnb;
        int msgmni;
        int msgssz;
        int msgtql;
        int msgseg;
    }
    rlimit "struct rlimit" {
        int rlim_cur;
        int rlim_max;
    }
    semid_ds "struct semid_ds" {
        other sem_perm;
        int sem_otime;
        int __sem_otime_high;
        int sem_ctime;
        int __sem_ctime_high;
        int sem_nsems;
        int __glibc_reserved3;
        int __glibc_reserved4;
    }
    seminfo "struct seminfo" {
        int semmap;
        int semmni;
        int semmns;
        int semmnu;
        int semmsl;
        int semopm;
        int semume;
        int semusz;
        int semvmx;
        int semaem;
    }
    sembuf "struct sembuf" {
        int sem_num;
        int sem_op;
        int sem_flg;
    }
    shmid_ds "struct shmid_ds" {
        other shm_perm;
        int shm_segsz;
        int shm_atime;
        int shm_dtime;
        int shm_ctime;
        int shm_cpid;
        int shm_lpid;
        int shm_nattch;
        int __glibc_reserved5;
        int __glibc_reserved6;
    }
    shminfo "struct shminfo" {
        int shmmax;
        int shmmin;
        int shmmni;
        int shmseg;
        int shmall;
        int __glibc_reserved1;
        int __glibc_reserved2;
        int __glibc_reserved3;
        int __glibc_reserved4;
    }
    shm_info "struct shm_info" {
        int used_ids;
        int shm_tot;
        int shm_rss;
        int shm_swp;
        int swap_attempts;
        int swap_successes;
    }
    signalfd_siginfo "struct signalfd_siginfo" {
        int ssi_signo;
        int ssi_errno;
        int ssi_code;
        int ssi_pid;
        int ssi_uid;
        int ssi_fd;
        int ssi_tid;
        int ssi_band;
        int ssi_overrun;
        int ssi_trapno;
        int ssi_status;
        int ssi_int;
        int ssi_ptr;
        int ssi_utime;
        int ssi_stime;
        int ssi_addr;
        int ssi_addr_lsb;
        int __pad2;
        int ssi_syscall;
        int ssi_call_addr;
        int ssi_arch;
        int __pad;
    }
    statfs "struct statfs" {
        int f_type;
        int f_bsize;
        int f_blocks;
        int f_bfree;
        int f_bavail;
        int f_files;
        int f_ffree;
        other f_fsid;
        int f_namelen;
        int f_frsize;
        int f_flags;
        int f_spare;
    }
    futex_waitv "struct futex_waitv" {
        int val;
        int uaddr;
        int flags;
        int __reserved;
    }
    robust_list "struct robust_list" {
        other next;
    }
    robust_list_head "struct robust_list_head" {
        other list;
        int futex_offset;
        other list_op_pending;
    }
    __atomic_wide_counter "__atomic_wide_counter" {
        int __value64;
        int __value32.__low;
        int __value32.__high;
        other __value32;
    }
    pthread_mutexattr_t "pthread_mutexattr_t" {
        int __size;
        int __align;
    }
    pthread_condattr_t "pthread_condattr_t" {
        int __size;
        int __align;
    }
    pthread_attr_t "pthread_attr_t" {
        int __size;
        int __align;
    }
    pthread_mutex_t "pthread_mutex_t" {
        other __data;
        int __size;
        int __align;
    }
    pthread_cond_t "pthread_cond_t" {
        other __data;
        int __size;
        int __align;
    }
    pthread_rwlock_t "pthread_rwlock_t" {
        other __data;
        int __size;
        int __align;
    }
    pthread_rwlockattr_t "pthread_rwlockattr_t" {
        int __size;
        int __align;
    }
    pthread_barrier_t "pthread_barrier_t" {
        int __size;
        int __align;
    }
    pthread_barrierattr_t "pthread_barrierattr_t" {
        int __size;
        int __align;
    }
    sigval "union sigval" {
        int sival_int;
        other sival_ptr;
    }
    sem_t "sem_t" {
        int __size;
        int __align;
    }
}

functions! {
    dlopen
    dladdr
    __errno_location
    fallocate
    fcntl
    open
    openat
    creat
    posix_fallocate
    setgroups
    mq_open
    mq_close
    mq_getattr
    mq_setattr
    mq_unlink
    mq_notify
    mq_receive
    mq_send
    mq_timedreceive
    mq_timedsend
    poll
    ppoll
    sched_getcpu
    sched_yield
    sched_setaffinity
    sched_getaffinity
    nanosleep
    clock_getres
    clock_gettime
    clock_settime
    clock_nanosleep
    timer_create
    timer_delete
    timer_settime
    timer_gettime
    timer_getoverrun
    pthread_self
    pthread_equal
    pthread_mutex_init
    pthread_mutex_destroy
    pthread_mutex_trylock
    pthread_mutex_lock
    pthread_mutex_timedlock
    pthread_mutex_clocklock
    pthread_mutex_unlock
    pthread_mutex_getprioceiling
    pthread_mutex_setprioceiling
    pthread_mutex_consistent
    pthread_mutexattr_init
    pthread_mutexattr_destroy
    pthread_mutexattr_getpshared
    pthread_mutexattr_setpshared
    pthread_mutexattr_gettype
    pthread_mutexattr_settype
    pthread_mutexattr_getprotocol
    pthread_mutexattr_setprotocol
    pthread_mutexattr_getprioceiling
    pthread_mutexattr_setprioceiling
    pthread_mutexattr_getrobust
    pthread_mutexattr_setrobust
    pthread_rwlock_init
    pthread_rwlock_destroy
    pthread_rwlock_rdlock
    pthread_rwlock_tryrdlock
    pthread_rwlock_timedrdlock
    pthread_rwlock_clockrdlock
    pthread_rwlock_wrlock
    pthread_rwlock_trywrlock
    pthread_rwlock_timedwrlock
    pthread_rwlock_clockwrlock
    pthread_rwlock_unlock
    pthread_rwlockattr_init
    pthread_rwlockattr_destroy
    pthread_rwlockattr_getpshared
    pthread_rwlockattr_setpshared
    pthread_rwlockattr_getkind_np
    pthread_rwlockattr_setkind_np
    pthread_cond_init
    pthread_cond_destroy
    pthread_cond_signal
    pthread_cond_broadcast
    pthread_cond_wait
    pthread_cond_timedwait
    pthread_cond_clockwait
    pthread_condattr_init
    pthread_condattr_destroy
    pthread_condattr_getpshared
    pthread_condattr_setpshared
    pthread_condattr_getclock
    pthread_condattr_setclock
    pthread_spin_init
    pthread_spin_destroy
    pthread_spin_lock
    pthread_spin_trylock
    pthread_spin_unlock
    pthread_barrier_init
    pthread_barrier_destroy
    pthread_barrier_wait
    pthread_barrierattr_init
    pthread_barrierattr_destroy
    pthread_barrierattr_getpshared
    pthread_barrierattr_setpshared
    pthread_key_create
    pthread_key_delete
    pthread_setspecific
    pthread_atfork
    sem_init
    sem_destroy
    sem_open
    sem_close
    sem_unlink
    sem_wait
    sem_timedwait
    sem_clockwait
    sem_trywait
    sem_post
    sem_getvalue
    kill
    killpg
    raise
    sigemptyset
    sigfillset
    sigaddset
    sigdelset
    sigismember
    sigprocmask
    sigsuspend
    sigaction
    sigpending
    sigwait
    sigwaitinfo
    sigtimedwait
    sigqueue
    access
    faccessat
    lseek
    close
    read
    write
    pread
    pwrite
    pipe2
    alarm
    pause
    fchown
    fchownat
    dup
    dup2
    dup3
    _exit
    sysconf
    getpid
    getppid
    getpgrp
    getpgid
    setpgid
    setsid
    getsid
    getuid
    geteuid
    getgid
    getegid
    getgroups
    setuid
    seteuid
    setgid
    setegid
    getresuid
    getresgid
    setresuid
    setresgid
    fork
    link
    linkat
    unlink
    unlinkat
    rmdir
    fsync
    ftruncate
    syscall
    fdatasync
    pthread_sigmask
    pthread_kill
    pthread_sigqueue
    __libc_current_sigrtmin
    __libc_current_sigrtmax
    rename
    renameat
    eventfd
    flock
    ftok
    memfd_create
    mlock2
    mmap
    munmap
    mprotect
    msync
    madvise
    posix_madvise
    mlock
    munlock
    mlockall
    munlockall
    mincore
    mremap
    shm_open
    shm_unlink
    msgctl
    msgget
    msgrcv
    msgsnd
    prctl
    getrandom
    getrlimit
    setrlimit
    semctl
    semget
    semop
    semtimedop
    shmctl
    shmget
    shmat
    shmdt
    signalfd
    stat
    fstat
    fstatat
    lstat
    fchmod
    fchmodat
    umask
    mkdir
    mkfifo
    mkfifoat
    statfs
    fstatfs
    gettimeofday
    waitpid
    waitid
    gnu_get_libc_version
}
