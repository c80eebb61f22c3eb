"""flask-smorest as we use it: strict parsing, problem documents, operation ids, honest error descriptions."""

import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NoReturn

import flask_smorest
from flask import Request
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app.kit import errors
from app.kit.api.problems import PROBLEM_JSON, from_http_exception, problem_response
from app.kit.api.schemas import ProblemSchema

MULTIPART = "multipart"
MAX_DEPTH = 20
"""How deep a JSON body may be: ours are 4 deep, and what reads one must not run out of stack."""


def _is_deeper_than(depth: int, body: object) -> bool:
    """Whether lists and objects stand in each other more than ``depth`` times."""
    level: list[object] = [body]
    for _ in range(depth + 1):
        containers = [one for one in level if isinstance(one, dict | list)]
        if not containers:
            return False
        level = [inner for one in containers for inner in (one.values() if isinstance(one, dict) else one)]
    return True


@cache
def _schema_of(schema: type[Schema]) -> Schema:
    return schema()


class StrictParser(FlaskParser):
    """JSON must be called JSON, and files and form fields of an upload are parsed together."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - webargs' own attribute
        "json": None,
        "query": None,
        MULTIPART: None,
        "headers": "exclude",
        "path": None,
    }

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        # Without this webargs makes a new schema object for each request.
        if isinstance(argmap, type) and issubclass(argmap, Schema):
            return _schema_of(argmap)
        return super()._get_schema(argmap, req)

    def load_json(self, req: Request, schema: Schema) -> Any:
        if req.mimetype != "application/json" and (req.content_length or req.mimetype):
            raise errors.WRONG_CONTENT_TYPE(expected="application/json")
        try:
            body = super().load_json(req, schema)
        except (ValueError, RecursionError):
            # A number of thousands of digits, or brackets in brackets without end.
            raise errors.MALFORMED() from None
        if _is_deeper_than(MAX_DEPTH, body):
            raise errors.MALFORMED()
        return body

    def load_multipart(self, req: Request, schema: Schema) -> Any:
        if req.mimetype != "multipart/form-data":
            raise errors.WRONG_CONTENT_TYPE(expected="multipart/form-data")
        merged: MultiDict[str, Any] = MultiDict(req.form)
        merged.update(req.files)
        return self._makeproxy(merged, schema, cls=MultiDictProxy)

    def handle_error(self, error: Any, req: Request, schema: Schema, **kwargs: Any) -> NoReturn:
        # The messages are bilingual; they are put into one language where the answer is written.
        super().handle_error(error, req, schema, **kwargs)
        raise AssertionError("webargs raises")


# webargs finds a location's loader by name.
StrictParser.__location_map__ = {**FlaskParser.__location_map__, MULTIPART: "load_multipart"}


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest is untyped
    """A blueprint whose operations are named after their functions and describe their errors."""

    ARGUMENTS_PARSER = StrictParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {  # noqa: RUF012 - flask-smorest's own attribute
        **flask_smorest.Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        MULTIPART: "multipart/form-data",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_describe_errors)

    def register_views_in_doc(self, api: "Api", *args: Any, **kwargs: Any) -> None:
        api.describe_later(partial(super().register_views_in_doc, api, *args, **kwargs))

    def _store_endpoint_docs(
        self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any
    ) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, doc in self._docs[endpoint].items():
            if method != "parameters":
                doc.setdefault("manual_doc", {}).setdefault("operationId", endpoint)


def _describe_errors(doc: dict[str, Any], doc_info: Any, *, method: str, **_: Any) -> dict[str, Any]:  # noqa: ARG001
    responses = doc.setdefault("responses", {})
    # Parsing errors are described below, for every operation alike.
    responses.pop(422, None)
    responses.pop("422", None)
    statuses = ["401", "403", "404", "405", "409", "422", "429", "500", "503"]
    if "requestBody" in doc:
        statuses += ["400", "413", "415"]
    for status in sorted(statuses):
        responses[status] = f"PROBLEM_{status}"
    return doc


class Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest is untyped
    """The API whose errors are problem documents.

    Its document is made when somebody asks for it: that takes three times as long as all the rest of a process's start.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._to_describe: list[Callable[[], object]] = []
        self._describing = threading.Lock()
        super().__init__(*args, **kwargs)

    def describe_later(self, describe: Callable[[], object]) -> None:
        """``describe`` adds to the document; it is called once, in the order in which it came."""
        self._to_describe.append(describe)

    def describe(self) -> None:
        """Make the document whole."""
        with self._describing:
            while self._to_describe:
                self._to_describe.pop(0)()

    def handle_http_exception(self, error: HTTPException) -> Any:
        return problem_response(from_http_exception(error))

    def _register_responses(self) -> None:
        for status in (
            "400",
            "401",
            "403",
            "404",
            "405",
            "409",
            "413",
            "415",
            "422",
            "429",
            "500",
            "503",
            "default",
        ):
            name = "DEFAULT_ERROR" if status == "default" else f"PROBLEM_{status}"
            self.spec.components.response(
                name,
                {
                    "description": "Problem document (RFC 9457); codes are listed in docs/errors.md",
                    "content": {PROBLEM_JSON: {"schema": ProblemSchema}},
                },
            )
