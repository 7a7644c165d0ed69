"""What pods send to a proxy, and what they get back."""

from __future__ import annotations

import re
import socket
import ssl

from support.lab.messages import Answer, Direct, Plain, Raw, Request, Tunnel
from support.lab.origin import TOKEN_HEADER

_STUCK = 20  # seconds after which a proxy counts as stuck
_OK = 200


def send(request: Request, token: str) -> Answer:
    """The answer without what reached the origin: that, the origin knows."""
    problem = ""
    got = Received()
    try:
        with socket.create_connection(("127.0.0.1", request.listener), _STUCK) as peer:
            _exchange(peer, request, token, got)
    except OSError as error:
        problem = f"{type(error).__name__}: {error}"
    return Answer((), got.status, got.head, got.body, problem)


class Received:
    """The last response of an exchange."""

    def __init__(self) -> None:
        self.head, self.body = "", ""

    @property
    def status(self) -> int:
        """The status of its first line, 0 where there is none."""
        found = re.match(r"HTTP/\S+ (\d{3})", self.head)
        return int(found[1]) if found else 0

    def read_head(self, peer: socket.socket) -> None:
        """Take all until an empty line."""
        self.head, self.body = "", ""
        while "\r\n\r\n" not in self.head and (chunk := peer.recv(65_536)):
            self.head += chunk.decode("latin-1")
        self.head, _, self.body = self.head.partition("\r\n\r\n")

    def read_body(self, peer: socket.socket) -> None:
        """Take as much as the head has announced, or all until the other side closes."""
        length = re.search(r"(?im)^content-length: *(\d+)", self.head)
        while (length is None or len(self.body) < int(length[1])) and (chunk := peer.recv(65_536)):
            self.body += chunk.decode("latin-1")

    def read_all(self, peer: socket.socket) -> None:
        """Take all until the other side closes."""
        self.head, self.body = "", ""
        while chunk := peer.recv(65_536):
            self.body += chunk.decode("latin-1")
            self.head = self.body.partition("\r\n\r\n")[0]


def _exchange(peer: socket.socket, request: Request, token: str, got: Received) -> None:
    match request:
        case Tunnel():
            _tunnel(peer, request, token, got)
        case Plain():
            _write(peer, _plain_request(request, token))
            _read(peer, request.method, got)
        case Direct():
            secured = _over_tls(peer, request.server_name)
            _write(secured, _inner_request("GET", "/", request.server_name, token))
            _read(secured, "GET", got)
        case Raw():
            _write(peer, request.text.replace("@TOKEN@", token))
            got.read_all(peer)


def _read(peer: socket.socket, method: str, got: Received) -> None:
    got.read_head(peer)
    if method != "HEAD":
        got.read_body(peer)


def _tunnel(peer: socket.socket, request: Tunnel, token: str, got: Received) -> None:
    host = request.target if request.host_header is None else request.host_header
    lines = [f"CONNECT {request.target} HTTP/{request.version}", *_host_line(host)]
    _write(peer, "\r\n".join([*lines, *request.headers, "", ""]))
    got.read_head(peer)
    if got.status != _OK:
        got.read_body(peer)
        return
    name = re.sub(r":\d*$", "", request.target)
    if request.inside == "text":
        _write(peer, f"{token} hello\r\n\r\n")
        got.body = peer.recv(65_536).decode("latin-1")
        return
    if request.inside == "tls":
        peer = _over_tls(peer, name if request.server_name is None else request.server_name)
    inner_host = name if request.inner_host is None else request.inner_host
    _write(peer, _inner_request(request.method, request.path, inner_host, token))
    _read(peer, request.method, got)


def _over_tls(peer: socket.socket, server_name: str) -> ssl.SSLSocket:
    """TLS whose certificate does not count: what matters is where it ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(peer, server_hostname=server_name.rstrip(".") or None)


def _inner_request(method: str, path: str, host: str, token: str) -> str:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"{TOKEN_HEADER}: {token}"]
    return "\r\n".join([*lines, "Connection: close", "", ""])


def _plain_request(request: Plain, token: str) -> str:
    authority = re.sub(r"^[a-z]+://|(?<=[^/])/.*", "", request.target)
    host = authority if request.host_header is None else request.host_header
    lines = [f"{request.method} {request.target} HTTP/{request.version}", *_host_line(host)]
    lines += [f"{TOKEN_HEADER}: {token}", "Connection: close", *request.headers]
    if request.body:
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join([*lines, "", request.body])


def _host_line(host: str) -> list[str]:
    return [f"Host: {host}"] if host else []


def _write(peer: socket.socket, text: str) -> None:
    """Latin-1 where that is enough, as most clients write it, else UTF-8."""
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode()
    peer.sendall(data)
