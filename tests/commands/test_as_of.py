"""`--as-of` takes a day or a time, and ends with a time of day are held against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import copy_example, edit, run


@pytest.mark.parametrize("written", ["tomorrow", "2036-3-31", "2036-03-31T18:00:00", "20360331"])
def test_what_is_no_day_and_no_time_is_a_usage_error(tmp_path: Path, written: str) -> None:
    ran = run(copy_example(tmp_path), "check", "--as-of", written)

    assert ran.code == 2
    assert (
        f"'{written}' is neither a day such as 2027-03-31 nor a time such as 2027-03-31T18:00:00Z"
    ) in ran.err


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2035-06-30T17:59:59Z", 0),
        ("2035-06-30T19:59:59+02:00", 0),
        ("2035-06-30T18:00:01Z", 1),
        ("2035-06-30T14:00:01-04:00", 1),
        ("2035-06-30", 1),
    ],
)
def test_an_audit_of_one_cluster_ends_at_its_time_of_day(
    tmp_path: Path, as_of: str, code: int
) -> None:
    folder = copy_example(tmp_path)
    edit(
        folder,
        "values/teams/storefront.yaml",
        "[prod-us, staging]",
        "{clusters: {staging: {mode: audit, until: 2035-06-30T20:00:00+02:00}, prod-us: {}}}",
    )

    ran = run(folder, "generate", "storefront", "--as-of", as_of)

    ended = (
        "values/teams/storefront.yaml:7:57: error: mode audit of namespace 'storefront' on staging "
        "ended at 2035-06-30T18:00:00Z (expired-entry)\n"
    )
    assert (ran.code, ended in ran.err) == (code, bool(code)), ran.err
