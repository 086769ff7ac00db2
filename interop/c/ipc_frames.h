/* Frames in shared memory, for C and C++: those of FrameWriter and FrameReader (Rust), crate ipc-ring.
 *
 *     struct ipc_frames camera;                                  // one writer
 *     size_t dims[2] = { 640, 480 };
 *     int why = ipc_frames_create("/camera", IPC_U8, 2, dims, 4, 0600, &camera);
 *     if (why != 0) { puts(ipc_frames_why(why)); return 1; }
 *     unsigned char *pixels = (unsigned char *)ipc_frames_begin(&camera);
 *     ...                                                        // fill camera.frame.len elements
 *     ipc_frames_publish(&camera);
 *
 *     struct ipc_frames viewer;                                  // up to 64 readers
 *     struct ipc_frame_info info;
 *     why = ipc_frames_open("/camera", &viewer);
 *     while ((why = ipc_frames_wait(&viewer, -1)) == 0)          // milliseconds; -1: without limit
 *         if (ipc_frames_read(&viewer, IPC_FRAMES_LATEST, pixels, &info) == 0)
 *             printf("frame %llu, %llu missed\n", (unsigned long long)info.sequence, (unsigned long long)info.missed);
 *     ipc_frames_close(&viewer);                                 // then open the name again, if another writer has replaced the frames
 *
 * ipc_frames_read returns complete frames only. Neighbours along the first index are adjacent in memory (column-major
 * order). ipc-ring/src/frames/layout.rs documents the layout. Only one thread may use a handle at a time.
 *
 * The name of frames that a C program creates stays until it is unlinked. A C program is not counted as an attached
 * process. Needs ipc_array.h and ipc_process.h beside it, Linux, and C11 or C++11 with GNU extensions (-std=gnu11); in C, define _GNU_SOURCE.
 */
#ifndef IPC_FRAMES_H
#define IPC_FRAMES_H

#include "ipc_array.h"
#include "ipc_process.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37
#endif

/* "IPCFRAME" read big-endian. */
#define IPC_FRAMES_MAGIC UINT64_C(0x4950434652414D45)
#define IPC_FRAMES_MAX_READERS 64

enum ipc_frames_wake { IPC_FRAMES_ANNOUNCED = 1, IPC_FRAMES_EVERY_FRAME = 2 };
enum ipc_frames_state { IPC_FRAMES_OPEN = 0, IPC_FRAMES_IS_CLOSED = 1, IPC_FRAMES_IS_SUPERSEDED = 2 };
enum ipc_frames_pick { IPC_FRAMES_NEXT, IPC_FRAMES_LATEST };

/* Errors, and reasons why there is no frame. Functions also return the errors of ipc_array.h, and errno, which is
 * positive. */
enum ipc_frames_error {
    IPC_FRAMES_NONE = -20, IPC_FRAMES_CLOSED = -21, IPC_FRAMES_SUPERSEDED = -22, IPC_FRAMES_DIED = -23,
    IPC_FRAMES_NO_FRAMES = -24, IPC_FRAMES_BAD_LAYOUT = -25, IPC_FRAMES_FULL = -26, IPC_FRAMES_BUSY = -27,
    IPC_FRAMES_DEAF = -28
};

static inline const char *ipc_frames_why(int error) {
    switch (error) {
    case IPC_FRAMES_NONE: return "there is no new frame";
    case IPC_FRAMES_CLOSED: return "the writer has closed the frames";
    case IPC_FRAMES_SUPERSEDED: return "another writer has put new frames in their place: open the name again";
    case IPC_FRAMES_DIED: return "the process of the writer is dead";
    case IPC_FRAMES_NO_FRAMES: return "the memory does not begin with frames of this version";
    case IPC_FRAMES_BAD_LAYOUT: return "the parts of the frames do not fit into the memory";
    case IPC_FRAMES_FULL: return "64 readers have it open, which is the maximum";
    case IPC_FRAMES_BUSY: return "another process writes these frames";
    case IPC_FRAMES_DEAF: return "this process may not announce that it sleeps, and the writer does not wake all readers";
    default: return ipc_array_why(error);
    }
}

struct ipc_frames_header {
    uint64_t magic;
    uint32_t version, slots, wake, zero;
    uint64_t readers_at, writer_at, slots_at, stride;
    uint32_t pid_namespace, time_namespace;
};

