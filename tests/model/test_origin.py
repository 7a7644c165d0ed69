"""Where values are from, as pages show it; what logs in is never shown."""

from __future__ import annotations

import pytest

from transire.model.origin import Origin, repository_name

ORIGIN = Origin(organisation="Example", repository="git.example.com/a/b", commit="0a1b2c3d4e5f6071")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://git.example.com/a/b.git", "git.example.com/a/b"),
        ("https://user:secret@git.example.com/a/b.git", "git.example.com/a/b"),
        ("https://token@git.example.com/a/b", "git.example.com/a/b"),
        ("https://user:p%40ss@git.example.com:8443/a/b.git", "git.example.com:8443/a/b"),
        ("https://user:pa@ss@git.example.com/a", "git.example.com/a"),
        ("ssh://git@git.example.com:2222/a/b.git", "git.example.com:2222/a/b"),
        ("git@git.example.com:a/b.git", "git.example.com/a/b"),
        ("git.example.com:a/b.git", "git.example.com/a/b"),
        ("oci://registry.example.com/egress", "registry.example.com/egress"),
        ("/srv/git/policies.git", "/srv/git/policies"),
        ("", ""),
    ],
)
def test_an_address_is_named_without_scheme_and_login(address: str, name: str) -> None:
    assert repository_name(address) == name


def test_an_origin_is_one_line() -> None:
    assert str(ORIGIN) == "Example, git.example.com/a/b at 0a1b2c3d4e5f"
    assert str(Origin(repository="git.example.com/a", commit="0a1b", is_modified=True)) == (
        "git.example.com/a at 0a1b with changes"
    )
    assert str(Origin(organisation="Example", commit="0a1b")) == "Example, commit 0a1b"
    assert str(Origin()) == ""
