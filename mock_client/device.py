"""A phone: its tokens, its clock, its network, its camera, its voucher, and what it keeps while there is no signal.

A phone behaves as the real one does. It renews its access token by itself when the server calls it expired,
in one thread at a time, since a refresh token that is used twice ends the session; and it never makes up its
own mind about when a token ends, because its clock may be wrong.
"""

import hashlib
import random
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from mock_client.answers import Answer, CallFailed, JsonValue, Refused, check, refusal
from mock_client.camera import ANKANG, Camera
from mock_client.clock import DeviceClock
from mock_client.network import GOOD, Network, Signal
from mock_client.outbox import Draft, DraftValue, Flushed, Outbox
from mock_client.transport import FilePart, Retry, Transport
from mock_client.voucher_code import OfflineVoucher

REFRESH_PATH = "/api/v1/auth/refresh"
TOKEN_EXPIRED = "token_expired"
SESSION_OVER = frozenset({400, 401, 403})
"""Statuses of a refresh after which the refresh token is worth nothing; others may pass."""


class SignedOut(CallFailed):
    """The session is over and cannot be renewed: the person has to sign in again."""


class TokenStore:
    """The two tokens of a session. Shows neither in its repr."""

    def __init__(self) -> None:
        self.access: str | None = None
        self.refresh: str | None = None
        self.refresh_key: str | None = None
        """The Idempotency-Key under which `refresh` is used, however often it takes to get an answer."""

    def __repr__(self) -> str:
        return f"<TokenStore {'signed in' if self.access else 'empty'}>"

    def store(self, access: str, refresh: str | None, refresh_key: str) -> None:
        """Replaces both tokens."""
        self.access, self.refresh, self.refresh_key = access, refresh, refresh_key

    def clear(self) -> None:
        """Forgets both tokens."""
        self.access = self.refresh = self.refresh_key = None


class Phone:
    """One phone of one person; or a desk's computer, which is the same with another name.

    `seed` makes its network, its pauses and its photographs repeatable. Its Idempotency-Keys come from
    `seed`, `name` and `run`: without a `run` each phone draws a fresh one, so that playing the same seed
    twice against one server does not meet the answers of the first time.
    """

    def __init__(
        self,
        name: str,
        seed: int,
        base_url: str,
        *,
        signal: Signal = GOOD,
        clock_offset: timedelta = timedelta(0),
        language: str = "zh-CN",
        pace: float = 1.0,
        retry: Retry | None = None,
        run: str | None = None,
        place: tuple[float, float] = ANKANG,
    ) -> None:
        self.name = name
        self.clock = DeviceClock(clock_offset)
        self.network = Network(signal, seed)
        self.transport = Transport(base_url, self.network, self.clock, retry=retry, seed=seed, pace=pace)
        self.language = language
        self.camera = Camera(seed, self.clock.today(), place)
        self.tokens = TokenStore()
        self.outbox = Outbox(self.new_key)
        self.device_no = hashlib.sha256(f"phone:{name}".encode()).hexdigest()[:32]
        """What tells this phone from others. Of its name alone: the same phone is the same in the next run."""
        self._vouchers: dict[str | None, OfflineVoucher] = {}
        run = secrets.token_hex(8) if run is None else run
        self._keys = random.Random(f"keys:{seed}:{name}:{run}")
        self._keys_lock = Lock()
        self._renewing = Lock()

    def __repr__(self) -> str:
        return f"<Phone {self.tokens!r}, signal {self.network.signal.name}>"

    def new_key(self) -> str:
        """A fresh Idempotency-Key, a random UUID."""
        with self._keys_lock:
            return str(uuid.UUID(int=self._keys.getrandbits(128), version=4))

    def remember(self, session: Mapping[str, Any]) -> None:
        """Stores the tokens of a sign-in answer: `access_token` and, if there is one, `refresh_token`."""
        self.tokens.store(session["access_token"], session.get("refresh_token"), self.new_key())

    def forget(self) -> None:
        """Forgets the tokens; what waits in the outbox stays."""
        self.tokens.clear()

    def keep_voucher(self, keys: Mapping[str, Any], person_id: str | None = None) -> None:
        """Keeps the keys with which it shows a voucher without signal, one's own or a child's, and throws away the
        ones before."""
        self._vouchers[person_id] = OfflineVoucher.of(keys, self.clock.now())

    def offline_code(self, person_id: str | None = None, *, moment: datetime | None = None) -> str:
        """The voucher code of this moment, or of another one of the server's clock, made without any call.

        Raises KeyError for a voucher that was never activated here, NoKeyForDay after days without signal.
        """
        voucher = self._vouchers[person_id]
        return voucher.code(self.clock.now()) if moment is None else voucher.code_at(moment)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: JsonValue = None,
        params: Mapping[str, str | int | bool | None] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart | Sequence[FilePart]] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        signed: bool = True,
        expect: int | Collection[int] | None = None,
    ) -> Answer:
        """`Transport.call` in the person's name and language; `signed=False` leaves the token at home. If the
        server calls the token expired it is renewed and the call made once more, under the same key. Raises
        `SignedOut` if it cannot be renewed."""

        def send(access: str | None) -> Answer:
            own = {"Accept-Language": self.language}
            if signed and access:
                own["Authorization"] = f"Bearer {access}"
            return self.transport.call(
                method,
                path,
                json=json,
                params=params,
                form=form,
                files=files,
                headers={**own, **(headers or {})},
                idempotency_key=idempotency_key,
            )

        access = self.tokens.access
        answer = send(access)
        if signed and access and _token_expired(answer):
            answer = send(self._renewed(access))
        return check(answer, expect)

    def keep(
        self,
        label: str,
        method: str,
        path: str,
        *,
        json: DraftValue = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
    ) -> Draft:
        """Keeps a call in the outbox until `send_kept`."""
        return self.outbox.add(label, method, path, json=json, form=form, files=files)

    def send_kept(self) -> Flushed:
        """Sends what the outbox keeps, in order, as far as the signal carries. Raises `SignedOut` if the
        session ended meanwhile (all drafts stay), `Unexpected` if the server broke its contract."""
        return self.outbox.flush(self._send_draft)

    def _send_draft(self, draft: Draft, json: JsonValue) -> Answer:
        answer = self.call(
            draft.method,
            draft.path,
            json=json,
            form=draft.form,
            files=draft.files,
            idempotency_key=draft.key,
        )
        if answer.status == 401:
            raise SignedOut("what the outbox keeps can only be sent after signing in") from refusal(answer)
        return check(answer, range(200, 300))

    def _renewed(self, stale: str) -> str:
        """An access token newer than `stale`."""
        with self._renewing:
            access, refresh = self.tokens.access, self.tokens.refresh
            if access is not None and access != stale:
                return access
            if access is None or refresh is None:
                self.tokens.clear()
                raise SignedOut("the access token has expired and there is no refresh token")
            answer = self.transport.call(
                "POST",
                REFRESH_PATH,
                json={"refresh_token": refresh},
                headers={"Accept-Language": self.language},
                idempotency_key=self.tokens.refresh_key,
            )
            if answer.status in SESSION_OVER:
                self.tokens.clear()
                raise SignedOut("the server did not renew the session") from refusal(answer)
            self.remember(check(answer, 200).json)
            return str(self.tokens.access)


def _token_expired(answer: Answer) -> bool:
    refused: Refused | None = refusal(answer) if answer.status == 401 else None
    return refused is not None and refused.code == TOKEN_EXPIRED
