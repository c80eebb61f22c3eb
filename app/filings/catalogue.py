"""The services that are offered, as the registry installs them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field

from app.filings.declaration import Service
from app.filings.errors import NO_SUCH_SERVICE, SERVICE_NOT_FOUND
from app.kit.text import Text


class _Installed:
    services: dict[str, Service] = {}  # noqa: RUF012 - filled once by install()


def install(services: Sequence[Service]) -> None:
    """Set the services of this process. Raises ValueError for a code that stands twice or an effect nobody does."""
    by_code = {service.code: service for service in services}
    if len(by_code) != len(services):
        raise ValueError("two services have the same code")
    for service in services:
        wanted = {effect for transition in service.workflow.transitions for effect in transition.effects}
        if wanted != set(service.effects):
            raise ValueError(
                f"service {service.code}: effects {sorted(wanted ^ set(service.effects))} do not match"
            )
    _Installed.services = by_code


def services() -> Sequence[Service]:
    return tuple(_Installed.services.values())


def get(code: str) -> Service:
    """The service of a case in the database."""
    return _Installed.services[code]


def find(code: str) -> Service:
    """The service that somebody asks for. Raises NO_SUCH_SERVICE."""
    service = _Installed.services.get(code)
    if service is None:
        raise NO_SUCH_SERVICE()
    return service


def of_address(code: str) -> Service:
    """The service that an address names. Raises SERVICE_NOT_FOUND."""
    service = _Installed.services.get(code)
    if service is None:
        raise SERVICE_NOT_FOUND()
    return service


@cache
def form_schema(form: type[Schema], *, partial: bool) -> Schema:
    """Schema objects are made once; a draft's may lack required entries."""
    schema = form(partial=partial)
    for entry in schema.fields.values():
        _name_when_missing(entry)
    return schema


def _name_when_missing(entry: Field[Any]) -> None:
    """Let an entry that is missing be named by its label, as it stands on the form."""
    label = entry.metadata.get("title")
    if isinstance(label, Text):
        words = Text(f"请填写“{label}”，这一项必须填。", f"“{label.en}” is required.")
        # The dictionary is shared with the form's other schema objects: replaced, not changed.
        entry.error_messages = {**entry.error_messages, "required": words}
