"""Data at rest: data keys in the database, wrapped by a master key that is not; sealed attributes and rows of models.

A sealed value is bound to its table, column and row, so that a row's ciphertext moved elsewhere does not open.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any, ClassVar, Final, cast, overload
from uuid import UUID

import structlog
from sqlalchemy import Insert, LargeBinary, String, Table, bindparam, event, insert, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from app.kit import clock
from app.kit.crypto import (
    BlindIndex,
    KeyEncryption,
    MasterKeyError,
    SealBroken,
    Sealer,
    Suite,
    mac,
    new_data_key,
    same,
)
from app.kit.db import Base, Choice, Database, insert_if_absent
from app.kit.rotation import Rotating, Rotation, Version, making, still_checking

_log = structlog.get_logger("app.sealing")


class Purpose(StrEnum):
    """What a key is for.

    Of ``data`` there may be several: the newest seals, all of them open. ``voucher`` has several in turn (app.kit.rotation).
    The others have one key, kept for good: what it made could not be found or checked again.
    """

    DATA = "data"
    BLIND_INDEX = "blind_index"
    HISTORY_CHAIN = "history_chain"
    PAPERS = "papers"
    TOKENS = "tokens"
    VOUCHER = "voucher"


class DataKey(Base):
    """A key, wrapped by a master key. ``retired_at``: since when a voucher key checks nothing any more."""

    __tablename__ = "data_key"

    purpose: Mapped[Purpose] = mapped_column(Choice(Purpose, 16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    master_version: Mapped[str] = mapped_column(String(16))
    suite: Mapped[Suite] = mapped_column(Choice(Suite, 8))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class WrongSuite(RuntimeError):  # noqa: N818 - says what is wrong
    """The database was begun with the other suite: its indexes and chains would neither be found nor hold."""


@dataclass(frozen=True)
class Keyring:
    """The keys that a process holds."""

    sealer: Sealer
    blind_index: BlindIndex
    chain_key: bytes
    paper_key: bytes
    token_key: bytes
    voucher_keys: Rotating
    suite: Suite


class _Held:
    keyring: Keyring | None = None


def configure(database: Database, master: KeyEncryption, suite: Suite) -> Keyring:
    """Load the keys for this process, making them in an empty database. Raises WrongSuite."""
    with database.writing() as session:
        for purpose in Purpose:
            insert_if_absent(session, DataKey, _new_row(purpose, 1, master, suite))
        rows = session.execute(select(DataKey)).scalars().all()
    begun_with = {row.suite for row in rows}
    if begun_with != {suite}:
        raise WrongSuite(
            f"the database was begun with suite {', '.join(begun_with)}; the settings say {suite}"
        )
    keys = {
        (row.purpose, row.number): master.unwrap(row.master_version, row.wrapped)
        for row in rows
        if row.purpose is not Purpose.VOUCHER
    }
    data_keys = {number: key for (purpose, number), key in keys.items() if purpose is Purpose.DATA}
    keyring = Keyring(
        sealer=Sealer(data_keys, max(data_keys), suite),
        blind_index=BlindIndex(keys[Purpose.BLIND_INDEX, 1], suite),
        chain_key=keys[Purpose.HISTORY_CHAIN, 1],
        paper_key=keys[Purpose.PAPERS, 1],
        token_key=keys[Purpose.TOKENS, 1],
        voucher_keys=Rotating(partial(_read_rotation, database, master, Purpose.VOUCHER, {})),
        suite=suite,
    )
    _Held.keyring = keyring
    return keyring


def _read_rotation(
    database: Database, master: KeyEncryption, purpose: Purpose, opened: dict[int, bytes]
) -> Rotation:
    """What checks and makes now. opened: the keys that this process has opened so far, added to. One statement.

    A key that does not open here is left out, but never keeps one that was retired: if none is left, none checks. At the
    start of a process MasterKeyError or SealBroken.
    """
    is_start, broken = not opened, None
    with database.connecting() as connection:
        rows = connection.execute(_VERSIONS, {"purpose": purpose}).all()
    now = clock.now()
    checking = still_checking([Version(row.number, row.created_at, row.retired_at) for row in rows], now)
    wanted = {one.number for one in checking}
    for number in opened.keys() - wanted:
        del opened[number]
    for row in rows:
        if row.number in wanted and row.number not in opened:
            try:
                opened[row.number] = master.unwrap(row.master_version, row.wrapped)
            except (MasterKeyError, SealBroken) as error:
                _log.warning("key_not_opened", purpose=purpose.value, number=row.number)
                broken = error
    usable = [one for one in checking if one.number in opened]
    if not usable and is_start and broken is not None:
        raise broken
    return Rotation(dict(opened), making(usable or checking, now))


_VERSIONS: Final = select(
    DataKey.number, DataKey.wrapped, DataKey.master_version, DataKey.created_at, DataKey.retired_at
).where(DataKey.purpose == bindparam("purpose", type_=DataKey.__table__.c.purpose.type))


def _new_row(purpose: Purpose, number: int, master: KeyEncryption, suite: Suite) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "number": number,
        "wrapped": master.wrap(new_data_key()),
        "master_version": master.version,
        "suite": suite,
        "created_at": clock.now(),
    }


def add_data_key(session: Session, master: KeyEncryption, suite: Suite) -> int:
    """Start a new data key; processes started from now on seal with it. Returns its number."""
    return _add_key(session, Purpose.DATA, master, suite)


def add_voucher_key(session: Session, master: KeyEncryption, suite: Suite, *, last: int) -> int | None:
    """Start a new key of voucher codes, which takes over by itself (app.kit.rotation).

    Returns its number, or None if number ``last`` is there already.
    """
    newest = max(_numbers(session, Purpose.VOUCHER), default=0)
    return None if newest >= last else _add_key(session, Purpose.VOUCHER, master, suite)


def retire_voucher_key(session: Session, number: int) -> bool:
    """Let nothing count any more that a key made, at once. Returns whether there is such a key and a newer one."""
    newest = max(_numbers(session, Purpose.VOUCHER), default=0)
    row = session.get(DataKey, (Purpose.VOUCHER, number))
    if row is None or number == newest:
        return False
    row.retired_at = row.retired_at or clock.now()
    return True


def _add_key(session: Session, purpose: Purpose, master: KeyEncryption, suite: Suite) -> int:
    begun_with = set(session.execute(select(DataKey.suite)).scalars()) - {suite}
    if begun_with:
        # No process would start any more.
        raise WrongSuite(
            f"the database was begun with suite {', '.join(begun_with)}; the settings say {suite}"
        )
    number = max(_numbers(session, purpose), default=0) + 1
    insert_if_absent(session, DataKey, _new_row(purpose, number, master, suite))
    return number


def _numbers(session: Session, purpose: Purpose) -> list[int]:
    return list(session.execute(select(DataKey.number).where(DataKey.purpose == purpose)).scalars())


def rewrap_keys(session: Session, master: KeyEncryption) -> int:
    """Wrap every key with the current master key. Returns how many were rewrapped."""
    rows = session.execute(select(DataKey).where(DataKey.master_version != master.version)).scalars().all()
    for row in rows:
        row.wrapped = master.wrap(master.unwrap(row.master_version, row.wrapped))
        row.master_version = master.version
    return len(rows)


def keyring() -> Keyring:
    """The keys of this process. RuntimeError before ``configure``."""
    if _Held.keyring is None:
        raise RuntimeError("sealing is not configured: call configure() at the start of the process")
    return _Held.keyring


def sealer() -> Sealer:
    return keyring().sealer


def blind_index(table: str, column: str, value: str) -> str:
    """The keyed index under which a sealed ``value`` is found again. Normalise it first."""
    return keyring().blind_index.of(table, column, value)


def chain_key() -> bytes:
    """The key of the history's chain; who edits rows in the database does not have it."""
    return keyring().chain_key


