"""Frames in shared memory, for NumPy: those of FrameWriter and FrameReader (Rust), crate ipc-ring.

    import ipc_frames
    camera = ipc_frames.create("/camera", (640, 480), "uint16")  # one writer
    camera.write(pixels)
    camera.slot()[...] = pixels                                  # or in place, without a copy
    camera.publish()

    viewer = ipc_frames.open("/camera")                          # readers
    frame = viewer.wait_latest(timeout=1.0)                      # None if no frame came in time
    frame.array, frame.sequence, frame.missed, frame.timestamp   # a complete copy
    with viewer.look() as array:                                 # the newest frame in its slot, without a copy
        mean = array.mean()
    if viewer.was_whole: ...                                     # or the writer has overwritten it meanwhile

When no more frames will come, reads raise Closed, Died or Superseded. viewer.reopen() then opens the frames that have
the name now. A new writer replaces frames whose writer has closed them or is dead. While their writer is alive, create
raises BlockingIOError, which names the process.

Arrays have order='F': neighbours along the first index are adjacent in memory. A reader in Python uses none of the 64
entries for readers, so `ipc show` does not list it. Only one thread may use a handle at a time. Needs ipc_array.py
beside it, NumPy, Linux (x86-64 or aarch64) and Python 3.8.
"""

import collections
import contextlib
import ctypes
import errno
import fcntl
import io
import mmap
import os
import platform
import stat
import struct
import threading
import time

import numpy

import ipc_array

__all__ = ["Closed", "Died", "Frame", "FrameReader", "FrameWriter", "Superseded", "create", "open", "unlink"]

_MAGIC = int.from_bytes(b"IPCFRAME", "big")
_HEAD = "=QIIIIQQQQII"
_READERS = 64 + 64 * 64
_WRITER = 128
_TAG = 20
_OPEN, _CLOSED, _SUPERSEDED = 0, 1, 2
_ANNOUNCED, _EVERY_FRAME = 1, 2
_FUTEX = {"x86_64": 202, "aarch64": 98}
_SLICE = 0.03
_MACHINE = platform.machine()

Frame = collections.namedtuple("Frame", "array sequence missed timestamp")
Frame.__doc__ = "A frame: a copy, its number, the frames missed before it, and seconds of CLOCK_MONOTONIC."


class Closed(EOFError):
    """The writer has closed the frames."""


class Died(EOFError):
    """The process of the writer is dead."""


class Superseded(EOFError):
    """Another writer has replaced the frames."""


def open(name, anyone=False):
    """Opens frames to read them. Raises the same errors as `ipc_array.open`."""
    return FrameReader(name, anyone)


def create(name, shape, dtype="float64", slots=4, mode=0o600, every_frame=False):
    """Creates frames. Replaces frames with this name if their writer has closed them or is dead.

    Raises BlockingIOError if another process writes frames with this name. With `every_frame`, each frame wakes all
    readers, even those that may not write the object.
    """
    return FrameWriter(name, shape, dtype, slots, mode, every_frame)


unlink = ipc_array.unlink


