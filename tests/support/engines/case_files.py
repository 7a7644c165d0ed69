"""Small cases of our own: objects, questions and what the engine answers.

A case is one file of YAML documents. The first says what is asked; the others are the objects, all
applied together, numbered from 0:

```yaml
why: a sentence about the engine
engines: [calico@3.30, calico@3.32]
asks:
- {pod: shop/web, to: "198.51.100.7:443", verdict: deny, by: NetworkPolicy shop/p /spec/egress/0}
refused: {0: "what is wrong with it"}
pruned: {1: [/spec/misspelt]}
```

`pod` is a pod of `cluster.json` beside the engines' folders, `from` describes one instead. `by`,
`caveats` and `because` are compared only where a question has them; `by: nobody` stands for no rule.
`definitions: native` in the first document is about a Calico cluster with native definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import needs
from support.paths import TESTS
from transire.engines.api.reading import Reading
from transire.k8s.manifests import Manifest
from transire.model.engine import Definitions, Release, Version
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Decision, DnsQuery, Query, Source
from transire.queries.query_notation import destination_from, source_from

CASES = TESTS / "cases"
helm_python = pytest.importorskip("helm_python", reason=needs.HELM_SDK)


@dataclass(frozen=True, slots=True)
class Case:
    """One file for one engine."""

    path: Path
    release: Release
    header: dict[str, Any]
    manifests: tuple[Manifest, ...]

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.path.parent.name}/{self.path.stem}-{self.release}"


def cases(folder: str) -> Iterator[Case]:
    """The cases of a folder, once for each engine they name."""
    for path in sorted((CASES / folder).glob("*.yaml")):
        header, *bodies = documents(path.read_text("utf-8"))
        manifests = tuple(
            Manifest(source=path.name, index=index, body=body) for index, body in enumerate(bodies)
        )
        for engine in header["engines"]:
            yield Case(path, release(engine), header, manifests)


def release(text: str) -> Release:
    """The engine and version that `calico@3.32` names."""
    name, _, version = text.partition("@")
    return Release(engine=name, version=Version.parse(version) if version else None)


def documents(text: str) -> list[Any]:
    """The documents of a YAML stream, each as Helm reads it."""
    parts = re.split(r"^---$", text, flags=re.MULTILINE)
    return [helm_python.values_from_yaml(part) for part in parts if part.strip()]


@cache
def cluster() -> ClusterState:
    """The cluster that all cases run in."""
    path = CASES / "cluster.json"
    return cluster_from_json(path.read_text("utf-8"), path=path.name)


def cluster_for(case: Case) -> ClusterState:
    """That cluster, with what the case says of how Calico's API is served."""
    told = case.header.get("definitions")
    return replace(cluster(), definitions=Definitions(told)) if told else cluster()


def differences(case: Case, reading: Reading) -> list[str]:
    """Where what was read differs from what the case says; empty when all agrees."""
    refused = {each.manifest: each.why for each in reading.refused}
    pruned: dict[int, list[str]] = {}
    for each in reading.pruned:
        pruned.setdefault(each.manifest, []).append(each.path)
    found = [
        *_between("refused", _numbered(case.header.get("refused", {})), refused),
        *_between("pruned", _numbered(case.header.get("pruned", {})), pruned),
    ]
    for ask in case.header["asks"]:
        said = _answer(reading.decide(_query(ask)))
        wanted = {key: ask[key] for key in said if key in ask}
        found += _between(f"{ask}", wanted, {key: said[key] for key in wanted})
    return found


def _between(what: str, expected: dict[Any, Any], actual: dict[Any, Any]) -> list[str]:
    keys = [*expected, *(key for key in actual if key not in expected)]
    return [
        f"{what}: {key}: expected {expected.get(key)!r}, got {actual.get(key)!r}"
        for key in keys
        if expected.get(key) != actual.get(key)
    ]


def _numbered(said: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in said.items()}


def _answer(decision: Decision) -> dict[str, object]:
    by = decision.decided_by
    return {
        "verdict": decision.verdict.value,
        "by": "nobody" if by is None else f"{by.object} {by.rule}",
        "because": decision.reason,
        "caveats": [each.id for each in decision.caveats],
    }


def _query(ask: dict[str, Any]) -> Query:
    if "from" in ask:
        source = source_from(ask["from"])
    else:
        (pod,) = (each for each in cluster().pods if f"{each.namespace}/{each.name}" == ask["pod"])
        source = Source(namespace=pod.namespace, labels=pod.labels, pod=pod.name)
    return Query(id="case", source=source, what=_destination(ask))


def _destination(ask: dict[str, Any]) -> DnsQuery | Connection:
    what = destination_from(ask["to"])
    return replace(what, **{key: ask[key] for key in ("host", "dns_server") if key in ask})
