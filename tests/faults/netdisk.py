"""A disk as a network gives it: no shared memory, no hard or symbolic links, and, where wanted, no locks.

A file system in user space that speaks the kernel's own protocol (linux/fuse.h, version 7.31) over /dev/fuse, and
passes everything on to a folder. `python -m tests.faults.netdisk FOLDER PLACE TYPE [nolocks]` mounts and serves it.
"""

import ctypes
import errno
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from tests.faults.forks import ROOT

_HEADER = struct.Struct("<IIQQIIII")
_ANSWER = struct.Struct("<IiQ")
_ATTRIBUTES = struct.Struct("<QQQQQQIIIIIIIIII")
_REQUEST = 1 << 17
_NO_MAPPING = 1
"""FOPEN_DIRECT_IO: the file can't be mapped into memory that processes share."""
_POSIX_LOCKS = 1 << 1
"""FUSE_POSIX_LOCKS: whoever serves the disk is asked for locks; else the kernel keeps them."""
_FORGET, _BATCH_FORGET, _DESTROY = 2, 42, 38
_MODE, _SIZE, _TIMES = 1, 8, 16 | 32


@contextmanager
def network_disk(folder: Path, type_: str, *, locks: bool = True) -> Iterator[Path | None]:
    """Yield where a network disk of this type is mounted; None where that is not possible."""
    kept, place = folder / "server", folder / "mounted"
    kept.mkdir(parents=True)
    place.mkdir()
    if os.geteuid() or not os.access("/dev/fuse", os.W_OK):
        yield None
        return
    words = [
        sys.executable,
        "-m",
        "tests.faults.netdisk",
        str(kept),
        str(place),
        type_,
        *([] if locks else ["nolocks"]),
    ]
    server = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout
    try:
        yield place if server.stdout.readline() else None
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)
        server.kill()
        server.communicate()


