"""Who may write which kind, against the admission policy of the baseline."""

from __future__ import annotations

from typing import Any

import pytest

from support.e2e.admission import PASSES, REFUSED, absent, outcome, present
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


def _delete_dry(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return caller.delete(present(publisher, guarded.body()), dry_run=True)


def _delete_all(caller: Client, publisher: Client, guarded: Guarded) -> Answer:
    return caller.raw("DELETE", present(publisher, guarded.body()).collection)


_MATRIX = (
    ("team", _create, REFUSED),
    ("team", _change, REFUSED),
    ("team", _label, REFUSED),
    ("team", _annotate, REFUSED),
    ("team", _finalize, REFUSED),
    ("team", _own, REFUSED),
    ("team", _delete, REFUSED),
    ("team", _delete_all, REFUSED),
    ("team", _create_dry, PASSES),
    ("team", _change_dry, PASSES),
    ("team", _delete_dry, PASSES),
    ("publisher", _create, PASSES),
    ("publisher", _change, PASSES),
    ("publisher", _label, PASSES),
    ("publisher", _apply, PASSES),
    ("publisher", _delete, PASSES),
    ("argocd", _apply_dry, PASSES),
    ("argocd", _apply, REFUSED),
    ("argocd", _create, REFUSED),
    ("argocd", _delete, REFUSED),
    ("collector", _finalize, PASSES),
    ("collector", _own, PASSES),
    ("collector", _change, REFUSED),
    ("collector", _label, REFUSED),
    ("collector", _annotate, REFUSED),
    ("collector", _delete, PASSES),
    ("namespaces", _delete, PASSES),
    ("namespaces", _delete_all, PASSES),
)
"""Who, what, and what comes of it: the same for every kind, in an enrolled namespace."""

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
    tried = [row for row in _MATRIX if guarded.change or row[1] not in _CHANGES]

    outcomes = [
        (who, what.__name__, outcome(what(getattr(judged, who), judged.publisher, guarded)))
        for who, what, _ in tried
    ]

    assert outcomes == [(who, what.__name__, expected) for who, what, expected in tried]


@every_cluster
def test_the_matrix_has_every_kind_that_the_policy_names(judged: Judged) -> None:
    (policy,) = [e for e in judged.cluster.rendered if e["kind"] == "ValidatingAdmissionPolicy"]
    rules = policy["spec"]["matchConstraints"]["resourceRules"]
    named = {f"{r}.{g}" for rule in rules for g in rule["apiGroups"] for r in rule["resources"]}

    assert named == {"namespaces.", *map(str, guarded_on(judged.cluster.name))}
