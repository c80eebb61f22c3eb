"""Every error leaves as an RFC 9457 problem document."""

import json
from http import HTTPStatus
from itertools import islice
from typing import Any

import structlog
from flask import Response, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests

from app.kit import errors
from app.kit.api.context import context, current_language, takes_files
from app.kit.db import is_lock_timeout
from app.kit.errors import Problem
from app.kit.text import Text, localize, shown_name

PROBLEM_JSON = "application/problem+json"
MAX_FIELD_ERRORS = 50
"""So many fields are named in one answer; its sentence counts all of them."""
_log = structlog.get_logger(__name__)

_TITLES = {
    400: Text("请求有误", "Bad request"),
    401: Text("需要登录", "Sign-in needed"),
    403: Text("没有权限", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("操作不支持", "Method not allowed"),
    406: Text("格式不支持", "Not acceptable"),
    409: Text("现在不能这样办", "Conflict"),
    410: Text("已失效", "Gone"),
    413: Text("内容太大", "Too large"),
    415: Text("格式不对", "Unsupported media type"),
    422: Text("内容需要修改", "Entries need a correction"),
    429: Text("操作太频繁", "Too many requests"),
    500: Text("系统出错", "Internal error"),
    502: Text("外部系统出错", "Outside system failed"),
    503: Text("暂时不可用", "Temporarily unavailable"),
}

_BY_STATUS = {
    400: errors.MALFORMED,
    401: errors.NOT_SIGNED_IN,
    403: errors.NOT_ALLOWED,
    404: errors.NOT_FOUND,
    405: errors.METHOD_NOT_ALLOWED,
    406: errors.NOT_ACCEPTABLE,
    503: errors.UNAVAILABLE,
}


def problem_response(problem: Problem) -> Response:
    """The problem as a response, in the reader's language."""
    language = current_language()
    status = problem.kind.status
    title = _TITLES.get(status, Text(HTTPStatus(status).phrase, HTTPStatus(status).phrase))
    body: dict[str, Any] = {
        "type": f"/docs/errors#{problem.kind.code}",
        "title": title.in_language(language),
        "status": status,
        "detail": problem.detail.in_language(language),
        "code": problem.kind.code,
    }
    if problem.errors:
        # Whoever sends nonsense on purpose must not get many times as much back.
        first = dict(islice(problem.errors.items(), MAX_FIELD_ERRORS))
        body["errors"] = localize(first, language)
    body.update({key: localize(value, language) for key, value in problem.extra.items()})
    body["request_id"] = context().request_id
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_JSON)
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = language
    return response


def from_http_exception(error: HTTPException) -> Problem:
    """Werkzeug's and webargs' exceptions as problems with our codes."""
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    if status == 422 and "messages" in data:
        return errors.invalid(flatten(data["messages"]))
    if isinstance(error, RequestEntityTooLarge):
        limit = request.max_content_length or 0
        if takes_files():
            return errors.TOO_LARGE(limit_mb=max(1, limit // 1_000_000))
        return errors.BODY_TOO_LARGE(limit_kb=max(1, limit // 1024))
    if isinstance(error, TooManyRequests):
        seconds = int(getattr(error, "retry_after", None) or 60)
        return errors.TOO_MANY_REQUESTS(seconds=seconds, headers={"Retry-After": str(seconds)})
    if status == 415:
        return errors.WRONG_CONTENT_TYPE(expected="application/json")
    kind = _BY_STATUS.get(status, errors.INTERNAL if status >= 500 else errors.MALFORMED)
    allowed: list[str] = getattr(error, "valid_methods", None) or []
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    return kind(headers=headers)


def from_exception(error: BaseException) -> Problem:
    """Anything that was not meant for people: logged with its type, answered without detail."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StaleDataError):
        return errors.STALE_VERSION()
    if is_lock_timeout(error):
        _log.warning("lock_timeout")
        return errors.BUSY(headers={"Retry-After": "2"})
    # A database error's text holds its parameters, which may be personal: log its class and the driver's code only.
    if isinstance(error, DBAPIError):
        _log.error(
            "database_error", kind=type(error.orig).__name__, sqlstate=getattr(error.orig, "sqlstate", None)
        )
    else:
        _log.error("unexpected_error", kind=type(error).__name__, exc_info=error)
    return errors.INTERNAL()


def flatten(messages: Any) -> dict[str, list[str]]:
    """webargs' messages {location: {field: …}} as {dotted field: [messages]}; nested and indexed fields keep a path."""
    found: dict[str, list[str]] = {}
    if isinstance(messages, dict):
        for location, inner in messages.items():
            if location in _LOCATIONS and isinstance(inner, dict):
                _flatten_into(found, "", inner)
            else:
                _flatten_into(found, "", {location: inner})
    return found


_LOCATIONS = frozenset({"json", "query", "multipart", "form", "files", "headers", "json_or_form"})


def _flatten_into(found: dict[str, list[str]], path: str, inner: Any) -> None:
    if isinstance(inner, dict):
        for key, value in inner.items():
            name = shown_name(str(key))
            step = path if name == "_schema" and path else f"{path}.{name}" if path else name
            _flatten_into(found, step, value)
        return
    messages = inner if isinstance(inner, list) else [inner]
    found.setdefault(path or "_schema", []).extend(messages)
