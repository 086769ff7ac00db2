/* Arrays in shared memory, for C and C++: the bytes of ShmArray (Rust) and of IPC.jl's WrappedArray (Julia).
 *
 *     struct ipc_array image;
 *     int why = ipc_array_open("/image", 1, &image);
 *     if (why != 0) { puts(ipc_array_why(why)); return 1; }
 *     size_t at[2] = { 10, 20 };
 *     float *pixel = (float *)ipc_array_at(&image, at);
 *     if (image.element == IPC_F32 && pixel) *pixel = 1.5f;
 *     ipc_array_close(&image);
 *
 * The format, WA-1, in the byte order of the machine:
 *
 *      0.. 4       magic 0x57412D31
 *      4.. 6       element type: IPC_I8 to IPC_C64, or IPC_DESCRIBED
 *      6.. 8       number of dimensions, N
 *      8..16       offset of the first element, a multiple of 64
 *     16..16+8N    dimensions, each at least 1
 *
 * Neighbours along the first index are adjacent in memory (column-major order). Memory that the toolkit creates has a
 * trailer of 64 bytes behind the elements, which this header ignores.
 *
 * A program that opens an array with this header is not counted as attached, so the name of the array may be removed
 * meanwhile, unless it was created with Removal::Never. The README of the folder above says how to be counted.
 *
 * Elements are ordinary memory: programs that access the same elements at the same time must synchronise.
 *
 * Needs C11 or C++11, and POSIX. With strict C (-std=c11), include this header before all others, or define
 * _POSIX_C_SOURCE as 200809L. With glibc before 2.34, link with -lrt.
 */
#ifndef IPC_ARRAY_H
#define IPC_ARRAY_H

/* Only for strict C: otherwise the macro would hide declarations that are visible by default, such as MAP_ANONYMOUS. */
#if defined __STRICT_ANSI__ && !defined _POSIX_C_SOURCE && !defined _GNU_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

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

#define IPC_ARRAY_MAGIC UINT32_C(0x57412D31)
#define IPC_ARRAY_MAX_DIMS 16

enum ipc_element {
    IPC_I8 = 1, IPC_U8, IPC_I16, IPC_U16, IPC_I32, IPC_U32, IPC_I64, IPC_U64,
    IPC_F32, IPC_F64,
    IPC_C32, IPC_C64, /* complex numbers: two floats or doubles, the real part first */
    IPC_DESCRIBED = 0x100 /* structs of a Rust program; a description of their layout follows the dimensions */
};

/* The header in memory. It has only the first ndims dimensions. */
struct ipc_array_header {
    uint32_t magic;
    uint16_t element, ndims;
    int64_t offset, dims[IPC_ARRAY_MAX_DIMS];
};

/* An open array, whose header was checked. */
struct ipc_array {
    void *data; /* the first element */
    size_t len; /* the number of elements */
    size_t element_size; /* 0 if element is IPC_DESCRIBED */
    size_t dims[IPC_ARRAY_MAX_DIMS];
    size_t strides[IPC_ARRAY_MAX_DIMS]; /* for each dimension, the distance between neighbours in elements: 1 for the first */
    unsigned ndims;
    enum ipc_element element;
    void *base; /* the mapping, for ipc_array_close */
    size_t size;
};

/* Errors of an array. They are negative; an error of the system is its errno, which is positive. */
enum ipc_array_error {
    IPC_ARRAY_SHORT = -1, IPC_ARRAY_NO_ARRAY = -2, IPC_ARRAY_BAD_ELEMENT = -3, IPC_ARRAY_BAD_DIMS = -4,
    IPC_ARRAY_BAD_OFFSET = -5, IPC_ARRAY_TOO_LARGE = -6
};

