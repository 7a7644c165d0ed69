"""A registry that sends a little now and then is not waited for without end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count

import pytest

from support.delivery.fake_registry import FakeRegistry
from support.delivery.small_charts import pushed
from transire.delivery.registry.http import Requested, Transport, trust
from transire.model.problems import RegistryFailed

ENDLESS = {
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n", b"a"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
}


@contextmanager
def endless(first: bytes, more: bytes) -> Iterator[str]:
    """The address of a server that sends `more` until the client goes away."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client, suppress(OSError):
                client.recv(65536)
                client.sendall(first)
                while True:
                    client.sendall(more)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize("what", ENDLESS)
def test_a_response_that_never_ends_is_given_up(what: str) -> None:
    clock = count(0, 50)
    with (
        endless(*ENDLESS[what]) as host,
        closing(Transport(context=trust(None), clock=lambda: next(clock))) as transport,
        pytest.raises(RegistryFailed) as failed,
    ):
        transport.send(Requested(method="GET", url=f"http://{host}/v2/x/tags/list"))

    assert failed.value.exit_code == 4
    assert (
        f"registry {host}: GET /v2/x/tags/list: the response is not whole after 120 seconds"
        == str(failed.value)
    )
    assert next(clock) == 200, "one look at the start, and one before each read until it is over"


def test_each_request_has_the_whole_time(fake: FakeRegistry) -> None:
    clock = count(0, 50)
    with closing(Transport(context=trust(None), clock=lambda: next(clock))) as transport:
        request = Requested(method="GET", url=f"http://{fake.address}/v2/x/blobs/none")
        found = [transport.send(request).status for _ in range(3)]

    assert found == [404, 404, 404]


def test_responses_that_come_piece_by_piece_are_read_whole(fake: FakeRegistry) -> None:
    fake.piece = 7
    pushed(fake)

    assert fake.tags() == ["egress/teams/payments:1.0.0"]
