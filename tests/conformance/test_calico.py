from collections.abc import Mapping

import pytest

from support.engines.recorded_verdicts import Read, Recorded, cluster_of, disagreements, recorded
from support.shared_data import shared
from transire.engines.calico.enterprise import read as read_enterprise
from transire.engines.calico.open_source import read as read_calico

PATH = shared("conformance/calico.json")
READ: Mapping[str, Read] = {
    "calico": read_calico,
    "calico-enterprise": read_enterprise,
}
CASES = tuple(recorded(PATH))


@pytest.mark.skipif(PATH is None, reason="the recorded verdicts of Calico are not on this machine")
@pytest.mark.parametrize("each", CASES, ids=lambda each: each.name)
def test_calico_is_understood_as_recorded(each: Recorded) -> None:
    assert PATH is not None
    reading = READ[each.release.engine](each.manifests, each.release, cluster_of(PATH))

    assert disagreements(each, reading) == []
