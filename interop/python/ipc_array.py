"""Arrays in shared memory, for NumPy: those of ShmArray (Rust) and of IPC.jl's WrappedArray (Julia).

    import ipc_array
    image = ipc_array.open("/image")                          # read-only
    image = ipc_array.open("/image", writable=True)
    image = ipc_array.create("/image", (640, 480), "float32")  # zeros
    image = ipc_array.save("/image", array)                    # a copy of an array, complete before it has its name
    ipc_array.unlink("/image")

open, create and save return a numpy.ndarray on the shared memory itself, with order='F': image[i, j] is the element
that Rust calls get([i, j]), and neighbours along the first index are adjacent in memory. The memory stays mapped as
long as the array or a view of it exists.

A Python process is not counted as attached to an array. The name of an array that a Rust program created with
Removal::LastDetach may therefore be removed while Python has it open. The name of an array that Python created stays
until it is unlinked. Elements are ordinary memory: programs that access the same elements at the same time must
synchronise.

Needs NumPy, Linux and Python 3.8.
"""

import errno
import mmap
import os
import stat
import struct
import sys
import time

import numpy

__all__ = ["create", "open", "save", "unlink"]

_MAGIC = 0x57412D31
_DIRECTORY = "/dev/shm"
_DTYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
           "float32", "float64", "complex64", "complex128"]
_MAX_DIMS = 16


def open(name, writable=False, anyone=False):
    """Opens the array with this name, read-only or for reading and writing.

    Raises FileNotFoundError if the name does not exist; PermissionError if the mode of the file forbids it, or if the
    file belongs to another user or other users may write it, unless `anyone` is true; ValueError, which says what was
    found, if it is not an array.
    """
    flags = (os.O_RDWR if writable else os.O_RDONLY) | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    fd = os.open(_path(name), flags)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{name}: found something that is no shared memory")
        if not anyone and (found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022):
            why = f"found one of user {found.st_uid} with mode {found.st_mode & 0o777:o}, wanted one of this user or root " \
                  "that nobody else may write"
            raise PermissionError(errno.EPERM, why, name)
        dtype, shape, offset = _header(name, os.pread(fd, 16 + 8 * _MAX_DIMS, 0), found.st_size)
        return _map(fd, found.st_size, dtype, shape, offset, writable)
    finally:
        os.close(fd)


def create(name, shape, dtype="float64", mode=0o600):
    """Creates an array of zeros under a new name, with this mode: by default, only this user can access it.

    The array gets its name when it is complete. Raises FileExistsError if the name is taken; OSError with ENOSPC if
    there is not enough space; ValueError or TypeError if no array can have this shape or element type.
    """
    return _make(name, shape, dtype, mode, None)


def save(name, array, mode=0o600):
    """Creates an array like `create`, as a copy of `array`."""
    array = numpy.asarray(array)
    return _make(name, array.shape, array.dtype, mode, array)


def unlink(name):
    """Unlinks a name. Open arrays stay valid. Unlinking a name that does not exist is not an error."""
    try:
        os.unlink(_path(name))
    except FileNotFoundError:
        pass


def _path(name):
    if not name.startswith("/") or "/" in name[1:] or "\0" in name or not 1 <= len(os.fsencode(name[1:])) <= 255 \
            or name in ("/.", "/.."):
        raise ValueError(f"{name!r}: a name is a slash and 1 to 255 bytes without another")
    return _DIRECTORY + name


