"""A symptom names hosts, addresses, ports and workloads, and tells what is open from what is not."""

from __future__ import annotations

import pytest

from transire.review.doctor.symptom import Symptom


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("api.example.com times out", ("api.example.com",)),
        ("https://API.example.com:8443/v1 fails", ("api.example.com",)),
        ("uploads.example.net: reset", ("uploads.example.net",)),
        ("neither a.example.org nor b.example.org.", ("a.example.org", "b.example.org")),
        ("http://catalog.catalog", ("catalog.catalog",)),
        ("198.51.100.7:443 times out", ()),
        ("release 1.18.4 of the agent", ()),
    ],
)
def test_hosts_are_names_with_a_dot(text: str, hosts: tuple[str, ...]) -> None:
    assert Symptom(text).hosts == hosts


@pytest.mark.parametrize(
    ("text", "addresses", "port"),
    [
        ("the relay 198.51.100.25:587 is denied", ("198.51.100.25",), 587),
        ("[2001:db8::7]:443 is denied", ("2001:db8::7",), 443),
        ("http://feed.example.com fails", (), 80),
        ("https://feed.example.com fails", (), 443),
        ("web cannot reach port 5432", (), 5432),
        ("fails since 06:00 with 503", (), None),
    ],
)
def test_addresses_and_ports_are_found(
    text: str, addresses: tuple[str, ...], port: int | None
) -> None:
    assert Symptom(text).addresses == addresses
    assert Symptom(text).port == port


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("crm can reach paste.example.org", True),
        ("web still reaches it", True),
        ("nothing is denied in shop", True),
        ("it should be blocked", True),
        ("web cannot reach api.example.com", False),
        ("web can no longer reach api.example.com", False),
        ("api.example.com times out", False),
    ],
)
def test_what_is_let_through_is_told_from_what_is_not(text: str, is_open: bool) -> None:
    assert Symptom(text).is_open is is_open


def test_words_of_what_works_name_no_workload_in_trouble() -> None:
    symptom = Symptom("sender cannot resolve names; digest has no trouble")

    assert "sender" in symptom.troubled_words
    assert "digest" not in symptom.troubled_words
