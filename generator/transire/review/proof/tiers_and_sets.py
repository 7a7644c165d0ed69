"""Where policies live in a tier: all of ours in the platform's, and no set that none of them finds.

A policy in another tier decides nothing while ours comes first, and everything once it is gone. A
set that no policy of ours finds may be found by somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from transire.engines.api.kinds import Kind
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest
from transire.review.proof.own_metadata import SET, of_metadata


def beside_the_tier(
    objects: Sequence[Manifest], kinds: Sequence[Kind], tier: str
) -> Iterator[tuple[Manifest, str]]:
    """Each object that is not as the platform's tier has it, and why.

    `objects` are those of one chart for one target, `kinds` what the chart holds beside policies of
    the platform's own.
    """
    tiered = {(each.group, each.kind): each.tiered for each in kinds}
    specs = json.dumps([each.body.get("spec") for each in objects], default=str)
    for each in objects:
        match tiered.get((group_of(each), each.ref.kind)):
            case True:
                yield from ((each, why) for why in _of_policy(each, tier))
            case False:
                yield from ((each, why) for why in _of_set(each, specs))
            case None:
                pass


def _of_policy(manifest: Manifest, tier: str) -> Iterator[str]:
    found = inner(manifest.body, "spec").get("tier")
    if found != tier:
        yield f"is in the tier {found!r}, not {tier}"


def _of_set(manifest: Manifest, specs: str) -> Iterator[str]:
    name = manifest.ref.name
    if SET not in of_metadata(manifest, "labels"):
        yield f"lacks the label {SET}, which is {name}"
    elif f"{SET} == '{name}'" not in specs:
        yield "is a set that no policy beside it finds"
