"""HTTP to one outside system: a connection pool, timeouts, and failures without secrets in them.

WeChat demands secrets and tokens in URLs, and the exceptions of requests and urllib3 carry URLs in their
texts and chains. So nothing of them leaves this module: an error is raised after the handler has ended, with
neither cause nor context, and urllib3's debug log is stripped of queries.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from app.gateways.errors import GatewayUnavailable, QuotaExceeded, RequestRejected


class _HideQueries(logging.Filter):
    """urllib3 logs every URL at DEBUG, with its query."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.partition("?")[0] + "?…" if isinstance(value, str) and "?" in value else value
                for value in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_HideQueries())


@dataclass(frozen=True)
class Reply:
    """A 200 answer. The body may hold personal data and is not shown."""

    content_type: str
    body: bytes = field(repr=False)


class Transport:
    """One system's HTTP. Safe to share between threads: it keeps no cookies, nothing changes per request."""

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        connect_timeout_s: float,
        read_timeout_s: float,
        pool_size: int = 16,
        proxy: str | None = None,
    ) -> None:
        self.system = system
        self.host = urlsplit(base_url).netloc
        self._base_url = base_url.rstrip("/")
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._session = requests.Session()
        # The environment's proxies and .netrc are the operating system's business, not the settings'.
        self._session.trust_env = False
        if proxy:
            self._session.proxies = {"http": proxy, "https": proxy}
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_maxsize=pool_size)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The 200 answer. Raises GatewayUnavailable, QuotaExceeded (429) or RequestRejected (other 4xx)."""
        trouble = "connection"
        status = 0
        try:
            response = self._session.request(
                method,
                f"{self._base_url}{path}",
                params=query,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
            status = response.status_code
            reply = Reply(response.headers.get("Content-Type", ""), response.content)
        except requests.Timeout:
            trouble = "timeout"
        except requests.RequestException:
            trouble = "connection"
        if status == 200:
            return reply
        if status == 429:
            raise QuotaExceeded(self.system, "http_429")
        if 400 <= status < 500:
            raise RequestRejected(self.system, f"http_{status}")
        raise GatewayUnavailable(self.system, f"http_{status}" if status else trouble)

    def read_json(self, reply: Reply) -> dict[str, object]:
        """The answer as an object; GatewayUnavailable (bad_answer) when it is none."""
        answer: object = None
        try:
            answer = json.loads(reply.body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise GatewayUnavailable(self.system, "bad_answer")
        return answer

    def close(self) -> None:
        self._session.close()