/* The words that only the writer changes. */
struct ipc_frames_writer {
    uint64_t process;
    uint32_t state, zero[13];
    uint64_t newest;
    uint32_t bell;
    int32_t node;
    uint32_t zeros[12];
};

/* The words that readers change. */
struct ipc_frames_readers {
    uint32_t sleepers, zero[15];
    struct { uint64_t process, sequence, missed, received, sleeps, zero[3]; } entries[IPC_FRAMES_MAX_READERS];
};

struct ipc_frames_slot {
    uint64_t sequence, timestamp, zero[6];
};

/* Open frames, whose header was checked. */
struct ipc_frames {
    struct ipc_array frame; /* the type, shape, strides and number of elements of each frame; its data is NULL */
    unsigned slots, wake;
    uint64_t sequence; /* the frame that was read or published last */
    uint64_t missed; /* the total number of frames that this reader has missed */
    struct ipc_frames_writer *writer;
    struct ipc_frames_readers *readers; /* NULL if this process may not write the page of the readers */
    char *first; /* the first slot */
    size_t stride;
    int entry; /* the entry of this reader in the table of readers; -1 for a writer */
    int same_namespace; /* 1 if process ids of the writer are valid in this process */
    void *base, *page; /* ipc_frames_close unmaps them */
    size_t size, page_size;
};

struct ipc_frame_info {
    uint64_t sequence, missed; /* missed: since the previous frame that was read */
    uint64_t timestamp; /* the time of publication, in nanoseconds of CLOCK_MONOTONIC */
};

/* Checks the size bytes from base on, which may have any values, and describes the frames in them. */
static inline int ipc_frames_check(void *base, size_t size, struct ipc_frames *frames) {
    struct ipc_frames_header head;
    size_t ours, bytes;
    int error;
    memset(frames, 0, sizeof *frames);
    frames->entry = -1;
    if (size < 64 + 16)
        return IPC_ARRAY_SHORT;
    /* The magic number is written last: the bytes that are read after it are complete. */
    if (__atomic_load_n((const uint64_t *)base, __ATOMIC_ACQUIRE) != IPC_FRAMES_MAGIC)
        return IPC_FRAMES_NO_FRAMES;
    memcpy(&head, base, sizeof head);
    if (head.version != 1)
        return IPC_FRAMES_NO_FRAMES;
    error = ipc_array_check((char *)base + 64, size - 64, &frames->frame);
    if (error == 0 && frames->frame.element_size == 0)
        error = IPC_ARRAY_BAD_ELEMENT;
    if (error != 0) {
        memset(frames, 0, sizeof *frames);
        return error;
    }
    ours = 64 + ipc_array_offset(frames->frame.ndims);
    bytes = frames->frame.len * frames->frame.element_size;
    if (head.slots < 2 || head.slots > 1u << 20 || (head.wake != 1 && head.wake != 2) || head.readers_at != ours
            || head.writer_at > size || head.writer_at < ours + sizeof(struct ipc_frames_readers)
            || head.slots_at > size || head.slots_at < head.writer_at + sizeof(struct ipc_frames_writer)
            || head.writer_at % 64 != 0 || head.slots_at % 64 != 0 || head.stride % 64 != 0 || head.stride <= 64
            || bytes > head.stride - 64 || head.stride > (size - head.slots_at) / head.slots) {
        memset(frames, 0, sizeof *frames);
        return IPC_FRAMES_BAD_LAYOUT;
    }
    frames->frame.data = frames->frame.base = NULL;
    frames->slots = head.slots;
    frames->wake = head.wake;
    frames->writer = (struct ipc_frames_writer *)(void *)((char *)base + head.writer_at);
    frames->first = (char *)base + head.slots_at;
    frames->stride = (size_t)head.stride;
    frames->same_namespace = ipc_process_is_here(head.pid_namespace, head.time_namespace);
    return 0;
}

/* Returns 1 if it is proved that the process in a word is dead. A stopped process is not dead. */
static inline int ipc_frames_is_dead(const struct ipc_frames *frames, uint64_t process) {
    return frames->same_namespace && ipc_process_is_dead(process);
}

/* Returns 0 while frames may come, otherwise the reason why none will come. If look_for_death is not 0, also checks
 * whether the writer is dead. */
