"""An application made of the kit alone, with a word of no trade in it: notes that somebody writes down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app.kit import errors, outbox
from app.kit.api.application import Application
from app.kit.api.context import context
from app.kit.api.document import openapi_document
from app.kit.api.metrics import observe
from app.kit.api.schemas import AnswerSchema, CleanString, Length, RequestSchema, StrictInteger
from app.kit.api.smorest import Api, Blueprint
from app.kit.api.system import make_system_blueprint
from app.kit.db import Database
from app.kit.outbox import OutboxMessage
from app.kit.permissions import PUBLIC, SIGNED_IN, Route, allow
from app.kit.text import Text

ACCOUNT = UUID("01a1ffb0-76c0-7382-8a7c-6dc1df3e4e5c")


@dataclass(frozen=True)
class Caller:
    """Whoever calls: the token is a list of roles."""

    account_id: UUID
    roles: frozenset[str]


def authenticate(connection: Connection, token: str) -> Caller:
    if token == "forged":
        raise errors.NOT_SIGNED_IN()
    account, _, roles = token.partition(":")
    return Caller(UUID(account), frozenset(roles.split(",")))


def signed_in(*roles: str, account_id: UUID = ACCOUNT) -> dict[str, str]:
    return {"Authorization": f"Bearer {account_id}:{','.join(roles)}"}


class NoteRequest(RequestSchema):
    topic = CleanString(required=True, validate=Length(min=2, max=20))
    times = StrictInteger(load_default=1)


class NoteAnswer(AnswerSchema):
    count = fields.Integer(required=True)


def nothing(_: Session) -> None:
    """Good behaviour."""


class Behaviour:
    """What the route ``misbehave`` does; a test sets it."""

    act: Callable[[Session], None] = staticmethod(nothing)


blueprint = Blueprint("notes", __name__, description="notes")


@blueprint.post("/notes")
@blueprint.arguments(NoteRequest)
@blueprint.response(201, NoteAnswer)
def write_note(body: dict[str, Any]) -> dict[str, int]:
    """Write notes down."""
    session = context().session
    for _ in range(body["times"]):
        outbox.put(session, body["topic"], {})
    session.flush()
    return {"count": session.execute(select(func.count()).select_from(OutboxMessage)).scalar_one()}


@blueprint.get("/notes")
@blueprint.response(200, NoteAnswer)
def count_notes() -> dict[str, int]:
    """Count the notes."""
    return {"count": context().session.execute(select(func.count()).select_from(OutboxMessage)).scalar_one()}


@blueprint.get("/peek")
@blueprint.response(200, NoteAnswer)
def peek() -> dict[str, int]:
    """A GET that is not declared as writing, and tries to."""
    outbox.put(context().session, "peeked", {})
    context().session.flush()
    return {"count": 0}


@blueprint.post("/misbehave")
@blueprint.response(200, NoteAnswer)
def misbehave() -> dict[str, int]:
    """Do what the test says."""
    session = context().session
    outbox.put(session, "misbehaved", {})
    session.flush()
    Behaviour.act(session)
    return {"count": 1}


@blueprint.post("/refuse")
@blueprint.response(200, NoteAnswer)
def refuse() -> None:
    """Write, then refuse."""
    outbox.put(context().session, "refused", {})
    context().session.flush()
    raise errors.invalid({"topic": [Text("请换一个。", "Take another one.")]})


@blueprint.post("/attempt")
@blueprint.response(200, NoteAnswer)
def attempt() -> None:
    """Write what must stay, then refuse."""
    with context().writing() as session:
        outbox.put(session, "attempted", {})
    raise errors.NOT_FOUND()


@blueprint.get("/secret")
@blueprint.response(200, NoteAnswer)
def secret() -> dict[str, int]:
    """For keepers."""
    return {"count": 42}


ROUTES = (
    Route("notes.write_note", SIGNED_IN, idempotent=True),
    Route("notes.count_notes", PUBLIC),
    Route("notes.peek", PUBLIC),
    Route("notes.misbehave", SIGNED_IN),
    Route("notes.refuse", SIGNED_IN),
    Route("notes.attempt", SIGNED_IN),
    Route("notes.secret", allow("keeper", "owner")),
    *(
        Route(f"system.{name}", PUBLIC)
        for name in ("healthz", "readyz", "metrics", "openapi_document", "docs", "docs_start", "docs_asset")
    ),
    Route("system.docs_errors", PUBLIC),
)


@dataclass
class Small:
    """The application and what it told the outside."""

    app: Application
    kicks: list[str]


def make(
    database: Database,
    *,
    routes: tuple[Route, ...] = ROUTES,
    readiness: Mapping[str, Callable[[], None]] | None = None,
    metrics_token: str = "",
) -> Small:
    kicks: list[str] = []
    app = Application(
        "small",
        database=database,
        routes=routes,
        authenticate=authenticate,
        kick=lambda: kicks.append("kick"),
        json_max_bytes=2000,
    )
    app.config.update(
        API_TITLE="Notes",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    key = {"name": "Idempotency-Key", "schema": {"type": "string"}}
    api.spec.components.parameter("IdempotencyKey", "header", key)
    api.register_blueprint(blueprint)
    system = make_system_blueprint(
        readiness=readiness or {"database": database.check},
        metrics_token=metrics_token,
        document=openapi_document,
    )
    app.register_blueprint(system)
    observe(app)
    return Small(app, kicks)
