"""Somebody with a phone or a desk's computer, in one story. Each method is one step in the journal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from mock_client.actors.telling import tell_filing
from mock_client.answers import NoSignal, Refused
from mock_client.api import Api
from mock_client.api.filings import FilingAnswer, FilingEventAnswer
from mock_client.api.identity import MeAnswer, TokenAnswer
from mock_client.checks import NotAsItMustBe, must, must_be
from mock_client.device import Phone
from mock_client.journal import Scenario, Step, Who

SIGN_IN_TRIES = 5
LONGEST_WAIT_S = 90.0
EVENTS_ON_A_SCREEN = 3


class Actor:
    """A method that is refused fails its step; `refused` is for refusals that the story wants."""

    role = "参保人"

    def __init__(self, story: Scenario, name: str, phone: Phone) -> None:
        self.story = story
        self.name = name
        self.phone = phone
        self.api = Api(phone)
        self.who = Who(self.role, name)

    @contextmanager
    def step(self, did: str) -> Iterator[Step]:
        """One step of this person."""
        with self.story.step(self.who, did) as step:
            yield step

    def refused(
        self, did: str, code: str, attempt: Callable[[], object], *, status: int | None = None
    ) -> Refused:
        """A step that has to be refused with ``code``: the refusal, after the person read its sentence."""
        with self.step(did) as step:
            refusal = refusal_of(attempt)
            if refusal is None:
                raise NotAsItMustBe(f"应当以 {code} 拒绝，却办成了")
            step.saw_refusal(refusal)
            for messages in refusal.errors.values():
                for message in messages:
                    step.saw(f"· {message}")
            must_be("拒绝的代码", refusal.code, code)
            if status is not None:
                must_be("HTTP 状态", refusal.status, status)
            must(refusal.detail, "拒绝时应当说明该怎么办")
            return refusal

    def look_at(self, filing_id: str, did: str = "打开办件") -> FilingAnswer:
        """Open one case."""
        with self.step(did) as step:
            filing = self.api.get_filing(filing_id)
            tell_filing(step, filing)
            return filing

    def read_history(self, filing_id: str) -> list[FilingEventAnswer]:
        """The case's history in words; each line must be chained to the one before."""
        with self.step("查看办理记录") as step:
            events = self._all_events(filing_id)
            for event in events:
                reason = f"（{event['reason']}）" if event["reason"] else ""
                step.saw(f"{event['seq']}. {event['text']}{reason}")
            for before, after in pairwise(events):
                must_be("办理记录里前一步的哈希", after["previous_hash"], before["hash"])
            must_be("办理记录的序号", [event["seq"] for event in events], list(range(1, len(events) + 1)))
            return events

    def _all_events(self, filing_id: str) -> list[FilingEventAnswer]:
        """Page by page, a few on each, as a small screen shows them."""
        events: list[FilingEventAnswer] = []
        cursor = None
        while True:
            page = self.api.list_filing_events(filing_id, cursor=cursor, limit=EVENTS_ON_A_SCREEN)
            events += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return events

    def _keep(self, tokens: TokenAnswer) -> MeAnswer:
        self.phone.remember(tokens)
        return self.api.get_me()


def refusal_of(attempt: Callable[[], object]) -> Refused | None:
    """The refusal in which a call ends, or None if it succeeds."""
    try:
        attempt()
    except Refused as refusal:
        return refusal
    return None


def patiently(sign_in: Callable[[], TokenAnswer]) -> TokenAnswer:
    """Sign in, waiting where the server asks for it and trying again where the signal was lost. ``sign_in``
    fetches a fresh code each time, so that no try meets the code of the one before."""
    for left in reversed(range(SIGN_IN_TRIES)):
        try:
            return sign_in()
        except NoSignal:
            if not left:
                raise
        except Refused as refusal:
            wait_s = _asked_wait_s(refusal)
            if not left or wait_s is None or wait_s > LONGEST_WAIT_S:
                raise
            time.sleep(wait_s)
    raise AssertionError("unreachable")


def _asked_wait_s(refusal: Refused) -> float | None:
    """How long to wait before another try; None if no try would help."""
    if refusal.status not in {429, 503} or refusal.code in {"staff_locked", "terminal_locked"}:
        return None
    asked = refusal.answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else 5.0
