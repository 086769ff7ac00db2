/* Rings from one sender to one receiver, for C and C++: those of spsc::Sender and spsc::Receiver, and of
 * spsc::bytes::Sender and spsc::bytes::Receiver (Rust), crate ipc-ring.
 *
 *     struct ipc_spsc ring;
 *     int why = ipc_spsc_open("/orders", IPC_SPSC_SENDER, sizeof(struct order), &ring);   // 0: a ring of bytes
 *     if (why != 0) { puts(ipc_spsc_why(why)); return 1; }
 *     why = ipc_spsc_send(&ring, &order, sizeof order, -1);        // milliseconds; -1: without limit, 0: does not wait
 *     ipc_spsc_close(&ring);
 *
 *     why = ipc_spsc_open("/orders", IPC_SPSC_RECEIVER, sizeof(struct order), &ring);
 *     while ((why = ipc_spsc_recv(&ring, &order, sizeof order, &length, -1)) == 0)
 *         ...                                                      // until IPC_SPSC_CLOSED or IPC_SPSC_DIED
 *
 * A Rust program creates the ring. An end belongs to the process that opened it, until it closes the end or is dead:
 * the process and its start time are recorded, so that the other end notices a death, and another process can take the
 * place of the dead one. One thread at a time may use an end. A child of fork must not use the ends of its parent.
 *
 * For messages of one type, the size must be that of the Rust type; the layout of its fields is not compared.
 * ipc-ring/src/spsc/ring.rs, ipc-ring/src/spsc/bytes/mod.rs and ipc-ring/src/header.rs document the bytes.
 *
 * A C program is not counted as an attached process: the name may be removed while it has the ring open. Needs
 * ipc_process.h beside it, Linux, a 64-bit processor, and C11 or C++11 with GNU extensions (-std=gnu11); in C, define
 * _GNU_SOURCE.
 */
#ifndef IPC_SPSC_H
#define IPC_SPSC_H

#include "ipc_process.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "IPCSPSC1" and "IPCSPSCB" read big-endian. */
#define IPC_SPSC_MESSAGES UINT64_C(0x4950435350534331)
#define IPC_SPSC_BYTES UINT64_C(0x4950435350534342)

enum ipc_spsc_end { IPC_SPSC_SENDER, IPC_SPSC_RECEIVER };

/* Errors, and reasons why a call does nothing. Functions also return errno, which is positive. */
enum ipc_spsc_error {
    IPC_SPSC_NOT_YET = -40, IPC_SPSC_CLOSED = -41, IPC_SPSC_DIED = -42, IPC_SPSC_NO_RING = -43,
    IPC_SPSC_OTHER_SIZE = -44, IPC_SPSC_BUSY = -45, IPC_SPSC_TOO_LONG = -46, IPC_SPSC_DAMAGED = -47,
    IPC_SPSC_FOREIGN = -48
};

static inline const char *ipc_spsc_why(int error) {
    switch (error) {
    case IPC_SPSC_NOT_YET: return "the ring is full, or empty, and stayed so";
    case IPC_SPSC_CLOSED: return "the other end is closed";
    case IPC_SPSC_DIED: return "the process of the other end is dead";
    case IPC_SPSC_NO_RING: return "the memory does not hold a ring of this version and kind";
    case IPC_SPSC_OTHER_SIZE: return "the messages of the ring have another size";
    case IPC_SPSC_BUSY: return "a process that is alive has this end open";
    case IPC_SPSC_TOO_LONG: return "the message is longer than the ring, or the buffer, has room for";
    case IPC_SPSC_DAMAGED: return "the numbers of the ring do not fit together: another process damaged it";
    case IPC_SPSC_FOREIGN: return "the ring was created in another PID namespace or time namespace";
    default: return strerror(error);
    }
}

/* The number of one side, in cache lines of its own. */
struct ipc_spsc_line {
    uint64_t number, messages, zero[14];
};

struct ipc_spsc_word {
    uint32_t futex;
    int32_t node;
};

struct ipc_spsc_control {
    struct ipc_spsc_line sent, received;
    uint64_t ends[2]; /* the processes of the sender and the receiver: 0 before the first, 1 if it is closed */
    struct ipc_spsc_word filled, freed;
    uint64_t sleeps[2], zero[2]; /* how many calls of the sender and the receiver slept */
};

/* An open end. */
struct ipc_spsc {
    struct ipc_spsc_control *control;
    char *elements;
    uint64_t capacity; /* in elements: messages, or units of 8 bytes */
    size_t size; /* of an element */
    int is_bytes;
    enum ipc_spsc_end end;
    uint64_t next; /* the number of the next element */
    uint64_t me;
    void *base; /* ipc_spsc_close unmaps it */
    size_t mapped;
};

