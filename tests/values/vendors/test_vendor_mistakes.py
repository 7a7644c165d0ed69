"""Files of vendors that are not whole, and requests that cannot be met, are refused with the place."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import transire
from transire.model.problems import Rejected, UsageError
from transire.values.vendors.registry import VENDORS

HERE = Path(__file__).parent
FILES = HERE / "files"
NAMES = {"azure": "ServiceTags_Public_20261123.json", "cloudflare": "cloudflare.txt"}
DAY = date(2026, 11, 24)
JSON = sorted(set(VENDORS) - {"cloudflare"})


def sample(source: str) -> Path:
    return FILES / NAMES.get(source, f"{source}.json")


def spoilt(tmp_path: Path, source: str, spoil: Callable[[Any], object]) -> str:
    """The first line about a sample in which something was changed."""
    document = json.loads(sample(source).read_text("utf-8"))
    spoil(document)
    path = tmp_path / sample(source).name
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(Rejected) as caught:
        transire.bundle(source, path, name="some")
    return str(caught.value).splitlines()[0].replace(f"{path.as_posix()}: ", "")


@pytest.mark.parametrize(
    ("source", "spoil", "line"),
    [
        (
            "aws",
            lambda file: file["prefixes"][1].pop("region"),
            "error: prefixes[1] has no 'region' (vendor-file)",
        ),
        (
            "aws",
            lambda file: file.pop("ipv6_prefixes"),
            "error: the file has no 'ipv6_prefixes' (vendor-file)",
        ),
        (
            "aws",
            lambda file: file["prefixes"][0].update(deprecated=True),
            "error: prefixes[0] has 'deprecated', which is not known (vendor-file)",
        ),
        (
            "aws",
            lambda file: file["prefixes"][0].update(ip_prefix="3.4.12.4/16"),
            (
                "error: prefixes[0].ip_prefix cannot be read: '3.4.12.4/16' has address bits behind "
                "the prefix (vendor-file)"
            ),
        ),
        (
            "aws",
            lambda file: file["prefixes"][0].update(ip_prefix="2a05::/32"),
            "error: prefixes[0].ip_prefix is 2a05::/32, which is not IPv4 (vendor-file)",
        ),
        (
            "aws",
            lambda file: file.update(createDate="2026-13-40-21-43-08"),
            "error: createDate is '2026-13-40-21-43-08', and there is no such day (vendor-file)",
        ),
        (
            "aws",
            lambda file: file.update(createDate="20.11.2026"),
            (
                "error: createDate is '20.11.2026', which is not in the form 2026-11-20-21-43-08 "
                "(vendor-file)"
            ),
        ),
        (
            "azure",
            lambda file: file["values"][1]["properties"].pop("addressPrefixes"),
            "error: values[1].properties has no 'addressPrefixes' (vendor-file)",
        ),
        ("azure", lambda file: file["values"].clear(), "error: values is empty (vendor-file)"),
        (
            "azure",
            lambda file: file.update(changeNumber="412"),
            "error: changeNumber is the string '412', and must be a whole number (vendor-file)",
        ),
        (
            "gcp",
            lambda file: file["prefixes"][2].pop("ipv4Prefix"),
            "error: prefixes[2] must have one of 'ipv4Prefix' and 'ipv6Prefix' (vendor-file)",
        ),
        (
            "gcp",
            lambda file: file.update(creationTime="today"),
            (
                "error: creationTime is 'today', which is not in the form 2026-11-20T07:04:09.1234 "
                "(vendor-file)"
            ),
        ),
        (
            "gcp",
            lambda file: file.update(creationTime="2026-02-30T07:04:09"),
            "error: creationTime is '2026-02-30T07:04:09', and there is no such day (vendor-file)",
        ),
        ("github", lambda file: file.pop("hooks"), "error: the file has no 'hooks' (vendor-file)"),
        (
            "github",
            lambda file: file.update(somewhere={"new": 1}),
            "error: somewhere is an object, and must be a list (vendor-file)",
        ),
        (
            "github",
            lambda file: file["domains"]["packages"].append("https://npm.pkg.github.com"),
            (
                "error: domains.packages[2] cannot be read: 'https://npm.pkg.github.com' is a URL, not a "
                "host (vendor-file)"
            ),
        ),
        (
            "microsoft365",
            lambda file: file[1].pop("udpPorts"),
            "error: item[1] has neither 'tcpPorts' nor 'udpPorts' (vendor-file)",
        ),
        (
            "microsoft365",
            lambda file: file[1].pop("ips"),
            "error: item[1] has neither 'urls' nor 'ips' (vendor-file)",
        ),
        (
            "microsoft365",
            lambda file: file[0].update(tcpPorts="80,https"),
            "error: item[0].tcpPorts is '80,https', which is not a list of ports (vendor-file)",
        ),
        (
            "microsoft365",
            lambda file: file[0].update(required="yes"),
            "error: item[0].required is the string 'yes', and must be true or false (vendor-file)",
        ),
        (
            "microsoft365",
            lambda file: file[0].update(category=None),
            "error: item[0].category is null, and must be a string (vendor-file)",
        ),
    ],
)
def test_what_is_not_known_or_not_there_is_refused_with_its_place(
    tmp_path: Path, source: str, spoil: Callable[[Any], object], line: str
) -> None:
    assert spoilt(tmp_path, source, spoil) == line


@pytest.mark.parametrize("source", JSON)
def test_a_file_of_another_vendor_is_refused(source: str) -> None:
    for other in JSON:
        if other != source:
            with pytest.raises(Rejected):
                transire.bundle(source, sample(other), name="some")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("173.245.48.0/20\n173.245.48\n", "2:1: error: '173.245.48' is not an address range"),
        ("173.245.48.1\n", "1:1: error: '173.245.48.1' is not an address range"),
        ("<html>", "1:1: error: '<html>' is not an address range"),
        ("\n\n", " error: the file is empty"),
    ],
)
def test_a_line_that_is_no_range_is_refused(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "ips"
    path.write_text(text, "utf-8")

    with pytest.raises(Rejected) as caught:
        transire.bundle("cloudflare", path, name="some")

    assert str(caught.value) == (
        f"{path.as_posix()}:{line} (vendor-file)\n"
        "  help: fetch the file again, whole; where the vendor changed its form, report that to "
        "transire"
    )


@pytest.mark.parametrize(
    ("source", "arguments", "message"),
    [
        (
            "ibm",
            {},
            "there is no source 'ibm'; the sources are aws, azure, cloudflare, gcp, github, microsoft365",
        ),
        ("aws", {"name": "S3"}, "'S3' is no name of a bundle: lower-case letters, digits, hyphens"),
        (
            "aws",
            {"only": "service"},
            (
                "--only 'service' is not KEY=VALUE; the keys are region, service, "
                "network_border_group, family"
            ),
        ),
        (
            "aws",
            {"only": "zone=a"},
            (
                "--only 'zone=a': AWS has no 'zone'; the keys are region, service, "
                "network_border_group, family"
            ),
        ),
        ("aws", {"only": "service=s3"}, "FILE has no service=s3; write AMAZON, S3"),
        (
            "aws",
            {"only": "region=eu-wst-1"},
            "FILE has no region=eu-wst-1; write eu-west-1, us-west-1",
        ),
        ("aws", {"only": "family=6"}, "FILE has no family=6; write IPv4, IPv6"),
        (
            "aws",
            {"only": ["service=AMAZON", "region=us-west-1"]},
            "FILE holds nothing for region=us-west-1 and service=AMAZON",
        ),
        ("aws", {"published": DAY}, "FILE is of 2026-11-20, and not of 2026-11-24"),
        (
            "github",
            {"published": datetime(2026, 11, 24, tzinfo=UTC)},
            (
                "published is a day such as date(2026, 11, 23), not datetime.datetime(2026, 11, 24, "
                "0, 0, tzinfo=datetime.timezone.utc)"
            ),
        ),
    ],
)
def test_what_cannot_be_made_is_refused(
    source: str, arguments: dict[str, Any], message: str
) -> None:
    file = sample(source if source in VENDORS else "aws")
    with pytest.raises(UsageError) as caught:
        transire.bundle(source, file, **{"name": "some", **arguments})

    assert str(caught.value) == message.replace("FILE", file.as_posix())


def test_a_file_without_a_date_has_the_day_on_which_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "meta"
    path.write_bytes(sample("github").read_bytes())
    moment = datetime(2026, 3, 4, 5, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))

    bundle = transire.bundle("github", path, name="some")

    assert '  date: "2026-03-04"\n' in bundle.text
    assert bundle.dated == f"{path} holds no date; it was written on 2026-03-04"
    assert bundle.path == "values/bundles/some.yaml"


def test_a_name_that_only_looks_like_one_of_azure_has_no_date(tmp_path: Path) -> None:
    path = tmp_path / "ServiceTags_Public_20261399.json"
    path.write_bytes(sample("azure").read_bytes())

    assert "holds no date" in transire.bundle("azure", path, name="some").dated
