"""Ways of writing an object that refuse what other ways store without a word.

A verdict is that of the object as it is stored; a caveat names the way that would have refused it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.k8s.manifests import ObjectRef
from transire.queries.query import Caveat

NULL_REFUSED = "null-refused-by-server-side-apply"
UNKNOWN_REFUSED = "unknown-field-refused-by-strict-clients"
TWICE_REFUSED = "key-twice-refused-by-strict-clients"
SPELLING_REFUSED = "range-refused-by-newer-kubernetes"


def null_refused(ref: ObjectRef, nulls: Sequence[str]) -> Iterator[Caveat]:
    """What to know of a custom resource that is stored without these nulls, by JSON pointer."""
    if nulls:
        text = (
            f"{ref}: server-side apply, and so Helm 4, refuses the object for its null at "
            f"{_first(nulls)}; the verdict holds where it is created or applied by the client, "
            "which drops the null"
        )
        yield Caveat(id=NULL_REFUSED, text=text)


def unknown_refused(ref: ObjectRef, pruned: Sequence[str]) -> Iterator[Caveat]:
    """What to know of an object that is stored without these fields, by JSON pointer."""
    if pruned:
        text = (
            f"{ref}: clients that validate strictly, such as kubectl, refuse the object for its "
            f"unknown field at {_first(pruned)}; the verdict holds where the field is dropped"
        )
        yield Caveat(id=UNKNOWN_REFUSED, text=text)


def twice_refused(ref: ObjectRef, repeated: Sequence[str]) -> Iterator[Caveat]:
    """What to know of an object in which the last of some equal keys counts."""
    if repeated:
        text = (
            f"{ref}: clients that validate strictly, such as kubectl, refuse the object for the "
            f"key that is written twice at {_first(repeated)}; the verdict holds where the last "
            "one counts"
        )
        yield Caveat(id=TWICE_REFUSED, text=text)


def spelling_refused(ref: ObjectRef, texts: Sequence[str]) -> Iterator[Caveat]:
    """What to know of a NetworkPolicy with ranges that newer API servers refuse."""
    if texts:
        text = (
            f"{ref}: Kubernetes 1.36 and newer refuses the object for the range "
            f"{_first([repr(each) for each in texts])}; the verdict holds where an older API "
            "server took it"
        )
        yield Caveat(id=SPELLING_REFUSED, text=text)


def _first(paths: Sequence[str]) -> str:
    more = len(paths) - 1
    return f"{paths[0]} and {more} more" if more else paths[0]
