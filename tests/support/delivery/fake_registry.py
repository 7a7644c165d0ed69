"""A registry in memory that can be told to misbehave, and that counts what it is asked."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_MOMENT = 0.001
"""Seconds between two pieces of a response."""
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(kw_only=True)
class FakeRegistry:
    """What is stored, what was asked, and what to do in place of an answer.

    `instead` gets each request line, such as `PUT /v2/x/manifests/1`, and may give a response as
    bytes, which is sent as it is before the connection is closed.
    """

    address: str = ""
    instead: Callable[[str], bytes | None] = lambda _: None
    piece: int = 0
    """Bytes that are sent at once, a moment before the next ones; 0 for whole responses."""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    """The logins that came with requests, in their order."""

    def reset(self) -> None:
        """Forget everything."""
        self.instead = lambda _: None
        self.piece = 0
        self.blobs.clear()
        self.manifests.clear()
        self.asked.clear()
        self.logins.clear()

    def tags(self) -> list[str]:
        """Repository and tag of everything that has one."""
        return sorted(each for each in self.manifests if "@" not in each)


def response(status: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP response; `_` in a header's name stands for `-`."""
    fields = {"Content_Length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def fake_registry() -> Iterator[FakeRegistry]:
    """A registry that listens on loopback while the block runs."""
    state = FakeRegistry()

    class Handler(_Handler):
        registry = state

    server = _Server(("127.0.0.1", 0), Handler)
    state.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: FakeRegistry

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Print nothing."""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        line = f"{self.command} {self.path}"
        self.registry.asked.append(line)
        if "Authorization" in self.headers:
            self.registry.logins.append(self.headers["Authorization"])
        instead = self.registry.instead(line)
        if instead is not None:
            self.wfile.write(instead)
            self.close_connection = True
            return
        answer = self._answer(body)
        step = self.registry.piece or len(answer)
        for start in range(0, len(answer), step):
            self.wfile.write(answer[start : start + step])
            time.sleep(_MOMENT if self.registry.piece else 0)

    def _answer(self, body: bytes) -> bytes:
        parts = urlsplit(self.path)
        repository, _, name = parts.path.removeprefix("/v2/").rpartition("/")
        match self.command, repository.rpartition("/")[2]:
            case "POST", _:
                return response("202 Accepted", Location=f"{parts.path}1?state=a")
            case "PUT", "uploads":
                self.registry.blobs[parse_qs(parts.query)["digest"][0]] = body
                return response("201 Created")
            case "PUT", "manifests":
                return self._put(repository.removesuffix("/manifests"), name, body)
            case _, "manifests":
                found = self.registry.manifests.get(_key(repository, name))
                return self._found(found, "MANIFEST_UNKNOWN", MANIFEST)
            case _, "blobs":
                found = self.registry.blobs.get(name)
                return self._found(found, "BLOB_UNKNOWN", "application/octet-stream")
            case _:
                return response("404 Not Found")

    def _put(self, repository: str, name: str, body: bytes) -> bytes:
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        self.registry.manifests[f"{repository}@{digest}"] = body
        self.registry.manifests[_key(f"{repository}/manifests", name)] = body
        return response("201 Created")

    def _found(self, content: bytes | None, code: str, media: str) -> bytes:
        status, found = "200 OK", content
        if found is None:
            said = {"errors": [{"code": code, "message": "not known"}]}
            status, media, found = "404 Not Found", "application/json", json.dumps(said).encode()
        digest = f"sha256:{hashlib.sha256(found).hexdigest()}"
        whole = response(status, found, Content_Type=media, Docker_Content_Digest=digest)
        return whole if self.command == "GET" else whole.removesuffix(found)


def _key(repository: str, name: str) -> str:
    mark = "@" if name.startswith("sha256:") else ":"
    return f"{repository.removesuffix('/manifests')}{mark}{name}"
