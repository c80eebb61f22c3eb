"""A stand-in for WeChat that costs next to nothing: ``python -m bench.wechat`` prints its port and serves.

It answers sign-in, access token and subscribe message as WeChat does when all is well. The one of mock_client can do
much more, and takes more of the machine than what is measured here.
"""

import asyncio
import json
import re
import sys
from urllib.parse import parse_qs, urlsplit

from mock_client.wechat_rules import OPENID

_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)


def answer(target: str) -> dict[str, object]:
    """The body that WeChat would answer with."""
    url = urlsplit(target)
    if url.path == "/sns/jscode2session":
        code = parse_qs(url.query).get("js_code", [""])[0].split(".")
        if len(code) != 3 or not OPENID.fullmatch(code[1]):
            return {"errcode": 40029, "errmsg": "invalid code"}
        return {"openid": code[1], "session_key": "MDEyMzQ1Njc4OWFiY2RlZg=="}
    if url.path == "/cgi-bin/stable_token":
        return {"access_token": "bench", "expires_in": 7200}
    return {"errcode": 0, "errmsg": "ok", "msgid": 1}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            body = json.dumps(answer(head.split(b" ", 2)[1].decode("ascii"))).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                + body
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve on a free port until standard input closes."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
