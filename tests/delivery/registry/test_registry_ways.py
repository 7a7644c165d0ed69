"""Where a registry's answers lead, and where they must not."""

from __future__ import annotations

import socket
import threading

import pytest

from support.delivery.fake_registry import FakeRegistry, response
from support.delivery.small_charts import LOGIN, PLACE, connected, pushed, refusal
from transire.model.problems import RegistryFailed


def test_an_upload_is_sent_to_no_other_host(fake: FakeRegistry) -> None:
    fake.instead = lambda line: (
        response("202 Accepted", Location="http://elsewhere.example.com/upload")
        if line.startswith("POST")
        else None
    )

    assert (
        refusal(fake)
        == "registry HOST: POST /v2/egress/teams/payments/blobs/uploads/: it sends the upload to "
        "another host: elsewhere.example.com"
    )


def test_an_upload_without_an_address_is_said(fake: FakeRegistry) -> None:
    fake.instead = lambda line: response("202 Accepted") if line.startswith("POST") else None

    assert (
        refusal(fake)
        == "registry HOST: POST /v2/egress/teams/payments/blobs/uploads/: it names no address to go "
        "on with"
    )


def test_a_blob_may_be_stored_elsewhere_but_the_login_does_not_go_there(
    fake: FakeRegistry,
) -> None:
    each = pushed(fake)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as storage:

        def serve() -> None:
            client, _ = storage.accept()
            with client:
                heard.append(client.recv(65536))
                client.sendall(response("200 OK", each.archive, Connection="close"))

        thread = threading.Thread(target=serve)
        thread.start()
        where = f"http://127.0.0.1:{storage.getsockname()[1]}/blob"
        fake.instead = lambda line: (
            response("307 Temporary Redirect", Location=where) if "/blobs/" in line else None
        )
        with connected(fake, LOGIN) as registry:
            assert each.archive == registry.archive(PLACE, "1.0.0")
        thread.join()

    assert b"authorization" not in heard[0].lower()


def test_a_circle_of_redirections_ends(fake: FakeRegistry) -> None:
    fake.instead = lambda line: response("302 Found", Location=line.split(" ")[1])
    with connected(fake) as registry, pytest.raises(RegistryFailed) as failed:
        registry.manifest(PLACE, "1.0.0")

    assert (
        f"registry {fake.address}: GET /v2/egress/teams/payments/manifests/1.0.0: redirected more "
        "than 5 times" == str(failed.value)
    )


def test_an_answer_with_another_digest_is_not_taken(fake: FakeRegistry) -> None:
    each = pushed(fake)
    fake.blobs[each.digests.archive] = b"something else"
    fake.manifests[f"egress/{PLACE}@{each.digests.manifest}"] = b"{}"
    with connected(fake) as registry:
        for ask in (registry.archive, registry.manifest):
            with pytest.raises(RegistryFailed) as failed:
                ask(PLACE, "1.0.0" if ask == registry.archive else each.digests.manifest)
            assert str(failed.value).endswith(
                ": the response has another digest than was requested"
            )


def test_what_is_no_chart_is_not_pulled(fake: FakeRegistry) -> None:
    fake.manifests[f"egress/{PLACE}:1.0.0"] = b'{"layers": []}'
    with connected(fake) as registry:
        for version, why in (
            ("1.0.0", "this is no Helm chart"),
            ("2.0.0", "there is no such chart"),
        ):
            with pytest.raises(RegistryFailed) as failed:
                registry.archive(PLACE, version)
            assert (
                f"registry {fake.address}: GET /v2/egress/teams/payments/manifests/{version}: {why}"
                == str(failed.value)
            )


def test_long_lists_of_tags_are_read_to_their_end(fake: FakeRegistry) -> None:
    pages = [
        response(
            "200 OK",
            b'{"tags": ["1.0.0"]}',
            Link='</v2/egress/teams/payments/tags/list?last=1.0.0>; rel="next"',
        ),
        response("200 OK", b'{"tags": ["1.1.0"]}'),
    ]
    fake.instead = lambda _: pages.pop(0)
    with connected(fake) as registry:
        assert registry.tags(PLACE) == ("1.0.0", "1.1.0")
    assert fake.asked[1].endswith("?last=1.0.0")
