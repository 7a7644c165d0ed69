"""How to log in, and what is said where that is not possible."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.delivery.fake_registry import FakeRegistry, response
from support.delivery.small_charts import LOGIN, PLACE, connected, made, refusal
from transire.delivery.registry.charts import registry_host
from transire.delivery.registry.credentials import find_login
from transire.delivery.registry.http import trust
from transire.model.problems import UsageError


def test_a_token_is_fetched_where_the_registry_says_and_used_again(fake: FakeRegistry) -> None:
    each = made()
    with connected(fake, LOGIN) as registry:
        realm = f"http://{fake.address}/token"
        challenge = f'Bearer realm="{realm}",service="here",scope="repository:x:pull"'
        fake.instead = _token_wanted(challenge, times=1)
        assert None is registry.digest(PLACE, "1.0.0")
        assert None is registry.digest(PLACE, "1.0.0")
        assert [line for line in fake.asked if "token" in line] == [
            "GET /token?service=here&scope=repository%3Ax%3Apull"
        ]
        registry.put(PLACE, each)


def _token_wanted(challenge: str, times: int) -> Callable[[str], bytes | None]:
    left = [times]

    def instead(line: str) -> bytes | None:
        if "/token" in line:
            return response("200 OK", b'{"token": "t"}', Content_Type="application/json")
        left[0] -= 1
        return response("401 Unauthorized", WWW_Authenticate=challenge) if left[0] >= 0 else None

    return instead


@pytest.mark.parametrize(
    ("challenge", "said"),
    [
        ("", "it asks for a login in a way that is not known: ''"),
        ("Negotiate", "it asks for a login in a way that is not known: 'Negotiate'"),
        ('Bearer realm=""', "it names no address to go on with"),
        ("Basic", "it refuses the login of 'publisher', from the test"),
    ],
)
def test_a_login_that_cannot_be_made_is_said(fake: FakeRegistry, challenge: str, said: str) -> None:
    fake.instead = lambda _: response("401 Unauthorized", WWW_Authenticate=challenge)

    assert refusal(fake, LOGIN).endswith(f": {said}")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (response("401 Unauthorized"), "it refuses the login of 'publisher', from the test"),
        (response("200 OK", b"{}"), "responded without a token"),
        (response("200 OK", b"[]"), "responded 200 OK"),
        (
            response("200 OK", b"<html>", Content_Type="text/html"),
            (
                "responded 200 OK with an HTML page; is the address a registry's, or does something in "
                "between want a login?"
            ),
        ),
    ],
)
def test_a_token_service_that_gives_no_token_is_said(
    fake: FakeRegistry, answer: bytes, said: str
) -> None:
    challenge = f'Bearer realm="http://{fake.address}/token"'
    fake.instead = lambda line: (
        answer if "/token" in line else response("401 Unauthorized", WWW_Authenticate=challenge)
    )

    assert f"registry HOST: GET /token: {said}" == refusal(fake, LOGIN)


def test_the_environment_comes_before_the_docker_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"auths": {"h:5000": {"username": "file", "password": "p"}}}')
    environment = {"TRANSIRE_REGISTRY_USERNAME": "me", "TRANSIRE_REGISTRY_PASSWORD": "p"}

    names = [
        (found.username, found.source) if found else None
        for found in (
            find_login("h:5000", environment, config),
            find_login("h:5000", {}, config),
            find_login("h:5000", {"DOCKER_CONFIG": str(tmp_path)}),
            find_login("h:5001", {"DOCKER_CONFIG": str(tmp_path)}),
            find_login("h:5000", {"HOME": str(tmp_path)}),
        )
    ]
    assert [
        ("me", "TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD"),
        ("file", str(config)),
        ("file", str(config)),
        None,
        None,
    ] == names


def test_a_password_is_in_no_text() -> None:
    assert "correct horse" not in f"{LOGIN!r} {LOGIN}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "PATH cannot be read: No such file or directory"),
        ("{", "PATH is no Docker configuration: it is not JSON"),
        (
            '{"credsStore": "desktop"}',
            (
                "PATH leaves h to the credential helper 'desktop', which is not run: set "
                "TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD"
            ),
        ),
        (
            '{"auths": {"h": {}}, "credHelpers": {"h": "ecr-login"}}',
            (
                "PATH leaves h to the credential helper 'ecr-login', which is not run: set "
                "TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD"
            ),
        ),
        (
            '{"auths": {"h": {"identitytoken": "t"}}}',
            (
                "PATH holds an identity token, which is not understood: set "
                "TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD"
            ),
        ),
        (
            '{"auths": {"h": {"auth": "%%"}}}',
            "PATH holds a login that is not base64: log in again",
        ),
    ],
)
def test_a_docker_configuration_that_does_not_help_says_why(
    tmp_path: Path, content: str | None, said: str
) -> None:
    config = tmp_path / "config.json"
    if content is not None:
        config.write_text(content)
    with pytest.raises(UsageError) as wrong:
        find_login("h", {}, config)

    assert said == str(wrong.value).replace(str(config), "PATH")


def test_half_a_login_is_none() -> None:
    with pytest.raises(UsageError) as wrong:
        find_login("h", {"TRANSIRE_REGISTRY_USERNAME": "me"})

    assert (
        str(wrong.value)
        == "TRANSIRE_REGISTRY_PASSWORD is not set, and a login has both: set it, or unset the other"
    )


def test_a_file_without_authorities_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("nothing")
    for name, said in (
        ("ca.crt", "ca.crt holds no certificate in PEM format"),
        ("none", "none cannot be read: No such file or directory"),
    ):
        with pytest.raises(UsageError) as wrong:
            trust(tmp_path / name)
        assert said == str(wrong.value).removeprefix(f"{tmp_path}{os.sep}")


def test_the_host_of_an_address() -> None:
    assert [registry_host("oci://h:5000/a/b"), registry_host("oci://h")] == ["h:5000", "h"]
