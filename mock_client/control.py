"""The other side of the two stand-ins: what a person does in WeChat itself, what lies in the inbox, and the
troubles that QA orders. Speaks their ``/_standin/`` HTTP, so they may run in another process."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import requests

CODE_TO_SESSION = "/sns/jscode2session"
START_FACE_CHECK = "/cityservice/face/identify/getverifyid"
TIMEOUT_S = 10
PASSED, NUMBER_WRONG, FACE_WRONG, RUNNING = 10000, 10003, 10004, 10005

Found = TypeVar("Found")


class StandInGone(Exception):  # noqa: N818 - says what happened
    """A stand-in does not answer, or refuses an order. Its message never holds what was sent."""


class _Control:
    def __init__(self, url: str, name: str) -> None:
        self.url = url.rstrip("/")
        self._name = name
        self._http = requests.Session()
        self._http.trust_env = False

    def order(self, what: str, **fields: object) -> dict[str, Any]:
        """POST an order and give its answer."""
        return self._ask("POST", what, json=fields)

    def look(self, what: str, **params: str) -> dict[str, Any]:
        """GET what the stand-in keeps."""
        return self._ask("GET", what, params=params)

    def _ask(self, method: str, what: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, f"{self.url}/_standin/{what}", timeout=TIMEOUT_S, **more)
        except requests.RequestException as error:
            raise StandInGone(
                f"the stand-in for {self._name} does not answer at {self.url} ({type(error).__name__})"
            ) from None
        if not answer.ok:
            raise StandInGone(f"the stand-in for {self._name} refused {what}: {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found


class WeChatControl(_Control):
    """WeChat, seen from the phone."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "WeChat")

    def js_code(self, openid: str) -> str:
        """wx.login: a code that is good once."""
        return str(self.order("js-code", openid=openid)["js_code"])

    def phone_code(self, phone: str) -> str:
        """The phone-number button: a code that is good once."""
        return str(self.order("phone-code", phone=phone)["code"])

    def show_face(self, verify_id: str, verify_ret: int = PASSED, then: int | None = None) -> None:
        """wx.requestFacialVerify ends with ``verify_ret``; with ``then`` only for the first question."""
        self.order("facial-verify", verify_id=verify_id, verify_ret=verify_ret, then=then)

    def subscribe(self, openid: str, template_id: str, *, accept: bool) -> None:
        """wx.requestSubscribeMessage: what the person answered for one template."""
        self.order("subscriptions", openid=openid, template_id=template_id, accept=accept)

    def messages(self, openid: str) -> list[dict[str, Any]]:
        """The subscribe messages that one person received, oldest first."""
        found: list[dict[str, Any]] = self.look("messages", openid=openid)["messages"]
        return found

    def fail_next(self, path: str, errcode: int, openid: str, times: int = 1) -> None:
        """The next calls about one person end with an errcode."""
        self.order("fail-next", path=path, errcode=errcode, only_openid=openid, times=times)


class SmsControl(_Control):
    """The text messages of all phones."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "SMS")

    def received(self, phone: str) -> list[dict[str, Any]]:
        """The messages that one phone received, oldest first."""
        found: list[dict[str, Any]] = self.look("sms", phone=phone)["messages"]
        return found


def wait_for(
    look: Callable[[], Found | None], what: str, *, seconds: float = 20.0, every: float = 0.2
) -> Found:
    """What ``look`` finds, asked again until it finds something. Raises TimeoutError, naming ``what``."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: {seconds:g} 秒内没有等到")
        time.sleep(every)


def newest(messages: Sequence[Mapping[str, Any]], number: str) -> Mapping[str, Any] | None:
    """The latest message that names a case."""
    for message in reversed(messages):
        if number in str(message["text"]):
            return message
    return None
