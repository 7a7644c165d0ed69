from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from support.engines.case_files import Case, cases, cluster, cluster_for, differences
from support.engines.case_files import release as release_of
from transire.engines.api.reading import Reading
from transire.engines.calico.enterprise import read as read_enterprise
from transire.engines.calico.open_source import read as read_calico
from transire.model.engine import Definitions, Release
from transire.model.problems import UsageError

READ: Mapping[str, Callable[..., Reading]] = {
    "calico": read_calico,
    "calico-enterprise": read_enterprise,
}
CASES = tuple(cases("calico"))


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_calico_answers_as_the_case_says(case: Case) -> None:
    reading = READ[case.release.engine](case.manifests, case.release, cluster_for(case))

    assert differences(case, reading) == []


@pytest.mark.parametrize(
    ("release", "options", "message"),
    [
        (
            "calico@3.32",
            {"mode": "x"},
            "'mode' is not an option that calico's verdicts depend on",
        ),
        (
            "calico-enterprise@3.22",
            {"mode": "x"},
            "'mode' is not an option that calico-enterprise's verdicts depend on",
        ),
    ],
)
def test_options_are_usage_errors(release: str, options: dict[str, str], message: str) -> None:
    asked = release_of(release)

    with pytest.raises(UsageError) as caught:
        READ[asked.engine]([], asked, cluster(), options)

    assert str(caught.value) == message


@pytest.mark.parametrize("engine", ["calico", "calico-enterprise"])
def test_without_a_version_the_newest_modelled_release_is_meant(engine: str) -> None:
    reading = READ[engine]([], Release(engine=engine), cluster())

    assert (reading.refused, reading.pruned) == ((), ())


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("calico@3.31", "this release of calico has no native definitions, as it is too old"),
        (
            "calico-enterprise@3.22",
            "this release of calico-enterprise has no native definitions, as it is too old",
        ),
    ],
)
def test_releases_without_native_definitions_are_not_read_as_if_they_had_them(
    engine: str, message: str
) -> None:
    asked = release_of(engine)
    native = replace(cluster(), definitions=Definitions.NATIVE)

    with pytest.raises(UsageError) as caught:
        READ[asked.engine]([], asked, native)

    assert str(caught.value) == message
