"""Files in any store that speaks S3: AWS, Alibaba OSS, Tencent COS, MinIO, Ceph.

Addresses are path-style and the newer checksum headers are left out, since many S3-speaking stores in
Chinese data centres know neither virtual hosts nor those headers. Timeouts are short: a person is waiting.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from app.kit.storage import CHUNK_BYTES, Content, ObjectMissing, StoreUnavailable, checked_key

_MISSING = frozenset({"NoSuchKey", "NotFound", "404"})


class S3Store:
    """Objects in one bucket below a prefix. Safe to use from many threads."""

    def __init__(
        self,
        *,
        bucket: str,
        prefix: str = "",
        endpoint_url: str | None = None,
        region: str = "us-east-1",
        access_key: str = "",
        secret_key: str = "",
    ) -> None:
        """Empty keys mean the machine's own role; `endpoint_url` None means AWS. Nothing is connected yet."""
        self._bucket = bucket
        self._prefix = prefix
        session = boto3.session.Session(
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
            region_name=region,
        )
        self._client: BaseClient = session.client(
            "s3",
            endpoint_url=endpoint_url,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=3,
                read_timeout=10,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=16,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Keep `data`, replacing what was there."""
        with _translated_errors():
            self._client.put_object(
                Bucket=self._bucket, Key=self._name(key), Body=data, ContentType=media_type
            )

    def open(self, key: str) -> Content:
        """The object, streamed from the connection in chunks of 64 KiB."""
        with _translated_errors():
            answer = self._client.get_object(Bucket=self._bucket, Key=self._name(key))
        body: StreamingBody = answer["Body"]
        return Content(int(answer["ContentLength"]), _chunks(body), body.close)

    def exists(self, key: str) -> bool:
        """Whether something is kept under the key."""
        try:
            with _translated_errors():
                self._client.head_object(Bucket=self._bucket, Key=self._name(key))
        except ObjectMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        """Keep nothing under the key any more."""
        with _translated_errors():
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def check(self) -> None:
        """Return if the bucket answers and may be used, else raise `StoreUnavailable`."""
        try:
            with _translated_errors():
                self._client.head_bucket(Bucket=self._bucket)
        except ObjectMissing as missing:
            raise StoreUnavailable("the bucket does not exist") from missing

    def _name(self, key: str) -> str:
        return self._prefix + checked_key(key)


def _chunks(body: StreamingBody) -> Iterator[bytes]:
    with _translated_errors():
        yield from body.iter_chunks(CHUNK_BYTES)


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            raise ObjectMissing("nothing is stored under this key") from None
        raise StoreUnavailable(f"the object store refused: {code}") from error
    except BotoCoreError as error:
        raise StoreUnavailable("the object store does not answer") from error