static inline const char *ipc_array_why(int error) {
    switch (error) {
    case 0: return "nothing is wrong";
    case IPC_ARRAY_SHORT: return "the memory is shorter than the header of an array";
    case IPC_ARRAY_NO_ARRAY: return "the memory does not begin with an array";
    case IPC_ARRAY_BAD_ELEMENT: return "the array has elements of an unknown type";
    case IPC_ARRAY_BAD_DIMS: return "the array has an impossible number of dimensions, or one that is not positive";
    case IPC_ARRAY_BAD_OFFSET: return "the array has an offset that none of its dimensions has";
    case IPC_ARRAY_TOO_LARGE: return "the array has more elements than there is room for";
    default: return strerror(error);
    }
}

/* Returns the size of an element in bytes, 0 for a type that is not one of the twelve. */
static inline size_t ipc_element_size(unsigned element) {
    static const unsigned char sizes[] = { 0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 8, 16 };
    return element < sizeof sizes ? sizes[element] : 0;
}

/* Returns the size of a header in bytes. */
static inline size_t ipc_array_offset(unsigned ndims) {
    return (16 + 8 * (size_t)ndims + 63) / 64 * 64;
}

/* Describes in array the array in the size bytes from base on. Returns 0, or the error.
 *
 * The bytes may have any values. After an error, here and in the functions below, array is empty, and closing it does
 * nothing. If the elements are IPC_DESCRIBED, this checks only that the first element begins within the memory. */
static inline int ipc_array_check(void *base, size_t size, struct ipc_array *array) {
    struct ipc_array_header header;
    size_t room = size < sizeof header ? size : sizeof header, len = 1;
    unsigned i;
    memset(array, 0, sizeof *array);
    if (size < 16)
        return IPC_ARRAY_SHORT;
    /* The magic number is written last: the bytes that are read after it are complete. */
    if (__atomic_load_n((const uint32_t *)base, __ATOMIC_ACQUIRE) != IPC_ARRAY_MAGIC)
        return IPC_ARRAY_NO_ARRAY;
    memcpy(&header, base, room);
    array->element_size = ipc_element_size(header.element);
    if (array->element_size == 0 && header.element != IPC_DESCRIBED)
        return IPC_ARRAY_BAD_ELEMENT;
    if (header.ndims < 1 || header.ndims > IPC_ARRAY_MAX_DIMS)
        return IPC_ARRAY_BAD_DIMS;
    if (16 + 8 * (size_t)header.ndims > size)
        return IPC_ARRAY_SHORT;
    if (header.element == IPC_DESCRIBED
            ? header.offset <= (int64_t)ipc_array_offset(header.ndims) || header.offset % 64 != 0
            : header.offset != (int64_t)ipc_array_offset(header.ndims))
        return IPC_ARRAY_BAD_OFFSET;
    if ((uint64_t)header.offset > size)
        return IPC_ARRAY_TOO_LARGE;
    room = (size - (size_t)header.offset) / (array->element_size ? array->element_size : 1);
    for (i = 0; i < header.ndims; i++) {
        if (header.dims[i] < 1)
            return IPC_ARRAY_BAD_DIMS;
        if ((uint64_t)header.dims[i] > room / len)
            return IPC_ARRAY_TOO_LARGE;
        array->dims[i] = (size_t)header.dims[i];
        array->strides[i] = len;
        len *= array->dims[i];
    }
    array->data = (char *)base + header.offset;
    array->len = len;
    array->ndims = header.ndims;
    array->element = (enum ipc_element)header.element;
    array->base = base;
    array->size = size;
    return 0;
}

/* Returns the position of an element in memory order, for one index per dimension; SIZE_MAX if an index is out of
 * bounds. */
static inline size_t ipc_array_position(const struct ipc_array *array, const size_t *index) {
    size_t position = 0;
    unsigned i;
    for (i = 0; i < array->ndims; i++) {
        if (index[i] >= array->dims[i])
            return SIZE_MAX;
        position += index[i] * array->strides[i];
    }
    return position;
}

