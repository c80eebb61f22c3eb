"""An upload takes less than 100 MB more memory, whatever is sent (design.md §11)."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from PIL import Image
from uploaders import User, drawn

from app.config import Settings, environment_of
from mock_client.papers import spoiled

LIMIT_KB = 100_000
ROOT = Path(__file__).parents[2]

needs_linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux' /proc"
)


@dataclass(frozen=True)
class Server:
    """The web process of upload_server.py."""

    process_id: int
    url: str
    headers: dict[str, str] = field(repr=False)

    def upload(self, content: bytes) -> requests.Response:
        return requests.post(
            f"{self.url}/api/v1/materials",
            headers=self.headers,
            data={"kind": "other"},
            files={"file": ("p.jpg", content)},
            timeout=60,
        )

    def peak_kb(self) -> int:
        """The most memory that the process ever had."""
        status = Path(f"/proc/{self.process_id}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1])


@pytest.fixture
def server(settings: Settings, wang: User) -> Iterator[Server]:
    environment = {**os.environ, **environment_of(settings), "PYTHONPATH": str(ROOT)}
    script = str(Path(__file__).with_name("upload_server.py"))
    with subprocess.Popen(
        [sys.executable, script],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            yield Server(process.pid, f"http://127.0.0.1:{port}", wang.headers)
        finally:
            process.terminate()


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def shaded(width: int, height: int) -> Image.Image:
    """A chequered colour picture, which packs well below 10 MB."""
    small = Image.effect_noise((width // 40, height // 40), 90)
    return Image.merge("RGB", (small, small.rotate(180), small.transpose(0))).resize((width, height), 0)


@needs_linux
@pytest.mark.slow
def test_an_upload_takes_less_than_100_mb_more(server: Server) -> None:
    warm_up = server.upload(drawn(5))
    assert warm_up.status_code == 201
    before_kb = server.peak_kb()

    answers = {
        "40 megapixels": server.upload(encoded(shaded(8000, 5000), "JPEG", quality=60)),
        "progressive": server.upload(encoded(shaded(4600, 3400), "JPEG", quality=60, progressive=True)),
        "a large PNG": server.upload(encoded(shaded(4100, 3100), "PNG")),
        "a bomb": server.upload(spoiled.pixel_bomb()),
        "at the limit of bytes": server.upload(drawn(6) + bytes(9_900_000)),
    }

    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {
        "40 megapixels": 201,
        "progressive": 201,
        "a large PNG": 201,
        "a bomb": 422,
        "at the limit of bytes": 201,
    }
    assert 20_000 < server.peak_kb() - before_kb < LIMIT_KB
