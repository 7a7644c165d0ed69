from collections.abc import Callable, Mapping

import pytest

from case_files import Case, cases, cluster, differences
from transire.engines.calico.evaluator import read as read_calico
from transire.engines.calico_enterprise.evaluator import read as read_enterprise
from transire.engines.kubernetes.evaluator import read
from transire.model.engine import EngineName, Release
from transire.model.query import Reading

KUBERNETES = Release(engine=EngineName.KUBERNETES)
READ: Mapping[EngineName, Callable[..., Reading]] = {
    EngineName.CALICO: read_calico,
    EngineName.CALICO_ENTERPRISE: read_enterprise,
    EngineName.KUBERNETES: read,
}
CASES = tuple(cases("kubernetes"))


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_networkpolicies_allow_what_the_case_says(case: Case) -> None:
    reading = READ[case.release.engine](case.manifests, case.release, cluster())

    assert differences(case, reading) == []