class _Server:
    """The file system: a request at a time."""

    def __init__(self, device: int, folder: str, *, locks: bool) -> None:
        self._device = device
        self._locks = locks
        self._paths = {1: folder}
        self._numbers = {folder: 1}

    def serve(self) -> None:
        """Answer until it is unmounted."""
        while True:
            try:
                request = os.read(self._device, _REQUEST + 4096)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return
                continue
            _length, code, unique, node, *_who = _HEADER.unpack_from(request)
            if code in (_FORGET, _BATCH_FORGET):
                continue
            try:
                answer, failure = self._answer(code, node, request[_HEADER.size :]), 0
            except OSError as error:
                answer, failure = b"", -(error.errno or errno.EIO)
            os.write(self._device, _ANSWER.pack(_ANSWER.size + len(answer), failure, unique) + answer)

    def _answer(self, code: int, node: int, body: bytes) -> bytes:
        answer = self._ANSWERS.get(code)
        if answer is None:
            raise OSError(errno.ENOSYS, "")
        return answer(self, node, body)

    def _init(self, _node: int, body: bytes) -> bytes:
        _major, _minor, ahead, flags = struct.unpack_from("<IIII", body)
        asked = 0 if self._locks else flags & _POSIX_LOCKS
        return struct.pack("<IIIIHHIIHHI28x", 7, 31, ahead, asked, 12, 9, 1 << 16, 1, 16, 0, 0)

    def _below(self, node: int, name: bytes) -> str:
        return f"{self._paths[node]}/{os.fsdecode(name.partition(bytes(1))[0])}"

    def _entry(self, path: str) -> bytes:
        attributes = self._attributes(os.lstat(path))
        number = self._numbers.setdefault(path, len(self._paths) + 1)
        self._paths[number] = path
        return struct.pack("<QQQQII", number, 0, 0, 0, 0, 0) + attributes

    @staticmethod
    def _attributes(of: os.stat_result) -> bytes:
        times = [divmod(at, 10**9) for at in (of.st_atime_ns, of.st_mtime_ns, of.st_ctime_ns)]
        return _ATTRIBUTES.pack(
            *(of.st_ino, of.st_size, of.st_blocks, *(second for second, _rest in times), *(rest for _s, rest in times)),
            *(of.st_mode, of.st_nlink, of.st_uid, of.st_gid, 0, 4096, 0),
        )

    def _lookup(self, node: int, body: bytes) -> bytes:
        return self._entry(self._below(node, body))

    def _getattr(self, node: int, body: bytes) -> bytes:
        flags, _dummy, handle = struct.unpack_from("<IIQ", body)
        return self._described(os.fstat(handle) if flags & 1 else os.lstat(self._paths[node]))

    def _described(self, of: os.stat_result) -> bytes:
        return struct.pack("<QII", 0, 0, 0) + self._attributes(of)

    def _setattr(self, node: int, body: bytes) -> bytes:
        valid, _pad, _handle, size = struct.unpack_from("<IIQQ", body)
        mode = struct.unpack_from("<I", body, 68)[0]
        if valid & _SIZE:
            os.truncate(self._paths[node], size)
        if valid & _MODE:
            os.chmod(self._paths[node], mode & 0o7777)  # noqa: PTH101
        if valid & _TIMES:
            accessed, changed = struct.unpack_from("<QQ", body, 32)
            os.utime(self._paths[node], (accessed, changed))
        return self._described(os.lstat(self._paths[node]))

    def _open(self, node: int, body: bytes) -> bytes:
        flags = struct.unpack_from("<I", body)[0] & ~os.O_APPEND & ~os.O_NOFOLLOW
        return struct.pack("<QII", os.open(self._paths[node], flags), _NO_MAPPING, 0)

    def _create(self, node: int, body: bytes) -> bytes:
        flags, mode = struct.unpack_from("<II", body)
        path = self._below(node, body[16:])
        handle = os.open(path, (flags & ~os.O_APPEND) | os.O_CREAT, mode & 0o7777)
        return self._entry(path) + struct.pack("<QII", handle, _NO_MAPPING, 0)

    def _read(self, _node: int, body: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", body)
        return os.pread(handle, size, offset)

    def _write(self, _node: int, body: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", body)
        return struct.pack("<II", os.pwrite(handle, body[40 : 40 + size], offset), 0)

    def _release(self, _node: int, body: bytes) -> bytes:
        os.close(struct.unpack_from("<Q", body)[0])
        return b""

    def _nothing(self, _node: int, _body: bytes) -> bytes:
        return b""

    def _synced(self, _node: int, body: bytes) -> bytes:
        os.fsync(struct.unpack_from("<Q", body)[0])
        return b""

    def _opendir(self, node: int, _body: bytes) -> bytes:
        return struct.pack("<QII", node, 0, 0)

    def _readdir(self, node: int, body: bytes) -> bytes:
        _handle, offset, size = struct.unpack_from("<QQI", body)
        entries = b""
        for number, name in enumerate(sorted(os.listdir(self._paths[node]))[offset:], offset + 1):  # noqa: PTH208
            raw = os.fsencode(name)
            entry = struct.pack("<QQII", number + 1000, number, len(raw), 0) + raw
            entry += bytes(-len(entry) % 8)
            if len(entries) + len(entry) > size:
                break
            entries += entry
        return entries

    def _mkdir(self, node: int, body: bytes) -> bytes:
        path = self._below(node, body[8:])
        os.mkdir(path, struct.unpack_from("<I", body)[0] & 0o7777)  # noqa: PTH102
        return self._entry(path)

    def _unlink(self, node: int, body: bytes) -> bytes:
        os.unlink(self._below(node, body))  # noqa: PTH108
        return b""

    def _rmdir(self, node: int, body: bytes) -> bytes:
        os.rmdir(self._below(node, body))  # noqa: PTH106
        return b""

    def _rename(self, node: int, body: bytes, skip: int = 8) -> bytes:
        old, new = body[skip:].split(bytes(1))[:2]
        source, target = self._below(node, old), self._below(struct.unpack_from("<Q", body)[0], new)
        os.rename(source, target)  # noqa: PTH104
        for path, number in list(self._numbers.items()):
            if path == source or path.startswith(f"{source}/"):
                moved = target + path[len(source) :]
                del self._numbers[path]
                self._numbers[moved], self._paths[number] = number, moved
        return b""

    def _rename2(self, node: int, body: bytes) -> bytes:
        return self._rename(node, body, 16)

    def _refused(self, _node: int, _body: bytes) -> bytes:
        raise OSError(errno.EPERM, "")

    def _no_lock(self, _node: int, _body: bytes) -> bytes:
        raise OSError(errno.ENOLCK, "")

    def _statfs(self, _node: int, _body: bytes) -> bytes:
        of = os.statvfs(self._paths[1])
        counts = (of.f_blocks, of.f_bfree, of.f_bavail, of.f_files, of.f_ffree, of.f_bsize, of.f_namemax, of.f_frsize)
        return struct.pack("<QQQQQIII28x", *counts)

    _ANSWERS: ClassVar = {
        1: _lookup,
        3: _getattr,
        4: _setattr,
        6: _refused,
        8: _refused,
        9: _mkdir,
        10: _unlink,
        11: _rmdir,
        12: _rename,
        13: _refused,
        14: _open,
        15: _read,
        16: _write,
        17: _statfs,
        18: _release,
        20: _synced,
        25: _nothing,
        26: _init,
        27: _opendir,
        28: _readdir,
        29: _nothing,
        30: _nothing,
        35: _create,
        45: _rename2,
        31: _no_lock,
        32: _no_lock,
        33: _no_lock,
        _DESTROY: _nothing,
    }


def _main(folder: str, place: str, type_: str, *options: str) -> int:
    device = os.open("/dev/fuse", os.O_RDWR)
    settings = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other,max_read={1 << 16}"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"server:/home", place.encode(), type_.encode(), 0, settings.encode()):
        sys.stderr.write(f"{os.strerror(ctypes.get_errno())}\n")
        return 1
    print("mounted", flush=True)  # noqa: T201
    _Server(device, folder, locks="nolocks" not in options).serve()
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
