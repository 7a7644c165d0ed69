"""A wildcard is judged as every engine reads it where its rule holds."""

from __future__ import annotations

import pytest

from support.values.rules_of_teams import messages

RULE = "no-public-suffix-wildcard"
CILIUM = 'engine: cilium, version: "1.19", environment: prod'
OLD = 'engine: cilium, version: "1.17", environment: prod'
ENTERPRISE = 'engine: calico-enterprise, version: "3.22", environment: prod'
PLAIN = "engine: kubernetes, environment: edge"


def rule(host: str, **more: str) -> str:
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return f'{{name: storage, reason: keep parcels, ticket: SEC-1, to: ["{host}"]{rest}}}'


def found(host: str, cluster: str, **more: str) -> list[str]:
    return messages(RULE, {"shop": [rule(host, **more)]}, clusters={"here": cluster})


def test_one_label_above_a_suffix_is_fine_where_it_stays_one_label() -> None:
    assert found("*.amazonaws.com", CILIUM) == []
    assert found("*.amazonaws.com", PLAIN) == []


def test_one_label_above_a_suffix_is_found_where_it_is_read_as_any_depth() -> None:
    assert found("*.amazonaws.com", ENTERPRISE, approximate="[widen]") == [
        (
            "the wildcard *.amazonaws.com, **.amazonaws.com on here, lets in names that anybody "
            "can register below s3.amazonaws.com"
        )
    ]


def test_only_clusters_count_on_which_the_rule_holds() -> None:
    clusters = {"eu": CILIUM, "it": ENTERPRISE.replace("prod", "lab")}
    written = {"shop": [rule("*.amazonaws.com", environments="[prod]")]}

    assert messages(RULE, written, clusters=clusters) == []
    assert len(messages(RULE, {"shop": [rule("*.amazonaws.com")]}, clusters=clusters)) == 1


def test_any_depth_that_is_narrowed_is_found_all_the_same() -> None:
    assert found("**.fastly.net", OLD, approximate="[narrow]") == [
        ("the wildcard **.fastly.net lets in names that anybody can register below map.fastly.net")
    ]


def test_rules_for_everyone_are_looked_at() -> None:
    everyone = [rule("**.windows.net", approximate="[narrow]")]
    books = ["{name: api, reason: sell books, to: [api.example.com]}"]

    assert messages(RULE, {"books": books}, everyone, {"here": OLD}) == [
        (
            "the wildcard **.windows.net lets in names that anybody can register below "
            "database.windows.net"
        )
    ]


@pytest.mark.parametrize("host", ["*.nip.io", "**.sslip.io", "app.*.10-0-0-1.nip.io"])
def test_names_that_answer_with_any_address_are_found(host: str) -> None:
    [message] = found(host, CILIUM)

    assert "names that answer with any address" in message


@pytest.mark.parametrize("host", ["*.googleapis.com", "**.githubusercontent.com", "*.google"])
def test_a_registry_entry_with_one_owner_is_fine(host: str) -> None:
    assert found(host, CILIUM) == []
