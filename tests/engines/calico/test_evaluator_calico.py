from collections.abc import Callable, Mapping

import pytest

from case_files import Case, cases, cluster, differences
from transire.engines.calico.evaluator import read as read_calico
from transire.engines.calico_enterprise.evaluator import read as read_enterprise
from transire.model.engine import EngineName
from transire.model.query import Reading

READ: Mapping[EngineName, Callable[..., Reading]] = {
    EngineName.CALICO: read_calico,
    EngineName.CALICO_ENTERPRISE: read_enterprise,
}
CASES = tuple(cases("calico"))


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_calico_answers_as_the_case_says(case: Case) -> None:
    reading = READ[case.release.engine](case.manifests, case.release, cluster())

    assert differences(case, reading) == []
