"""A server of the mock client's own, with the demo's people, for whoever plays without having started one.

It lies in a folder that is deleted afterwards, on ports that are free, and leaves what is served elsewhere alone.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mock_client.office import START_SECONDS, Office, OfficeClosed, free_port, wait_until_up
from mock_client.world import Addresses

LOAD_SECONDS = 300
UP_SECONDS = 120
"""On a machine that is busy with other things."""


@contextmanager
def own_server(say: Callable[[str], None]) -> Iterator[tuple[Addresses, Office]]:
    """Its addresses and its command while it runs. say: is told what takes a while. Raises OfficeClosed."""
    addresses = Addresses(*(f"http://127.0.0.1:{free_port()}" for _ in range(3)))
    with tempfile.TemporaryDirectory(prefix="zhangban-play-") as folder:
        office = Office.find(_environment(Path(folder), addresses))
        if office is None:
            raise OfficeClosed("the zhangban command was not found on this machine")
        say("没有找到正在运行的服务，正在启动一个临时的（约 10 秒）…… starting a server of its own")
        office.load_demo(LOAD_SECONDS)
        with tempfile.TemporaryFile("w+") as said:
            command = [str(office.path), "serve", "--port", addresses.server.rpartition(":")[2]]
            server = subprocess.Popen(  # noqa: S603 - our own
                command, stdout=said, stderr=said, text=True, env=office.environment
            )
            try:
                wait_until_up(addresses.server, server.poll, UP_SECONDS)
                yield addresses, office
            except OfficeClosed as closed:
                said.seek(0)
                raise OfficeClosed(f"{closed}: {said.read()[-500:]}") from None
            finally:
                _end(server)


def _end(server: subprocess.Popen[str]) -> None:
    server.terminate()
    try:
        server.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _environment(folder: Path, addresses: Addresses) -> dict[str, str]:
    """This program's own, but for what would lead to somebody else's data."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGBAN_")}
    return {
        **ours,
        "ZHANGBAN_DATA_DIR": str(folder),
        "ZHANGBAN_PUBLIC_URL": addresses.server,
        "ZHANGBAN_WECHAT_URL": addresses.wechat,
        "ZHANGBAN_SMS_URL": addresses.sms,
    }
