"""Requests to a registry: connections that stay open, limits, and what went wrong as text.

Threads share the connections that are idle. A request is sent again only where an idle connection
turns out to be closed, or where the registry requires a wait.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import urllib.request
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from transire.delivery.registry.until import Deadline, TooSlowError, responses_until
from transire.model.problems import RegistryFailed, UsageError

PATIENCE = 30.0
"""Seconds to wait for a registry to send something."""

LIMIT = 64 << 20
"""Bytes of the longest response that is read."""

_AGENT = "transire"
_WAIT = frozenset({429, 503})
_TRIES = 4
_LONGEST_WAIT = 10.0
_STALE = (
    http.client.RemoteDisconnected,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,
)
"""What becomes of a request on a connection that was closed while it was idle."""

_USUAL_PORTS = {"http": ":80", "https": ":443"}
_LOOPBACK = ("127.", "localhost", "[::1]")

_Idle = defaultdict[tuple[str, str], list[http.client.HTTPConnection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back; the names of headers are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """One request; `url` is absolute."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def failed(self, reason: str) -> RegistryFailed:
        """The error that shows the request; a query may hold secrets and is left out."""
        parts = urlsplit(self.url)
        return RegistryFailed(f"registry {parts.netloc}: {self.method} {parts.path}: {reason}")


def origin(url: str) -> str:
    """Scheme, host and port of an address, always written alike: who would get what is sent."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host.removesuffix(_USUAL_PORTS.get(parts.scheme, ''))}"


def read_json(body: bytes) -> object:
    """What the body holds; None where it is no JSON, or nests too deeply."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def trust(ca: Path | None) -> ssl.SSLContext:
    """The authorities of this machine, and those in the file.

    Raises:
        UsageError: if the file holds none.
    """
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(cafile=str(ca))
        except ssl.SSLError as error:
            raise UsageError(f"{ca} holds no certificate in PEM format") from error
        except OSError as error:
            raise UsageError(f"{ca} cannot be read: {error.strerror}") from error
    return context


class Transport:
    """Sends requests; threads may share it.

    It is the one mutable thing here: it keeps connections open, because most of the time of a
    lookup is the time of connecting.
    """

    def __init__(
        self,
        *,
        context: ssl.SSLContext,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._patience = patience
        self._clock = clock
        self._proxies = urllib.request.getproxies()
        self._idle: _Idle = defaultdict(list)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection that is idle."""
        with self._lock:
            for connection in (each for found in self._idle.values() for each in found):
                connection.close()
            self._idle.clear()

    def send(self, request: Requested) -> Response:
        """The registry's response, whatever its status.

        Raises:
            RegistryFailed: if it does not respond, not in time, or not in HTTP.
        """
        for attempt in range(_TRIES):
            response = self._send(request)
            if response.status not in _WAIT or attempt == _TRIES - 1:
                break
            time.sleep(_pause(response, attempt))
        return response

    def _send(self, request: Requested) -> Response:
        parts = urlsplit(request.url)
        try:
            while (idle := self._take(parts)) is not None:
                with suppress(*_STALE):
                    return self._exchange(idle, request, parts)
            return self._exchange(self._connect(parts), request, parts)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise request.failed(_reason(error, self._patience)) from error

    def _exchange(
        self, connection: http.client.HTTPConnection, request: Requested, parts: SplitResult
    ) -> Response:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"User-Agent": _AGENT, **request.headers}
        connection.response_class = responses_until(Deadline.of(self._clock))
        try:
            body = request.body if request.method in {"POST", "PUT"} else None
            connection.request(request.method, target, body=body, headers=headers)
            response = connection.getresponse()
            content = response.read(LIMIT + 1)
            _must_be_whole(response, content)
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle[parts.scheme, parts.netloc].append(connection)
        found = {name.lower(): value for name, value in response.getheaders()}
        return Response(status=response.status, reason=response.reason, headers=found, body=content)

    def _take(self, parts: SplitResult) -> http.client.HTTPConnection | None:
        with self._lock:
            found = self._idle[parts.scheme, parts.netloc]
            return found.pop() if found else None

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._patience)
        proxy = self._proxy(parts)
        if proxy is None:
            return http.client.HTTPSConnection(
                host, port, timeout=self._patience, context=self._context
            )
        through = http.client.HTTPSConnection(
            proxy.hostname or "", proxy.port, timeout=self._patience, context=self._context
        )
        through.set_tunnel(host, port or 443, _proxy_login(proxy))
        return through

    def _proxy(self, parts: SplitResult) -> SplitResult | None:
        """The proxy for that address; never for this machine, as with every other client."""
        address = self._proxies.get("https")
        if not address or parts.netloc.startswith(_LOOPBACK):
            return None
        if urllib.request.proxy_bypass(parts.netloc):
            return None
        return urlsplit(address if "//" in address else f"http://{address}")


def _must_be_whole(response: http.client.HTTPResponse, content: bytes) -> None:
    if len(content) > LIMIT:
        raise ValueError(f"the response has more than {LIMIT} bytes")
    if response.length:
        raise http.client.IncompleteRead(content, response.length)


def _proxy_login(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _pause(response: Response, attempt: int) -> float:
    seconds = response.headers.get("retry-after", "")
    return min(float(seconds) if seconds.isdigit() else 2.0**attempt, _LONGEST_WAIT)


def _reason(error: Exception, patience: float) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate is not trusted: {error.verify_message}; name its authority with "
                "--ca-file"
            )
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "HTTP_REQUEST"):
            return "it does not use TLS; give --plain-http if that is meant"
        case ssl.SSLEOFError() | http.client.RemoteDisconnected() | ConnectionResetError():
            return "the connection was cut"
        case BrokenPipeError():
            return "the connection was cut"
        case http.client.IncompleteRead():
            return "the connection was cut in the middle of the response"
        case http.client.HTTPException():
            return "the response is not HTTP; is something else listening there?"
        case TooSlowError():
            return str(error)
        case TimeoutError():
            return f"no response within {patience:g} seconds"
        case OSError():
            return f"cannot be reached: {error.strerror or error}"
        case _:
            return str(error)
