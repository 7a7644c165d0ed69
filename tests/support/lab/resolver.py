"""A DNS server (UDP) in which every name below `.test` has an address of its own."""

from __future__ import annotations

import ipaddress
import itertools
import socket
import struct
import threading

_A, _PTR, _AAAA = 1, 12, 28
_FIRST = int(ipaddress.ip_address("198.18.0.1"))
_POINTER_TO_QUESTION = 0xC00C
_SECONDS_TO_LIVE = 60


class Resolver:
    """Answers A and AAAA; names outside of `.test` that it was not given do not exist."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._back = ""
        self._given: dict[str, list[str]] = {}
        self._own: dict[str, str] = {}
        self._numbers = itertools.count(_FIRST)
        self._questions: list[str] = []
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(address)
        threading.Thread(target=self._serve, daemon=True).start()

    def give(self, names: dict[str, list[str]], back: str) -> None:
        """These addresses for these names from now on, and that name for every address."""
        with self._lock:
            self._back = back
            self._given.update({name.lower(): addresses for name, addresses in names.items()})

    def questions(self) -> tuple[str, ...]:
        """The names asked since the last call."""
        with self._lock:
            asked, self._questions = self._questions, []
        return tuple(asked)

    def name_of(self, address: str) -> str:
        """The one name that has this address, else the address."""
        with self._lock:
            names = [name for name, own in self._own.items() if own == address]
            names += [name for name, given in self._given.items() if given == [address]]
        return names[0] if len(names) == 1 else address

    def _serve(self) -> None:
        while True:
            question, client = self._socket.recvfrom(4096)
            self._socket.sendto(self._answer(question), client)

    def _answer(self, question: bytes) -> bytes:
        labels, place = [], 12
        while size := question[place]:
            labels.append(question[place + 1 : place + 1 + size].decode("latin-1"))
            place += size + 1
        (kind,) = struct.unpack_from("!H", question, place + 1)
        name = ".".join(labels).lower()
        records = self._back_records(name) if kind == _PTR else self._records(name, kind)
        flags = 0x8183 if records is None else 0x8180
        records = records or []
        head = question[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
        body = b"".join(
            struct.pack("!HHHIH", _POINTER_TO_QUESTION, kind, 1, _SECONDS_TO_LIVE, len(record))
            + record
            for record in records
        )
        return head + question[12 : place + 5] + body

    def _back_records(self, name: str) -> list[bytes] | None:
        with self._lock:
            self._questions.append(name)
            if not self._back:
                return None
            labels = self._back.split(".")
        return [b"".join(bytes([len(each)]) + each.encode() for each in labels) + b"\0"]

    def _records(self, name: str, kind: int) -> list[bytes] | None:
        addresses = self._addresses(name)
        if addresses is None:
            return None
        wanted = {_A: 4, _AAAA: 6}.get(kind)
        parsed = [ipaddress.ip_address(address) for address in addresses]
        return [address.packed for address in parsed if address.version == wanted]

    def _addresses(self, name: str) -> list[str] | None:
        with self._lock:
            self._questions.append(name)
            if name in self._given:
                return self._given[name]
            if not name.endswith(".test"):
                return None
            if name not in self._own:
                self._own[name] = str(ipaddress.ip_address(next(self._numbers)))
            return [self._own[name]]
