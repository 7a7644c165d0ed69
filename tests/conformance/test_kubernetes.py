import pytest

from support import needs
from support.engines.recorded_verdicts import Recorded, cluster_of, disagreements, recorded
from support.shared_data import shared
from transire.engines.kubernetes.reading import read

pytestmark = pytest.mark.slow("recorded cases of engines")

PATH = shared("conformance/kubernetes.json")
CASES = tuple(recorded(PATH))


@pytest.mark.skipif(PATH is None, reason=needs.VERDICTS)
@pytest.mark.parametrize("each", CASES, ids=lambda each: each.name)
def test_networkpolicy_is_understood_as_recorded(each: Recorded) -> None:
    assert PATH is not None
    reading = read(each.manifests, each.release, cluster_of(PATH))

    assert disagreements(each, reading) == []
