/* Heaps in shared memory, for C and C++: those of Heap (Rust), crate ipc-heap. Read-only.
 *
 *     struct ipc_heap heap;
 *     struct ipc_heap_vec users;
 *     int why = ipc_heap_open("/db", &heap);
 *     if (why != 0) { puts(ipc_heap_why(why)); return 1; }
 *     why = ipc_heap_vec(&heap, "users", sizeof(uint64_t), &users);
 *     const uint64_t *ids = (const uint64_t *)users.elements;    // users.len of them
 *     ipc_heap_close(&heap);
 *
 * ipc_heap_at returns the address of any offset that a program was given, such as that of HeapVecGuard::offset.
 * C programs cannot hold the locks of a heap: read objects only while no process changes them, or as values that may
 * be half old and half new. ipc-heap/src/layout.rs documents the layout.
 *
 * Needs POSIX, and C11 or C++11.
 */
#ifndef IPC_HEAP_H
#define IPC_HEAP_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why a call failed: one of these, or an errno. */
enum { IPC_HEAP_NOT_A_HEAP = 10001, IPC_HEAP_VERSION, IPC_HEAP_NO_SUCH_OBJECT, IPC_HEAP_NOT_A_VECTOR, IPC_HEAP_DAMAGED };

struct ipc_heap {
    const unsigned char *base;
    size_t size;
    uint64_t participants, objects, pages; /* of the header */
    uint64_t objects_at, pages_at;         /* where the tables begin */
};

struct ipc_heap_vec {
    const void *elements; /* NULL if there are none */
    uint64_t offset, len;
};

static inline const char *ipc_heap_why(int why) {
    switch (why) {
    case IPC_HEAP_NOT_A_HEAP: return "it is not a heap";
    case IPC_HEAP_VERSION: return "it is a heap of another version";
    case IPC_HEAP_NO_SUCH_OBJECT: return "there is no object of that name";
    case IPC_HEAP_NOT_A_VECTOR: return "the object is not a vector";
    case IPC_HEAP_DAMAGED: return "the heap is damaged";
    default: return strerror(why);
    }
}

static inline uint64_t ipc_heap_number(const unsigned char *at, size_t size) {
    uint64_t number = 0;
    uint32_t half = 0;
    if (size == 4) {
        memcpy(&half, at, 4);
        return half;
    }
    memcpy(&number, at, 8);
    return number;
}

/* The address of `size` bytes at an offset; NULL if they are not in the pages of the heap. */
static inline const void *ipc_heap_at(const struct ipc_heap *heap, uint64_t offset, uint64_t size) {
    if (offset < heap->pages_at || offset > heap->size || size > heap->size - offset)
        return NULL;
    return heap->base + offset;
}

static inline void ipc_heap_close(struct ipc_heap *heap) {
    if (heap->base != NULL)
        munmap((void *)(uintptr_t)heap->base, heap->size);
    heap->base = NULL;
}

/* Maps the heap of that name read-only. Returns 0, or why not. */
static inline int ipc_heap_open(const char *name, struct ipc_heap *heap) {
    struct stat status;
    int why = 0, fd = shm_open(name, O_RDONLY | O_CLOEXEC, 0);
    memset(heap, 0, sizeof *heap);
    if (fd < 0)
        return errno;
    if (fstat(fd, &status) != 0)
        why = errno;
    else if (status.st_size < 384)
        why = IPC_HEAP_NOT_A_HEAP;
    if (why == 0) {
        void *base = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (base == MAP_FAILED) {
            why = errno;
        } else {
            heap->base = (const unsigned char *)base;
            heap->size = (size_t)status.st_size;
        }
    }
    close(fd);
    if (why != 0)
        return why;
    /* "IPCHEAP1", read big-endian */
    if (ipc_heap_number(heap->base, 8) != UINT64_C(0x4950434845415031))
        why = IPC_HEAP_NOT_A_HEAP;
    else if (ipc_heap_number(heap->base + 8, 4) != 1)
        why = IPC_HEAP_VERSION;
    heap->participants = ipc_heap_number(heap->base + 12, 4);
    heap->objects = ipc_heap_number(heap->base + 16, 4);
    heap->pages = ipc_heap_number(heap->base + 24, 8);
    if (why == 0 && (heap->participants > 4096 || heap->objects > (1u << 24) || heap->pages > (1u << 26)))
        why = IPC_HEAP_DAMAGED;
    if (why == 0) {
        uint64_t words_at, slabs_at, page = 65536;
        heap->objects_at = (384 + 128 * heap->participants + 8 * heap->objects + 63) / 64 * 64;
        words_at = heap->objects_at + 256 * heap->objects;
        slabs_at = (words_at + 8 * heap->pages + 63) / 64 * 64;
        heap->pages_at = (slabs_at + 1600 * heap->pages + page - 1) / page * page;
        if (heap->pages_at > heap->size)
            why = IPC_HEAP_DAMAGED;
    }
    if (why != 0)
        ipc_heap_close(heap);
    return why;
}

/* Finds the vector of that name, whose elements have `each` bytes. Returns 0, or why not. */
static inline int ipc_heap_vec(const struct ipc_heap *heap, const char *name, size_t each, struct ipc_heap_vec *vec) {
    size_t len = strlen(name);
    for (uint64_t number = 0; len > 0 && len <= 160 && number < heap->objects; number++) {
        const unsigned char *object = heap->base + heap->objects_at + 256 * number;
        unsigned kind = (unsigned)(ipc_heap_number(object, 8) & 0xff);
        if (kind == 0 || ipc_heap_number(object + 80, 8) != (1 | (uint64_t)len << 32))
            continue;
        if (memcmp(object + 96, name, len) != 0)
            continue;
        if (kind != 2)
            return IPC_HEAP_NOT_A_VECTOR;
        vec->offset = ipc_heap_number(object + 40, 8);
        vec->len = ipc_heap_number(object + 48, 8);
        if (each == 0 || vec->len > heap->size / each)
            return IPC_HEAP_DAMAGED;
        vec->elements = vec->len == 0 ? NULL : ipc_heap_at(heap, vec->offset, vec->len * each);
        return vec->len != 0 && vec->elements == NULL ? IPC_HEAP_DAMAGED : 0;
    }
    return IPC_HEAP_NO_SUCH_OBJECT;
}

#ifdef __cplusplus
}
#endif

#endif
