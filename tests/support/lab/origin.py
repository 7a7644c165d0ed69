"""The origin: on each of its ports, at every address, it takes HTTP, TLS and lines of text.

It records every connection and every request, by the token that the client put into it, before it
replies: what it has no record of did not reach it.
"""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from support.lab.messages import Arrival

Stream = io.BufferedRWPair

TOKEN_HEADER = "x-lab"  # noqa: S105 - no secret: it marks requests
_TLS_HANDSHAKE = b"\x16"


@dataclass(slots=True)
class Connection:
    """One connection at the origin, and whether a request came over it."""

    client: tuple[str, int]
    place: Arrival
    used: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What arrived in some time: new connections, and requests with their tokens."""

    connections: list[Connection]
    requests: list[tuple[str, Arrival]]


class Origin:
    """Listens on these ports of all addresses, IPv4 and IPv6."""

    def __init__(
        self, ports: tuple[int, ...], certificate: Path, name_of: Callable[[str], str]
    ) -> None:
        self._ports, self._certificate, self._name_of = ports, certificate, name_of
        self._record = Record([], [])
        self._changed = threading.Condition()
        for port in ports:
            listener = socket.create_server(
                ("::", port), family=socket.AF_INET6, backlog=256, dualstack_ipv6=True
            )
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def take(self) -> Record:
        """All that arrived since the last call."""
        self._settle()
        with self._changed:
            taken, self._record = self._record, Record([], [])
        return taken

    def _settle(self) -> None:
        """Wait until all that was connected before this call is on record.

        Connections are accepted in their order, so when an own one is on record, all are that
        came before it.
        """
        for port in self._ports:
            with socket.create_connection(("127.0.0.1", port)) as own, self._changed:
                while not self._forget(own.getsockname()):
                    self._changed.wait()

    def _forget(self, client: tuple[str, int]) -> bool:
        for number, connection in enumerate(self._record.connections):
            if connection.client == client:
                del self._record.connections[number]
                return True
        return False

    def _accept(self, listener: socket.socket) -> None:
        while True:
            peer, _ = listener.accept()
            client, own = _endpoint(peer.getpeername()), _endpoint(peer.getsockname())
            place = Arrival(name=self._name_of(own[0]), address=own[0], port=own[1])
            connection = Connection(client, place)
            with self._changed:
                self._record.connections.append(connection)
                self._changed.notify_all()
            threading.Thread(target=self._serve, args=(peer, connection), daemon=True).start()

    def _serve(self, peer: socket.socket, connection: Connection) -> None:
        try:
            if peer.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE:
                peer = self._over_tls(peer, connection)
            with peer, peer.makefile("rwb") as stream:
                more = True
                while more and (line := stream.readline(65_536).decode("latin-1").rstrip("\r\n")):
                    more = self._exchange(stream, connection, line)
        except OSError:
            peer.close()  # the other side went away; what it sent is on record

    def _over_tls(self, peer: socket.socket, connection: Connection) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)

        def note(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            connection.place = msgspec.structs.replace(connection.place, server_name=name or "")

        context.sni_callback = note
        return context.wrap_socket(peer, server_side=True)

    def _exchange(self, stream: Stream, connection: Connection, line: str) -> bool:
        """Take one request; whether another may follow."""
        if not line.rpartition(" ")[2].startswith("HTTP/"):
            self._note(connection, line.partition(" ")[0], {}, line=line)
            stream.write(f"ECHO {line}\r\n".encode("latin-1"))
            stream.flush()
            return True
        headers = _headers(stream)
        body = stream.read(int(headers.get("content-length", "0"))).decode("latin-1")
        arrival = self._note(
            connection, headers.get(TOKEN_HEADER, ""), headers, line=line, body=body
        )
        reply = json.dumps({"name": arrival.name, "line": line}).encode()
        stream.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(reply)}\r\n\r\n".encode()
            + (b"" if line.startswith("HEAD ") else reply)
        )
        stream.flush()
        return headers.get("connection", "").lower() != "close"

    def _note(
        self,
        connection: Connection,
        token: str,
        headers: dict[str, str],
        *,
        line: str,
        body: str = "",
    ) -> Arrival:
        arrival = msgspec.structs.replace(
            connection.place, line=line, host=headers.get("host", ""), headers=headers, body=body
        )
        with self._changed:
            connection.used = True
            self._record.requests.append((token, arrival))
        return arrival


def _headers(stream: Stream) -> dict[str, str]:
    headers: dict[str, str] = {}
    while line := stream.readline(65_536).decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), value.strip())
    return headers


def _endpoint(address: tuple[str, int]) -> tuple[str, int]:
    """Address and port, IPv4 as such although the listener is of IPv6."""
    return address[0].removeprefix("::ffff:"), address[1]
