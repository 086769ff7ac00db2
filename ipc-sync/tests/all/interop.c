/* One object that this program and the Rust one lay out alike: see interop.rs. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct shared {
    struct { pthread_mutex_t lock; long long value; unsigned long long owner; } counter;
    pthread_cond_t changed;
    struct { pthread_rwlock_t lock; long long value; } limits;
    pthread_barrier_t barrier;
    sem_t sem;
    struct { pthread_spinlock_t lock; int value; } spin;
};

static void make(struct shared *shared) {
    pthread_mutexattr_t mutex;
    must(pthread_mutexattr_init(&mutex) == 0);
    must(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) == 0);
    must(pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST) == 0);
    must(pthread_mutex_init(&shared->counter.lock, &mutex) == 0);
    pthread_condattr_t cond;
    must(pthread_condattr_init(&cond) == 0);
    must(pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED) == 0);
    must(pthread_condattr_setclock(&cond, CLOCK_MONOTONIC) == 0);
    must(pthread_cond_init(&shared->changed, &cond) == 0);
    pthread_rwlockattr_t rwlock;
    must(pthread_rwlockattr_init(&rwlock) == 0);
    must(pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED) == 0);
    must(pthread_rwlock_init(&shared->limits.lock, &rwlock) == 0);
    pthread_barrierattr_t barrier;
    must(pthread_barrierattr_init(&barrier) == 0);
    must(pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED) == 0);
    must(pthread_barrier_init(&shared->barrier, &barrier, 2) == 0);
    must(sem_init(&shared->sem, 1, 0) == 0);
    must(pthread_spin_init(&shared->spin.lock, PTHREAD_PROCESS_SHARED) == 0);
}

int main(int argc, char **argv) {
    must(argc == 3);
    int fd = shm_open(argv[1], O_RDWR, 0);
    must(fd >= 0);
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(shared != MAP_FAILED);
    if (strcmp(argv[2], "make") == 0)
        make(shared);
    say("%zu %zu %zu %zu %zu %zu", offsetof(struct shared, counter), offsetof(struct shared, changed),
        offsetof(struct shared, limits), offsetof(struct shared, barrier), offsetof(struct shared, sem),
        offsetof(struct shared, spin));

    if (strcmp(argv[2], "wait by the wall clock") == 0) {
        struct timespec end;
        must(clock_gettime(CLOCK_REALTIME, &end) == 0);
        end.tv_sec += 1;
        must(pthread_mutex_lock(&shared->counter.lock) == 0);
        must(pthread_cond_timedwait(&shared->changed, &shared->counter.lock, &end) == ETIMEDOUT);
        say("the time is over");
        return 0;
    }

    /* The semaphore, both ways; the first word is the parent's. */
    while (sem_wait(&shared->sem) != 0) {
        must(errno == EINTR);
    }
    must(sem_post(&shared->sem) == 0);

    /* The condition variable: 1 is the parent's, 2 is ours, 3 is the parent's. */
    must(pthread_barrier_wait(&shared->barrier) >= -1);
    for (int turn = 1; turn <= 3; turn += 2) {
        must(pthread_mutex_lock(&shared->counter.lock) == 0);
        while (shared->counter.value != turn)
            must(pthread_cond_wait(&shared->changed, &shared->counter.lock) == 0);
        shared->counter.value++;
        must(pthread_cond_broadcast(&shared->changed) == 0);
        must(pthread_mutex_unlock(&shared->counter.lock) == 0);
    }

    /* The read/write lock, held by us until the parent has seen it. */
    must(pthread_rwlock_wrlock(&shared->limits.lock) == 0);
    shared->limits.value = 42;
    say("writing");
    wait_for("seen");
    must(pthread_rwlock_unlock(&shared->limits.lock) == 0);
    wait_for("reading");
    must(pthread_rwlock_tryrdlock(&shared->limits.lock) == 0);
    must(pthread_rwlock_unlock(&shared->limits.lock) == 0);
    must(pthread_rwlock_trywrlock(&shared->limits.lock) == EBUSY);

    for (int i = 0; i < 10000; i++) {
        must(pthread_spin_lock(&shared->spin.lock) == 0);
        shared->spin.value++;
        must(pthread_spin_unlock(&shared->spin.lock) == 0);
    }
    must(pthread_barrier_wait(&shared->barrier) >= -1);

    /* The parent's death, which it plays in a thread, and then ours. */
    wait_for("died");
    must(pthread_mutex_lock(&shared->counter.lock) == EOWNERDEAD);
    shared->counter.value = 100;
    shared->counter.owner = 0; // the process that had the data has none any more
    must(pthread_mutex_consistent(&shared->counter.lock) == 0);
    must(pthread_mutex_unlock(&shared->counter.lock) == 0);
    must(pthread_mutex_lock(&shared->counter.lock) == 0);
    shared->counter.value = 101;
    say("holding");
    for (;;) {
        pause();
    }
    return 1;
}
