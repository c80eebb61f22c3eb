"""The product as it is started in life: `zhangban demo load` and `zhangban serve` as processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from mock_client.office import free_port, wait_until_up
from mock_client.standins import StandIns
from mock_client.world import Addresses

ZHANGBAN = Path(sys.executable).with_name("zhangban")
PATIENCE_S = 60


class Serving:
    """A demo with a data folder and a port of its own; may be killed and started again."""

    def __init__(
        self, data_dir: Path, standins: StandIns, database_url: str = "", *, worker: bool = True
    ) -> None:
        self.data_dir = data_dir
        # Two web processes where the database takes them, so that a case does not always meet the same one.
        self._workers = "2" if database_url else "1"
        self._worker = "--with-worker" if worker else "--no-worker"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.addresses = Addresses(self.url, standins.wechat_url, standins.sms_url)
        self.environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "ZHANGBAN_DATA_DIR": str(data_dir),
            "ZHANGBAN_DATABASE_URL": database_url,
            "ZHANGBAN_PUBLIC_URL": self.url,
            "ZHANGBAN_WECHAT_URL": standins.wechat_url,
            "ZHANGBAN_SMS_URL": standins.sms_url,
            # Many people sign in from one address here, which in life come from many.
            "ZHANGBAN_RATE_SIGN_IN": "1000/minute",
            "ZHANGBAN_PASSWORD_MEMORY_KIB": "64",
            "ZHANGBAN_PASSWORD_ROUNDS": "1",
            "ZHANGBAN_LOG_LEVEL": "warning",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def load(self) -> None:
        """Load the demo's people."""
        subprocess.run([ZHANGBAN, "demo", "load"], env=self.environment, check=True, capture_output=True)

    def start(self) -> None:
        """Serve, and wait until it is ready. Its words go to a file in the data folder."""
        with (self.data_dir / "server.log").open("ab") as log:
            # A group of its own, so that killing it kills its children with it.
            self._process = subprocess.Popen(
                [ZHANGBAN, "serve", "--port", str(self.port), "--workers", self._workers, self._worker],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until_up(self.url, self._process.poll, PATIENCE_S)

    def stop(self) -> None:
        """End it as an operator does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9 of the server, its web process and its worker."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, how)
            self._process.wait(PATIENCE_S)
            self._process = None
