"""What one request has at hand: the database, who calls, and one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import g, has_request_context
from sqlalchemy.orm import Session

from app.kit.db import Database, ReadSession
from app.kit.permissions import Principal, Route
from app.kit.text import EN, ZH

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestContext:
    """Made at the start of each request; its session begins with the first statement and is committed at the edge."""

    def __init__(self, database: Database, route: Route | None, method: str, language: str) -> None:
        self.database = database
        self.route = route
        self.principal: Principal | None = None
        self.language = language
        self.request_id = ""
        self._writes = method not in {"GET", "HEAD", "OPTIONS"}
        if route is not None and route.writes is not None:
            self._writes = route.writes
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The request's one transaction. Do slow things (files, other systems) before the first use."""
        if self._session is None:
            self._session = self.database.write_session() if self._writes else self.database.read_session()
        return self._session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A short read of its own, before something slow."""
        with self.database.reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction of its own, for what must stay though the request fails (a counted sign-in attempt)."""
        with self.database.writing() as session:
            yield session

    def commit(self) -> bool:
        """Commit if anything was begun. Returns whether jobs were queued for the worker."""
        if self._session is None:
            return False
        if isinstance(self._session, ReadSession):
            self._session.finish()
            return False
        self._session.commit()
        return bool(self._session.info.pop("outbox_written", False))

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def context() -> RequestContext:
    """The current request's context."""
    return cast(RequestContext, g.request_context)


def known_method(method: str) -> str:
    """A request's method for logs and metrics: a client may call it what it likes, and write there what it likes."""
    return method if method in METHODS else "other"


def takes_files() -> bool:
    """Whether the current request's body may be as large as a photograph."""
    route = context().route if "request_context" in g else None
    return route is not None and route.takes_files


def current_language() -> str:
    """The reader's language: Chinese unless English was asked for."""
    if has_request_context() and "request_context" in g:
        return context().language
    return ZH


def pick_language(accept_language: str | None) -> str:
    """Chinese by default; English when the header prefers it."""
    if not accept_language:
        return ZH
    best, best_quality = ZH, -1.0
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        language = tag.strip().lower()
        if quality > best_quality and language.startswith(("en", "zh")):
            best, best_quality = (EN if language.startswith("en") else ZH), quality
    return best
