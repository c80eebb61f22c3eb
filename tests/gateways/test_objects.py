"""Every store keeps the same promises: a folder, S3 (a server that speaks it), and both with encryption."""

import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.gateways.objects import S3Store
from app.kit.crypto import Suite
from app.kit.storage import (
    CHUNK_BYTES,
    BadKey,
    EncryptedStore,
    LocalStore,
    ObjectMissing,
    ObjectStore,
    StoreUnavailable,
)

KEY = bytes(range(32))
BUCKET = "papers"
CREDENTIALS = {"access_key": "test-access", "secret_key": "test-secret"}


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test-access",
        aws_secret_access_key="test-secret",
    ).create_bucket(Bucket=BUCKET)
    yield url
    server.stop()


@pytest.fixture(scope="module")
def s3(s3_url: str) -> S3Store:
    return S3Store(bucket=BUCKET, prefix="papers/", endpoint_url=s3_url, **CREDENTIALS)


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "papers")


@pytest.fixture(params=["local", "s3", "local intl", "local sm", "s3 intl", "s3 sm"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    place, _, suite = request.param.partition(" ")
    inner: ObjectStore = request.getfixturevalue(place)
    return EncryptedStore(inner, KEY, Suite(suite)) if suite else inner


def read(store: ObjectStore, key: str) -> bytes:
    with store.open(key) as content:
        data = b"".join(content)
        assert len(data) == content.size
    return data


@pytest.mark.parametrize(
    "size",
    [0, 1, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 300_000],
)
def test_what_is_put_comes_back_with_its_size(store: ObjectStore, size: int) -> None:
    data = bytes(number % 251 for number in range(size))

    store.put("papers/one.jpg", data, "image/jpeg")

    assert read(store, "papers/one.jpg") == data


def test_content_comes_in_chunks_and_may_be_broken_off(store: ObjectStore) -> None:
    store.put("big", b"x" * 1_000_000, "image/jpeg")

    content = store.open("big")
    first = next(content)
    content.close()
    content.close()

    assert 0 < len(first) <= CHUNK_BYTES


def test_what_was_never_put_is_missing(store: ObjectStore) -> None:
    assert not store.exists("papers/none.jpg")
    with pytest.raises(ObjectMissing):
        store.open("papers/none.jpg")


def test_what_is_deleted_is_gone_and_deleting_again_does_no_harm(store: ObjectStore) -> None:
    store.put("papers/one.jpg", b"data", "image/jpeg")
    assert store.exists("papers/one.jpg")

    store.delete("papers/one.jpg")
    store.delete("papers/one.jpg")

    assert not store.exists("papers/one.jpg")
    with pytest.raises(ObjectMissing):
        store.open("papers/one.jpg")


def test_the_last_one_put_under_a_key_stays(store: ObjectStore) -> None:
    store.put("papers/one.jpg", b"a longer first", "image/jpeg")
    store.put("papers/one.jpg", b"second", "image/jpeg")

    assert read(store, "papers/one.jpg") == b"second"


def test_keys_that_differ_little_do_not_meet(store: ObjectStore) -> None:
    keys = ["a", "a/b", "a.b", "a-b", "a_b", "a/b/c", "b/a"]
    for key in keys:
        store.put(key, key.encode(), "text/plain")

    assert [read(store, key) for key in keys] == [key.encode() for key in keys]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a/./b",
        "a//b",
        "a/",
        ".hidden",
        "a\\b",
        "a\0b",
        "a b",
        "a%2f..",
        "Upper",
        "王小明",
        "a\n",
        "x" * 201,
    ],
)
def test_a_key_that_could_leave_the_store_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(BadKey):
        store.put(key, b"data", "image/jpeg")
    with pytest.raises(BadKey):
        store.open(key)
    with pytest.raises(BadKey):
        store.exists(key)
    with pytest.raises(BadKey):
        store.delete(key)


def test_a_working_store_is_ready(store: ObjectStore) -> None:
    store.check()


def test_the_bucket_keeps_prefix_and_media_type(s3_url: str) -> None:
    S3Store(bucket=BUCKET, prefix="county/", endpoint_url=s3_url, **CREDENTIALS).put(
        "a.png", b"x", "image/png"
    )

    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        region_name="us-east-1",
        aws_access_key_id="test-access",
        aws_secret_access_key="test-secret",
    )

    assert client.head_object(Bucket=BUCKET, Key="county/a.png")["ContentType"] == "image/png"


def test_in_the_bucket_nothing_of_an_encrypted_paper_shows(s3: S3Store) -> None:
    EncryptedStore(s3, KEY, Suite.SM).put("one", b"610902199001011234" * 10, "image/jpeg")

    assert b"6109021990" not in read(s3, "one")


def test_a_bucket_that_is_not_there_is_not_ready(s3_url: str) -> None:
    missing = S3Store(bucket="nobody-made-it", endpoint_url=s3_url, **CREDENTIALS)

    with pytest.raises(StoreUnavailable, match="bucket does not exist"):
        missing.check()
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        missing.put("a", b"x", "image/png")
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        missing.open("a")


def test_a_server_that_does_not_answer_is_named_as_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    nobody = S3Store(bucket=BUCKET, endpoint_url=f"http://127.0.0.1:{port}", **CREDENTIALS)

    with pytest.raises(StoreUnavailable, match="does not answer"):
        nobody.put("a", b"x", "image/png")