static inline int ipc_frames_status(const struct ipc_frames *frames, int look_for_death) {
    uint32_t state = __atomic_load_n(&frames->writer->state, __ATOMIC_ACQUIRE);
    if (state == IPC_FRAMES_OPEN && look_for_death
            && ipc_frames_is_dead(frames, __atomic_load_n(&frames->writer->process, __ATOMIC_RELAXED))) {
        state = __atomic_load_n(&frames->writer->state, __ATOMIC_ACQUIRE);
        if (state == IPC_FRAMES_OPEN)
            return IPC_FRAMES_DIED;
    }
    return state == IPC_FRAMES_OPEN ? 0 : state == IPC_FRAMES_IS_SUPERSEDED ? IPC_FRAMES_SUPERSEDED : IPC_FRAMES_CLOSED;
}

static inline struct ipc_frames_slot *ipc_frames_slot_of(const struct ipc_frames *frames, uint64_t sequence) {
    return (struct ipc_frames_slot *)(void *)(frames->first + (size_t)(sequence % frames->slots) * frames->stride);
}

/* Closes a handle and unmaps its memory. A writer closes its frames for all readers. */
static inline void ipc_frames_close(struct ipc_frames *frames);

/* Counts an event in an entry, which no other process writes. */
static inline void ipc_frames_count(uint64_t *events) {
    __atomic_store_n(events, *events + 1, __ATOMIC_RELAXED);
}

/* Takes an entry in the table of readers. */
static inline int ipc_frames_enter(struct ipc_frames *frames) {
    uint64_t here = ipc_process_instance((long)getpid()), found;
    int turn, i;
    if (here == 0)
        here = (uint64_t)getpid() << 37;
    for (turn = 0; turn < 2; turn++)
        for (i = 0; i < IPC_FRAMES_MAX_READERS; i++) {
            uint64_t *place = &frames->readers->entries[i].process;
            found = __atomic_load_n(place, __ATOMIC_RELAXED);
            if ((turn == 0 ? found == 0 : ipc_frames_is_dead(frames, found))
                    && __atomic_compare_exchange_n(place, &found, here, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
                __atomic_store_n(&frames->readers->entries[i].sequence, 0, __ATOMIC_RELAXED);
                __atomic_store_n(&frames->readers->entries[i].missed, 0, __ATOMIC_RELAXED);
                __atomic_store_n(&frames->readers->entries[i].received, 0, __ATOMIC_RELAXED);
                __atomic_store_n(&frames->readers->entries[i].sleeps, 0, __ATOMIC_RELAXED);
                frames->entry = i;
                return 0;
            }
        }
    return IPC_FRAMES_FULL;
}

/* Opens frames to read them. The frames are mapped read-only. The page of the readers is mapped writable, if the mode
 * allows it. */
static inline int ipc_frames_open(const char *name, struct ipc_frames *frames) {
    struct stat st;
    void *base, *page = NULL;
    size_t page_size = 0;
    uint64_t newest;
    int error = 0, fd = shm_open(name, O_RDWR, 0), writable = fd >= 0;
    memset(frames, 0, sizeof *frames);
    if (fd < 0 && errno == EACCES)
        fd = shm_open(name, O_RDONLY, 0);
    if (fd < 0)
        return errno;
    if (fstat(fd, &st) != 0 || st.st_size < 80) {
        close(fd);
        return IPC_ARRAY_SHORT;
    }
    base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    error = base == MAP_FAILED ? errno : ipc_frames_check(base, (size_t)st.st_size, frames);
    if (error == 0 && writable) {
        page_size = 64 + ipc_array_offset(frames->frame.ndims) + sizeof(struct ipc_frames_readers);
        page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (page == MAP_FAILED)
            error = errno;
    }
    close(fd);
    if (error != 0) {
        if (base != MAP_FAILED)
            munmap(base, (size_t)st.st_size);
        memset(frames, 0, sizeof *frames);
        return error;
    }
    frames->base = base;
    frames->size = (size_t)st.st_size;
    if (page != NULL) {
        frames->page = page;
        frames->page_size = page_size;
        frames->readers = (struct ipc_frames_readers *)(void *)((char *)page + page_size - sizeof *frames->readers);
        error = ipc_frames_enter(frames);
        if (error != 0)
            ipc_frames_close(frames);
    }
    /* The reader begins with the oldest frame in the ring. */
    if (error == 0) {
        newest = __atomic_load_n(&frames->writer->newest, __ATOMIC_ACQUIRE);
        frames->sequence = newest > frames->slots ? newest - frames->slots : 0;
    }
    return error;
}

/* Copies a frame that was not read yet into memory of frame.len elements. Returns IPC_FRAMES_NONE if there is no such
 * frame yet, or another reason if no frame will come. */
static inline int ipc_frames_read(struct ipc_frames *frames, enum ipc_frames_pick pick, void *into,
                                  struct ipc_frame_info *info) {
    int turn, status = ipc_frames_status(frames, 0); /* first: frames published before the end are still read */
    for (turn = 0; turn < 8; turn++) {
        uint64_t newest = __atomic_load_n(&frames->writer->newest, __ATOMIC_ACQUIRE), sequence, oldest;
        if (newest <= frames->sequence)
            return status == 0 ? IPC_FRAMES_NONE : status;
        oldest = newest >= frames->slots ? newest - frames->slots + 1 : 1;
        sequence = pick == IPC_FRAMES_LATEST ? newest : oldest > frames->sequence ? oldest : frames->sequence + 1;
        for (; sequence <= newest && sequence != 0; sequence++) {
            struct ipc_frames_slot *slot = ipc_frames_slot_of(frames, sequence);
            if (__atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE) != sequence)
                continue;
            info->timestamp = __atomic_load_n(&slot->timestamp, __ATOMIC_RELAXED);
            memcpy(into, slot + 1, frames->frame.len * frames->frame.element_size);
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            if (__atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) != sequence)
                continue;
            info->sequence = sequence;
            info->missed = sequence - frames->sequence - 1;
            frames->missed += info->missed;
            frames->sequence = sequence;
            if (frames->entry >= 0) {
                __atomic_store_n(&frames->readers->entries[frames->entry].sequence, sequence, __ATOMIC_RELAXED);
                __atomic_store_n(&frames->readers->entries[frames->entry].missed, frames->missed, __ATOMIC_RELAXED);
                ipc_frames_count(&frames->readers->entries[frames->entry].received);
            }
            return 0;
        }
    }
    return status == 0 ? IPC_FRAMES_NONE : status;
}