def suite() -> Suite:
    return keyring().suite


def row_seal(table: str, content: Mapping[str, Any]) -> str:
    """The keyed seal over what a row says: 64 characters. Who edits rows in the database does not have the key."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return mac(chain_key(), table, text, suite=suite()).hex()


class SealedRow:
    """Part of a model whose rows bear a keyed seal, written with every insert and update that goes through the model.

    A row that was edited by hand no longer fits its seal: ``is_whole`` tells. unsealed: columns that are no part of it.
    added_later: columns that the table got when it had rows already; empty they are no part of it either, so that those
    rows stay whole. An update through the model seals what it finds, so look before it, not after.
    """

    unsealed: ClassVar[frozenset[str]] = frozenset()
    added_later: ClassVar[frozenset[str]] = frozenset()

    seal: Mapped[str] = mapped_column(String(64))


def is_whole(row: SealedRow) -> bool:
    """Whether the row says what we wrote."""
    return same(_seal_of(row), row.seal)


@event.listens_for(SealedRow, "before_insert", propagate=True)
@event.listens_for(SealedRow, "before_update", propagate=True)
def _write_seal(mapper: Mapper[Any], connection: Connection, row: SealedRow) -> None:  # noqa: ARG001 - its shape
    row.seal = _seal_of(row)


def insert_sealed(session: Session, row: SealedRow) -> None:
    """Insert a new row with its seal at once, without the ORM, which takes four times as long. It is not in the session."""
    row.seal = _seal_of(row)
    insertion, names = _insertion(inspect(type(row)))
    session.connection().execute(insertion, {name: getattr(row, name) for name in names})


@cache
def _insertion(mapper: Mapper[Any]) -> tuple[Insert, tuple[str, ...]]:
    """Built once for each model, whose attributes bear the names of their columns."""
    return insert(cast(Table, mapper.local_table)), tuple(attribute.key for attribute in mapper.column_attrs)


@cache
def _sealed_columns(mapper: Mapper[Any]) -> tuple[str, tuple[str, ...]]:
    """The model's table, and what of it is sealed."""
    names = {attribute.key for attribute in mapper.column_attrs} - {"seal"} - mapper.class_.unsealed
    return str(mapper.local_table), tuple(sorted(names))


