"""Both stand-ins, WeChat and Tencent Cloud SMS: python -m mock_client.standins, or StandIns in tests."""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

from mock_client import sms_server, wechat_server
from mock_client.sms_server import SmsServer
from mock_client.wechat_control import MediaCallback
from mock_client.wechat_server import WeChatServer


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Ports 0 take free ones. The credentials are the demo's; both sides must be given the same."""

    host: str = "127.0.0.1"
    wechat_port: int = 0
    sms_port: int = 0
    appid: str = wechat_server.DEMO_APPID
    secret: str = wechat_server.DEMO_SECRET
    sms_secret_id: str = sms_server.DEMO_SECRET_ID
    sms_secret_key: str = sms_server.DEMO_SECRET_KEY
    sms_sdk_app_id: str = sms_server.DEMO_SDK_APP_ID
    sms_sign_name: str = sms_server.DEMO_SIGN_NAME
    wechat_templates: Mapping[str, str | None] = field(default_factory=dict)
    sms_templates: Mapping[str, str] = field(default_factory=dict)
    pages: frozenset[str] = frozenset()
    media_callback: MediaCallback | None = None


class StandIns:
    """Runs both servers in threads: ``with StandIns() as standins: … standins.wechat_url``."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings = settings or Settings()
        self.wechat = WeChatServer(
            host=settings.host,
            port=settings.wechat_port,
            appid=settings.appid,
            secret=settings.secret,
            templates=settings.wechat_templates,
            pages=settings.pages,
            media_callback=settings.media_callback,
        )
        try:
            self.sms = SmsServer(
                host=settings.host,
                port=settings.sms_port,
                secret_id=settings.sms_secret_id,
                secret_key=settings.sms_secret_key,
                sdk_app_id=settings.sms_sdk_app_id,
                sign_name=settings.sms_sign_name,
                templates=settings.sms_templates,
            )
        except BaseException:
            self.wechat.stop()
            raise
        self.wechat_url = self.wechat.url
        self.sms_url = self.sms.url

    def start(self) -> "StandIns":
        self.wechat.start()
        self.sms.start()
        return self

    def stop(self) -> None:
        self.sms.stop()
        self.wechat.stop()

    def reset(self) -> None:
        """Forget all that was sent, ordered and signed in, in both."""
        self.wechat.reset()
        self.sms.reset()

    def __enter__(self) -> "StandIns":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m mock_client.standins", description=__doc__)
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--wechat-port", type=int, default=8701, help="0 takes a free one (default 8701)")
    parser.add_argument("--sms-port", type=int, default=8702, help="0 takes a free one (default 8702)")
    parser.add_argument("--appid", default=defaults.appid)
    parser.add_argument("--secret", default=defaults.secret)
    parser.add_argument("--sms-secret-id", default=defaults.sms_secret_id)
    parser.add_argument("--sms-secret-key", default=defaults.sms_secret_key)
    parser.add_argument("--sms-sdk-app-id", default=defaults.sms_sdk_app_id)
    parser.add_argument("--sms-sign-name", default=defaults.sms_sign_name)
    parser.add_argument(
        "--templates",
        type=Path,
        help='JSON file {"wechat": {template_id: content or null}, "sms": {template_id: content}}; '
        "other templates are then refused",
    )
    parser.add_argument("--page", action="append", default=[], help="a page of the published mini-program")
    parser.add_argument("--media-callback", metavar="URL", help="where wxa_media_check events are posted")
    parser.add_argument("--media-callback-token", default="demo-message-token")
    parser.add_argument("--json", action="store_true", help="print one line of JSON with the addresses")
    parser.add_argument(
        "--end-with-stdin",
        action="store_true",
        help="end when standard input closes, as it does when the process that started this one dies",
    )
    return parser.parse_args(argv)


def _settings(arguments: argparse.Namespace) -> Settings:
    templates = json.loads(arguments.templates.read_text(encoding="utf-8")) if arguments.templates else {}
    callback = arguments.media_callback
    return Settings(
        host=arguments.host,
        wechat_port=arguments.wechat_port,
        sms_port=arguments.sms_port,
        appid=arguments.appid,
        secret=arguments.secret,
        sms_secret_id=arguments.sms_secret_id,
        sms_secret_key=arguments.sms_secret_key,
        sms_sdk_app_id=arguments.sms_sdk_app_id,
        sms_sign_name=arguments.sms_sign_name,
        wechat_templates=templates.get("wechat", {}),
        sms_templates=templates.get("sms", {}),
        pages=frozenset(arguments.page),
        media_callback=MediaCallback(callback, arguments.media_callback_token) if callback else None,
    )


def _wait_for_end_of_stdin(stopped: threading.Event) -> None:
    # Not through sys.stdin: its lock, held by this thread at the end of the program, would be fatal.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stopped.set()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or, where it is asked for, the end of standard input."""
    arguments = _arguments(argv)
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if arguments.end_with_stdin:
        threading.Thread(target=_wait_for_end_of_stdin, args=(stopped,), daemon=True).start()
    with StandIns(_settings(arguments)) as standins:
        addresses = {"wechat_url": standins.wechat_url, "sms_url": standins.sms_url}
        if arguments.json:
            print(json.dumps(addresses), flush=True)
        else:
            print(f"WeChat {standins.wechat_url}\nSMS    {standins.sms_url}", flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
