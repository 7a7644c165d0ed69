"""Whether strangers can have a name of a pattern is decided by what the pattern matches."""

from __future__ import annotations

import pytest

from transire.engines.registry import engine_of
from transire.meaning.public_suffixes import is_public_suffix
from transire.meaning.shared_suffixes import shared_suffix
from transire.meaning.suffix_facts import ANY_ADDRESS, ONE_OWNER, UNLISTED
from transire.model.engine import Release, Version
from transire.model.names import HostPattern
from transire.model.problems import Level

SHARED = {
    "*.com": "com",
    "**.co.uk": "co.uk",
    "a.*": "",
    "example.*.com": "com",
    "s3-*.com": "com",
    "*.github.io": "github.io",
    "shop-*.github.io": "github.io",
    "api.*.github.io": "github.io",
    "*.s3.amazonaws.com": "s3.amazonaws.com",
    "**.amazonaws.com": "s3.amazonaws.com",
    "*.s3.*.amazonaws.com": "s3.ap-east-1.amazonaws.com",
    "*.*.core.windows.net": "dfs.core.windows.net",
    "**.fastly.net": "map.fastly.net",
    "*.eu-west-1.elb.amazonaws.com": "eu-west-1.elb.amazonaws.com",
    "*.elb.amazonaws.com": "elb.amazonaws.com",
    "*.ck": "ck",
    "*.xn--55qx5d.cn": "xn--55qx5d.cn",
    "*.dfs.core.windows.net": "dfs.core.windows.net",
    "**.goog": "cloud.goog",
    "*.unknown-top-level": "unknown-top-level",
    "*.nip.io": "nip.io",
    "**.sslip.io": "sslip.io",
    "*.10.0.0.1.nip.io": "nip.io",
    "app-*.my.local-ip.co": "local-ip.co",
}
HELD = (
    "**.example.com",
    "*.*.example.com",
    "img-*.cdn.example.com",
    "*.amazonaws.com",
    "*.core.windows.net",
    "*.fastly.net",
    "sts.*.amazonaws.com",
    "*.www.ck",
    "*.city.kawasaki.jp",
    "*.example.github.io",
    "**.bucket.s3.amazonaws.com",
    "*.googleapis.com",
    "**.googleapis.com",
    "**.githubusercontent.com",
    "*.google",
    "*.internal",
    "github.io",
    "198-51-100-7.nip.io",
)


def labels(pattern: str) -> list[str]:
    return HostPattern.parse(pattern).text.split(".")


@pytest.mark.parametrize(("pattern", "suffix"), SHARED.items(), ids=SHARED)
def test_a_pattern_with_names_of_strangers_is_found(pattern: str, suffix: str) -> None:
    found = shared_suffix(labels(pattern))

    assert found is not None
    assert found.suffix == suffix
    assert found.any_address == (suffix in ANY_ADDRESS)


@pytest.mark.parametrize("pattern", HELD)
def test_a_pattern_whose_names_one_owner_holds_is_not(pattern: str) -> None:
    assert shared_suffix(labels(pattern)) is None


def test_a_longer_name_below_the_same_suffix_is_found_in_every_pattern_that_matches_it() -> None:
    for text in (
        "**.net",
        "*.*.*.net",
        "*.*.windows.net",
        "*.*.*.windows.net",
        "**.core.windows.net",
    ):
        assert shared_suffix(labels(text)) is not None, text


def test_registries_weigh_more_in_lint_than_customers_of_one_company() -> None:
    levels = {
        pattern: found.level
        for pattern in ("*.com", "*.github.io", "*.vault.azure.net", "*.nip.io")
        if (found := shared_suffix(labels(pattern)))
    }

    assert levels == {
        "*.com": None,
        "*.github.io": Level.WARNING,
        "*.vault.azure.net": Level.WARNING,
        "*.nip.io": None,
    }


@pytest.mark.parametrize("name", sorted(ONE_OWNER))
def test_what_one_owner_keeps_is_no_public_suffix(name: str) -> None:
    assert not is_public_suffix(name)


def test_what_the_list_lacks_is_written_down_once() -> None:
    assert not {*UNLISTED} & {*ONE_OWNER, *ANY_ADDRESS}
    assert all(HostPattern.parse(each).text == each for each in (*UNLISTED, *ANY_ADDRESS))


RELEASES = [("cilium", "1.19"), ("cilium", "1.17"), ("calico-enterprise", "3.22")]


@pytest.mark.parametrize(("engine", "version"), RELEASES)
@pytest.mark.parametrize("pattern", [*SHARED, *HELD])
def test_values_and_what_is_rendered_are_judged_alike(
    pattern: str, engine: str, version: str
) -> None:
    release = Release(engine=engine, version=Version.parse(version))
    host = HostPattern.parse(pattern)
    [*apis] = engine_of(release).view.apis
    for reading in engine_of(release).as_read(host, release):
        text = reading.text.replace("**.", "*.") if "calico" in engine else reading.text
        read = [api.host_labels(text, release) for api in apis]
        meant = tuple(reading.text.split("."))
        if "calico" in engine and "*" in text.removeprefix("*."):
            continue  # refused by lowering: only a leading star is written

        assert meant in read
        assert shared_suffix(meant) in map(shared_suffix, read)
