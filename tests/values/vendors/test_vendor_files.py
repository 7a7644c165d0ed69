"""What vendors publish, read whole or refused with the place."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

import transire
from transire.model.problems import Rejected
from transire.values.load import load_files
from transire.values.value_files import find
from transire.values.vendors.registry import VENDORS

HERE = Path(__file__).parent
FILES = HERE / "files"
BASE = HERE.parent / "base"
NAMES = {"azure": "ServiceTags_Public_20261123.json", "cloudflare": "cloudflare.txt"}
DAY = date(2026, 11, 24)
JSON = sorted(set(VENDORS) - {"cloudflare"})


def sample(source: str) -> Path:
    return FILES / NAMES.get(source, f"{source}.json")


def made(source: str, *only: str) -> str:
    """The bundle of a sample, from `published` on."""
    dated = None if source in {"aws", "azure", "gcp"} else DAY
    text = transire.bundle(source, sample(source), name="some", only=only, published=dated).text
    return text[text.index("published:") :]


def test_prefixes_of_aws_are_those_of_a_service_and_a_region() -> None:
    assert (
        made("aws", "service=S3", "region=eu-west-1")
        == """\
published:
  source: "aws"
  date: "2026-11-20"
  version: "1763674988"
  only:
    - "region=eu-west-1"
    - "service=S3"
to:
  - cidr: "52.218.0.0/16"
  - cidr: "2a05:d050:8000::/40"
"""
    )


def test_of_one_key_any_value_will_do_and_a_family_may_be_chosen() -> None:
    text = made("aws", "region=eu-west-1", "region=us-west-1", "service=S3", "family=IPv4")

    assert re.findall(r'cidr: "(.*)"', text) == ["52.218.0.0/16", "52.219.0.0/20"]


def test_tags_of_azure_have_the_day_of_the_name_of_the_file() -> None:
    assert (
        made("azure", "name=Storage.WestEurope")
        == """\
published:
  source: "azure"
  date: "2026-11-23"
  version: "412"
  only:
    - "name=Storage.WestEurope"
to:
  - cidr: "13.69.40.0/22"
  - cidr: "20.38.108.0/23"
  - cidr: "2603:1020:206::/48"
"""
    )


def test_prefixes_of_google_are_those_of_a_scope() -> None:
    assert (
        made("gcp", "scope=europe-west1")
        == """\
published:
  source: "gcp"
  date: "2026-11-20"
  version: "1763621049123"
  only:
    - "scope=europe-west1"
to:
  - cidr: "34.76.0.0/14"
  - cidr: "2600:1900:4010::/44"
"""
    )


def test_a_service_of_github_is_a_list_of_ranges_or_of_domains() -> None:
    assert (
        made("github", "service=packages", "service=domains.packages")
        == """\
published:
  source: "github"
  date: "2026-11-24"
  only:
    - "service=domains.packages"
    - "service=packages"
to:
  - "*.pkg.github.com"
  - "mavenregistryv2prod.blob.core.windows.net"
  - cidr: "140.82.121.33/32"
"""
    )


def test_all_domains_of_github_are_one_service_too() -> None:
    text = made("github", "service=domains")

    assert re.findall(r'  - "(.*)"', text.partition("to:")[2]) == [
        "*.actions.githubusercontent.com",
        "*.github.com",
        "*.pkg.github.com",
        "github.com",
        "mavenregistryv2prod.blob.core.windows.net",
        "tuf-repo.github.com",
    ]


def test_endpoints_of_microsoft_365_keep_their_ports() -> None:
    assert (
        made("microsoft365", "serviceArea=Exchange", "required=true")
        == """\
published:
  source: "microsoft365"
  date: "2026-11-24"
  only:
    - "required=true"
    - "serviceArea=Exchange"
to:
  - host: "*.office365.com"
    ports:
      - "80/TCP"
      - "443/TCP"
      - "443/UDP"
  - host: "outlook.cloud.microsoft"
    ports:
      - "80/TCP"
      - "443/TCP"
      - "443/UDP"
  - cidr: "13.107.6.152/31"
    ports:
      - "80/TCP"
      - "443/TCP"
      - "443/UDP"
  - cidr: "2603:1006::/40"
    ports:
      - "80/TCP"
      - "443/TCP"
      - "443/UDP"
"""
    )


def test_cloudflare_publishes_lines() -> None:
    assert (
        made("cloudflare")
        == """\
published:
  source: "cloudflare"
  date: "2026-11-24"
to:
  - cidr: "103.21.244.0/22"
  - cidr: "103.22.200.0/22"
  - cidr: "173.245.48.0/20"
"""
    )


def test_the_head_tells_where_the_file_is_from_and_what_a_star_is() -> None:
    text = transire.bundle("github", sample("github"), name="some", published=DAY).text

    assert (
        text.partition("published:")[0]
        == """\
# yaml-language-server: $schema=../.schema/bundle.schema.json
# Made by `transire bundle` of https://api.github.com/meta.
# A star is exactly one label here; write ** where the vendor means more, and say so.
apiVersion: "transire/v1"
kind: "Bundle"
bundle: "some"
owner: "platform"
reason: "what GitHub publishes"
"""
    )


@pytest.mark.parametrize("source", VENDORS)
def test_a_bundle_that_was_made_is_one_that_is_read(source: str) -> None:
    text = transire.bundle(source, sample(source), name="some").text
    files = {**find(BASE).files, "values/bundles/some.yaml": text.encode()}

    (bundle,) = (each for each in load_files(files).bundles if each.name == "some")

    assert bundle.source is not None
    assert bundle.source.vendor == source


@pytest.mark.parametrize("source", VENDORS)
def test_the_same_file_in_another_order_gives_the_same_bundle(source: str, tmp_path: Path) -> None:
    text = sample(source).read_text("utf-8")
    path = tmp_path / sample(source).name
    if source == "cloudflare":
        path.write_text("\n".join(reversed(text.splitlines())), "utf-8")
    else:
        path.write_text(json.dumps(turned(json.loads(text))), "utf-8")

    first = transire.bundle(source, sample(source), name="some", published=None)
    second = transire.bundle(source, path, name="some")

    assert without_day(second.text) == without_day(first.text)


def turned(document: object) -> object:
    """The document with every list and every object the other way round."""
    if isinstance(document, dict):
        return {key: turned(document[key]) for key in reversed(document)}
    return [turned(each) for each in reversed(document)] if isinstance(document, list) else document


def without_day(text: str) -> str:
    return re.sub(r'date: ".*"', "", text)


@pytest.mark.parametrize("source", VENDORS)
def test_a_file_that_is_cut_off_anywhere_is_never_read_as_a_whole_one(
    source: str, tmp_path: Path
) -> None:
    text = sample(source).read_text("utf-8").rstrip()
    path = tmp_path / sample(source).name
    lines_end = {place for place, letter in enumerate(text) if letter == "\n"}
    for end in range(len(text) - 1):
        if source == "cloudflare" and (end in lines_end or end - 1 in lines_end):
            continue  # a list of lines that ends with one of them is a list
        path.write_text(text[:end], "utf-8")
        with pytest.raises(Rejected):
            transire.bundle(source, path, name="some")
