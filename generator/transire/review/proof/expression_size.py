"""Whether the API server takes every expression of an admission policy.

The policy of the baseline lists the enrolled namespaces in one expression. Over a bound, the API
server refuses the whole policy, and what was enrolled last stays without a guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transire.engines.platform_kinds import ADMISSION_KINDS
from transire.k8s.json_pointer import inner, maps, text
from transire.k8s.manifests import Manifest, Tree
from transire.model.intent import Cluster
from transire.model.problems import Problem

LIMIT = 100_000
"""Code points that the API server parses of one expression.

`expressionSizeCodePointLimit` of cel-go, which Kubernetes leaves at its default.
"""

_PARTS = ("matchConditions", "variables", "validations")


def long_expressions(cluster: Cluster, objects: Iterable[Manifest]) -> Iterator[Problem]:
    """A problem for each admission policy with an expression that is too long."""
    kinds = {each.kind for each in ADMISSION_KINDS}
    for each in objects:
        longest = max(_lengths(each.body), default=0) if each.ref.kind in kinds else 0
        if longest > LIMIT:
            yield Problem(
                at=cluster.at,
                id="admission-too-long",
                message=f"the namespaces enrolled on {cluster.name!r} make an expression of the "
                f"admission policy {longest} characters long, and the API server takes {LIMIT}",
                help="move namespaces to another cluster, or keep policy kinds from tenants by "
                "roles and projects in place of admission: true",
            )


def _lengths(body: Tree) -> Iterator[int]:
    spec = inner(body, "spec")
    for part in _PARTS:
        yield from (len(text(each, "expression")) for _, each in maps(spec, part, ""))