/* Returns the address of an element; NULL if an index is out of bounds, or the element size is not known
 * (IPC_DESCRIBED). */
static inline void *ipc_array_at(const struct ipc_array *array, const size_t *index) {
    size_t position = ipc_array_position(array, index);
    return position == SIZE_MAX || array->element_size == 0 ? NULL : (char *)array->data + position * array->element_size;
}

static inline int ipc_array_map(int fd, int writable, struct ipc_array *array) {
    struct stat st;
    void *base;
    int error;
    if (fstat(fd, &st) != 0)
        return errno;
    if (st.st_size < 16)
        return IPC_ARRAY_SHORT;
    base = mmap(NULL, (size_t)st.st_size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return errno;
    error = ipc_array_check(base, (size_t)st.st_size, array);
    if (error != 0)
        munmap(base, (size_t)st.st_size);
    return error;
}

/* Opens an array by name, read-only or for reading and writing. */
static inline int ipc_array_open(const char *name, int writable, struct ipc_array *array) {
    int error, fd = shm_open(name, writable ? O_RDWR : O_RDONLY, 0);
    memset(array, 0, sizeof *array);
    if (fd < 0)
        return errno;
    error = ipc_array_map(fd, writable, array);
    close(fd);
    return error;
}

/* Removes a name if it still belongs to that file. */
static inline void ipc_array_unlink(const char *name, int fd) {
    struct stat ours, named;
    int found = shm_open(name, O_RDONLY, 0);
    if (found < 0)
        return;
    if (fstat(fd, &ours) == 0 && fstat(found, &named) == 0 && ours.st_dev == named.st_dev
            && ours.st_ino == named.st_ino)
        shm_unlink(name);
    close(found);
}

/* Creates an array of zeros under a new name, accessible to this user only.
 *
 * The name exists before the array is complete. Until the magic number is written, other programs that open it get an
 * error. A program that dies before that leaves a name without an array. Only shm_unlink removes the name. */
static inline int ipc_array_create(const char *name, enum ipc_element element, unsigned ndims, const size_t *dims,
                                   struct ipc_array *array) {
    struct ipc_array_header *header;
    size_t total = ipc_element_size((unsigned)element);
    unsigned i;
    int error, fd;
    memset(array, 0, sizeof *array);
    if (total == 0)
        return IPC_ARRAY_BAD_ELEMENT;
    if (ndims < 1 || ndims > IPC_ARRAY_MAX_DIMS)
        return IPC_ARRAY_BAD_DIMS;
    for (i = 0; i < ndims; i++) {
        if (dims[i] < 1)
            return IPC_ARRAY_BAD_DIMS;
        if (dims[i] > (SIZE_MAX / 2 - 4096) / total)
            return IPC_ARRAY_TOO_LARGE;
        total *= dims[i];
    }
    total += ipc_array_offset(ndims);
    fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return errno;
    error = posix_fallocate(fd, 0, (off_t)total);
    if (error == 0) {
        header = (struct ipc_array_header *)mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if ((void *)header == MAP_FAILED) {
            error = errno;
        } else {
            header->element = (uint16_t)element;
            header->ndims = (uint16_t)ndims;
            header->offset = (int64_t)ipc_array_offset(ndims);
            for (i = 0; i < ndims; i++)
                header->dims[i] = (int64_t)dims[i];
            __atomic_store_n(&header->magic, IPC_ARRAY_MAGIC, __ATOMIC_RELEASE);
            error = ipc_array_check(header, total, array);
            if (error != 0)
                munmap(header, total);
        }
    }
    if (error != 0)
        ipc_array_unlink(name, fd);
    close(fd);
    return error;
}

/* Unmaps an array in this process. Its name and the mappings of other processes stay. */
static inline void ipc_array_close(struct ipc_array *array) {
    if (array->base)
        munmap(array->base, array->size);
    memset(array, 0, sizeof *array);
}

#ifdef __cplusplus
}
#endif

#endif
