"""Who may write which kind, against the admission policy of the baseline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.e2e.admission import (
    PASSES,
    REFUSED,
    absent,
    break_glass,
    outcome,
    present,
    switch_on,
)
from support.e2e.client import Answer, Client
from support.e2e.guarded import Guarded, guarded_on
from support.e2e.judged import JUDGED, Judged, every_cluster


def _create(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    absent(publisher, guarded.body())
    return caller.create(guarded.body())


def _create_dry(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    absent(publisher, guarded.body())
    return caller.create(guarded.body(), dry_run=True)


def _apply(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    present(publisher, guarded.body())
    return caller.apply(_changed(guarded), manager="argocd-controller")


def _apply_dry(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    present(publisher, guarded.body())
    return caller.apply(_changed(guarded), manager="argocd-controller", dry_run=True)


def _changed(guarded: Guarded) -> dict[str, Any]:
    body = guarded.body()
    return {**body, "spec": {**body["spec"], **guarded.change}}


def _change(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return caller.merge(present(publisher, guarded.body()), {"spec": guarded.change or {"x": 1}})


def _change_dry(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    ref = present(publisher, guarded.body())
    return caller.merge(ref, {"spec": guarded.change}, dry_run=True)


def _label(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return _metadata(caller, publisher, guarded, labels={"more": "yes"})


def _annotate(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return _metadata(caller, publisher, guarded, annotations={"more": "yes"})


def _finalize(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    _metadata(publisher, publisher, guarded, finalizers=["example.com/held"]).object()
    answer = _metadata(caller, publisher, guarded, finalizers=None)
    _metadata(publisher, publisher, guarded, finalizers=None).object()
    return answer


def _own(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    owner = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}}
    uid = publisher.get(publisher.ref(owner)).object()["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "Namespace", "name": "elsewhere", "uid": uid}
    return _metadata(caller, publisher, guarded, ownerReferences=[reference])


def _metadata(caller: Client, publisher: Client, guarded: Guarded, **changes: Any) -> Answer:  # noqa: ANN401
    """A merge patch of metadata alone, of one more label or annotation than last time."""
    ref = present(publisher, guarded.body())
    for part in ("labels", "annotations"):
        if part in changes:
            publisher.merge(ref, {"metadata": {part: {"more": None}}}).object()
    return caller.merge(ref, {"metadata": changes})


def _delete(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return caller.delete(present(publisher, guarded.body()))


def _delete_foreground(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return _held_deletion(caller, publisher, guarded, "Foreground")


def _delete_orphan(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return _held_deletion(caller, publisher, guarded, "Orphan")


def _held_deletion(caller: Client, publisher: Client, guarded: Guarded, propagation: str) -> Answer:
    """A deletion after which the object waits for the collector, whom nobody waits for here."""
    ref = present(publisher, guarded.body())
    answer = caller.delete(ref, propagation=propagation)
    if answer.ok:
        freed = publisher.merge(ref, {"metadata": {"finalizers": None}})
        assert freed.ok or freed.code == 404, freed.message
    return answer


def _delete_dry(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return caller.delete(present(publisher, guarded.body()), dry_run=True)


def _delete_all(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return caller.raw("DELETE", present(publisher, guarded.body()).collection)


_DRY = (_create_dry, _apply_dry, _change_dry, _delete_dry)
_CONTENT = (_create, _apply, _change, _label, _annotate)
_REST = (_finalize, _own, _delete, _delete_foreground, _delete_orphan, _delete_all)
_ALL = (*_CONTENT, *_REST, *_DRY)
_DELETIONS = (_delete, _delete_foreground, _delete_orphan, _delete_all, _delete_dry)
_CALLERS = {
    "team": _ALL,
    "publisher": _ALL,
    "argocd": _ALL,
    "collector": tuple(each for each in _ALL if each not in {_create, _create_dry, _delete_all}),
    "namespaces": _DELETIONS,
}
"""What each of them has a right to; the last two have what every cluster gives them."""


def _expected(who: str, what: Callable[..., Answer]) -> str:
    """What comes of it, the same for every kind, in an enrolled namespace."""
    is_cleaner = who in {"collector", "namespaces"}
    may = who == "publisher" or what in _DRY or (is_cleaner and what in _REST)
    return PASSES if may else REFUSED


_MATRIX = tuple(
    (who, what, _expected(who, what)) for who, operations in _CALLERS.items() for what in operations
)
"""Who, what, and what comes of it; without the binding, a team may do everything."""

_EVERY = [(cluster, guarded) for cluster in JUDGED for guarded in guarded_on(cluster)]
_CHANGES = {_change, _change_dry, _apply, _apply_dry}
every_kind = pytest.mark.parametrize(
    ("judged", "guarded"),
    _EVERY,
    indirect=["judged"],
    ids=[f"{cluster}-{guarded}" for cluster, guarded in _EVERY],
    scope="module",
)


@every_kind
def test_the_matrix_of_who_and_what(judged: Judged, guarded: Guarded) -> None:
    tried = [row for row in _MATRIX if _can(row[1], guarded)]

    outcomes = [
        (who, what.__name__, outcome(what(getattr(judged, who), judged.publisher, guarded)))
        for who, what, _ in tried
    ]

    assert outcomes == [(who, what.__name__, expected) for who, what, expected in tried]


def _can(what: Callable[..., Answer], guarded: Guarded) -> bool:
    return bool(guarded.change) or what not in _CHANGES


@every_cluster
def test_without_the_binding_a_team_does_everything(judged: Judged) -> None:
    break_glass(judged.admin, judged.team)

    outcomes = {
        (str(guarded), what.__name__): outcome(what(judged.team, judged.publisher, guarded))
        for guarded in guarded_on(judged.cluster.name)
        for what in _ALL
        if _can(what, guarded)
    }

    switch_on(judged.admin, judged.team, judged.cluster)
    assert len(outcomes) > 300
    assert [each for each, came in outcomes.items() if came != PASSES] == []


@every_cluster
def test_the_matrix_has_every_kind_that_the_policy_names(judged: Judged) -> None:
    (policy,) = [e for e in judged.cluster.rendered if e["kind"] == "ValidatingAdmissionPolicy"]
    rules = policy["spec"]["matchConstraints"]["resourceRules"]
    named = {f"{r}.{g}" for rule in rules for g in rule["apiGroups"] for r in rule["resources"]}

    assert named == {"namespaces.", *map(str, guarded_on(judged.cluster.name))}
