"""`transire bundle` prints a file, and tells on the side where it belongs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.paths import ROOT
from transire.cli import commands
from transire.values.vendors.registry import VENDORS

FILE = ROOT / "tests/values/vendors/files/aws.json"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    call = "import sys; from transire.cli import main; sys.argv[0] = 'transire'; main()"
    return subprocess.run(
        [sys.executable, "-c", call, "bundle", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_printed_is_the_file() -> None:
    done = run("aws", str(FILE), "--name", "s3", "--only", "service=S3", "--owner", "security")

    assert done.returncode == 0
    assert done.stdout.startswith("# yaml-language-server: $schema=../.schema/bundle.schema.json\n")
    assert 'bundle: "s3"\nowner: "security"\n' in done.stdout
    assert done.stderr == f"{FILE} is of 2026-11-20\nkeep it as values/bundles/s3.yaml\n"


def test_a_file_that_is_cut_off_ends_with_findings(tmp_path: Path) -> None:
    path = tmp_path / "aws.json"
    path.write_bytes(FILE.read_bytes()[:-40])

    done = run("aws", str(path), "--name", "s3")

    assert (done.returncode, done.stdout) == (1, "")
    assert "(vendor-file)" in done.stderr


def test_a_filter_that_is_not_known_is_a_usage_error() -> None:
    done = run("aws", str(FILE), "--name", "s3", "--only", "zone=a")

    assert (done.returncode, done.stdout) == (2, "")


def test_the_help_names_every_vendor_and_every_filter() -> None:
    page = commands.get_command(None, "bundle").help or ""  # type: ignore[arg-type, union-attr]
    words = " ".join(page.split())

    for vendor in VENDORS.values():
        assert vendor.name in words
        if vendor.filters:
            assert f"{vendor.name} has {', '.join(vendor.filters)}" in words