/* Waits until there is a frame that was not read, and returns 0. Returns IPC_FRAMES_NONE if the time is over (-1: no
 * limit), or the reason if no frame will come. */
static inline int ipc_frames_wait(struct ipc_frames *frames, int milliseconds) {
    struct timespec now, slice;
    int64_t end, left, most = 2000000;
    int status = 0, look_for_death = 0, slept = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + milliseconds * INT64_C(1000000);
    for (;;) {
        uint32_t seen = __atomic_load_n(&frames->writer->bell, __ATOMIC_SEQ_CST);
        if (frames->readers != NULL)
            __atomic_store_n(&frames->readers->sleepers, 1, __ATOMIC_SEQ_CST);
        status = ipc_frames_status(frames, look_for_death);
        if (__atomic_load_n(&frames->writer->newest, __ATOMIC_ACQUIRE) > frames->sequence)
            return 0;
        if (status != 0)
            return status;
        if (frames->readers == NULL && frames->wake != IPC_FRAMES_EVERY_FRAME)
            return IPC_FRAMES_DEAF;
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = milliseconds < 0 ? most : end - (now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
        if (left <= 0)
            return IPC_FRAMES_NONE;
        if (left > most)
            left = most;
        if (frames->entry >= 0 && !slept++)
            ipc_frames_count(&frames->readers->entries[frames->entry].sleeps);
        slice.tv_sec = (time_t)(left / 1000000000);
        slice.tv_nsec = (long)(left % 1000000000);
        look_for_death = syscall(SYS_futex, &frames->writer->bell, FUTEX_WAIT, seen, &slice, NULL, 0) != 0
            && errno == ETIMEDOUT;
        /* A killed writer wakes no reader, so this checks again after 2 ms, later every 30 ms. */
        if (look_for_death && most < 30000000)
            most += most / 4;
    }
}

static inline void ipc_frames_wake_all(struct ipc_frames_writer *writer, struct ipc_frames_readers *readers) {
    __atomic_store_n(&readers->sleepers, 0, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&writer->bell, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &writer->bell, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Returns the elements of the next frame, to be filled. Readers that are reading the old frame in this slot detect the
 * change. */
static inline void *ipc_frames_begin(struct ipc_frames *frames) {
    struct ipc_frames_slot *slot = ipc_frames_slot_of(frames, frames->sequence + 1);
    __atomic_store_n(&slot->sequence, 0, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    return slot + 1;
}

/* Publishes the frame that was filled since ipc_frames_begin, wakes readers, and returns its number. */
static inline uint64_t ipc_frames_publish(struct ipc_frames *frames) {
    struct timespec now;
    struct ipc_frames_writer *writer = frames->writer;
    uint64_t sequence = ++frames->sequence;
    struct ipc_frames_slot *slot = ipc_frames_slot_of(frames, sequence);
    clock_gettime(CLOCK_MONOTONIC, &now);
    __atomic_store_n(&slot->timestamp, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->sequence, sequence, __ATOMIC_RELEASE);
    __atomic_store_n(&writer->newest, sequence, __ATOMIC_RELEASE);
    __atomic_fetch_add(&writer->bell, 1, __ATOMIC_SEQ_CST);
    if (frames->wake == IPC_FRAMES_EVERY_FRAME || __atomic_load_n(&frames->readers->sleepers, __ATOMIC_SEQ_CST) != 0)
        ipc_frames_wake_all(writer, frames->readers);
    return sequence;
}

/* Looks for frames of this name. If their writer has closed them or is dead, maps them as old, and removes the name. */
static inline int ipc_frames_displace(const char *name, struct ipc_frames *old) {
    struct flock lock;
    struct stat st;
    void *base;
    int error, fd = shm_open(name, O_RDWR, 0);
    memset(old, 0, sizeof *old);
    memset(&lock, 0, sizeof lock);
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    if (fstat(fd, &st) != 0 || st.st_size < 80) {
        close(fd);
        return IPC_FRAMES_NO_FRAMES;
    }
    base = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    error = base == MAP_FAILED ? errno : ipc_frames_check(base, (size_t)st.st_size, old);
    if (error == 0 && ipc_frames_status(old, 1) == 0)
        error = IPC_FRAMES_BUSY;
    if (error == 0) {
        /* The lock that every program of the toolkit holds while it removes a name. */
        lock.l_type = F_WRLCK;
        lock.l_start = (off_t)((INT64_C(1) << 62) - 1);
        lock.l_len = 1;
        if (fcntl(fd, F_OFD_SETLK, &lock) != 0)
            error = IPC_FRAMES_BUSY;
        else
            ipc_array_unlink(name, fd);
    }
    close(fd);
    if (error != 0 && base != MAP_FAILED)
        munmap(base, (size_t)st.st_size);
    if (error == 0) {
        old->base = base;
        old->size = (size_t)st.st_size;
        old->readers = (struct ipc_frames_readers *)(void *)((char *)base + 64 + ipc_array_offset(old->frame.ndims));
    }
    return error;
}

/* Creates frames of zeros. Replaces frames with this name if their writer has closed them or is dead, and wakes their
 * readers. Returns IPC_FRAMES_BUSY if another process writes frames with this name. Other programs can open the new
 * frames as soon as their magic number is written. */
static inline int ipc_frames_create(const char *name, enum ipc_element element, unsigned ndims, const size_t *dims,
                                    unsigned slots, mode_t mode, struct ipc_frames *frames) {
    struct ipc_frames old;
    struct ipc_frames_header head;
    struct ipc_array_header array;
    struct stat ns;
    size_t bytes = ipc_element_size((unsigned)element), readers_at, page = (size_t)sysconf(_SC_PAGESIZE), size = 0;
    char *base = NULL;
    unsigned i;
    int error, fd;
    memset(frames, 0, sizeof *frames);
    memset(&head, 0, sizeof head);
    memset(&array, 0, sizeof array);
    if (bytes == 0)
        return IPC_ARRAY_BAD_ELEMENT;
    if (ndims < 1 || ndims > IPC_ARRAY_MAX_DIMS)
        return IPC_ARRAY_BAD_DIMS;
    if (slots < 2 || slots > 1u << 20)
        return IPC_FRAMES_BAD_LAYOUT;
    for (i = 0; i < ndims; i++) {
        if (dims[i] < 1)
            return IPC_ARRAY_BAD_DIMS;
        if (dims[i] > (SIZE_MAX / 2 - 4 * page) / bytes / slots)
            return IPC_ARRAY_TOO_LARGE;
        bytes *= dims[i];
        array.dims[i] = (int64_t)dims[i];
    }
    readers_at = 64 + ipc_array_offset(ndims);
    array.magic = IPC_ARRAY_MAGIC;
    array.element = (uint16_t)element;
    array.ndims = (uint16_t)ndims;
    array.offset = (int64_t)ipc_array_offset(ndims);
    head.version = 1;
    head.slots = slots;
    head.wake = IPC_FRAMES_ANNOUNCED;
    head.readers_at = readers_at;
    head.writer_at = (readers_at + sizeof(struct ipc_frames_readers) + page - 1) / page * page;
    head.slots_at = head.writer_at + sizeof(struct ipc_frames_writer);
    head.stride = (bytes + 63) / 64 * 64 + 64;
    head.pid_namespace = stat("/proc/self/ns/pid", &ns) == 0 ? (uint32_t)ns.st_ino : 0;
    head.time_namespace = stat("/proc/self/ns/time", &ns) == 0 ? (uint32_t)ns.st_ino : 0;
    if (head.stride > (SIZE_MAX / 2 - head.slots_at) / slots)
        return IPC_ARRAY_TOO_LARGE;
    size = (size_t)(head.slots_at + slots * head.stride);
    error = ipc_frames_displace(name, &old);
    if (error != 0)
        return error;
    fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, mode);
    if (fd < 0)
        error = errno == EEXIST ? IPC_FRAMES_BUSY : errno;
    else
        while ((error = posix_fallocate(fd, 0, (off_t)size)) == EINTR) { /* a signal came */ }
    if (error == 0) {
        void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        error = mapped == MAP_FAILED ? errno : 0;
        base = (char *)mapped;
    }
    if (error == 0) {
        struct ipc_frames_writer *writer = (struct ipc_frames_writer *)(void *)(base + head.writer_at);
        uint64_t here = ipc_process_instance((long)getpid());
        writer->process = here != 0 ? here : (uint64_t)getpid() << 37;
        writer->node = -1;
        memcpy(base + 8, (char *)&head + 8, sizeof head - 8);
        memcpy(base + 64, &array, 16 + 8 * (size_t)ndims);
        __atomic_store_n((uint64_t *)(void *)base, IPC_FRAMES_MAGIC, __ATOMIC_RELEASE);
        error = ipc_frames_check(base, size, frames);
        frames->base = base;
        frames->size = size;
        frames->readers = (struct ipc_frames_readers *)(void *)(base + readers_at);
    } else if (fd >= 0) {
        ipc_array_unlink(name, fd);
    }
    if (fd >= 0)
        close(fd);
    if (old.base != NULL) {
        if (error == 0 || error == IPC_FRAMES_BUSY) { /* another writer may not have seen the old frames */
            __atomic_store_n(&old.writer->state, IPC_FRAMES_IS_SUPERSEDED, __ATOMIC_SEQ_CST);
            ipc_frames_wake_all(old.writer, old.readers);
        }
        munmap(old.base, old.size);
    }
    return error;
}

static inline void ipc_frames_close(struct ipc_frames *frames) {
    uint32_t open = IPC_FRAMES_OPEN;
    if (frames->entry >= 0 && frames->readers != NULL) {
        __atomic_store_n(&frames->readers->entries[frames->entry].process, 0, __ATOMIC_SEQ_CST);
    } else if (frames->base != NULL && frames->page == NULL && frames->readers != NULL) {
        __atomic_compare_exchange_n(&frames->writer->state, &open, IPC_FRAMES_IS_CLOSED, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_RELAXED);
        ipc_frames_wake_all(frames->writer, frames->readers);
    }
    if (frames->page != NULL)
        munmap(frames->page, frames->page_size);
    if (frames->base != NULL)
        munmap(frames->base, frames->size);
    memset(frames, 0, sizeof *frames);
    frames->entry = -1;
}

#ifdef __cplusplus
}
#endif

#endif
