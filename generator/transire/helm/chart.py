"""A chart loaded once to render many targets, for the commands that judge all of them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from transire.helm import cli, sdk
from transire.helm.reading import read_yaml
from transire.helm.request import HelmChoice, Request
from transire.helm.running import available
from transire.model.manifests import Manifest

if TYPE_CHECKING:
    import helm_python

SCHEMA = "values.schema.json"

_SOURCE = "# Source: "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A chart inside the SDK without its schema, and the schema, compiled once.

    Helm compiles a schema anew for each rendering, which takes longer than the rendering. So the
    values are checked here, and only those that fail are given to Helm, for its words.
    """

    chart: helm_python.Chart
    accepts: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart in a folder, ready to render; threads may share it."""

    directory: Path
    _loaded: _Loaded | None

    @classmethod
    def load(cls, directory: Path, *, helm: HelmChoice | None = None) -> Self:
        """The chart of a folder.

        Args:
            directory: the chart's folder.
            helm: which Helm; without a choice the SDK where it loads, else the executable.

        Raises:
            HelmFailed: if there is no Helm, or it cannot load the chart.
        """
        use_sdk = (helm or available()) == "sdk"
        return cls(directory=directory, _loaded=_load(directory) if use_sdk else None)

    def manifests(
        self,
        values_file: Path | None = None,
        *,
        release: str = "egress",
        namespace: str = "default",
    ) -> tuple[Manifest, ...]:
        """The objects that the chart renders, sorted by template, kind and name.

        They are those of `transire.helm.render`; each names the template that it came from.

        Raises:
            HelmFailed: with the command and Helm's words.
        """
        request = Request(
            chart=self.directory, values_file=values_file, release=release, namespace=namespace
        )
        if self._loaded is None:
            rendered = _by_template(cli.render(request))
        else:
            rendered = _rendered(self._loaded, request)
        found = (
            each for source, text in rendered.items() for each in read_yaml(text, source=source)
        )
        return _numbered(found)


def _load(directory: Path) -> _Loaded:
    import jsonschema_rs  # noqa: PLC0415 - only where there is an SDK to render with

    request = Request(chart=directory)
    try:
        schema = directory / SCHEMA
        document = json.loads(schema.read_text("utf-8")) if schema.exists() else True
        archive = _archive(directory)
    except (OSError, ValueError) as error:
        raise request.failed(request.template, str(error)) from error
    validator = jsonschema_rs.Draft7Validator(
        document, pattern_options=jsonschema_rs.RegexOptions()
    )
    return _Loaded(chart=sdk.from_archive(archive, request), accepts=validator.is_valid)


def _archive(directory: Path) -> bytes:
    """The files that Helm renders from, packed in memory."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", dereference=True) as tar:
        for path in sorted(_read_by_helm(directory)):
            tar.add(path, arcname=f"chart/{path.relative_to(directory).as_posix()}")
    return gzip.compress(held.getvalue(), compresslevel=1, mtime=0)


def _read_by_helm(directory: Path) -> Iterable[Path]:
    yield directory / "Chart.yaml"
    if (directory / "values.yaml").exists():
        yield directory / "values.yaml"
    yield from (path for path in (directory / "templates").rglob("*") if path.is_file())


def _rendered(loaded: _Loaded, request: Request) -> Mapping[str, str]:
    try:
        values = sdk.read(request.values())
    except ValueError as error:
        raise request.failed(request.template, str(error)) from error
    if not loaded.accepts(loaded.chart.merge_values(values)):
        sdk.render(request)
        raise request.failed(request.template, f"the values break {SCHEMA}, but Helm takes them")
    rendered = sdk.templates(loaded.chart, values, request)
    return {path: text for path, text in rendered.items() if not path.endswith("/NOTES.txt")}


def _by_template(text: str) -> Mapping[str, str]:
    """The manifest text by the templates that its comments name."""
    found: dict[str, str] = {}
    for piece in text.split(f"---\n{_SOURCE}")[1:]:
        path, _, document = piece.partition("\n")
        found[path] = f"{found.get(path, '')}---\n{document}\n"
    return found


def _numbered(found: Iterable[Manifest]) -> tuple[Manifest, ...]:
    def place(each: Manifest) -> tuple[str, ...]:
        return each.source, each.ref.kind, each.ref.namespace, each.ref.name

    return tuple(
        Manifest(source=each.source, index=index, body=each.body)
        for index, each in enumerate(sorted(found, key=place))
    )
