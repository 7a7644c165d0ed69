"""What Istio 1.30.3 and a real Envoy made of requests, and what we read in the same objects."""

from __future__ import annotations

import pytest

from support import needs
from support.points.recorded_mesh import MeshCase, mesh_cases, world_of
from support.shared_data import shared
from transire.model.problems import Unjudgeable
from transire.points.istio.verdicts.decide import decide

PATH = shared("conformance/istio.json")
CASES = tuple(mesh_cases(PATH))
REQUESTS = tuple(each for each in CASES if each.request is not None)
FORMS = tuple(each for each in CASES if each.request is None)
UNSTEADY = "g-pt-wild-dyn"
"""A gateway that does something else with every connection, which nobody judges."""

pytestmark = pytest.mark.skipif(PATH is None, reason=needs.VERDICTS)


def judged(case: MeshCase) -> str:
    """How our reading differs from a case; empty where it does not."""
    assert case.request is not None
    assert PATH is not None
    answer = decide(case.set.mesh, case.request)
    if (answer.allowed, True) != (case.verdict == "allow", case.verdict in {"allow", "deny"}):
        return f"{case.name}: {case.verdict}, and we read: {answer}"
    if case.reached is None or answer.target is None:
        return ""
    ended = case.ended_at(answer.target, world_of(PATH))
    return "" if ended == case.reached else f"{case.name}: {case.reached}, and we read: {ended}"


@pytest.mark.slow("recorded cases of engines")
def test_every_request_ends_where_it_ended_in_the_recording() -> None:
    steady = [each for each in REQUESTS if not each.name.startswith(UNSTEADY)]

    assert [text for text in map(judged, steady) if text] == []
    assert len(steady) > 1_000


def test_what_changes_from_one_connection_to_the_next_is_judged_by_nobody() -> None:
    for case in REQUESTS:
        if case.name.startswith(UNSTEADY):
            with pytest.raises(Unjudgeable, match="changes from one connection to the next"):
                judged(case)


def test_every_form_is_taken_or_refused_as_in_the_recording() -> None:
    differing = []
    for case in FORMS:
        found = case.set.objects
        outcome = "accepted with a warning" if found.warned else "accepted"
        if (outcome if not found.refused else "rejected") != case.verdict:
            differing.append((case.name, case.verdict, found.refused, found.warned))

    assert differing == []
    assert len(FORMS) > 100


def test_the_webhook_refuses_and_warns_in_sets_of_requests_as_recorded() -> None:
    differing = []
    for each in {case.set.name: case.set for case in REQUESTS}.values():
        found = each.objects
        if (bool(found.refused), bool(found.warned)) != (
            bool(each.body["rejected"]),
            bool(each.body["warnings"]),
        ):
            differing.append((each.name, found.refused, found.warned))

    assert differing == []
