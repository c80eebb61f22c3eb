"""One connection that sends requests one after the other and times each: ``python -m bench.client``.

A process of its own with nothing but a socket, so that it takes as little of the machine as possible. Where the
server closes the connection after an answer, connecting again belongs to the next request's time.

Standard input: one line of JSON {host, port, requests, seconds, in_turn, status,
expected}; then, after "ready" was printed,
a line to start. Standard output at the end: {"micros": [...], "seconds", "wrong": {status: count}}.
"""

import json
import socket
import sys
import time
from typing import Any


class Connection:
    """A connection to one server, made anew whenever the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def send(self, request: bytes, expected: bytes = b"") -> int:
        """The answer's status, after its whole body has come; 0 if ``expected`` does not stand in it."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        while len(data) < end + 4 + length:
            data += self._more()
        if b"connection: close" in head:
            self._socket.close()
            self._socket = None
        return int(head.split(b" ", 2)[1]) if expected in data else 0

    def _more(self) -> bytes:
        if self._socket is None or not (data := self._socket.recv(65536)):
            raise ConnectionError("the server ended in the middle of an answer")
        return data


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Send requests for so many seconds; in_turn: each once, ending early when there are no more."""
    requests = [request.encode() for request in job["requests"]]
    connection, expected = Connection(job["host"], job["port"]), job["expected"].encode()
    micros: list[int] = []
    wrong: dict[str, int] = {}
    clock = time.perf_counter
    began = clock()
    end, sent = began + job["seconds"], 0
    now = began
    while now < end and not (job["in_turn"] and sent == len(requests)):
        status = connection.send(requests[sent % len(requests)], expected)
        sent += 1
        done = clock()
        micros.append(int((done - now) * 1_000_000))
        now = done
        if status != job["status"]:
            wrong[str(status)] = wrong.get(str(status), 0) + 1
    return {"micros": micros, "seconds": now - began, "sent": sent, "wrong": wrong}


def main() -> None:
    job = json.loads(sys.stdin.readline())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    json.dump(run(job), sys.stdout)


if __name__ == "__main__":
    main()
