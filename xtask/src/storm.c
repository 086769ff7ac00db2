/* Loaded into every process of the tests by `cargo xtask storm`: each thread gets a thousand signals a second, whose
   handler restarts no system call. What arrives is counted in the file that IPC_STORM names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* No test uses it, and no program that a test starts. */
#define SIGNAL SIGPROF

struct counts {
    uint64_t signals, threads, processes;
};

static struct counts *counts;

static void add(uint64_t *count) {
    __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

static void on_signal(int signal) {
    (void)signal;
    add(&counts->signals);
}

/* Storms the thread that calls it, until its timer is deleted or the process ends. */
static int begin(void) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGNAL};
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    int timer = -1;
    /* By the system's own number: C's function may allocate. */
    if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0) {
        syscall(SYS_timer_settime, timer, 0, &often, NULL);
        add(&counts->threads);
    }
    return timer;
}

static void end(void *timer) {
    syscall(SYS_timer_delete, *(int *)timer);
}

struct start {
    void *(*run)(void *);
    void *argument;
};

static void *run(void *of) {
    struct start start = *(struct start *)of;
    free(of);
    int timer = begin();
    void *result;
    pthread_cleanup_push(end, &timer);
    result = start.run(start.argument);
    pthread_cleanup_pop(1);
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument) {
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
    struct start *start = counts ? malloc(sizeof *start) : NULL;
    if (!start) {
        return create(thread, attributes, function, argument);
    }
    *start = (struct start){function, argument};
    int error = create(thread, attributes, run, start);
    if (error) {
        free(start);
    }
    return error;
}

/* A forked child has none of its parent's timers. */
static void in_child(void) {
    add(&counts->processes);
    begin();
}

/* Compilers do not expect it. They are no part of what is tested. */
static int is_compiler(const char *name) {
    return strstr(name, "cc") || strstr(name, "c++") || strstr(name, "g++") || strstr(name, "clang") ||
           strstr(name, "collect2");
}

__attribute__((constructor)) static void start(void) {
    const char *path = is_compiler(program_invocation_short_name) ? NULL : getenv("IPC_STORM");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) {
        return;
    }
    counts = mapped;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGNAL, &action, NULL);
    pthread_atfork(NULL, NULL, in_child);
    in_child();
}
