"""Files survive crashes whole or not at all, and encrypted ones tell when somebody touched them."""

import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.kit import storage
from app.kit.crypto import SealBroken, Suite, UnknownDataKey
from app.kit.storage import CHUNK_BYTES, EncryptedStore, LocalStore, ObjectMissing, StoreUnavailable

PROJECT = Path(storage.__file__).parents[2]
KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
PHOTO = bytes(number % 251 for number in range(3 * CHUNK_BYTES + 777))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "papers"


@pytest.fixture
def local(root: Path) -> LocalStore:
    return LocalStore(root)


@pytest.fixture(params=list(Suite))
def encrypted(request: pytest.FixtureRequest, local: LocalStore) -> EncryptedStore:
    return EncryptedStore(local, KEY, Suite(request.param))


def files_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def read(store: LocalStore | EncryptedStore, key: str) -> bytes:
    with store.open(key) as content:
        return b"".join(content)


class TestLocalStore:
    def test_files_are_spread_over_two_levels_and_closed_to_others(
        self, local: LocalStore, root: Path
    ) -> None:
        for number in range(20):
            local.put(f"papers/{number}.jpg", b"x", "image/jpeg")

        kept = files_in(root)

        assert len(kept) == 20
        assert {len(path.relative_to(root).parts) for path in kept} == {3}
        assert len({path.parent for path in kept}) > 15
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
        assert {stat.S_IMODE(path.parent.stat().st_mode) for path in kept} == {0o700}

    def test_readers_see_the_old_or_the_new_file_and_never_a_mixture(self, local: LocalStore) -> None:
        old, new = b"a" * 500_000, b"b" * 500_000
        local.put("one", old, "image/jpeg")

        def write_often(_: int) -> None:
            for data in (new, old) * 5:
                local.put("one", data, "image/jpeg")

        with ThreadPoolExecutor(3) as pool:
            writers = pool.map(write_often, range(2))
            seen = {read(local, "one") for _ in range(40)}
            list(writers)

        assert seen <= {old, new}

    def test_a_process_killed_while_writing_leaves_no_half_file_and_its_leftovers_are_removed(
        self, root: Path
    ) -> None:
        script = (
            "import sys, pathlib\n"
            "from app.kit.storage import LocalStore\n"
            "store = LocalStore(pathlib.Path(sys.argv[1]))\n"
            "print('ready', flush=True)\n"
            "for number in range(100000):\n"
            "    store.put(f'n/{number}', bytes([number % 256]) * 2_000_000, 'image/jpeg')\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script, str(root)], cwd=PROJECT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.5)
            process.kill()
        incoming = root / ".incoming"
        (incoming / "left-over").write_bytes(b"half")
        os.utime(incoming / "left-over", (0, 0))

        store = LocalStore(root)

        kept = [path for path in files_in(root) if path.parent != incoming]
        assert kept
        assert {path.stat().st_size for path in kept} == {2_000_000}
        assert not (incoming / "left-over").exists()
        assert len(read(store, "n/0")) == 2_000_000

    def test_a_folder_that_cannot_be_written_is_reported_and_not_ready(
        self, local: LocalStore, root: Path
    ) -> None:
        (root / ".incoming").rmdir()

        with pytest.raises(StoreUnavailable):
            local.check()
        with pytest.raises(StoreUnavailable):
            local.put("one", b"x", "image/jpeg")
        assert files_in(root) == []

    def test_a_place_that_cannot_be_a_folder_is_reported_at_the_start(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")

        with pytest.raises(StoreUnavailable):
            LocalStore(tmp_path / "file" / "papers")


class TestEncryptedStore:
    def test_on_disk_nothing_of_the_content_shows_and_no_two_copies_are_alike(
        self, encrypted: EncryptedStore, root: Path
    ) -> None:
        encrypted.put("one", PHOTO, "image/jpeg")
        encrypted.put("two", PHOTO, "image/jpeg")

        first, second = (path.read_bytes() for path in files_in(root))

        assert PHOTO[1000:1032] not in first
        assert first[37:] != second[37:]
        assert len(first) == 37 + len(PHOTO) + 4 * 16

    def test_every_changed_byte_is_noticed(self, encrypted: EncryptedStore, root: Path) -> None:
        encrypted.put("one", PHOTO, "image/jpeg")
        (file,) = files_in(root)
        sealed = file.read_bytes()
        places = [
            *range(40),
            1000,
            37 + CHUNK_BYTES,
            37 + CHUNK_BYTES + 16,
            len(sealed) - 17,
            len(sealed) - 1,
        ]

        for place in places:
            changed = bytearray(sealed)
            changed[place] ^= 1
            file.write_bytes(changed)
            with pytest.raises(SealBroken):
                read(encrypted, "one")

    @pytest.mark.parametrize(
        "kept",
        [0, 1, 36, 37, 52, 53, 1000, 37 + CHUNK_BYTES + 16, 37 + 3 * (CHUNK_BYTES + 16), -1],
    )
    def test_a_file_cut_anywhere_is_noticed_also_between_frames(
        self, encrypted: EncryptedStore, root: Path, kept: int
    ) -> None:
        encrypted.put("one", PHOTO, "image/jpeg")
        (file,) = files_in(root)
        file.write_bytes(file.read_bytes()[:kept])

        with pytest.raises(SealBroken):
            read(encrypted, "one")

    def test_swapped_repeated_and_appended_frames_are_noticed(
        self, encrypted: EncryptedStore, root: Path
    ) -> None:
        encrypted.put("one", PHOTO, "image/jpeg")
        (file,) = files_in(root)
        sealed = file.read_bytes()
        frame = CHUNK_BYTES + 16
        header, frames = sealed[:37], [sealed[37 + n * frame : 37 + (n + 1) * frame] for n in range(4)]

        for order in ([1, 0, 2, 3], [0, 1, 1, 2, 3], [0, 1, 3], [0, 1, 2, 3, 3], [1, 2, 3], [3]):
            file.write_bytes(header + b"".join(frames[n] for n in order))
            with pytest.raises(SealBroken):
                read(encrypted, "one")

    def test_a_file_put_in_anothers_place_is_noticed_before_anything_is_given_out(
        self, encrypted: EncryptedStore, local: LocalStore
    ) -> None:
        encrypted.put("mine", PHOTO, "image/jpeg")
        local.put("yours", read(local, "mine"), "image/jpeg")

        with pytest.raises(SealBroken):
            encrypted.open("yours")

    def test_no_chunk_is_given_out_that_was_not_authenticated(
        self, encrypted: EncryptedStore, root: Path
    ) -> None:
        encrypted.put("one", PHOTO, "image/jpeg")
        (file,) = files_in(root)
        changed = bytearray(file.read_bytes())
        changed[-1] ^= 1
        file.write_bytes(changed)

        given = []
        with pytest.raises(SealBroken), encrypted.open("one") as content:
            given.extend(content)

        assert b"".join(given) == PHOTO[: 3 * CHUNK_BYTES]

    def test_after_a_change_of_key_or_suite_older_files_still_open(self, local: LocalStore) -> None:
        EncryptedStore(local, KEY, Suite.INTL).put("old", PHOTO, "image/jpeg")

        store = EncryptedStore(local, OTHER_KEY, Suite.SM, number=2, older={1: KEY})
        store.put("new", PHOTO, "image/jpeg")

        assert read(store, "old") == read(store, "new") == PHOTO

    def test_a_key_that_is_not_loaded_is_named(self, local: LocalStore) -> None:
        EncryptedStore(local, KEY, Suite.INTL, number=7).put("one", PHOTO, "image/jpeg")

        with pytest.raises(UnknownDataKey, match="data key 7 is not loaded"):
            EncryptedStore(local, KEY, Suite.INTL).open("one")

    def test_a_wrong_key_opens_nothing(self, local: LocalStore) -> None:
        EncryptedStore(local, KEY, Suite.INTL).put("one", PHOTO, "image/jpeg")

        with pytest.raises(SealBroken):
            EncryptedStore(local, OTHER_KEY, Suite.INTL).open("one")
        with pytest.raises(ValueError, match="32 bytes"):
            EncryptedStore(local, KEY[:16], Suite.INTL)

    def test_a_missing_file_is_missing_and_not_broken(self, encrypted: EncryptedStore) -> None:
        with pytest.raises(ObjectMissing):
            encrypted.open("none")
