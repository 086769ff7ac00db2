"""Rings from one sender to one receiver in shared memory: those of spsc and spsc::bytes (Rust), crate ipc-ring.

    import ipc_spsc
    with ipc_spsc.Sender("/events") as events:          # a ring of bytes; size=16: of messages of 16 bytes
        events.send(b"door 7")                          # waits while the ring is full
        events.send(b"door 8", timeout=1.0)             # False if it stayed full

    with ipc_spsc.Receiver("/events") as events:
        for message in events: ...                      # bytes, until the sender is closed or dead
        message = events.recv(timeout=1.0)              # None if none came in time

A Rust program creates the ring. An end belongs to the process that opened it until it is closed or the process is dead:
the other end notices both, and another process can take the place of the dead one. BlockingIOError is raised if a
process that is alive has the end open. When the other end is gone, calls raise Closed or Died. One thread at a time may
use an end, and a forked child none of its parent.

Two programs that open the same end at the same moment are told apart by libatomic, which comes with gcc. Without it,
only a program that checks a moment later is refused: do not open the same end from two programs at once.

For messages of one size, the size must be that of the Rust type; the layout of its fields is not compared. Needs
ipc_frames.py and ipc_array.py beside it, NumPy, Linux (x86-64 or aarch64) and Python 3.8.
"""

import ctypes
import errno
import mmap
import os
import stat
import struct
import time

import ipc_array
import ipc_frames

__all__ = ["Closed", "Died", "Receiver", "Sender"]

Closed, Died = ipc_frames.Closed, ipc_frames.Died

_MAGICS = {True: int.from_bytes(b"IPCSPSCB", "big"), False: int.from_bytes(b"IPCSPSC1", "big")}
_CONTROL = 320
_REST = 2**32 - 1
_OR, _ANDN, _ADD = 2, 3, 1
_MEMBARRIER = {"x86_64": 324, "aarch64": 283}
_NOT_YET = object()

try:
    _exchange = ctypes.CDLL("libatomic.so.1").__atomic_compare_exchange_8
except (OSError, AttributeError):
    _exchange = None