def _seal_of(row: SealedRow) -> str:
    table, names = _sealed_columns(inspect(type(row)))
    content = {name: _plain(getattr(row, name)) for name in names}
    for name in row.added_later:
        if content[name] is None:
            del content[name]
    return row_seal(table, content)


def _plain(value: Any) -> Any:
    """A column's value as JSON has it, the same before it is written as after it is read again."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID | StrEnum) else value


class Sealed:
    """A text attribute of a model kept sealed in ``column``. The row's id must be set first."""

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, obj: None, owner: type[Any]) -> "Sealed": ...
    @overload
    def __get__(self, obj: Any, owner: type[Any]) -> str | None: ...

    def __get__(self, obj: Any, owner: type[Any]) -> "Sealed | str | None":
        if obj is None:
            return self
        blob: bytes | None = getattr(obj, self.column)
        if blob is None:
            return None
        return sealer().open(blob, table=obj.__tablename__, column=self.column, row=_row(obj))

    def __set__(self, obj: Any, value: str | None) -> None:
        blob = None
        if value is not None:
            blob = sealer().seal(value, table=obj.__tablename__, column=self.column, row=_row(obj))
        setattr(obj, self.column, blob)


class SealedJson:
    """A JSON attribute of a model kept sealed in ``column``."""

    def __init__(self, column: str) -> None:
        self._text = Sealed(column)

    @overload
    def __get__(self, obj: None, owner: type[Any]) -> "SealedJson": ...
    @overload
    def __get__(self, obj: Any, owner: type[Any]) -> dict[str, Any]: ...

    def __get__(self, obj: Any, owner: type[Any]) -> "SealedJson | dict[str, Any]":
        if obj is None:
            return self
        text: str | None = self._text.__get__(obj, owner)
        loaded: dict[str, Any] = json.loads(text) if text else {}
        return loaded

    def __set__(self, obj: Any, value: dict[str, Any] | None) -> None:
        text = (
            None
            if value is None
            else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )
        self._text.__set__(obj, text)


def _row(obj: Any) -> str:
    identity: UUID | None = obj.id
    if identity is None:
        raise ValueError("set the row's id before its sealed attributes")
    return str(identity)
