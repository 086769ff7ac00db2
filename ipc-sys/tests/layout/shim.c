/* Prints what C makes of the macros that src/shim.rs writes by hand: a name and a number a line,
   or a name and the bytes of an object. */
#include "headers.h"

static void number(const char *name, long long value) { printf("%s: %lld\n", name, value); }

static void bytes(const char *name, const void *object, size_t size) {
    printf("%s: ", name);
    for (size_t i = 0; i < size; i++) printf("%02x", ((const unsigned char *)object)[i]);
    printf("\n");
}

/* The bytes of a zeroed TYPE with one member set, and the size of that member. */
#define MEMBER(TYPE, MEMBER, VALUE) do { \
    TYPE object = {0}; \
    object.MEMBER = VALUE; \
    bytes(#MEMBER, &object, sizeof object); \
    number("size of " #MEMBER, sizeof object.MEMBER); \
} while (0)

int main(void) {
    number("MAP_FAILED", (long long)MAP_FAILED);
    number("SEM_FAILED", (long long)SEM_FAILED);
    number("SIG_DFL", (long long)SIG_DFL);
    number("SIG_IGN", (long long)SIG_IGN);
    number("SIG_ERR", (long long)SIG_ERR);
    number("RLIM_INFINITY", (long long)RLIM_INFINITY);
    number("SIGRTMIN", SIGRTMIN);
    number("SIGRTMAX", SIGRTMAX);

    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    bytes("PTHREAD_MUTEX_INITIALIZER", &mutex, sizeof mutex);
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    bytes("PTHREAD_COND_INITIALIZER", &cond, sizeof cond);
    pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
    bytes("PTHREAD_RWLOCK_INITIALIZER", &rwlock, sizeof rwlock);

    MEMBER(siginfo_t, si_pid, 0x01020304);
    MEMBER(siginfo_t, si_uid, 0x01020304);
    MEMBER(siginfo_t, si_value, (union sigval){.sival_ptr = (void *)0x0102030405060708});
    MEMBER(siginfo_t, si_status, 0x01020304);
    MEMBER(siginfo_t, si_addr, (void *)0x0102030405060708);
    MEMBER(siginfo_t, si_band, 0x0102030405060708);
    MEMBER(siginfo_t, si_fd, 0x01020304);
    MEMBER(siginfo_t, si_timerid, 0x01020304);
    MEMBER(siginfo_t, si_overrun, 0x01020304);
    MEMBER(struct sigaction, sa_handler, (void (*)(int))0x0102030405060708);
    MEMBER(struct sigevent, sigev_notify_thread_id, 0x01020304);
    MEMBER(struct ipc_perm, __key, 0x01020304);

    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(3, &cpus);
    CPU_SET(64, &cpus);
    bytes("cpu_set_t", &cpus, sizeof cpus);

    int statuses[] = {0, 0x100, 0xff00, 9, 0x8b, 0x137f, 0xffff};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        int status = statuses[i];
        printf("status %d: [%d, %d, %d, %d, %d] [%d, %d, %d]\n", status, !!WIFEXITED(status), !!WIFSIGNALED(status),
               !!WCOREDUMP(status), !!WIFSTOPPED(status), !!WIFCONTINUED(status), WEXITSTATUS(status),
               WTERMSIG(status), WSTOPSIG(status));
    }
}
