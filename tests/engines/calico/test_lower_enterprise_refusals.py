"""What Calico Enterprise cannot say of hosts, in full words."""

from __future__ import annotations

import pytest

from support.engines.lowering_refusals import in_rule, refused

VERSIONS = ["3.21", "3.22", "3.23"]


@pytest.mark.parametrize("version", VERSIONS)
def test_one_label_needs_consent_to_any_depth(version: str) -> None:
    expected = [
        in_rule(
            f"calico-enterprise@{version}",
            11,
            "*.example.com is one label, and calico enterprise takes *. for any depth "
            "(host-not-expressible)",
            "name the hosts, or use cilium; any depth is more than was asked for, and only "
            "approximate on the rule accepts it",
        )
    ]
    to = ["*.example.com"]

    assert expected == refused("calico-enterprise", version, to)
    assert expected == refused("calico-enterprise", version, to, approximate=["narrow"])
    assert refused("calico-enterprise", version, to, approximate=["widen"]) == []
    assert refused("calico-enterprise", version, ["**.example.com"]) == []


@pytest.mark.parametrize(
    "host", ["s3-*.example.com", "a.*.example.com", "*.*.example.com", "**.s3-*.example.com"]
)
def test_no_other_wildcard_is_said_even_by_consent(host: str) -> None:
    expected = [
        in_rule(
            "calico-enterprise@3.22",
            11,
            f"{host} has a star elsewhere than in one leading *., which calico enterprise does "
            "not match in every mode of its DNS policy (host-not-expressible)",
            "name the hosts, or use cilium",
        )
    ]

    assert expected == refused("calico-enterprise", "3.22", [host], approximate=["widen"])


@pytest.mark.parametrize("bare", ["*", "**"])
def test_a_bare_wildcard_is_given_to_nobody(bare: str) -> None:
    expected = [
        in_rule(
            "calico-enterprise@3.22",
            11,
            f"{bare} alone would be every name that anybody resolves (bare-wildcard)",
            "name the hosts, or a wildcard below a domain of one owner",
        )
    ]

    assert expected == refused("calico-enterprise", "3.22", [bare], approximate=["widen"])
