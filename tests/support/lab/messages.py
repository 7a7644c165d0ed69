"""What the laboratory is told and what it gives back, as lines of JSON between two processes."""

from __future__ import annotations

import msgspec

DEFAULT_PORTS = (80, 443)


class StartError(Exception):
    """The program ended, or did not listen; its log says why."""


class Tunnel(msgspec.Struct, frozen=True, tag=True):
    """A CONNECT, and in the tunnel one exchange: over TLS, as plain HTTP, or a line of text."""

    listener: int
    target: str
    inside: str = "tls"  # tls, http or text
    server_name: str | None = None  # else the host of the target
    method: str = "GET"
    path: str = "/"
    inner_host: str | None = None  # else the host of the target
    headers: tuple[str, ...] = ()
    host_header: str | None = None  # else the target; empty for none
    version: str = "1.1"


class Plain(msgspec.Struct, frozen=True, tag=True):
    """A request of plain HTTP to the proxy, as a rule in absolute form."""

    listener: int
    target: str
    method: str = "GET"
    headers: tuple[str, ...] = ()
    host_header: str | None = None  # else the authority of the target; empty for none
    version: str = "1.1"
    body: str = ""


class Direct(msgspec.Struct, frozen=True, tag=True):
    """TLS that begins at once, as transparent proxies see it."""

    listener: int
    server_name: str


class Raw(msgspec.Struct, frozen=True, tag=True):
    """Any bytes (Latin-1), sent when nothing else is under way."""

    listener: int
    text: str


Request = Tunnel | Plain | Direct | Raw


class Arrival(msgspec.Struct, frozen=True):
    """One request at the origin, or a mere connection (`line` is empty)."""

    name: str  # the name that has this address, else the address
    address: str
    port: int
    line: str = ""
    host: str = ""
    server_name: str = ""
    headers: dict[str, str] = {}
    body: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What became of a request: what reached the origin, and what the client got."""

    reached: tuple[Arrival, ...]
    status: int  # of the proxy, or of the origin behind it; 0 where there was none
    head: str
    body: str
    problem: str  # why the exchange ended early

    @property
    def places(self) -> tuple[tuple[str, int], ...]:
        """Name and port of every place reached, each once."""
        return tuple(dict.fromkeys((arrival.name, arrival.port) for arrival in self.reached))


class Options(msgspec.Struct, frozen=True):
    """What the laboratory is started with."""

    ports: tuple[int, ...]
    certified: tuple[str, ...]


class Hello(msgspec.Struct, frozen=True):
    """The laboratory is ready; the text of the origin's certificate."""

    certificate: str


class Start(msgspec.Struct, frozen=True, tag=True):
    """Start a program and wait until it listens."""

    name: str
    words: tuple[str, ...]
    files: dict[str, str]
    ready: tuple[int, ...]


class Run(msgspec.Struct, frozen=True, tag=True):
    """Run a program to its end."""

    words: tuple[str, ...]
    files: dict[str, str]


class Replace(msgspec.Struct, frozen=True, tag=True):
    """New files, each in place at once."""

    name: str
    files: dict[str, str]


class Signal(msgspec.Struct, frozen=True, tag=True):
    """A signal to a program, by name without SIG."""

    name: str
    signal: str


class Log(msgspec.Struct, frozen=True, tag=True):
    """What a program printed, and its files that end in .log."""

    name: str


class Stop(msgspec.Struct, frozen=True, tag=True):
    """End a program; its log."""

    name: str


class Send(msgspec.Struct, frozen=True, tag=True):
    """Send requests; an answer to each."""

    requests: tuple[Request, ...]


class Resolve(msgspec.Struct, frozen=True, tag=True):
    """What names resolve to from now on, and the name that every address resolves back to."""

    names: dict[str, list[str]]
    back: str = ""


class Questions(msgspec.Struct, frozen=True, tag=True):
    """The names that the resolver was asked since the last time."""


class Unclaimed(msgspec.Struct, frozen=True, tag=True):
    """Connections at the origin that brought no request, since the last time."""


Command = (
    Start | Run | Replace | Signal | Log | Stop | Send | Resolve | Questions | Unclaimed
)  # fmt: skip


class Finished(msgspec.Struct, frozen=True):
    """How a program ended, and what it printed."""

    code: int
    output: str


class Reply(msgspec.Struct, frozen=True):
    """What a command gave; `failed` says why it did not work."""

    failed: str = ""
    text: str = ""
    finished: Finished | None = None
    answers: tuple[Answer, ...] = ()
    names: tuple[str, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
