"""What to know about objects that are judged, beside what they say."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.calico.objects.felix import dropped_nets
from transire.engines.calico.verdicts.stored import ENFORCED, SETS, Form, Note, StoredObject
from transire.k8s.manifests import ObjectRef
from transire.queries.query import Caveat


def dropped(ref: ObjectRef, why: str) -> Caveat:
    """A policy that the cluster takes and nobody enforces."""
    text = f"the cluster takes {ref}, and Felix drops it: {why}"
    return Caveat(id="policy-dropped", text=text)


def notes_on(given: StoredObject) -> Iterator[Note]:
    """What to know about one object that the cluster took."""
    ref, namespace = given.object, given.namespace
    if ref.kind not in (*ENFORCED, *SETS):
        return
    if ref.kind in SETS:
        namespace = ""
    if given.form is Form.STORAGE:
        text = f"{ref} is written in Calico's storage form, which has neither checks nor defaults"
        yield Note(caveat=Caveat(id="storage-form", text=text), namespace=namespace)
    bad = next(dropped_nets(given.spec), None)
    if bad is not None:
        text = f"{ref} holds {bad!r}, which is no range, and Felix drops the entry"
        yield Note(caveat=Caveat(id="net-dropped", text=text), namespace=namespace)
