"""Servers on loopback that do what a network with egress policies does to a client.

`run` starts them in a network namespace of their own, with a resolver, and runs a probe's script
there. Run as a program, this module is what happens inside: nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

ANSWERS, RESETS, SILENT, PROXY, CLOSED = (
    "127.0.0.2",
    "127.0.0.3",
    "127.0.0.4",
    "127.0.0.5",
    "127.0.0.6",
)
NAMES = {
    "open.example": ANSWERS,
    "other.example": ANSWERS,
    "shared.example": RESETS,
    "silent.example": SILENT,
    "closed.example": CLOSED,
    "proxy.example": PROXY,
}
REFUSED_NAME, NO_ANSWER_NAME = "refused.example", "unanswered.example"
THROUGH_PROXY = {
    "open.example": 200,
    "squid.example": 403,
    "envoy.example": 404,
    "smokescreen.example": 407,
    "broken.example": 502,
}
_NO_ERROR, _NAME_ERROR, _REFUSED = 0, 3, 5
_A = 1


def run(
    folder: Path, plan: str, settings: Mapping[str, str], script: str, shell: list[str]
) -> tuple[int, str]:
    """The exit code and the output of a script, where names and addresses do as above.

    `folder` holds `server.crt` and `server.key`.
    """
    (folder / "plan").write_text(plan)
    (folder / "probe.sh").write_text(script)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    lookup = tools / "nslookup"
    if not lookup.exists():
        lookup.symlink_to(shutil.which("busybox") or "")
    job = {"shell": shell, "settings": dict(settings), "tools": str(tools)}
    (folder / "job.json").write_text(json.dumps(job))
    words = ["unshare", "--map-root-user", "--net", "--mount"]
    done = subprocess.run(
        [*words, sys.executable, __file__, str(folder)], check=False, capture_output=True, text=True
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def _inside(folder: Path) -> int:
    _loopback_up()
    mount = ["mount", "--bind", str(folder / "resolv.conf"), "/etc/resolv.conf"]
    subprocess.run(mount, check=True)
    job = json.loads((folder / "job.json").read_text())
    _resolver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    for address in (ANSWERS, "::1"):
        _serve(address, 443, lambda client: _https(context, client))
        _serve(address, 80, _http)
        _serve(address, 5432, lambda client: client.recv(1))
    _serve(RESETS, 443, _reset)
    _serve(PROXY, 3128, _proxy)
    held = _silent()
    environment = {
        "PATH": f"{job['tools']}:{os.environ['PATH']}",
        "PROBE_TIMEOUT": "0.4",
        "PROBE_PAUSE": "0",
        "PROBE_DEADLINE": "0",
        **job["settings"],
    }
    words = [*job["shell"], str(folder / "probe.sh"), str(folder / "plan")]
    done = subprocess.run(words, check=False, env=environment)
    for each in held:
        each.close()
    return done.returncode


def _loopback_up() -> None:
    """As `ip link set lo up` does (netdevice(7))."""
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = b"lo".ljust(16, b"\0")
        answer = fcntl.ioctl(any_socket, get_flags, name + bytes(24))
        (flags,) = struct.unpack_from("H", answer, 16)
        request = name + struct.pack("H", flags | up) + bytes(22)
        fcntl.ioctl(any_socket, set_flags, request)


def _serve(address: str, port: int, answer: Callable[[socket.socket], object]) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.create_server((address, port), family=family)

    def loop() -> None:
        while True:
            client, _ = server.accept()
            threading.Thread(target=_answer, args=(client, answer), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def _answer(client: socket.socket, answer: Callable[[socket.socket], object]) -> None:
    with client:
        try:
            answer(client)
        except OSError:  # the client went away first
            return


def _https(context: ssl.SSLContext, client: socket.socket) -> None:
    with context.wrap_socket(client, server_side=True) as secure:
        secure.recv(4096)
        secure.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


def _http(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def _reset(client: socket.socket) -> None:
    """As a proxy does that does not take the server name of a greeting."""
    client.recv(4096)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _proxy(client: socket.socket) -> None:
    host = client.recv(4096).split(b" ")[1].decode().rsplit(":", 1)[0]
    status = THROUGH_PROXY[host]
    client.sendall(f"HTTP/1.1 {status} Any\r\nContent-Length: 0\r\n\r\n".encode())


def _silent() -> list[socket.socket]:
    """A server whose queue is full, so that the kernel drops what comes, as a policy does."""
    server = socket.socket()
    server.bind((SILENT, 443))
    server.listen(0)
    held = [server]
    for _ in range(3):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((SILENT, 443))
        held.append(client)
    return held


def _resolver() -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def loop() -> None:
        while True:
            question, client = server.recvfrom(4096)
            name, kind, end = _question(question)
            if name != NO_ANSWER_NAME:
                server.sendto(_reply(question, name, kind, end), client)

    threading.Thread(target=loop, daemon=True).start()


def _question(message: bytes) -> tuple[str, int, int]:
    """Name and type that a message (RFC 1035) begins to ask for, and where that ends."""
    at, labels = 12, []
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    (kind,) = struct.unpack_from(">H", message, at + 1)
    return ".".join(labels).lower(), kind, at + 5


def _reply(question: bytes, name: str, kind: int, end: int) -> bytes:
    address = NAMES.get(name)
    code = _REFUSED if name == REFUSED_NAME else _NO_ERROR if address else _NAME_ERROR
    answered = address is not None and kind == _A
    head = question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, int(answered), 0, 0)
    if not answered:
        return head + question[12:end]
    record = struct.pack(">HHHIH", 0xC00C, _A, 1, 5, 4) + socket.inet_aton(str(address))
    return head + question[12:end] + record


if __name__ == "__main__":
    sys.exit(_inside(Path(sys.argv[1])))
