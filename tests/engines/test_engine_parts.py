"""An engine without one of its parts is none: it fails when it is made, and opens nothing."""

from __future__ import annotations

import inspect
from abc import ABCMeta
from dataclasses import MISSING, fields, replace
from typing import Any

import pytest

from transire.engines.api.capabilities import Audit, Capabilities
from transire.engines.api.engine import Engine, PolicyScope
from transire.engines.api.health import Health
from transire.engines.api.kinds import Kinds
from transire.engines.api.networkpolicy_api import NetworkPolicyApi, NetworkPolicyCorrections
from transire.engines.api.policy_view import Corrections, PolicyApi, PolicyView
from transire.engines.registry import ENGINES

KUBERNETES = ENGINES["kubernetes"]
VALUES: tuple[Any, ...] = (
    KUBERNETES,
    KUBERNETES.view,
    KUBERNETES.capabilities,
    KUBERNETES.capabilities.audit,
    KUBERNETES.scope,
    KUBERNETES.health,
)
"""One of each value that an engine consists of."""

PARTS = [(value, each.name) for value in VALUES for each in fields(value)]
METHODS = [
    (base, name) for base in (PolicyApi, Corrections) for name in sorted(base.__abstractmethods__)
]


@pytest.mark.parametrize(
    ("value", "part"), PARTS, ids=[f"{type(value).__name__}.{part}" for value, part in PARTS]
)
def test_a_value_without_a_part_cannot_be_made(value: Any, part: str) -> None:  # noqa: ANN401
    given = {each.name: getattr(value, each.name) for each in fields(value) if each.name != part}

    with pytest.raises(TypeError, match=f"missing 1 required keyword-only argument: '{part}'"):
        type(value)(**given)


def test_the_values_are_those_that_an_engine_consists_of() -> None:
    kinds = {type(each) for each in VALUES}

    assert kinds == {Engine, PolicyView, Capabilities, Audit, PolicyScope, Health}


@pytest.mark.parametrize(("base", "name"), METHODS, ids=[f"{b.__name__}.{n}" for b, n in METHODS])
def test_an_api_without_a_part_cannot_be_made(base: type, name: str) -> None:
    made = NetworkPolicyApi if base is PolicyApi else NetworkPolicyCorrections
    forgetful = type("Forgetful", (made,), {name: getattr(base, name)})

    with pytest.raises(TypeError, match=f"abstract method '?{name}'?"):
        forgetful()


@pytest.mark.parametrize("base", [PolicyApi, Corrections])
def test_an_api_gives_nothing_by_default(base: ABCMeta) -> None:
    public = {name for name, _ in inspect.getmembers(base) if not name.startswith("_")}

    assert public == base.__abstractmethods__


def test_an_engine_without_an_api_or_kinds_is_refused() -> None:
    with pytest.raises(ValueError, match="an engine without an API has no policies"):
        replace(KUBERNETES.view, apis=())
    with pytest.raises(ValueError, match="an engine without kinds publishes nothing"):
        Kinds(team=(), baseline=())
    with pytest.raises(ValueError, match="toy has the releases of kubernetes"):
        replace(KUBERNETES, name="toy")


def test_the_parts_of_an_engine_have_no_defaults() -> None:
    parts = [each for value in VALUES for each in fields(value)]

    assert [each.name for each in parts if each.default is not MISSING] == []
    assert [each.name for each in parts if each.default_factory is not MISSING] == []
