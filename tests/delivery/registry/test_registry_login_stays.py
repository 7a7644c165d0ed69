"""A login is for one registry: whatever leads elsewhere, it does not go along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from support.delivery.fake_registry import FakeRegistry, fake_registry, response
from support.delivery.small_charts import LOGIN, PLACE, connected, made
from transire.delivery.registry.auth import Access
from transire.delivery.registry.charts import Registry
from transire.delivery.registry.credentials import find_login
from transire.delivery.registry.http import Requested, Transport, origin, trust
from transire.model.problems import RegistryFailed

MANIFEST = "/v2/egress/teams/payments/manifests/1.0.0"
TAGS = "/v2/egress/teams/payments/tags/list"


@pytest.fixture
def other() -> Iterator[FakeRegistry]:
    """Another host, which wants a login for everything."""
    with fake_registry() as registry:
        yield registry


def challenge(kind: str, host: str) -> bytes:
    how = {"basic": 'Basic realm="x"', "bearer": f'Bearer realm="http://{host}/token",service="s"'}
    return response("401 Unauthorized", WWW_Authenticate=how[kind])


def leading(line: str, there: bytes) -> Callable[[str], bytes | None]:
    return lambda asked: there if asked.startswith(line) else None


Use = Callable[[Registry], object]
LOOK: Use = lambda registry: registry.digest(PLACE, "1.0.0")  # noqa: E731
READ: Use = lambda registry: registry.manifest(PLACE, "1.0.0")  # noqa: E731


@pytest.mark.parametrize("kind", ["basic", "bearer"])
@pytest.mark.parametrize("realm", ["here", "there"])
@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_host_that_a_redirection_leads_to_gets_no_login(
    fake: FakeRegistry, other: FakeRegistry, *, kind: str, realm: str, method: str
) -> None:
    use = LOOK if method == "HEAD" else READ
    there = response("307 Temporary Redirect", Location=f"http://{other.address}{MANIFEST}")
    fake.instead = leading(f"{method} {MANIFEST}", there)
    host = fake.address if realm == "here" else other.address
    other.instead = lambda _: challenge(kind, host)

    with connected(fake, LOGIN) as registry, pytest.raises(RegistryFailed) as failed:
        use(registry)

    assert str(failed.value) == (
        f"registry {fake.address}: {method} {MANIFEST}: it leads to {other.address}, which asks "
        f"for a login, and that of {fake.address} is for no other host"
    )
    assert other.logins == fake.logins == []


@pytest.mark.parametrize("use", [LOOK, READ], ids=["head", "get"])
def test_a_login_that_the_registry_took_does_not_go_along_either(
    fake: FakeRegistry, other: FakeRegistry, use: Use
) -> None:
    with connected(fake, LOGIN) as registry:
        wanted = [challenge("basic", "")]
        fake.instead = lambda _: wanted.pop() if wanted else None
        use(registry)
        there = response("307 Temporary Redirect", Location=f"http://{other.address}{MANIFEST}")
        fake.instead = leading(f"{'HEAD' if use is LOOK else 'GET'} {MANIFEST}", there)
        use(registry)

    assert fake.logins.count(LOGIN.basic) == len(fake.logins) >= 2
    assert other.asked
    assert other.logins == []


def test_a_token_service_elsewhere_gets_no_login(fake: FakeRegistry, other: FakeRegistry) -> None:
    fake.instead = lambda _: challenge("bearer", other.address)

    with connected(fake, LOGIN) as registry, pytest.raises(RegistryFailed) as failed:
        registry.digest(PLACE, "1.0.0")

    assert str(failed.value) == (
        f"registry {fake.address}: HEAD {MANIFEST}: it leaves the login to {other.address}, and "
        f"that of {fake.address} is for no other host; if {other.address} may have it, set "
        f"TRANSIRE_REGISTRY_TOKEN_HOST={other.address}"
    )
    assert other.asked == []


def test_a_token_service_elsewhere_may_be_asked_where_there_is_no_login(
    fake: FakeRegistry, other: FakeRegistry
) -> None:
    wanted = [challenge("bearer", other.address)]
    fake.instead = lambda _: wanted.pop() if wanted else None
    token = response("200 OK", b'{"token": "t"}', Content_Type="application/json")
    other.instead = lambda _: token

    with connected(fake) as registry:
        assert registry.digest(PLACE, "1.0.0") is None

    assert fake.logins == ["Bearer t", "Bearer t"]
    assert other.logins == []


@pytest.mark.parametrize(
    ("registry", "realm", "named", "goes"),
    [
        ("registry-1.docker.io", "https://auth.docker.io/token", "", True),
        ("registry.example.com:5000", "https://gitlab.example.com/jwt/auth", "", True),
        ("registry.example.com", "https://REGISTRY.example.com:443/token", "", True),
        ("registry.example.com", "https://registry.example.com:8443/token", "", True),
        ("registry.example.com", "http://gitlab.example.com/jwt/auth", "", False),
        ("registry.example.com", "https://example.com.evil.example/token", "", False),
        ("registry.example.com", "https://registry.example.com@evil.example/token", "", False),
        ("registry.example.com", "https://evil-example.com/token", "", False),
        ("one.github.io", "https://two.github.io/token", "", False),
        ("registry.example.co.uk", "https://evil.co.uk/token", "", False),
        ("10.0.0.1", "https://10.0.0.2/token", "", False),
        ("10.0.0.1", "https://10.9.0.1/token", "", False),
        ("[fd00::1]", "https://[fd00::1]:5001/token", "", False),
        ("10.0.0.1:5000", "https://10.0.0.1:5001/token", "", False),
        ("localhost:5000", "https://localhost:5001/token", "", False),
        ("rg.fr-par.scw.cloud", "https://api.scaleway.com/token", "", False),
        ("rg.fr-par.scw.cloud", "https://api.scaleway.com/token", "api.scaleway.com", True),
        ("rg.fr-par.scw.cloud", "http://api.scaleway.com/token", "api.scaleway.com", False),
        ("rg.fr-par.scw.cloud", "https://api.scaleway.com/token", "scaleway.com", False),
    ],
)
def test_who_may_have_the_login_to_give_tokens(
    registry: str, realm: str, named: str, *, goes: bool
) -> None:
    sent: list[Requested] = []

    class Offline(Transport):
        def send(self, asked: Requested):  # type: ignore[no-untyped-def]  # noqa: ANN202
            sent.append(asked)
            raise asked.failed("offline")

    access = Access(
        transport=Offline(context=trust(None)),
        home=origin(f"https://{registry}"),
        login=replace(LOGIN, token_host=named),
    )
    asked = Requested(method="GET", url=f"https://{registry}/v2/")
    with pytest.raises(RegistryFailed):
        access._token(asked, {"realm": realm})  # noqa: SLF001

    assert [each.headers.get("Authorization") for each in sent] == [LOGIN.basic] * goes


def test_the_host_that_may_give_tokens_comes_from_the_environment() -> None:
    environment = {
        "TRANSIRE_REGISTRY_USERNAME": "me",
        "TRANSIRE_REGISTRY_PASSWORD": "p",
        "TRANSIRE_REGISTRY_TOKEN_HOST": "auth.example.net:8443",
    }
    login = find_login("h", environment)

    assert login is not None
    assert environment["TRANSIRE_REGISTRY_TOKEN_HOST"] == login.token_host


def test_the_next_page_of_tags_is_at_the_same_host(fake: FakeRegistry, other: FakeRegistry) -> None:
    page = response(
        "200 OK",
        b'{"tags": ["1.0.0"]}',
        Content_Type="application/json",
        Link=f'<http://{other.address}{TAGS}>; rel="next"',
    )
    fake.instead = lambda _: page

    with connected(fake, LOGIN) as registry, pytest.raises(RegistryFailed) as failed:
        registry.tags(PLACE)

    assert str(failed.value) == (
        f"registry {fake.address}: GET {TAGS}: it has the next page at another host: "
        f"{other.address}"
    )
    assert other.asked == []


def test_an_upload_is_to_the_same_host(fake: FakeRegistry, other: FakeRegistry) -> None:
    elsewhere = response("202 Accepted", Location=f"http://{other.address}/v2/x/blobs/uploads/1")
    fake.instead = leading("POST", elsewhere)

    with connected(fake, LOGIN) as registry, pytest.raises(RegistryFailed, match="another host"):
        registry.put(PLACE, made())

    assert other.asked == []


@pytest.mark.parametrize("location", ["http://[::1", "//[", "http://a:b/", "\x1b", ""])
def test_an_address_that_is_none_is_said(fake: FakeRegistry, location: str) -> None:
    fake.instead = lambda _: response("307 Temporary Redirect", Location=location)

    with connected(fake, LOGIN) as registry, pytest.raises(RegistryFailed):
        registry.digest(PLACE, "1.0.0")

    assert fake.logins == []


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"{", b"nul"])
def test_an_answer_that_is_no_json_is_said(fake: FakeRegistry, body: bytes) -> None:
    fake.instead = lambda _: response("200 OK", body, Content_Type="application/json")

    with connected(fake, LOGIN) as registry:
        with pytest.raises(RegistryFailed):
            registry.tags(PLACE)
        with pytest.raises(RegistryFailed):
            registry.archive(PLACE, "1.0.0")