class _End:
    """An end of a ring. Checks the header, which may have any values."""

    def __init__(self, name, size, which, anyone):
        self.name, self._size, self._bytes, self._memory = name, size or 8, size is None, None
        fd = os.open(ipc_array._path(name), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode) or found.st_size < 104:
                raise ValueError(f"{name}: found something that is not a ring")
            if not anyone and (found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022):
                why = "wanted a ring of this user or root that nobody else may write"
                raise PermissionError(errno.EPERM, why, name)
            memory = mmap.mmap(fd, found.st_size)
        finally:
            os.close(fd)
        self._check(memory, found.st_size)
        self._words = memoryview(memory)[self._at:self._at + _CONTROL].cast("Q")
        self._data = memoryview(memory)[self._first:self._first + self._capacity * self._size]
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(memory)) + self._at
        self._dummy = ctypes.c_uint32()
        self._which, self._process = which, os.getpid()
        self._me = ipc_frames._instance(self._process) or self._process << 37
        self._claim()
        self._memory = memory
        sent, received = self._number(0), self._number(1)
        if sent - received & 2**64 - 1 > self._capacity:
            self.close()
            raise ValueError(self._damage())
        self._next = sent if which == 0 else received
        self._wake(True)

    def _check(self, memory, size):
        magic, version, described, capacity = struct.unpack_from("=QIIQ", memory)
        pids, times = struct.unpack_from("=II", memory, 48)
        layout, = struct.unpack_from("=I", memory, 64 + 8)  # the length of the fingerprint
        element, = struct.unpack_from("=Q", memory, 64 + 16 + 8)  # the size in its first entry
        if magic != _MAGICS[self._bytes] or version != 1 or not 40 <= layout <= described <= 65536:
            kind = "bytes" if self._bytes else "messages"
            raise ValueError(f"{self.name}: found something that is not a ring of {kind} of version 1")
        if element != self._size:
            raise ValueError(f"{self.name}: found messages of {element} bytes, wanted {self._size}")
        self._at = -(-(64 + described) // 128) * 128
        self._first = -(-(self._at + _CONTROL) // 128) * 128
        if capacity & capacity - 1 or not (4 if self._bytes else 1) <= capacity <= 2**32 \
                or self._first + capacity * element > size:
            raise ValueError(f"{self.name}: found {size} bytes, in which {capacity} elements cannot be")
        if (pids, times) != ipc_frames._namespaces():
            raise ValueError(f"{self.name}: found a ring of another PID namespace or time namespace")
        self._capacity = capacity

    def _claim(self):
        found = self._words[32 + self._which]
        if found > 1 and (found == self._me or not ipc_frames._is_dead(found)):
            why = f"process {found >> 37} has the {('sender', 'receiver')[self._which]} open"
            raise BlockingIOError(errno.EBUSY, why, self.name)
        self._replace(found, self._me)
        if self._words[32 + self._which] != self._me:
            raise BlockingIOError(errno.EBUSY, "another process opens it at the same time", self.name)

    def _replace(self, found, new):
        """Replaces the word of this end if it is that one."""
        if _exchange is not None:
            expected = ctypes.c_uint64(found)
            place = ctypes.c_void_p(self._address + 256 + 8 * self._which)
            _exchange(place, ctypes.byref(expected), ctypes.c_uint64(new), 5, 0)
        elif self._words[32 + self._which] == found:
            self._words[32 + self._which] = new

    def _number(self, side):
        number = self._words[16 * side]
        ipc_frames._load_fence()
        return number

    def _damage(self):
        return f"{self.name}: found numbers that do not fit together: another process damaged it"

    def _ours(self):
        if self._memory is None:
            raise ValueError(f"{self.name}: this end is closed")
        if os.getpid() != self._process:
            raise ValueError(f"{self.name}: the process that forked this one has this end open")

    def _place(self, number):
        return (number & self._capacity - 1) * self._size

    def _pass(self, count, is_message=True):
        """Passes on elements, and wakes the other end."""
        self._next = self._next + count & 2**64 - 1
        ipc_frames._fence()
        self._words[16 * self._which] = self._next
        if self._bytes and is_message:
            self._words[16 * self._which + 1] += 1
        ipc_frames._fence()
        self._wake(False)

    def _wake(self, everyone):
        """Changes the word that the other end sleeps on, and wakes it, if it may sleep."""
        index = 34 + self._which
        if everyone or self._words[index] & 1:
            if self._operate(index, 2**31 - 1, _ADD, 2) == 0:
                self._operate(index, 2**31 - 1, _ANDN, 1)

    def _operate(self, index, count, operation, argument):
        """Changes a word in one step (FUTEX_WAKE_OP), then wakes threads that sleep on it. Returns how many."""
        word = ctypes.c_void_p(self._address + 8 * index)
        wakes = word if count else ctypes.byref(self._dummy)
        code = operation << 28 | argument << 12 | 0xFFF  # and no more threads: the word is never -1
        return ipc_frames._libc.syscall(ctypes.c_long(ipc_frames._FUTEX[ipc_frames._MACHINE]), wakes, ctypes.c_int(5),
                                        ctypes.c_uint32(count), ctypes.c_void_p(0), word, ctypes.c_uint32(code))

    def _until(self, attempt, timeout):
        """Attempts something until it succeeds or the time is over. Raises Died if the other end is dead."""
        self._ours()
        end = None if timeout is None else time.monotonic() + timeout
        index, slice, slept = 35 - self._which, 0.002, False
        while True:
            done = attempt()
            if done is not _NOT_YET:
                return done
            self._operate(index, 0, _OR, 1)
            seen = self._words[index] & 0xFFFFFFFF
            ipc_frames._libc.syscall(ctypes.c_long(_MEMBARRIER[ipc_frames._MACHINE]), 2, 0, 0)
            done = attempt()
            left = slice if end is None else min(slice, end - time.monotonic())
            if done is not _NOT_YET or left <= 0:
                return done
            if not slept:
                self._words[36 + self._which] += 1  # of this end only
                slept = True
            if ipc_frames._futex(self._address + 8 * index, 0, seen, left) == errno.ETIMEDOUT:
                other = self._words[33 - self._which]
                is_dead = other > 1 and ipc_frames._is_dead(other)
                done = attempt()  # what was passed on before the death
                if done is _NOT_YET and is_dead:
                    raise Died(f"{self.name}: process {other >> 37}, the other end, is dead")
                if done is not _NOT_YET:
                    return done
                slice = min(slice * 1.25, 0.02)

    def close(self):
        """Closes this end, which the other end notices."""
        if self._memory is not None and os.getpid() == self._process:
            self._replace(self._me, 1)
            self._wake(True)
        self._memory = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


class Sender(_End):
    """The end of a ring that sends: bytes, or with `size` messages of that size."""

    def __init__(self, name, size=None, anyone=False):
        super().__init__(name, size, 0, anyone)

    def try_send(self, message):
        """Sends a message, or returns False if the ring is full. Raises Closed if the receiver is closed."""
        self._ours()
        return self._try(memoryview(message).cast("B")) is not _NOT_YET

    def send(self, message, timeout=None):
        """Sends a message, and waits while the ring is full, at most `timeout` seconds.

        Returns False if it was not sent. Raises Closed if the receiver is closed, and Died if its process is dead and the ring is full.
        """
        message = memoryview(message).cast("B")
        return self._until(lambda: self._try(message), timeout) is not _NOT_YET

    def _try(self, message):
        length, units, skipped = len(message), 1, 0
        if self._bytes:
            if length > self._capacity // 2 * 8 - 8 or length >= _REST:
                raise ValueError(f"{self.name}: found {length} bytes, wanted at most {self._capacity // 2 * 8 - 8}")
            units, left = 1 + -(-length // 8), self._capacity - (self._next & self._capacity - 1)
            skipped = 0 if units <= left else left
        elif length != self._size:
            raise ValueError(f"{self.name}: found a message of {length} bytes, wanted {self._size}")
        if self._words[33] == 1:
            raise Closed(f"{self.name}: the receiver is closed")
        used = self._next - self._number(1) & 2**64 - 1
        if used > self._capacity:
            raise ValueError(self._damage())
        if skipped + units > self._capacity - used:
            return _NOT_YET
        at = self._place(self._next + skipped)
        if self._bytes:
            if skipped:
                struct.pack_into("=I", self._data, self._place(self._next), _REST)
            struct.pack_into("=II", self._data, at, length, 0)
            at += 8
        self._data[at:at + length] = message
        self._pass(skipped + units)
        return None


class Receiver(_End):
    """The end of a ring that receives: bytes, or with `size` messages of that size."""

    def __init__(self, name, size=None, anyone=False):
        super().__init__(name, size, 1, anyone)

    def try_recv(self):
        """Returns a message, or None if the ring is empty. Raises Closed if the sender is closed as well."""
        self._ours()
        message = self._try()
        return None if message is _NOT_YET else message

    def recv(self, timeout=None):
        """Returns a message, and waits while the ring is empty, at most `timeout` seconds. Returns None after that.

        Raises Closed or Died if the ring is empty and the sender is closed or its process is dead.
        """
        message = self._until(self._try, timeout)
        return None if message is _NOT_YET else message

    def __iter__(self):
        while True:
            try:
                yield self.recv()
            except EOFError:
                return

    def _try(self):
        for _ in range(2):  # the first unit of a ring has no rest before it
            is_closed = self._words[32] == 1  # before the look: what was sent before is received first
            ipc_frames._load_fence()
            available, at = self._number(0) - self._next & 2**64 - 1, self._place(self._next)
            if available > self._capacity:
                raise ValueError(self._damage())
            if available == 0:
                if is_closed:
                    raise Closed(f"{self.name}: the sender is closed")
                return _NOT_YET
            if not self._bytes:
                message = bytes(self._data[at:at + self._size])
                self._pass(1)
                return message
            length, = struct.unpack_from("=I", self._data, at)
            left, units = self._capacity - (self._next & self._capacity - 1), 1 + -(-length // 8)
            if length == _REST and left < available:
                self._pass(left, False)
                continue
            if length > self._capacity // 2 * 8 - 8 or units > min(available, left):
                break
            message = bytes(self._data[at + 8:at + 8 + length])
            self._pass(units)
            return message
        raise ValueError(self._damage())
