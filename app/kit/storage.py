"""Files that people hand in: where they lie, written so that they survive a crash and encrypted at rest.

`ObjectStore` is the port. `LocalStore` keeps files in a folder, the gateway `objects` in S3, and
`EncryptedStore` wraps either, so that neither a stolen disk nor an open bucket shows anybody's papers.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag

from app.kit.crypto import (
    FORMATS,
    KEY_BYTES,
    SUITES,
    TAG_BYTES,
    Aead,
    SealBroken,
    Suite,
    UnknownDataKey,
    cipher_for,
)

CHUNK_BYTES: Final = 64 * 1024
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
_MAX_KEY: Final = 200
_STALE_SECONDS: Final = 3600


class BadKey(ValueError):  # noqa: N818 - says what is wrong
    """A key that could leave the store or mean two things; the application makes keys, so this is a bug."""


class ObjectMissing(LookupError):  # noqa: N818 - says what happened
    """Nothing is stored under the key."""


class StoreUnavailable(Exception):  # noqa: N818 - says what happened
    """The store cannot be reached or is full; the same call may succeed later."""


class Content(Iterator[bytes]):
    """The bytes of one object in chunks, with their total `size`. Close it, or read it to its end.

    A web framework's response takes it as it is: the server closes it when the answer is sent or broken off.
    """

    def __init__(self, size: int, chunks: Iterator[bytes], close: Callable[[], None]) -> None:
        self.size = size
        self._chunks = chunks
        self._close = close

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the file or connection back; once more does no harm."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ObjectStore(Protocol):
    """Keeps bytes under keys such as `papers/0190….jpg`: a-z, digits and `. _ -` between slashes."""

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Keep `data`, replacing what was there; when this returns it survives a crash."""
        ...

    def open(self, key: str) -> Content:
        """What is kept, to be streamed; `ObjectMissing` if there is nothing."""
        ...

    def exists(self, key: str) -> bool:
        """Whether something is kept under the key."""
        ...

    def delete(self, key: str) -> None:
        """Keep nothing under the key any more; deleting nothing is no error."""
        ...

    def check(self) -> None:
        """Return if the store can be written now, else raise `StoreUnavailable`."""
        ...


def checked_key(key: str) -> str:
    """The key, or `BadKey` if it does not follow the grammar."""
    if len(key) > _MAX_KEY or not _KEY.fullmatch(key):
        raise BadKey("an object's key must be lower-case words between slashes, 200 characters at most")
    return key


class LocalStore:
    """Objects as files below one folder, spread over 65,536 folders by the hash of their key.

    A file appears whole or not at all: it is written beside, synced, renamed, and the folder is synced.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"
        with _unavailable_on_os_error():
            self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()

    def put(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002 - the caller's row keeps it
        """Keep `data`; the media type is not kept by this store."""
        path = self._path(key)
        with _unavailable_on_os_error():
            self._make_folders(path.parent)
            handle, name = tempfile.mkstemp(dir=self._incoming)
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)

    def open(self, key: str) -> Content:
        """The file in chunks of 64 KiB."""
        path = self._path(key)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise ObjectMissing("nothing is stored under this key") from None
        except OSError as error:
            raise StoreUnavailable("the folder of stored files cannot be read") from error
        size = os.fstat(file.fileno()).st_size
        return Content(size, iter(lambda: file.read(CHUNK_BYTES), b""), file.close)

    def exists(self, key: str) -> bool:
        """Whether the file is there."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove the file."""
        path = self._path(key)
        with _unavailable_on_os_error():
            if path.is_file():
                path.unlink(missing_ok=True)
                _sync_folder(path.parent)

    def check(self) -> None:
        """Write and remove an empty file."""
        with _unavailable_on_os_error():
            handle, name = tempfile.mkstemp(dir=self._incoming)
            os.close(handle)
            Path(name).unlink()

    def _path(self, key: str) -> Path:
        spread = hashlib.sha256(checked_key(key).encode()).hexdigest()
        # "%" is not in the grammar of keys, so no two keys share a file name.
        return self._root / spread[:2] / spread[2:4] / key.replace("/", "%")

    def _make_folders(self, folder: Path) -> None:
        for made in (folder.parent, folder):
            if not made.is_dir():
                made.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(made.parent)

    def _sweep(self) -> None:
        """Remove what a crash left half written, by the file system's own clock."""
        os.utime(self._incoming)
        oldest = self._incoming.stat().st_mtime - _STALE_SECONDS
        for leftover in self._incoming.iterdir():
            if leftover.stat().st_mtime < oldest:
                leftover.unlink(missing_ok=True)