/* Checks the size bytes from base on, which may have any values, and describes the ring in them. The messages must have
 * this size, 0 for a ring of bytes. */
static inline int ipc_spsc_check(void *base, size_t size, size_t message, struct ipc_spsc *ring) {
    uint64_t magic, capacity, element;
    uint32_t version, described, layout, namespaces[2];
    size_t control, elements;
    char *bytes = (char *)base;
    memset(ring, 0, sizeof *ring);
    if (size < 64 + 16 + 24)
        return IPC_SPSC_NO_RING;
    /* The magic number is written last: the bytes that are read after it are complete. */
    magic = __atomic_load_n((const uint64_t *)base, __ATOMIC_ACQUIRE);
    memcpy(&version, bytes + 8, 4);
    memcpy(&described, bytes + 12, 4);
    memcpy(&capacity, bytes + 16, 8);
    memcpy(namespaces, bytes + 32 + 16, 8);
    memcpy(&layout, bytes + 64 + 8, 4); /* the length of the fingerprint */
    memcpy(&element, bytes + 64 + 16 + 8, 8); /* the size in the first entry of the fingerprint */
    if (magic != (message == 0 ? IPC_SPSC_BYTES : IPC_SPSC_MESSAGES) || version != 1 || described > 65536
            || layout < 40 || layout > described)
        return IPC_SPSC_NO_RING;
    if (element != (message == 0 ? 8 : message))
        return IPC_SPSC_OTHER_SIZE;
    control = (64 + (size_t)described + 127) / 128 * 128;
    elements = (control + sizeof(struct ipc_spsc_control) + 127) / 128 * 128;
    if (capacity == 0 || (capacity & (capacity - 1)) != 0 || capacity > UINT64_C(1) << 32 || elements > size
            || capacity > (size - elements) / element || (message == 0 && capacity < 4))
        return IPC_SPSC_NO_RING;
    if (!ipc_process_is_here(namespaces[0], namespaces[1]))
        return IPC_SPSC_FOREIGN;
    ring->control = (struct ipc_spsc_control *)(void *)(bytes + control);
    ring->elements = bytes + elements;
    ring->capacity = capacity;
    ring->size = (size_t)element;
    ring->is_bytes = message == 0;
    return 0;
}

