"""Plain HTTP to a stand-in, for the tests of the stand-ins themselves."""

import json
from typing import Any

import requests

from mock_client.wechat_server import DEMO_APPID, DEMO_SECRET

SEND = "/cgi-bin/message/subscribe/send"
TOKEN_REQUEST = {"grant_type": "client_credential", "appid": DEMO_APPID, "secret": DEMO_SECRET}
SESSION_QUERY = {
    "appid": DEMO_APPID,
    "secret": DEMO_SECRET,
    "js_code": "demo.zhang.1",
    "grant_type": "authorization_code",
}


class Vendor:
    """Plain HTTP to one stand-in."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, **query: str) -> Any:
        return requests.get(f"{self.url}{path}", params=query, timeout=5).json()

    def order(self, what: str, **body: Any) -> requests.Response:
        return requests.post(f"{self.url}/_standin/{what}", json=body, timeout=5)

    def token(self, **more: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/cgi-bin/stable_token", json={**TOKEN_REQUEST, **more}, timeout=5)
        result: dict[str, Any] = answer.json()
        return result

    def post(self, path: str, body: Any, token: str | None = None) -> dict[str, Any]:
        query = {"access_token": token or self.token()["access_token"]}
        result: dict[str, Any] = requests.post(
            f"{self.url}{path}", params=query, data=json.dumps(body), timeout=5
        ).json()
        return result

    def send(self, data: dict[str, str], **more: Any) -> dict[str, Any]:
        holders = {key: {"value": value} for key, value in data.items()}
        return self.post(SEND, {"touser": "zhang", "template_id": "t1", "data": holders, **more})
