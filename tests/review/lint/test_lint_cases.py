"""What each case is told, in full, and what it is not told.

A case is a YAML file in `cases`: the first document names the engine it is linted for and, if the
case needs them, the cluster's service ranges and what else the cluster file has; the others are the
objects. The text beside it is every finding.
"""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path

import pytest

from support.engines.case_files import documents, release
from support.review.linting import facts_of, manifests_of, shown
from transire.queries.cluster_json import cluster_from_json
from transire.review.lint.registry import lint

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_case_is_told_exactly_this(case: Path, update_golden: bool) -> None:
    first, _, rest = case.read_text("utf-8").partition("\n---\n")
    (header,) = documents(first)
    manifests = manifests_of(rest, case.name)
    engine = release(header["engine"])
    ranges = tuple(ip_network(each) for each in header.get("services", ()))
    cluster = None
    if "cluster" in header:
        cluster = cluster_from_json(json.dumps(header["cluster"]), path=case.name)
    facts = facts_of(manifests, engine, ranges, cluster)
    text = "\n".join([*map(shown, lint(manifests, engine, facts)), ""])
    golden = case.with_suffix(".txt")
    if update_golden:
        golden.write_text(text, encoding="utf-8")

    assert golden.read_text("utf-8") == text
