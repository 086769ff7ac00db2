/* The calls as a C program makes them: each loop does its work so many times, and returns 0 or what went wrong. */

#define _GNU_SOURCE
#include <errno.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

int calls_semaphore(sem_t *sem, uint64_t times)
{
    for (; times; times--) {
        if (sem_post(sem) || sem_wait(sem))
            return errno;
    }
    return 0;
}

int calls_mutex(pthread_mutex_t *mutex, uint64_t times)
{
    int code = 0;
    for (; times && !code; times--) {
        code = pthread_mutex_lock(mutex);
        if (!code)
            code = pthread_mutex_unlock(mutex);
    }
    return code;
}

int calls_rwlock(pthread_rwlock_t *lock, int write, uint64_t times)
{
    int code = 0;
    for (; times && !code; times--) {
        code = write ? pthread_rwlock_wrlock(lock) : pthread_rwlock_rdlock(lock);
        if (!code)
            code = pthread_rwlock_unlock(lock);
    }
    return code;
}

int calls_condvar(pthread_cond_t *condvar, uint64_t times)
{
    int code = 0;
    for (; times && !code; times--)
        code = pthread_cond_signal(condvar);
    return code;
}

int calls_semaphore_set(int id, uint64_t times)
{
    struct sembuf post = { .sem_op = 1 }, wait = { .sem_op = -1 };
    for (; times; times--) {
        if (semop(id, &post, 1) || semop(id, &wait, 1))
            return errno;
    }
    return 0;
}

int calls_getall(int id, unsigned short *values, uint64_t times)
{
    for (; times; times--) {
        if (semctl(id, 0, GETALL, values))
            return errno;
    }
    return 0;
}

int calls_queue(mqd_t queue, uint64_t times)
{
    char bytes[64] = { 7 };
    for (; times; times--) {
        if (mq_send(queue, bytes, sizeof bytes, 0) || mq_receive(queue, bytes, sizeof bytes, NULL) < 0)
            return errno;
    }
    return 0;
}

int calls_sysv_queue(int id, uint64_t times)
{
    struct { long kind; char bytes[64]; } message = { .kind = 1 };
    for (; times; times--) {
        if (msgsnd(id, &message, sizeof message.bytes, 0) || msgrcv(id, &message, sizeof message.bytes, 0, 0) < 0)
            return errno;
    }
    return 0;
}

/* The cores this process could use at first: their number, and the first two of them. */
static cpu_set_t all;

int calls_cores(int first[2])
{
    int count = 0;
    if (!CPU_COUNT(&all) && sched_getaffinity(0, sizeof all, &all))
        return 0;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (CPU_ISSET(core, &all) && count++ < 2)
            first[count - 1] = core;
    }
    return count;
}

/* Keeps the calling thread on one core; a negative one sets it free again. */
int calls_pin(int core)
{
    cpu_set_t set = all;
    if (core >= 0) {
        CPU_ZERO(&set);
        CPU_SET(core, &set);
    }
    return sched_setaffinity(0, sizeof set, &set) ? errno : 0;
}