/* Changes the word and wakes a thread that sleeps on it; all of them, if everyone is not 0. */
static inline void ipc_spsc_wake(struct ipc_spsc_word *word, int everyone) {
    uint32_t changed = __atomic_add_fetch(&word->futex, 2, __ATOMIC_SEQ_CST), cleared = (changed + 2) & ~(uint32_t)1;
    long woken = syscall(SYS_futex, &word->futex, FUTEX_WAKE, everyone ? INT_MAX : 1, NULL, NULL, 0);
    if (woken == 0 && (changed & 1) != 0
            && __atomic_compare_exchange_n(&word->futex, &changed, cleared, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        syscall(SYS_futex, &word->futex, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Opens an end of a ring. The messages have this size, 0 for a ring of bytes. */
static inline int ipc_spsc_open(const char *name, enum ipc_spsc_end end, size_t size, struct ipc_spsc *ring) {
    struct stat st;
    void *base;
    uint64_t *place, found, sent, received, me = ipc_process_instance((long)getpid());
    int error, fd = shm_open(name, O_RDWR | O_CLOEXEC, 0);
    memset(ring, 0, sizeof *ring);
    if (fd < 0)
        return errno;
    if (fstat(fd, &st) != 0 || st.st_size < 64) {
        close(fd);
        return IPC_SPSC_NO_RING;
    }
    base = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    error = base == MAP_FAILED ? errno : 0;
    close(fd);
    if (error == 0 && (error = ipc_spsc_check(base, (size_t)st.st_size, size, ring)) != 0)
        munmap(base, (size_t)st.st_size);
    if (error != 0)
        return error;
    if (me <= 1)
        me = (uint64_t)getpid() << 37;
    place = &ring->control->ends[end];
    do {
        found = __atomic_load_n(place, __ATOMIC_SEQ_CST);
        if (found > 1 && (found == me || !ipc_process_is_dead(found)))
            error = IPC_SPSC_BUSY;
    } while (error == 0
             && !__atomic_compare_exchange_n(place, &found, me, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    received = __atomic_load_n(&ring->control->received.number, __ATOMIC_ACQUIRE);
    sent = __atomic_load_n(&ring->control->sent.number, __ATOMIC_ACQUIRE);
    if (error == 0 && sent - received > ring->capacity) {
        __atomic_store_n(place, 1, __ATOMIC_SEQ_CST);
        error = IPC_SPSC_DAMAGED;
    }
    if (error != 0) {
        memset(ring, 0, sizeof *ring);
        munmap(base, (size_t)st.st_size);
        return error;
    }
    ring->end = end;
    ring->next = end == IPC_SPSC_SENDER ? sent : received;
    ring->me = me;
    ring->base = base;
    ring->mapped = (size_t)st.st_size;
    ipc_spsc_wake(end == IPC_SPSC_SENDER ? &ring->control->filled : &ring->control->freed, 1);
    return 0;
}

/* Closes an end, which the other end notices, and unmaps the memory. */
static inline void ipc_spsc_close(struct ipc_spsc *ring) {
    if (ring->base != NULL) {
        uint64_t me = ring->me;
        if (__atomic_compare_exchange_n(&ring->control->ends[ring->end], &me, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            ipc_spsc_wake(ring->end == IPC_SPSC_SENDER ? &ring->control->filled : &ring->control->freed, 1);
        munmap(ring->base, ring->mapped);
    }
    memset(ring, 0, sizeof *ring);
}

static inline void *ipc_spsc_element(const struct ipc_spsc *ring, uint64_t number) {
    return ring->elements + (size_t)(number & (ring->capacity - 1)) * ring->size;
}

/* Passes on this number of elements, which are a message if is_message is not 0, and wakes the other end. */
static inline void ipc_spsc_pass(struct ipc_spsc *ring, uint64_t count, int is_message) {
    int sends = ring->end == IPC_SPSC_SENDER;
    struct ipc_spsc_line *line = sends ? &ring->control->sent : &ring->control->received;
    struct ipc_spsc_word *word = sends ? &ring->control->filled : &ring->control->freed;
    ring->next += count;
    __atomic_store_n(&line->number, ring->next, __ATOMIC_RELEASE);
    if (ring->is_bytes && is_message)
        __atomic_store_n(&line->messages, line->messages + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&word->futex, __ATOMIC_SEQ_CST) & 1)
        ipc_spsc_wake(word, 0);
}

/* Sends a message of this length without waiting. Returns IPC_SPSC_NOT_YET if the ring is full. */
static inline int ipc_spsc_try_send(struct ipc_spsc *ring, const void *message, size_t length) {
    uint64_t units = 1, skipped = 0, left, used;
    uint32_t head[2] = { (uint32_t)length, 0 };
    used = ring->next - __atomic_load_n(&ring->control->received.number, __ATOMIC_ACQUIRE);
    if (ring->is_bytes) {
        if (length > ring->capacity / 2 * 8 - 8 || length >= UINT32_MAX)
            return IPC_SPSC_TOO_LONG;
        units = 1 + (length + 7) / 8;
        left = ring->capacity - (ring->next & (ring->capacity - 1));
        skipped = units <= left ? 0 : left;
    } else if (length != ring->size) {
        return IPC_SPSC_OTHER_SIZE;
    }
    if (__atomic_load_n(&ring->control->ends[IPC_SPSC_RECEIVER], __ATOMIC_RELAXED) == 1)
        return IPC_SPSC_CLOSED;
    if (used > ring->capacity)
        return IPC_SPSC_DAMAGED;
    if (skipped + units > ring->capacity - used)
        return IPC_SPSC_NOT_YET;
    if (ring->is_bytes) {
        if (skipped > 0)
            memset(ipc_spsc_element(ring, ring->next), 0xff, 4); /* no message here */
        memcpy(ipc_spsc_element(ring, ring->next + skipped), head, sizeof head);
        memcpy((char *)ipc_spsc_element(ring, ring->next + skipped) + 8, message, length);
    } else {
        memcpy(ipc_spsc_element(ring, ring->next), message, length);
    }
    ipc_spsc_pass(ring, skipped + units, 1);
    return 0;
}

/* Receives a message of at most room bytes without waiting, and stores its length. Returns IPC_SPSC_NOT_YET if the ring
 * is empty, or IPC_SPSC_CLOSED if the sender is closed as well. A message that is too long stays in the ring. */
static inline int ipc_spsc_try_recv(struct ipc_spsc *ring, void *message, size_t room, size_t *length) {
    int turn;
    for (turn = 0; turn < 2; turn++) { /* the first unit of a ring has no rest before it */
        uint64_t end = __atomic_load_n(&ring->control->ends[IPC_SPSC_SENDER], __ATOMIC_SEQ_CST);
        uint64_t available = __atomic_load_n(&ring->control->sent.number, __ATOMIC_ACQUIRE) - ring->next, left;
        const char *place = (const char *)ipc_spsc_element(ring, ring->next);
        uint32_t size;
        if (available > ring->capacity)
            return IPC_SPSC_DAMAGED;
        if (available == 0)
            return end == 1 ? IPC_SPSC_CLOSED : IPC_SPSC_NOT_YET;
        if (!ring->is_bytes) {
            if (room < ring->size)
                return IPC_SPSC_TOO_LONG;
            memcpy(message, place, ring->size);
            *length = ring->size;
            ipc_spsc_pass(ring, 1, 1);
            return 0;
        }
        left = ring->capacity - (ring->next & (ring->capacity - 1));
        memcpy(&size, place, sizeof size);
        if (size == UINT32_MAX && left < available) {
            ipc_spsc_pass(ring, left, 0);
            continue;
        }
        if (size > ring->capacity / 2 * 8 - 8 || 1 + ((uint64_t)size + 7) / 8 > (available < left ? available : left))
            return IPC_SPSC_DAMAGED;
        if (size > room)
            return IPC_SPSC_TOO_LONG;
        memcpy(message, place + 8, size);
        *length = size;
        ipc_spsc_pass(ring, 1 + ((uint64_t)size + 7) / 8, 1);
        return 0;
    }
    return IPC_SPSC_DAMAGED;
}

/* Tries once to send data, or to receive into a buffer. */
static inline int ipc_spsc_try(struct ipc_spsc *ring, const void *data, void *into, size_t size, size_t *length) {
    return into == NULL ? ipc_spsc_try_send(ring, data, size) : ipc_spsc_try_recv(ring, into, size, length);
}

/* Tries until it is done, and sleeps until the other end passes something on, at most this many milliseconds (-1:
 * without limit). */
static inline int ipc_spsc_until(struct ipc_spsc *ring, const void *data, void *into, size_t size, size_t *length,
                                 int milliseconds) {
    struct ipc_spsc_word *word = into == NULL ? &ring->control->freed : &ring->control->filled;
    uint64_t *other = &ring->control->ends[into == NULL ? IPC_SPSC_RECEIVER : IPC_SPSC_SENDER];
    struct timespec now, slice;
    int64_t end, left, most = 2000000;
    int status = ipc_spsc_try(ring, data, into, size, length), slept = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + milliseconds * INT64_C(1000000);
    while (status == IPC_SPSC_NOT_YET) {
        uint32_t seen = __atomic_or_fetch(&word->futex, 1, __ATOMIC_SEQ_CST);
        /* Threads that send or receive in Rust leave the barrier to the thread that sleeps. */
        syscall(SYS_membarrier, 2 /* MEMBARRIER_CMD_GLOBAL_EXPEDITED */, 0, 0);
        status = ipc_spsc_try(ring, data, into, size, length);
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = milliseconds < 0 ? most : end - (now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
        if (status != IPC_SPSC_NOT_YET || left <= 0)
            return status;
        if (left > most)
            left = most;
        slice.tv_sec = (time_t)(left / 1000000000);
        slice.tv_nsec = (long)(left % 1000000000);
        if (!slept++)
            __atomic_fetch_add(&ring->control->sleeps[ring->end], 1, __ATOMIC_RELAXED);
        /* A killed process wakes no other: a slice of the sleep looks for its death, first after 2 ms. */
        if (syscall(SYS_futex, &word->futex, FUTEX_WAIT, seen, &slice, NULL, 0) != 0 && errno == ETIMEDOUT) {
            uint64_t found = __atomic_load_n(other, __ATOMIC_SEQ_CST);
            int is_dead = found > 1 && ipc_process_is_dead(found);
            status = ipc_spsc_try(ring, data, into, size, length); /* what was passed on before the death */
            if (status == IPC_SPSC_NOT_YET && is_dead)
                return IPC_SPSC_DIED;
            if (most < 20000000)
                most += most / 4;
        } else {
            status = ipc_spsc_try(ring, data, into, size, length);
        }
    }
    return status;
}

/* Sends a message, and waits while the ring is full, at most this many milliseconds (-1: without limit). Returns
 * IPC_SPSC_NOT_YET if the time is over, IPC_SPSC_CLOSED or IPC_SPSC_DIED if it will not be received. */
static inline int ipc_spsc_send(struct ipc_spsc *ring, const void *message, size_t length, int milliseconds) {
    return ipc_spsc_until(ring, message, NULL, length, NULL, milliseconds);
}

/* Receives a message of at most room bytes, and waits while the ring is empty, at most this many milliseconds (-1:
 * without limit). Returns IPC_SPSC_NOT_YET if the time is over, IPC_SPSC_CLOSED or IPC_SPSC_DIED if no message will
 * come. */
static inline int ipc_spsc_recv(struct ipc_spsc *ring, void *message, size_t room, size_t *length, int milliseconds) {
    return ipc_spsc_until(ring, NULL, message, room, length, milliseconds);
}

#ifdef __cplusplus
}
#endif

#endif
