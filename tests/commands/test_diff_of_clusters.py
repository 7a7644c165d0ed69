"""What a change really does to clusters: another release, another name, another tool."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.policy_repository import edit, git
from support.review.diffed_example import AS_OF, changed, commit, copy, organisation
from transire.api import DIFF_FORMATS, diff, generate
from transire.review.diff.changes import Event

TEAM = "values/teams/payments.yaml"
IDENTITY = "values/teams/identity.yaml"
PLATFORM = "values/platform.yaml"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def _tolerated(root: Path) -> None:
    edit(root, PLATFORM, "guardrails:\n", "guardrails:\n  renamed-release: warning\n")


@pytest.mark.slow("long runs in a repository")
def test_a_release_that_can_say_more_shows_what_that_opens(root: Path) -> None:
    edit(root, PLATFORM, 'version: "1.19"', 'version: "1.18"')
    edit(root, PLATFORM, "    hardening: [sni]\n", "")
    edit(root, TEAM, 'to: ["**.storage', 'approximate: [narrow]\n    to: ["**.storage')
    generate(root, base="main", as_of=AS_OF)
    base = commit(root)
    edit(root, PLATFORM, 'version: "1.18"', 'version: "1.19"')

    found = diff(root, base=base, as_of=AS_OF)
    text = DIFF_FORMATS["text"](found).splitlines()

    assert [each.name for each in found.targets if each.gains] == ["payments-prod.prod-eu"]
    assert "  ! the engine was cilium@1.18 and is cilium@1.19" in text
    assert (
        "  + opens: any pod to **.storage.example.net (instead of *.storage.example.net, "
        "*.*.storage.example.net, *.*.*.storage.example.net and 1 more) on 443/TCP, such as "
        "a.a.a.a.a.storage.example.net:443"
    ) in text
    assert (
        "  ! no longer: **.storage.example.net is narrowed to *.storage.example.net, "
        "*.*.storage.example.net, *.*.*.storage.example.net, *.*.*.*.storage.example.net; for "
        "example a.b.c.d.e.storage.example.net is meant although it is not allowed"
    ) in text
    assert (
        "no team, identity: batch on prod-eu; identity on prod-eu (prod): same, risk none" in text
    )


@pytest.mark.slow("long runs in a repository")
def test_a_renamed_team_is_to_be_handed_over(root: Path) -> None:
    git(root, "mv", IDENTITY, "values/teams/access.yaml")
    edit(root, "values/teams/access.yaml", "team: identity", "team: access")
    edit(root, "values/exceptions.yaml", "team: identity", "team: access")
    _tolerated(root)

    found = changed(root)
    text = DIFF_FORMATS["text"](found)

    assert {each.events for each in found.targets} == {(Event.HANDOVER,)}
    assert (
        "  ! the namespace is published by another release: nothing takes the old release away, "
        "and until somebody hands its policies over by hand they stay as they were last and the "
        "new release may be refused\n"
    ) in text
    assert (
        "    on edge: egress-identity-identity-edge (Argo CD) -> "
        "egress-access-identity-edge (Argo CD)\n"
    ) in text
    assert "medium: the old release stays, with its policies, until" in text


def test_another_tool_is_another_release(root: Path) -> None:
    text = (root / PLATFORM).read_text("utf-8")
    head, edge, tail = text.partition("  edge:\n")
    (root / PLATFORM).write_text(head + edge + tail.replace("argocd", "flux", 1), "utf-8")
    _tolerated(root)

    found = changed(root)
    targets = {each.name: each for each in found.targets}

    assert targets["identity.edge"].events == (Event.HANDOVER,)
    assert targets["batch.edge"].events == (Event.HANDOVER,)
    assert (
        "    on edge: egress-identity-identity-edge (Argo CD) -> egress-identity-identity-edge "
        "(Flux)\n"
    ) in DIFF_FORMATS["text"](found)
    assert "    on edge: egress-baseline-edge (Argo CD) -> egress-baseline-edge (Flux)\n" in (
        DIFF_FORMATS["text"](found)
    )


@pytest.mark.slow("long runs in a repository")
def test_a_cluster_under_another_name_is_named_at_the_top(root: Path) -> None:
    edit(root, PLATFORM, "  edge:\n", "  rim:\n")
    edit(root, IDENTITY, "identity: [prod-eu, edge]", "identity: [prod-eu, rim]")
    edit(root, "values/exceptions.yaml", "identity: [edge, prod-eu]", "identity: [prod-eu, rim]")
    _tolerated(root)

    shown = DIFF_FORMATS["text"](changed(root)).splitlines()

    assert (
        "platform: what was published to 'edge' would be published to 'rim', under other names, "
        "and nothing takes the old releases away"
    ) in shown


def test_another_tool_of_a_cluster_leaves_the_releases_of_the_platform_too(root: Path) -> None:
    edit(root, PLATFORM, "gitops: flux\n  prod-onprem", "gitops: argocd\n  prod-onprem")
    _tolerated(root)

    assert [each for each in changed(root).notes if "nothing takes the old away" in each] == [
        (
            "Argo CD publishes egress-baseline-prod-us on prod-us, and no longer Flux: nothing "
            "takes the old away, and until somebody hands it over by hand it stays as it was last"
        )
    ]
