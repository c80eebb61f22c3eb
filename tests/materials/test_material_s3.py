"""The whole way with S3 in place of the folder: upload, download, deletion, against a server that speaks S3."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer
from uploaders import User

from app.config import Settings
from app.gateways.parts import Parts
from app.kit import clock
from app.materials.purge import KEEP_UNATTACHED, delete_unattached

KEYS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "test-access",
    "aws_secret_access_key": "test-secret",
}


@pytest.fixture
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_url: str) -> Iterator[boto3.resources.base.ServiceResource]:
    s3 = boto3.resource("s3", endpoint_url=s3_url, **KEYS)
    yield s3.create_bucket(Bucket="county")
    s3.meta.client.close()


@pytest.fixture
def settings(settings: Settings, s3_url: str) -> Settings:
    return replace(
        settings,
        s3_bucket="county",
        s3_endpoint=s3_url,
        s3_access_key="test-access",
        s3_secret_key="test-secret",
    )


def test_papers_may_lie_in_s3(
    bucket: boto3.resources.base.ServiceResource, wang: User, parts: Parts, id_card: bytes
) -> None:
    first, again = wang.upload(id_card, "id_card_front"), wang.upload(id_card, "id_card_front")
    assert (first.status_code, again.status_code) == (201, 200)
    paper = first.json

    (stored,) = bucket.objects.all()
    assert stored.key.startswith("papers/materials/")
    download = wang.get(f"/materials/{paper['id']}/content")
    assert len(download.data) == paper["size"]
    assert download.data[:64] not in stored.get()["Body"].read()

    with clock.travel(clock.now() + KEEP_UNATTACHED + timedelta(days=1)):
        assert delete_unattached(parts.database, parts.papers) == 1
    assert list(bucket.objects.all()) == []
