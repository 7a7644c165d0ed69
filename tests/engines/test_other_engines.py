"""Engines that are not modelled are known by name, and each table names the same ones."""

from __future__ import annotations

import pytest

from support.paths import DOCS
from transire.engines.other_engines import OTHER_ENGINES, other_engine
from transire.engines.registry import ENGINES

PAGE = (DOCS / "platforms" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("written", OTHER_ENGINES)
def test_the_help_names_an_engine_that_may_be_written_or_that_none_can(written: str) -> None:
    _, remedy = OTHER_ENGINES[written]

    words = [f"engine: {each}" for each in ENGINES]
    assert (
        any(word in remedy for word in words) or "enforces no policy" in remedy or "mesh" in remedy
    )
    assert written not in ENGINES


@pytest.mark.parametrize("title", sorted({title for title, _ in OTHER_ENGINES.values()}))
def test_the_page_has_every_engine(title: str) -> None:
    apart = {
        "Calico Cloud",
        "Calico Enterprise",
        "Istio",
        "Linkerd",
        "NetworkPolicy",
        "OpenShift SDN",
    }

    assert title in apart or title.replace("network policy agent", "agent") in PAGE


def test_words_are_found_however_they_are_spelt() -> None:
    assert other_engine("OVN_Kubernetes") == (
        "'engine' is 'OVN_Kubernetes', and OVN-Kubernetes is not modelled",
        (
            "write engine: kubernetes, whose NetworkPolicy it enforces, without names; its "
            "EgressFirewall is not written yet; see `transire docs platforms`"
        ),
    )
    assert other_engine("cilum") is None
