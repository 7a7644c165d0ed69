"""What help gives to paste lets exactly what is found pass, whichever guardrail finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from support.values.guardrail_pages import AS_OF, WHOLE, examples, problems_of, written
from transire.model.ends import instant
from transire.model.guardrail import Finding
from transire.model.problems import Problem
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.needed import needed_for
from transire.values.guardrails.registry import GUARDRAILS, Guardrail
from transire.values.load import load

ABOUT_RULES = {
    each: GUARDRAILS[each] for each in GUARDRAILS if each not in WHOLE | {"too-many-hosts"}
}


def exceptions(guardrail: Guardrail, found: Sequence[tuple[Finding, str]]) -> str:
    entries = "".join(
        f"  - {{rule: {guardrail.ID}, {f'team: {each.team}, ' * bool(each.team)}"
        f"entry: {each.entry}, {keys.replace(' and ', ', ')}, approvedBy: security, "
        "reason: moving, until: 2999-12-31}\n"
        for each, keys in found
    )
    return f"apiVersion: transire/v1\nkind: Exceptions\nexceptions:\n{entries}"


def agreed(guardrail: Guardrail, root: Path) -> Iterator[tuple[Finding, str]]:
    """Each finding with the keys that help gives for it."""
    whole = GuardrailContext(organisation=load(root), as_of=instant(AS_OF))
    for each in guardrail.check(whole):
        yield each, needed_for(each, whole).written


def own(guardrail: Guardrail, problems: Sequence[Problem]) -> list[Problem]:
    kinds = {guardrail.ID, "unneeded-exception", "exception-without-for", "leftover-exception"}
    return [each for each in problems if each.id in kinds]


@pytest.mark.parametrize("guardrail", ABOUT_RULES.values(), ids=ABOUT_RULES)
def test_all_that_is_found_passes_and_nothing_of_it_is_unneeded(
    guardrail: Guardrail, tmp_path: Path
) -> None:
    written(tmp_path, examples(guardrail, "Bad"))
    found = list(agreed(guardrail, tmp_path))
    file = tmp_path / "values/exceptions.yaml"
    file.write_text(exceptions(guardrail, found), encoding="utf-8")

    assert found
    assert own(guardrail, problems_of(tmp_path)) == []


LATER = "namespaces: {shop: [eu, st]"
"""What the examples' team publishes; another namespace comes later in the test below."""
IN_EVERY_NAMESPACE = {
    each: ABOUT_RULES[each] for each in ABOUT_RULES if each != "enrolled-in-audit"
}
"""Those that are not about one namespace, which is then the entry that an exception names."""


@pytest.mark.parametrize("guardrail", IN_EVERY_NAMESPACE.values(), ids=IN_EVERY_NAMESPACE)
def test_nothing_of_it_passes_in_a_namespace_that_comes_later(
    guardrail: Guardrail, tmp_path: Path
) -> None:
    written(tmp_path, examples(guardrail, "Bad"))
    found = list(agreed(guardrail, tmp_path))
    file = tmp_path / "values/exceptions.yaml"
    file.write_text(exceptions(guardrail, found), encoding="utf-8")
    team = tmp_path / "values/teams/shop.yaml"
    text = team.read_text(encoding="utf-8")
    team.write_text(text.replace(LATER, f"{LATER}, late: [eu, st]"), encoding="utf-8")

    standing = [each for each in problems_of(tmp_path) if each.id == guardrail.ID]
    assert LATER in text
    assert len(standing) == len({(each.at, each.message) for each, _ in found})
