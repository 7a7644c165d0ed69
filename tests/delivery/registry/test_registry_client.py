"""What is said of registries, and of what stands between, when they do not do what they should."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from functools import partial

import pytest

from support.delivery.fake_registry import FakeRegistry, response
from support.delivery.small_charts import PLACE, connected, made, pushed, refusal
from transire.delivery.registry.charts import connect
from transire.model.problems import RegistryFailed


def test_an_html_page_is_no_registry(fake: FakeRegistry) -> None:
    fake.instead = lambda _: response("200 OK", b"<html>Log in", Content_Type="text/html")

    assert (
        refusal(fake)
        == "registry HOST: POST /v2/egress/teams/payments/blobs/uploads/: responded 200 OK with an "
        "HTML page; is the address a registry's, or does something in between want a login?"
    )


def _always(page: bytes, _: str) -> bytes:
    return page


def test_an_html_page_is_neither_a_version_nor_the_lack_of_one(fake: FakeRegistry) -> None:
    for status in ("200 OK", "404 Not Found"):
        page = response(status, b"<html>", Content_Type="text/html; charset=utf-8")
        fake.instead = partial(_always, page)
        with connected(fake) as registry, pytest.raises(RegistryFailed) as failed:
            registry.digest(PLACE, "1.0.0")
        assert (
            f"registry {fake.address}: GET /v2/egress/teams/payments/manifests/1.0.0: responded "
            f"{status} with an HTML page; is the address a registry's, or does something in "
            "between want a login?" == str(failed.value)
        )


CUTS = {
    "HEAD /v2/egress/teams/payments/blobs/": "HEAD /v2/egress/teams/payments/blobs/{config}",
    "POST": "POST /v2/egress/teams/payments/blobs/uploads/",
    "PUT /v2/egress/teams/payments/blobs/uploads/": "PUT /v2/egress/teams/payments/blobs/uploads/1",
    "PUT /v2/egress/teams/payments/manifests/sha256": (
        "PUT /v2/egress/teams/payments/manifests/{manifest}"
    ),
    "PUT /v2/egress/teams/payments/manifests/1.0.0": (
        "PUT /v2/egress/teams/payments/manifests/1.0.0"
    ),
}


@pytest.mark.parametrize("start", CUTS)
def test_a_connection_that_is_cut_is_said_and_a_second_run_completes(
    fake: FakeRegistry, start: str
) -> None:
    fake.instead = lambda line: b"" if line.startswith(start) else None
    each = made()
    digests = {
        "config": f"sha256:{hashlib.sha256(each.config).hexdigest()}",
        "manifest": each.digests.manifest,
    }

    assert f"registry HOST: {CUTS[start].format(**digests)}: the connection was cut" == refusal(
        fake
    )
    fake.instead = lambda _: None
    pushed(fake)
    assert fake.tags() == ["egress/teams/payments:1.0.0"]


def test_an_answer_that_ends_too_early_is_said(fake: FakeRegistry) -> None:
    fake.instead = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"
    with connected(fake) as registry, pytest.raises(RegistryFailed) as failed:
        registry.tags(PLACE)

    assert (
        f"registry {fake.address}: GET /v2/egress/teams/payments/tags/list: the connection was cut "
        "in the middle of the response" == str(failed.value)
    )


def test_what_is_not_http_is_said(fake: FakeRegistry) -> None:
    fake.instead = lambda _: b"220 mail.example.com ESMTP\r\n"

    assert refusal(fake).endswith("the response is not HTTP; is something else listening there?")


def test_a_registry_that_says_nothing_is_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            connect(f"oci://{host}", plain_http=True, patience=0.2) as registry,
            pytest.raises(RegistryFailed) as failed,
        ):
            registry.digest(PLACE, "1.0.0")

    assert (
        f"registry {host}: HEAD /v2/teams/payments/manifests/1.0.0: no response within 0.2 seconds"
        == str(failed.value)
    )


def test_a_proxy_that_cuts_the_connection_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        asked: list[bytes] = []

        def cut() -> None:
            client, _ = proxy.accept()
            with client:
                asked.append(client.recv(4096).partition(b"\r\n")[0])

        thread = threading.Thread(target=cut)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        with (
            connect("oci://registry.example.com/egress") as registry,
            pytest.raises(RegistryFailed) as failed,
        ):
            registry.digest(PLACE, "1.0.0")
        thread.join()

    assert [each.replace(b"HTTP/1.0", b"HTTP/1.1") for each in asked] == [
        b"CONNECT registry.example.com:443 HTTP/1.1"
    ]
    assert (
        str(failed.value)
        == "registry registry.example.com: HEAD /v2/egress/teams/payments/manifests/1.0.0: the "
        "connection was cut"
    )


def test_a_full_registry_says_so_in_its_own_words(fake: FakeRegistry) -> None:
    said = json.dumps({"errors": [{"code": "DENIED", "message": "quota\n exceeded"}]}).encode()
    fake.instead = lambda line: (
        response("413 Content Too Large", said, Content_Type="application/json")
        if line.startswith("PUT")
        else None
    )

    assert refusal(fake).endswith(": responded 413 Content Too Large: DENIED quota exceeded")


def test_a_registry_that_asks_to_wait_is_asked_again(fake: FakeRegistry) -> None:
    wait = [response("429 Too Many Requests", Retry_After="0")] * 3
    fake.instead = lambda _: wait.pop() if wait else None

    pushed(fake)
    assert wait == []


def test_an_idle_connection_that_was_closed_is_opened_again(fake: FakeRegistry) -> None:
    with connected(fake) as registry:
        registry.digest(PLACE, "1.0.0")
        fake.instead = lambda _: b""
        fake.asked.clear()
        with pytest.raises(RegistryFailed):
            registry.digest(PLACE, "1.0.0")

    # Once on the old connection, once on a new one, and no more.
    assert fake.asked == ["HEAD /v2/egress/teams/payments/manifests/1.0.0"] * 2


def test_an_idle_connection_that_fails_otherwise_is_said(fake: FakeRegistry) -> None:
    with connected(fake) as registry:
        registry.digest(PLACE, "1.0.0")
        fake.asked.clear()
        fake.instead = lambda _: b"nonsense\r\n"
        with pytest.raises(RegistryFailed) as failed:
            registry.digest(PLACE, "1.0.0")

    assert (
        f"registry {fake.address}: HEAD /v2/egress/teams/payments/manifests/1.0.0: the response is "
        "not HTTP; is something else listening there?" == str(failed.value)
    )
    assert len(fake.asked) == 1
