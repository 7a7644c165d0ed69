"""`advise`: what to set in a cluster, by the platform's file and by its agents' settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.policy_repository import copy_example, edit, run
from transire.api import ADVICE_FORMATS, ClusterAdvice, advise
from transire.engines.api.advice import Standing, seconds_in
from transire.engines.registry import ENGINES
from transire.model.problems import UsageError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("advised"))


def config(folder: Path, **settings: str) -> Path:
    """The settings of Cilium's agents, as `kubectl get` prints them."""
    file = folder / "config.yaml"
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cilium-config", "namespace": "kube-system"},
        "data": {key.replace("_", "-"): value for key, value in settings.items()},
    }
    file.write_text(yaml.safe_dump(body), encoding="utf-8")
    return file


def standings(found: ClusterAdvice) -> dict[str, Standing]:
    return {each.setting: each.standing for each in found.advice}


def felix(folder: Path, **spec: str) -> Path:
    file = folder / "felix.yaml"
    body: dict[str, Any] = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "FelixConfiguration",
        "metadata": {"name": "default"},
        "spec": spec,
    }
    file.write_text(yaml.safe_dump(body), encoding="utf-8")
    return file


def test_what_is_not_given_is_not_known(root: Path) -> None:
    found = {each.cluster.name: each for each in advise(root)}

    assert list(found) == ["edge", "prod-eu", "prod-onprem", "prod-us", "staging"]
    for name in ("prod-eu", "prod-us", "prod-onprem"):
        settings = [each for each in found[name].advice if each.where.startswith(("dns", "felix"))]
        assert settings
        assert {each.standing for each in settings} == {Standing.LOOK}
        assert {each.now for each in settings} == {""}
    assert all(each.unseen for each in found.values())


def test_settings_of_agents_are_held_against_the_advice(root: Path, tmp_path: Path) -> None:
    file = config(tmp_path, tofqdns_min_ttl="3600", tofqdns_idle_connection_grace_period="1m30s")

    (found,) = advise(root, cluster="prod-eu", files=file)

    assert standings(found) == {
        "tofqdns-min-ttl": Standing.CHANGE,
        "dnsproxy-enable-transparent-mode": Standing.CHANGE,
        "networkaddress.cache.ttl": Standing.LOOK,
        "cache": Standing.LOOK,
        "network.families": Standing.LOOK,
        "dns.restrict": Standing.WEIGH,
        "tofqdns-idle-connection-grace-period": Standing.FINE,
        "tofqdns-endpoint-max-ip-per-hostname": Standing.FINE,
        "tofqdns-proxy-response-max-delay": Standing.FINE,
        "tofqdns-preallocate-identities": Standing.FINE,
        "open connections after a narrowing": Standing.FINE,
    }
    assert found.advice[0].standing is Standing.CHANGE


@pytest.mark.parametrize(
    ("written", "expected"),
    [("0s", Standing.CHANGE), ("59s", Standing.CHANGE), ("1m", Standing.FINE),
     ("120", Standing.FINE), ("soon", Standing.CHANGE)],
)  # fmt: skip
def test_a_grace_period_is_read_as_the_agent_does(
    root: Path, tmp_path: Path, written: str, expected: Standing
) -> None:
    file = config(tmp_path, tofqdns_idle_connection_grace_period=written)

    (found,) = advise(root, cluster="prod-eu", files=file)

    assert standings(found)["tofqdns-idle-connection-grace-period"] is expected


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0", 0), ("90", 90), ("1m30s", 90), ("100ms", 0.1), ("1.5h", 5400), ("", None), ("m", None),
     ("-1s", None)],
)  # fmt: skip
def test_a_duration(written: str, seconds: float | None) -> None:
    assert seconds_in(written) == seconds


def test_a_release_with_a_fault_is_to_change_and_one_without_a_patch_to_be_looked_at(
    tmp_path: Path,
) -> None:
    root = copy_example(tmp_path)

    for version, expected in (
        ("1.18.4", Standing.CHANGE),
        ("1.18.9", Standing.FINE),
        ("1.18", Standing.LOOK),
    ):
        folder = copy_example(tmp_path / version)
        edit(folder, "values/platform.yaml", 'version: "1.19"', f'version: "{version}"')
        (found,) = advise(folder, cluster="prod-eu")
        assert standings(found)["version"] is expected
        assert [each.value for each in found.advice if each.setting == "version"] == [
            "1.18.9 or later"
        ]
    (found,) = advise(root, cluster="prod-eu")
    assert "version" not in standings(found)


def test_restricted_lookups_and_small_caps_have_advice_of_their_own(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    edit(
        root,
        "values/platform.yaml",
        "dns: {profile: coredns}",
        "dns: {profile: coredns, restrict: true}",
    )
    edit(root, "values/platform.yaml", 'version: "1.19"', 'version: "1.16"')
    file = config(tmp_path, tofqdns_min_ttl="0")

    (found,) = advise(root, cluster="prod-eu", files=file)

    assert standings(found)["tofqdns-dns-reject-response-code"] is Standing.CHANGE
    assert standings(found)["tofqdns-endpoint-max-ip-per-hostname"] is Standing.CHANGE
    assert standings(found)["dns.restrict"] is Standing.FINE
    assert "tofqdns-preallocate-identities" not in standings(found)


def test_settings_of_felix_are_held_against_the_advice(root: Path, tmp_path: Path) -> None:
    file = felix(tmp_path, dnsExtraTTL="2m", dnsPolicyMode="NoDelay")

    (found,) = advise(root, cluster="prod-onprem", files=file)

    found_standings = standings(found)
    assert found_standings["dnsPolicyMode"] is Standing.CHANGE
    assert found_standings["dnsTrustedServers"] is Standing.CHANGE
    assert found_standings["dnsExtraTTL"] is Standing.FINE
    assert found_standings["open connections after a narrowing"] is Standing.WEIGH


def test_engines_without_names_have_no_advice_about_them(root: Path) -> None:
    for each in advise(root):
        names = ENGINES[each.cluster.release.engine].capabilities.hosts.has(each.cluster.release)
        assert ("networkaddress.cache.ttl" in standings(each)) is names


def test_every_form_holds_the_same_advice(root: Path) -> None:
    found = advise(root)
    document = json.loads(ADVICE_FORMATS["json"](found))
    text, markdown = ADVICE_FORMATS["text"](found), ADVICE_FORMATS["markdown"](found)

    assert sum(len(each["advice"]) for each in document["clusters"]) == text.count("\n    why: ")
    for cluster in document["clusters"]:
        for each in cluster["advice"]:
            assert f"  {each['standing']}: {each['setting']}: " in text
            assert f"`{each['setting']}`" in markdown
    assert text.splitlines()[0] == "edge: kubernetes, without settings of its agents"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-f", "config.yaml"), "name the cluster of the settings: --cluster NAME"),
        (
            ("-f", "config.yaml", "--cluster", "staging"),
            "`transire docs advise` has the command that prints them",
        ),
        (
            ("--cluster", "x"),
            "there is no cluster 'x'; the clusters are edge, prod-eu, prod-onprem, prod-us, staging",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(root: Path, words: tuple[str, ...], message: str) -> None:
    config(root, tofqdns_min_ttl="0")

    ran = run(root, "advise", *words)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip().endswith(message)


def test_settings_of_another_cluster_are_no_settings_of_this_one(
    root: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="there are no settings of cilium in the input"):
        advise(root, cluster="prod-eu", files=felix(tmp_path, dnsExtraTTL="2m"))