class _Frames:
    """The parts of frames in a mapping. Checks the header, which may have any values."""

    def __init__(self, name, memory, size):
        head = bytes(memory[:64 + 16 + 8 * ipc_array._MAX_DIMS])

        def refuse(why):
            raise ValueError(f"{name}: {why}")

        if len(head) < 80 or struct.unpack_from("=Q", head)[0] != _MAGIC:
            refuse("found something that is not frames")
        _, version, slots, wake, _, readers, writer, first, stride, pids, times = struct.unpack_from(_HEAD, head)
        if version != 1:
            refuse(f"found version {version} of the format, wanted 1")
        self.dtype, self.shape, offset = ipc_array._header(name, head[64:], size - 64)
        bytes_of_one = ipc_array._bytes(self.dtype, self.shape)
        if not 2 <= slots <= 1 << 20 or wake not in (_ANNOUNCED, _EVERY_FRAME):
            refuse(f"found {slots} slots and way {wake} of waking readers")
        if readers != 64 + offset or writer < readers + _READERS or first < writer + _WRITER or writer % 64 or first % 64 \
                or stride % 64 or stride < 64 + bytes_of_one or first + slots * stride > size:
            refuse(f"found {size} bytes, in which {slots} slots of {stride} bytes cannot be")
        self.name, self.memory, self.slots, self.wake = name, memory, slots, wake
        self.first, self.stride = first, stride
        self.readers_end, self.readers_at = readers + _READERS, readers
        self.words = numpy.frombuffer(memory, "u8", _WRITER // 8, writer)
        self.halves = numpy.frombuffer(memory, "u4", _WRITER // 4, writer)
        self.ours = pids != 0 and (pids, times) == _namespaces()

    def newest(self):
        return int(self.words[8])

    def state(self):
        return int(self.halves[2])

    def slot(self, sequence):
        """Returns the head of a slot, and its elements."""
        at = self.first + sequence % self.slots * self.stride
        head = numpy.frombuffer(self.memory, "u8", 2, at)
        return head, numpy.ndarray(self.shape, self.dtype, buffer=self.memory, offset=at + 64, order="F")

    def status(self, look_for_death):
        """Returns None while frames may come, otherwise the error to raise."""
        state = self.state()
        if state == _OPEN and look_for_death and self.ours and _is_dead(int(self.words[0])):
            state = self.state()
            if state == _OPEN:
                return Died(f"{self.name}: process {int(self.words[0]) >> 37}, its writer, is dead")
        if state == _OPEN:
            return None
        if state == _SUPERSEDED:
            return Superseded(f"{self.name}: another writer has taken its place: reopen the name")
        return Closed(f"{self.name}: its writer has closed it")

    def bell(self):
        """Returns the address of the word on which readers sleep."""
        return self.halves.ctypes.data + 72

    def wake_all(self, sleepers):
        """Wakes all readers; only the writer may call it. Clears the mark of sleepers, changes the word, then wakes."""
        sleepers[0] = 0
        _fence()
        self.halves[18] = int(self.halves[18]) + 1 & 0xFFFFFFFF
        _futex(self.bell(), 1, 2**31 - 1)


class FrameReader:
    """Reads the frames of one writer, beginning with the oldest frame in the ring."""

    def __init__(self, name, anyone=False):
        self.name, self.anyone, self.missed = name, anyone, 0
        self.was_whole = False
        self._open()

    def _open(self):
        path = ipc_array._path(self.name)
        flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            fd, writable = os.open(path, os.O_RDWR | flags), True
        except PermissionError:
            fd, writable = os.open(path, os.O_RDONLY | flags), False
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode) or found.st_size < 80:
                raise ValueError(f"{self.name}: found something that is not frames")
            if not self.anyone and (found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022):
                why = "wanted frames of this user or root that nobody else may write"
                raise PermissionError(errno.EPERM, why, self.name)
            memory = mmap.mmap(fd, found.st_size, access=mmap.ACCESS_READ)
            frames = _Frames(self.name, memory, found.st_size)
            self._sleepers = None
            if writable:  # the page of the readers only
                page = mmap.mmap(fd, frames.readers_end, access=mmap.ACCESS_WRITE)
                self._sleepers = numpy.frombuffer(page, "u4", 1, frames.readers_at)
            self._frames, self._identity = frames, (found.st_dev, found.st_ino)
        finally:
            os.close(fd)
        self.shape, self.dtype = frames.shape, frames.dtype
        self.sequence = max(0, frames.newest() - frames.slots)

    def reopen(self):
        """Opens the frames that have the name now. Returns False if these are the frames that are already open."""
        found = os.stat(ipc_array._path(self.name))
        if (found.st_dev, found.st_ino) == self._identity:
            return False
        self._open()
        return True

    def next(self):
        """Returns a copy of the next frame, or None if it was not published yet."""
        return self._read(False)

    def latest(self):
        """Returns a copy of the newest frame, or None if it was read already."""
        return self._read(True)

    def wait_next(self, timeout=None):
        """Waits for the next frame for at most `timeout` seconds. Returns a copy, or None if no frame came in time."""
        return self._wait(False, timeout)

    def wait_latest(self, timeout=None):
        """Waits for an unread frame for at most `timeout` seconds. Returns a copy of the newest, or None."""
        return self._wait(True, timeout)

    @contextlib.contextmanager
    def look(self):
        """Gives the newest frame in its slot, read-only and without a copy; None if no frame was published yet.

        The writer may overwrite the frame meanwhile. Afterwards `was_whole` is True if it did not. The frame is not
        counted as read.
        """
        newest = self._frames.newest()
        head, array = self._frames.slot(newest)
        held = newest > 0 and int(head[0]) == newest
        _load_fence()
        yield array if held else None
        _load_fence()
        self.was_whole = held and int(head[0]) == newest

    def _read(self, latest, look_for_death=False):
        frames = self._frames
        status = frames.status(look_for_death)  # before the look: what was published before the end is read first
        for _ in range(8):
            newest = frames.newest()
            _load_fence()
            if newest <= self.sequence:
                break
            first = newest if latest else max(self.sequence, newest - frames.slots) + 1
            for sequence in range(first, newest + 1):
                head, array = frames.slot(sequence)
                if int(head[0]) != sequence:
                    continue
                _load_fence()
                timestamp, copy = int(head[1]), array.copy(order="F")
                _load_fence()
                if int(head[0]) == sequence:
                    missed = sequence - self.sequence - 1
                    self.sequence, self.missed = sequence, self.missed + missed
                    return Frame(copy, sequence, missed, timestamp / 1e9)
        if status:
            raise status
        return None

    def _wait(self, latest, timeout):
        frames = self._frames
        end = None if timeout is None else time.monotonic() + timeout
        frame, slice = self._read(latest), 0.002
        while frame is None:
            seen = int(frames.halves[18])
            frame = self._read(latest)
            if frame is not None:
                break
            if self._sleepers is not None:
                self._sleepers[0] = 1  # the kernel looks at the bell after that
            elif frames.wake != _EVERY_FRAME:
                raise PermissionError(errno.EACCES, "it cannot be announced that this process sleeps", self.name)
            left = slice if end is None else min(slice, end - time.monotonic())
            if left <= 0:
                return None
            if _futex(frames.bell(), 0, seen, left) == errno.ETIMEDOUT:
                # A wake-up can be lost with a writer that is killed.
                frame = self._read(latest, True)
                slice = min(slice * 1.25, _SLICE)
        return frame


class FrameWriter:
    """Writes frames. When it is closed, or its process ends, readers get no more frames."""

    def __init__(self, name, shape, dtype="float64", slots=4, mode=0o600, every_frame=False):
        dtype = numpy.dtype(dtype).newbyteorder("=")
        shape = tuple(int(dim) for dim in (shape if hasattr(shape, "__iter__") else (shape,)))
        if dtype.name not in ipc_array._DTYPES:
            raise TypeError(f"{name}: frames have elements of {', '.join(ipc_array._DTYPES)}, not {dtype}")
        if not 1 <= len(shape) <= ipc_array._MAX_DIMS or min(shape) < 1:
            raise ValueError(f"{name}: frames have 1 to {ipc_array._MAX_DIMS} dimensions of at least 1, not {shape}")
        if not 2 <= slots <= 1 << 20:
            raise ValueError(f"{name}: {slots} slots, 2 to {1 << 20} are possible")
        self.sequence, self._process = 0, os.getpid()
        while True:
            old, taken = _predecessor(name), False
            try:
                self._create(name, shape, dtype, slots, mode, every_frame, old)
            except FileExistsError:
                taken = True  # another writer was faster, and may not have seen the old frames
            if old is not None:
                _, frames, sleepers = old
                frames.halves[2] = _SUPERSEDED
                frames.wake_all(sleepers)
            if not taken:
                break

    def _create(self, name, shape, dtype, slots, mode, every_frame, old):
        offset = ipc_array._offset(len(shape))
        readers, page = 64 + offset, max(4096, mmap.PAGESIZE)
        writer = -(-(readers + _READERS) // page) * page
        stride = 64 + -(-ipc_array._bytes(dtype, shape) // 64) * 64
        size = writer + _WRITER + slots * stride
        if size >= 2**62:
            raise ValueError(f"{name}: no memory holds {slots} frames of {shape} elements")
        length = (size + 63) // 64 * 64 + 64
        wake = _EVERY_FRAME if every_frame else _ANNOUNCED
        head = struct.pack(_HEAD, _MAGIC, 1, slots, wake, 0, readers, writer, writer + _WRITER, stride, *_namespaces())
        head += struct.pack(f"=IHHq{len(shape)}q", ipc_array._MAGIC, ipc_array._DTYPES.index(dtype.name) + 1, len(shape),
                            offset, *shape)
        fd = os.open(ipc_array._DIRECTORY, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode)
        try:
            os.fchmod(fd, mode)  # whatever the umask
            os.posix_fallocate(fd, 0, length)
            os.pwrite(fd, head, 0)
            os.pwrite(fd, ipc_array._trailer(size, os.fstat(fd), _TAG), length - 64)
            memory = mmap.mmap(fd, length, access=mmap.ACCESS_WRITE)
            frames = _Frames(name, memory, size)
            frames.words[0] = _instance(os.getpid()) or os.getpid() << 37
            frames.halves[19] = 2**32 - 1
            if old is not None:
                _unlink_old(name, old[0])
            ipc_array._link(fd, name)
        finally:
            os.close(fd)
        self._frames, self._sleepers = frames, numpy.frombuffer(memory, "u4", 1, readers)
        self.name, self.shape, self.dtype, self.slots = name, shape, dtype, slots

    def slot(self):
        """Returns the elements of the next frame, to fill them in place and `publish`. Overwrites the oldest frame."""
        if os.getpid() != self._process:
            raise ValueError(f"{self.name}: the process that forked this one writes the frames")
        head, array = self._frames.slot(self.sequence + 1)
        head[0] = 0
        _fence()
        return array

    def publish(self, timestamp=None):
        """Publishes the frame that was filled, wakes readers, and returns its number."""
        frames, self.sequence = self._frames, self.sequence + 1
        head, _ = frames.slot(self.sequence)
        head[1] = time.monotonic_ns() if timestamp is None else int(timestamp * 1e9)
        _fence()
        head[0] = self.sequence
        _fence()
        frames.words[8] = self.sequence
        frames.halves[18] = int(frames.halves[18]) + 1 & 0xFFFFFFFF
        _fence()
        if frames.wake == _EVERY_FRAME or self._sleepers[0]:
            frames.wake_all(self._sleepers)
        return self.sequence

    def write(self, array):
        """Copies an array into the next frame, publishes it, and returns its number."""
        array = numpy.asarray(array)
        if array.shape != self.shape:
            raise ValueError(f"{self.name}: found an array of {array.shape}, wanted {self.shape}")
        self.slot()[...] = array
        return self.publish()

    def close(self):
        """Closes the frames. Readers can still read the frames in the ring."""
        if self._frames is not None and os.getpid() == self._process:
            if self._frames.state() == _OPEN:
                self._frames.halves[2] = _CLOSED
            self._frames.wake_all(self._sleepers)
        self._frames = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_frames", None) is not None:
            self.close()


def _predecessor(name):
    """Returns the frames with this name whose writer is closed or dead, and their file; None if the name is free."""
    try:
        fd = os.open(ipc_array._path(name), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    file = os.fdopen(fd, "r+b", buffering=0)
    size = os.fstat(fd).st_size
    if size < 80:
        raise ValueError(f"{name}: found something that is not frames")
    memory = mmap.mmap(fd, size, access=mmap.ACCESS_WRITE)
    frames = _Frames(name, memory, size)
    if frames.status(True) is None:
        raise BlockingIOError(errno.EBUSY, f"process {int(frames.words[0]) >> 37} writes it", name)
    return file, frames, numpy.frombuffer(memory, "u4", 1, frames.readers_at)


def _unlink_old(name, file):
    """Removes the name if it still belongs to that file, under the lock that all programs of the toolkit use."""
    lock = struct.pack("=hhxxxxqqixxxx", fcntl.F_WRLCK, 0, (1 << 62) - 1, 1, 0)
    fcntl.fcntl(file.fileno(), 37, lock)  # F_OFD_SETLK
    path, ours = ipc_array._path(name), os.fstat(file.fileno())
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.stat(path), ours):
            os.unlink(path)


def _namespaces():
    def inode(name):
        try:
            return os.stat(f"/proc/self/ns/{name}").st_ino & 0xFFFFFFFF
        except OSError:
            return 0

    return inode("pid"), inode("time")


def _instance(pid):
    """Returns the number of a process: its id and its start time. Returns 1 for a zombie, 0 if /proc does not show the
    process."""
    try:
        with io.open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0
    if fields[0] in (b"Z", b"X") and int(fields[17]) <= 1:
        return 1
    return pid << 37 | int(fields[19]) & (1 << 37) - 1


def _is_dead(process):
    """Returns True if it is proved that a process is dead. A stopped process is not dead."""
    pid = process >> 37
    if not 0 < pid < 1 << 22:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    found = _instance(pid)
    return found == 1 or found != 0 and process & (1 << 37) - 1 != 0 and found != process


class _TimeSpec(ctypes.Structure):
    _fields_ = [("sec", ctypes.c_long), ("nsec", ctypes.c_long)]


_libc = ctypes.CDLL(None, use_errno=True)
_barrier = threading.Lock()


def _futex(address, operation, value, timeout=None):
    """Waits while a word has this value (operation 0), or wakes waiting threads (1). Returns the error, or 0."""
    if timeout is not None:
        whole = int(timeout)
        timeout = ctypes.byref(_TimeSpec(whole, int((timeout - whole) * 1e9)))
    done = _libc.syscall(ctypes.c_long(_FUTEX[_MACHINE]), ctypes.c_void_p(address), ctypes.c_int(operation),
                         ctypes.c_uint32(value), timeout, None, 0)
    return ctypes.get_errno() if done == -1 else 0


def _fence():
    """A full barrier: two locks that are acquired and released one after the other."""
    for _ in range(2):
        with _barrier:
            pass


def _load_fence():
    """Keeps loads in order: x86-64 does so by itself."""
    if _MACHINE != "x86_64":
        _fence()
