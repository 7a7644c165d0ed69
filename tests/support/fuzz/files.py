"""Targets whose inputs are files: values, manifests, logs, archives, charts and their schemas."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from support.fuzz.target import Wrong, same
from transire.charts.chart import chart_of
from transire.charts.chart_yaml import NAME, read_chart_file, renamed
from transire.charts.merged_chart import decided
from transire.charts.unpacked import differences, unpack
from transire.charts.values_schema import SCHEMA, schema_problems
from transire.charts.versions.change_list import read_changes, with_written, written_changes
from transire.commands.given_files import STDIN, read_given
from transire.commands.lint import lint_given
from transire.engines.registry import ENGINES, engine_of
from transire.flowlogs.lines import Source
from transire.flowlogs.reading import read as read_log
from transire.flowlogs.tally import Tally
from transire.model.engine import Release
from transire.model.problems import Rejected, ToolError
from transire.queries.cluster_state import EMPTY, ClusterState
from transire.queries.query import Query
from transire.queries.query_notation import destination_from, source_from
from transire.values.load import read_files

_CLUSTER = b"""\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress", git: "https://git.example.com/egress.git"}
defaults: {mode: enforce, ports: [443], inCluster: same-namespace}
clusters:
  one:
    engine: cilium
    version: "1.19"
    environment: prod
    dns: {profile: coredns}
    network: {podCIDRs: [10.0.0.0/16], serviceCIDRs: [10.96.0.0/12], nodeCIDRs: [192.0.2.0/24]}
    gitops: argocd
"""
_MARK = b"=== "
"""What a line begins with that names the file of those below it."""
_VALUES: Mapping[bytes, str] = MappingProxyType(
    {
        b"bundle": "values/bundles/vendor.yaml",
        b"exceptions": "values/exceptions.yaml",
        b"platform": "values/platform.yaml",
        b"team": "values/teams/shop.yaml",
    }
)
_FOLDER = "charts/some"
_QUERY = Query(
    id="1", source=source_from("shop/app=web"), what=destination_from("api.example.com:443")
)


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The files that an input holds, by name; what comes before the first has none."""
    name, lines = b"", list[bytes]()
    for line in data.splitlines(keepends=True):
        if line.startswith(_MARK):
            yield name, b"".join(lines)
            name, lines = line.removeprefix(_MARK).strip(), []
        else:
            lines.append(line)
    yield name, b"".join(lines)


def values(data: bytes) -> None:
    """Values files of an organisation with one cluster, those in the input in place of its own."""
    files = {"values/platform.yaml": _CLUSTER}
    files |= {_VALUES[name]: content for name, content in _parts(data) if name in _VALUES}
    found = read_files(files)
    for problem in found.problems:
        if not str(problem).isprintable() and "\n" not in str(problem):
            raise Wrong(f"a message that cannot be printed: {problem!r}")
    if not found.problems:
        same(read_files(files), found, "values read twice")


def manifests(data: bytes) -> None:
    """Manifests as lint reads them, by the engine whose number the first byte has."""
    names = sorted(ENGINES)
    engine = ENGINES[names[data[0] % len(names)]] if data else ENGINES[names[0]]
    version = engine.releases.newest.version
    release = Release(engine=engine.name, version=version)
    try:
        with _standard_input(data[1:]):
            given = read_given([STDIN], "shop")
        lint_given(given, release)
        reading = engine_of(release).reading(given.manifests, release, ClusterState(), EMPTY)
        reading.decide(_QUERY)
    except ToolError:
        return


@contextmanager
def _standard_input(data: bytes) -> Iterator[None]:
    kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(data))
    try:
        yield
    finally:
        sys.stdin = kept


def logs(data: bytes) -> None:
    """A log of any format, plain or packed."""
    tally = Tally()
    source = Source(path=Path("-"))
    records = list(read_log([source], tally, stdin=io.BytesIO(data)))
    coverage = tally.coverage()
    if sum(coverage.records.values()) != len(records):
        raise Wrong(f"{len(records)} records, of which {coverage.records} are counted")


def archives(data: bytes) -> None:
    """A chart's archive: the bytes themselves or, after `t`, those of a tar file to be packed.

    Checksums in a tar file are put right first, since all others are refused alike.
    """
    packed = data[:1] == b"t"
    archive = gzip.compress(_with_checksums(data[1:]), 1, mtime=0) if packed else data
    try:
        found = unpack(archive)
    except ValueError:
        return
    if differences(found, dict(found)):
        raise Wrong("an archive differs from itself")


_BLOCK = 512
_SUM, _SIZE = slice(148, 156), slice(124, 136)
"""Where a header of a tar file has its checksum and the size of the file after it."""


def _with_checksums(tar: bytes) -> bytes:
    fixed, place = bytearray(tar), 0
    while place + _BLOCK <= len(fixed):
        header = fixed[place : place + _BLOCK]
        header[_SUM] = b" " * 8
        written = bytes(header[_SIZE]).strip(b" \0")
        size = int(written, 8) if written and not written.strip(b"01234567") else 0
        if any(header.strip(b" \0")):
            header[_SUM] = b"%06o\0 " % (sum(header) & 0o777777)
            fixed[place : place + _BLOCK] = header
        place += _BLOCK * (1 + -(-size // _BLOCK))
    return bytes(fixed)


def charts(data: bytes) -> None:
    """The files of a chart, and its `Chart.yaml` by itself."""
    files = {name.decode("utf-8", "replace"): content for name, content in _parts(data) if name}
    try:
        chart_of(_FOLDER, files)
    except Rejected:
        pass
    else:
        same(chart_of(_FOLDER, files).files.keys() <= files.keys(), True, "files of a chart")
    _chart_yaml(files.get(NAME, data))


def _chart_yaml(content: bytes) -> None:
    decided(content)
    try:
        read = read_chart_file(content, NAME)
        same(read_chart_file(read.with_version(read.version), NAME).version, read.version, NAME)
        renamed(content, "another")
        entry = written_changes(content)
        same(written_changes(with_written(content, entry)), entry, "the list of changes")
        read_changes(content)
    except (Rejected, ValueError):
        return


def schemas(data: bytes) -> None:
    """The schema of a chart's values."""
    found = list(schema_problems(_FOLDER, {SCHEMA: data}))
    same(list(schema_problems(_FOLDER, {SCHEMA: data})), found, "a schema looked at twice")