@contextmanager
def _unavailable_on_os_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable("the folder of stored files cannot be written") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class EncryptedStore:
    """Encrypts objects on their way into another store, and decrypts them as they stream out.

    An object is a header (1 byte format, 4 bytes number of the key, 32 bytes salt), then frames of 64 KiB of
    plaintext, each with its tag of 16 bytes; the last may be shorter or empty. Each object has a cipher key
    of its own, derived with the salt. A frame's nonce holds its number and whether it is the last, and the
    name of the object is authenticated with it: frames cannot be changed, swapped, left out or cut off, and
    an object cannot take another's place. A chunk is given out only once it has been authenticated.
    """

    _SALT_BYTES: Final = 32
    _HEADER_BYTES: Final = 1 + 4 + _SALT_BYTES
    _FRAME_BYTES: Final = CHUNK_BYTES + TAG_BYTES

    def __init__(
        self,
        inner: ObjectStore,
        key: bytes,
        suite: Suite,
        *,
        number: int = 1,
        older: Mapping[int, bytes] = MappingProxyType({}),
    ) -> None:
        """`key` (32 bytes) has the `number` and writes; `older` keys, by number, are for reading only."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of a store has {KEY_BYTES} bytes")
        self._inner = inner
        self._keys = {**older, number: key}
        self._number = number
        self._suite = suite

    def put(self, key: str, data: bytes, media_type: str) -> None:  # noqa: ARG002 - ciphertext has none
        """Encrypt and keep `data`; the store inside learns neither its content nor its type."""
        header = (
            bytes([FORMATS[self._suite]]) + self._number.to_bytes(4, "big") + os.urandom(self._SALT_BYTES)
        )
        cipher = self._cipher(header)
        frames = [header]
        starts = range(0, max(len(data), 1), CHUNK_BYTES)
        for index, start in enumerate(starts):
            nonce = self._nonce(index, last=index == len(starts) - 1)
            frames.append(cipher.encrypt(nonce, data[start : start + CHUNK_BYTES], key.encode()))
        self._inner.put(key, b"".join(frames), "application/octet-stream")

    def open(self, key: str) -> Content:
        """The plaintext; `SealBroken` here if the first chunk is wrong, while reading if a later one is."""
        stored = self._inner.open(key)
        try:
            body = stored.size - self._HEADER_BYTES
            size = body - TAG_BYTES * -(-body // self._FRAME_BYTES)
            pieces = _pieces(stored, self._HEADER_BYTES, self._FRAME_BYTES)
            cipher = self._cipher(next(pieces, b""))
            chunks = self._decrypt(cipher, key.encode(), pieces)
            first = next(chunks)
        except BaseException:
            stored.close()
            raise
        return Content(size, _chain(first, chunks), stored.close)

    def exists(self, key: str) -> bool:
        """Whether something is kept under the key."""
        return self._inner.exists(key)

    def delete(self, key: str) -> None:
        """Keep nothing under the key any more."""
        self._inner.delete(key)

    def check(self) -> None:
        """Return if the store inside can be written now."""
        self._inner.check()

    def _cipher(self, header: bytes) -> Aead:
        suite = SUITES.get(header[0]) if len(header) == self._HEADER_BYTES else None
        if suite is None:
            raise SealBroken("the object does not begin like an encrypted one")
        number = int.from_bytes(header[1:5], "big")
        if number not in self._keys:
            raise UnknownDataKey(number)
        return cipher_for(self._keys[number], "object", header[5:], suite=suite)

    @staticmethod
    def _nonce(index: int, *, last: bool) -> bytes:
        return index.to_bytes(11, "big") + bytes([last])

    def _decrypt(self, cipher: Aead, key: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        frame = next(pieces, b"")
        index = 0
        while frame:
            following = next(pieces, b"")
            try:
                chunk = cipher.decrypt(self._nonce(index, last=not following), frame, key)
            except (InvalidTag, ValueError) as broken:
                raise SealBroken("the object was changed, cut off or put in another's place") from broken
            yield chunk
            frame = following
            index += 1
        if index == 0:
            raise SealBroken("the object was cut off")


def _pieces(chunks: Iterator[bytes], first: int, others: int) -> Iterator[bytes]:
    """Cut a stream into one piece of `first` bytes, then pieces of `others`; the last may be shorter."""
    buffer = bytearray()
    wanted = first
    for chunk in chunks:
        buffer += chunk
        while len(buffer) >= wanted:
            yield bytes(buffer[:wanted])
            del buffer[:wanted]
            wanted = others
    if buffer:
        yield bytes(buffer)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
