"""Verdicts that real engines gave, and what this project says to the same questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from support.engines.case_files import documents, release
from transire.engines.api.reading import Reading
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Query
from transire.queries.query_json import QueryReader

Read = Callable[[list[Manifest], Release, ClusterState], Reading]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One case on one of the releases that it holds for."""

    case: dict[str, Any]
    release: Release

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.case['id']}-{self.release}"

    @property
    def manifests(self) -> list[Manifest]:
        """Its objects, as Helm's YAML reads them."""
        written = self.case["manifests"]
        text = written if isinstance(written, str) else "\n---\n".join(written)
        return [
            Manifest(source=self.case["id"], index=index, body=body)
            for index, body in enumerate(documents(text))
        ]

    @property
    def query(self) -> Query:
        """Its question."""
        return QueryReader(path=self.case["id"]).query(json.dumps(self.case), line=1)


def recorded(path: Path | None) -> Iterator[Recorded]:
    """The cases of a file, once for each release; none where the file is missing."""
    if path is None:
        return
    for case in json.loads(path.read_text("utf-8")):
        for engine in case.get("same_on") or [case["engine"]]:
            yield Recorded(case, release(engine))


def natively(each: Recorded) -> Recorded:
    """The case in a cluster with native definitions; most cases end there as elsewhere."""
    told = each.case.get("with_native_crds")
    if told is None:
        return each
    kept = {key: value for key, value in each.case.items() if key not in _OUTCOME}
    return Recorded({**kept, **told}, each.release)


_OUTCOME = ("verdict", "rejected_manifests", "verdict_ignoring_rejected", "with_native_crds")


@cache
def cluster_of(path: Path) -> ClusterState:
    """The cluster that the cases of `<name>.json` run in."""
    beside = path.with_suffix(".cluster.json")
    return cluster_from_json(beside.read_text("utf-8"), path=beside.name)


def disagreements(each: Recorded, reading: Reading, *, fields: bool = True) -> list[str]:
    """Where our answer differs from the recorded one; empty when they agree.

    Args:
        each: the case.
        reading: its objects as we read them.
        fields: whether the case also tells which unknown fields are dropped.
    """
    case, verdict = each.case, reading.decide(each.query).verdict.value
    refused = sorted({one.manifest for one in reading.refused})
    pruned = sorted({one.path for one in reading.pruned})
    found = [f"pruned {pruned}"] if fields and pruned != _pruned(case) else []
    if case["verdict"] != "rejected":
        agrees = verdict == case["verdict"] and not refused
    elif "rejected_manifests" in case:
        wanted = case["rejected_manifests"], case["verdict_ignoring_rejected"]
        agrees = (refused, verdict) == wanted
    else:
        agrees = bool(refused)
    return found if agrees else [*found, f"{verdict}, refused {refused}: {case.get('why', '')}"]


def _pruned(case: dict[str, Any]) -> list[str]:
    """The JSON pointers of messages such as `unknown field "spec.egress[0].to"`, or of paths."""
    paths = [each.split('"')[-2:][0] for each in case.get("pruned_unknown_fields", ())]
    return sorted("/" + re.sub(r"[.\[]", "/", path).replace("]", "") for path in paths)
