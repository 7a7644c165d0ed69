"""The README shows of every engine what the registry says of it."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from support.engines.capability_table import LABELS, capability_table
from support.paths import CHARTS, ROOT
from transire.engines.api.capabilities import Capabilities, Since
from transire.engines.api.engine import Engine
from transire.engines.registry import ENGINES

README = ROOT / "README.md"
BEGIN, END = "<!-- engines: begin, written by make docs -->\n", "<!-- engines: end -->\n"


@pytest.mark.docs
def test_the_readme_has_the_table_of_the_registry(*, update_golden: bool) -> None:
    text = README.read_text(encoding="utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    before, _, rest = text.partition(BEGIN)
    shown, _, after = rest.partition(END)
    table = capability_table(ENGINES.values())
    if update_golden:
        README.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")
        return

    assert shown == table


def test_every_capability_is_a_row_and_every_engine_a_column() -> None:
    lines = capability_table(ENGINES.values()).splitlines()

    assert [re.split(r" *\| *", line)[1] for line in lines[3:]] == [
        LABELS[each.name] for each in fields(Capabilities)
    ]
    titles = [each.title for each in ENGINES.values()]
    assert lines[0].strip("| ").split(" | ") == ["engine", *titles]


def test_a_cell_says_since_which_release() -> None:
    audit = capability_table([ENGINES["cilium"], ENGINES["kubernetes"]]).splitlines()[-1]

    assert audit == "| `mode: audit` | since 1.16 | no |"


def oldest(engine: Engine) -> str:
    """The oldest modelled release, and that with audit where not every one has it."""
    major, minor = engine.releases.lines[0]
    audit = audit_since(engine)
    return f"{major}.{minor}, audit {audit}" if audit else f"{major}.{minor}"


def audit_since(engine: Engine) -> str:
    """The first release with audit, or the empty string where every one has it, or none."""
    support = engine.capabilities.audit.support
    return support.version if isinstance(support, Since) else ""


def test_the_releases_that_the_chart_names_are_those_of_the_registry() -> None:
    cilium, calico, enterprise = (
        ENGINES[name] for name in ("cilium", "calico", "calico-enterprise")
    )
    first, _, audit = oldest(cilium).partition(", ")
    defaults = f"(before {audit_since(cilium)} with `ownDefaults: false`)"
    calicos = f"{oldest(calico)}; Enterprise {oldest(enterprise)}; the tier of `egress-tier`"
    lines = (CHARTS / "egress-policy" / "README.md").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("| needs |")] == [
        f"| needs | {first} {defaults}, {audit} | {calicos} | any |"
    ]


def test_guides_say_since_when_there_is_audit() -> None:
    cilium, calico = (audit_since(ENGINES[name]) for name in ("cilium", "calico"))
    publishing = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")

    assert f"It needs Cilium {cilium} or Calico {calico};" in README.read_text(encoding="utf-8")
    assert f"With NetworkPolicy, and Cilium before {cilium}, there is no audit." in publishing


def lines_of(cell: str) -> list[tuple[int, int]]:
    """The releases that a column is headed by, such as `1.19 and 1.20` or `1.14 to 1.18`."""
    ends = [(int(major), int(minor)) for major, minor in re.findall(r"(\d+)\.(\d+)", cell)]
    (major, first), (_, last) = ends[0], ends[-1]
    return [(major, minor) for minor in range(first, last + 1)]


def test_the_columns_of_what_engines_express_are_the_modelled_releases() -> None:
    text = README.read_text(encoding="utf-8").partition("## What each engine can express\n\n")[2]
    shown: dict[str, list[tuple[int, int]]] = {}
    for cell in text.splitlines()[0].strip("| ").split(" | "):
        title = re.split(r" \d", cell)[0]
        shown.setdefault(title, []).extend(lines_of(cell) if title != cell else [])

    assert {title: sorted(lines) for title, lines in shown.items()} == {
        each.title: [] if each.releases.newer else list(each.releases.lines)
        for each in ENGINES.values()
    }
