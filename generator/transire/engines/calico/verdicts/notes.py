"""What to know about objects that are judged, beside what they allow and deny."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.networkpolicy_notes import networkpolicy_refused
from transire.engines.calico.facts import ENFORCED, SETS
from transire.engines.calico.objects.felix import dropped_nets
from transire.engines.calico.objects.from_networkpolicy import converted_selector
from transire.engines.calico.verdicts.stored import Form, Note, StoredObject
from transire.k8s.cluster_policies import EDITIONS
from transire.k8s.networkpolicy import NetworkPolicy
from transire.model.engine import Definitions
from transire.queries.query import Caveat
from transire.queries.ways import null_refused, twice_refused, unknown_refused

_WITH_DEFAULTS = ("/spec/tier", "/spec/stagedAction", "/spec/defaultAction")
"""Fields whose null becomes the default of the definition, and is refused by nobody."""


def dropped(given: StoredObject, why: str) -> Note:
    """A policy that the cluster takes and nobody enforces."""
    text = f"the cluster takes {given.object}, and Felix drops it: {why}"
    caveat = Caveat(id="policy-dropped", text=text)
    return Note(caveat=caveat, namespace=given.namespace, selector=given.governed)


def notes_on(given: StoredObject, definitions: Definitions | None) -> Iterator[Note]:
    """What to know about one object that the cluster took.

    Args:
        given: the object.
        definitions: how Calico's API is served, where that is known.
    """
    if given.object.kind not in (*ENFORCED, *SETS, *EDITIONS, "Tier"):
        return
    namespace = given.namespace if given.object.kind in ENFORCED else ""
    for caveat in _caveats(given, definitions):
        yield Note(caveat=caveat, namespace=namespace, selector=given.governed)


def _caveats(given: StoredObject, definitions: Definitions | None) -> Iterator[Caveat]:
    ref, decoded = given.object, given.decoded
    if given.form is Form.STORAGE:
        text = f"{ref} is written in Calico's storage form, which has neither checks nor defaults"
        yield Caveat(id="storage-form", text=text)
    for bad in dropped_nets(given.spec):
        text = f"{ref} holds {bad!r}, which is no range, and Felix drops the entry"
        yield Caveat(id="net-dropped", text=text)
    yield from unknown_refused(ref, decoded.pruned)
    yield from twice_refused(ref, given.repeated)
    if ref.kind in EDITIONS or definitions is not Definitions.API_SERVER:
        yield from null_refused(ref, [each for each in decoded.nulls if each not in _WITH_DEFAULTS])


def notes_on_networkpolicy(policy: NetworkPolicy) -> Iterator[Note]:
    """What to know about a NetworkPolicy of Kubernetes."""
    for caveat in networkpolicy_refused(policy):
        yield Note(
            caveat=caveat, namespace=policy.object.namespace, selector=converted_selector(policy)
        )
