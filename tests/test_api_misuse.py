"""What a caller gets wrong ends in an error of ours with a sentence, whatever the types were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

import transire
from support.policy_repository import copy_example

TEAMS = (
    "analytics", "factory", "identity", "ledger", "messaging", "payments", "storefront",
)  # fmt: skip
A_PAIR = "a question is a pair such as ('shop/app=web', 'api.example.com:443'), not "
A_DAY = "as_of is a day such as date(2026, 11, 23), or a datetime with its offset from UTC, not "
NO_HELM = "there is no Helm 'bogus'; write sdk or cli"
MOMENT = datetime(2026, 11, 23)  # noqa: DTZ001 - that is the mistake
TARGET = "payments-prod.prod-eu"
BOGUS: Any = "bogus"
"""Any, since a type checker refuses most of these."""

MISUSES: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "a folder as base": (
        lambda root: transire.check(root, base=root),
        "--base {root} cannot be looked up: {root} is not in a Git repository",
    ),
    "a helm for check": (lambda root: transire.check(root, helm=BOGUS), NO_HELM),
    "a helm for generate": (lambda root: transire.generate(root, helm=BOGUS), NO_HELM),
    "a helm for diff": (lambda root: transire.diff(root, base=root, helm=BOGUS), NO_HELM),
    "a helm for render": (lambda root: transire.render(root, team="payments", helm=BOGUS), NO_HELM),
    "a helm for explain": (
        lambda root: transire.explain([], root=root, target=TARGET, helm=BOGUS),
        NO_HELM,
    ),
    "a day as text": (
        lambda root: transire.report(root, as_of=BOGUS),
        f"{A_DAY}'bogus'",
    ),
    "a moment of any time zone": (
        lambda root: transire.generate(root, as_of=MOMENT),
        f"{A_DAY}{MOMENT!r}",
    ),
    "a team to render that is none": (
        lambda root: transire.render(root, team="nobody"),
        "charts/teams/nobody has no targets; run `transire generate` first",
    ),
    "one pair for several": (
        lambda root: transire.explain(cast("Any", ("a/b=c", "d:1")), root=root, target=TARGET),
        f"{A_PAIR}'a/b=c'",
    ),
    "three of a pair": (
        lambda root: transire.explain(cast("Any", [("a", "b", "c")]), root=root, target=TARGET),
        f"{A_PAIR}('a', 'b', 'c')",
    ),
    "no file": (lambda _: transire.lint((), "cilium"), "no file is named; name at least one"),
    "no host": (
        lambda root: transire.add(root, team="payments", hosts=()),
        "no host is named; name at least one, or a range with --cidr",
    ),
    "no folder": (
        lambda _: transire.check("a\0"),
        "'a\\x00' names no folder: embedded null byte",
    ),
    "no team": (
        lambda root: transire.generate(root, teams=""),
        f"there is no team ''; the teams are {', '.join(TEAMS)}",
    ),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("misuse") / "policies")


@pytest.mark.parametrize("name", MISUSES)
def test_a_misuse_is_a_usage_error(root: Path, name: str) -> None:
    call, why = MISUSES[name]

    with pytest.raises(transire.UsageError) as failed:
        call(root)

    assert str(failed.value) == why.replace("{root}", str(root))