def _header(name, head, size):
    """Returns element type, shape and offset from the bytes of a header, which may have any values."""
    def refuse(why):
        raise ValueError(f"{name}: {why}")

    if len(head) < 16:
        refuse(f"found {size} bytes, an array's header is longer")
    magic, element, ndims, offset = struct.unpack_from("=IHHq", head)
    if magic != _MAGIC:
        refuse(f"found magic {magic:#010x}, wanted {_MAGIC:#010x}: this is no array")
    if not 1 <= element <= len(_DTYPES):
        refuse(f"found element type {element}, wanted 1 to {len(_DTYPES)}")
    if not 1 <= ndims <= _MAX_DIMS:
        refuse(f"found {ndims} dimensions, wanted 1 to {_MAX_DIMS}")
    if len(head) < 16 + 8 * ndims:
        refuse(f"found {size} bytes, an array's header is longer")
    shape = struct.unpack_from(f"={ndims}q", head, 16)
    if min(shape) < 1:
        refuse(f"found an impossible shape: {shape}")
    if offset != _offset(ndims):
        refuse(f"found offset {offset}, which no array of {ndims} dimensions has")
    dtype = numpy.dtype(_DTYPES[element - 1])
    if offset + _bytes(dtype, shape) > size:
        refuse(f"found {size} bytes, too few for {shape} elements of {dtype} from {offset} on")
    return dtype, shape, offset


def _offset(ndims):
    return (16 + 8 * ndims + 63) // 64 * 64


def _bytes(dtype, shape):
    size = dtype.itemsize
    for dim in shape:  # not with NumPy, whose integers wrap around
        size *= dim
    return size


def _map(fd, size, dtype, shape, offset, writable):
    memory = mmap.mmap(fd, size, access=mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ)
    return numpy.ndarray(shape, dtype, buffer=memory, offset=offset, order="F")


def _make(name, shape, dtype, mode, content):
    path, dtype = _path(name), numpy.dtype(dtype).newbyteorder("=")
    shape = tuple(int(dim) for dim in (shape if hasattr(shape, "__iter__") else (shape,)))
    if dtype.name not in _DTYPES:
        raise TypeError(f"{name}: arrays have elements of {', '.join(_DTYPES)}, not {dtype}")
    if not 1 <= len(shape) <= _MAX_DIMS or min(shape) < 1:
        raise ValueError(f"{name}: arrays have 1 to {_MAX_DIMS} dimensions of at least 1, not {shape}")
    offset = _offset(len(shape))
    size = offset + _bytes(dtype, shape)
    if size >= 2**62:
        raise ValueError(f"{name}: no memory holds {shape} elements of {dtype}")
    length = (size + 63) // 64 * 64 + 64
    # Created without a name, filled, and then linked: no process sees it incomplete, and a process that dies before
    # the link leaves nothing.
    fd = os.open(_DIRECTORY, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode)
    try:
        os.fchmod(fd, mode)  # whatever the umask
        os.posix_fallocate(fd, 0, length)
        head = struct.pack(f"=IHHq{len(shape)}q", _MAGIC, _DTYPES.index(dtype.name) + 1, len(shape), offset, *shape)
        os.pwrite(fd, head, 0)
        os.pwrite(fd, _trailer(size, os.fstat(fd)), length - 64)
        array = _map(fd, length, dtype, shape, offset, True)
        if content is not None:
            array[...] = content
        _link(fd, name)
        return array
    finally:
        os.close(fd)


def _link(fd, name):
    """Links a file to its name, if the name is free."""
    directory = os.open(_DIRECTORY, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # With a directory, it is `linkat`, which follows the link in /proc to the file itself.
        os.link(f"/proc/self/fd/{fd}", name[1:], dst_dir_fd=directory, follow_symlinks=True)
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), _path(name)) from None
    finally:
        os.close(directory)


def _trailer(size, stat, tag=2):
    """Returns the trailer by which Rust recognises an array (or another tag) whose name only `unlink` removes."""
    version, never, reserved = 2, 3, 1
    magic = int.from_bytes(b"IPC-TAIL", "big")
    kinds = int.from_bytes(bytes([version, never, reserved, 0]), sys.byteorder) | tag << 32
    created = (os.getpid(), int(time.time()))
    return struct.pack("=8Q", magic, kinds, size, 0, *created, stat.st_ino, stat.st_dev)
