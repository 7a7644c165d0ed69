"""A chart loaded once to render many targets, for the commands that judge all of them."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from transire.helm import cli, sdk
from transire.helm.reading import read_yaml
from transire.helm.request import HelmChoice, Request
from transire.helm.running import available
from transire.helm.shapes import Shapes
from transire.k8s.manifests import Manifest
from transire.model.problems import HelmFailed

if TYPE_CHECKING:
    import helm_python

SCHEMA = "values.schema.json"

_SOURCE = "# Source: "

_VALUES = Shapes(read=sdk.read, find=lambda _: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fast:
    """A chart inside the SDK without its schema, and the schema, compiled once.

    Helm compiles a schema anew for each rendering, which takes longer than the rendering. So the
    values are checked here, and only those that fail are given to Helm, for its message.
    """

    chart: helm_python.Chart
    accepts: Callable[[Any], bool]
    defaults: Mapping[str, Any]

    def templates(self, request: Request) -> Mapping[str, str]:
        """What each template renders, by its path."""
        try:
            values, _ = _VALUES.of(request.values())
        except ValueError as error:
            raise request.failed(request.template, str(error)) from error
        if not self.accepts(filled_in(self.chart, self.defaults, values)):
            sdk.render(request)
            message = f"the values break {SCHEMA}, but Helm takes them"
            raise request.failed(request.template, message)
        rendered = sdk.templates(self.chart, values, request)
        return {path: text for path, text in rendered.items() if not sdk.is_notes(path)}


def filled_in(
    chart: helm_python.Chart, defaults: Mapping[str, Any], values: dict[str, Any]
) -> Mapping[str, Any]:
    """The values with the chart's defaults where they have none, as Helm takes them together.

    Only for mappings among the defaults, and for null, there is more to it than that, and Helm
    does it.
    """
    plain = not any(isinstance(each, Mapping) for each in defaults.values())
    if plain and None not in values.values():
        return {**defaults, **values}
    return chart.merge_values(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart in a folder, ready to render; threads may share it."""

    directory: Path
    helm: HelmChoice
    _fast: _Fast | None

    @classmethod
    def load(cls, directory: Path, *, helm: HelmChoice | None = None) -> Self:
        """The chart of a folder.

        Args:
            directory: the chart's folder.
            helm: which Helm; without a choice the SDK where it loads, else the executable.

        Raises:
            HelmFailed: if there is no Helm, or it cannot load the chart.
        """
        if not (directory / "Chart.yaml").is_file():
            raise HelmFailed(f"{directory} is no chart: it has no Chart.yaml")
        chosen = helm or available()
        fast = _fast(Request(chart=directory)) if chosen == "sdk" else None
        return cls(directory=directory, helm=chosen, _fast=fast)

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
            HelmFailed: with the command and Helm's message.
        """
        rendered = self._rendered(values_file, release, namespace)
        found = (
            each for source, text in rendered.items() for each in read_yaml(text, source=source)
        )
        return _numbered(found)

    def text(
        self,
        values_file: Path | None = None,
        *,
        content: bytes | None = None,
        release: str = "egress",
        namespace: str = "default",
    ) -> str:
        """The manifest text: the documents of `transire.helm.render`, sorted by template.

        With `content`, the values file is taken to hold that; only the SDK can do without a file.

        Raises:
            HelmFailed: with the command and Helm's message.
        """
        rendered = self._rendered(values_file, release, namespace, content)
        return "\n".join(f"---\n{_SOURCE}{path}\n{rendered[path]}" for path in sorted(rendered))

    def _rendered(
        self, values_file: Path | None, release: str, namespace: str, content: bytes | None = None
    ) -> Mapping[str, str]:
        request = Request(
            chart=self.directory,
            values_file=values_file,
            content=content,
            release=release,
            namespace=namespace,
        )
        if self._fast is not None:
            return self._fast.templates(request)
        text = sdk.render(request) if self.helm == "sdk" else cli.render(request)
        return _by_template(text)


def _fast(request: Request) -> _Fast | None:
    """The fast way to render; None for a chart that has others inside, or that cannot be read.

    The other way has Helm's own message about what is wrong.
    """
    import jsonschema_rs  # noqa: PLC0415 - only where there is an SDK to render with

    whole = sdk.from_folder(request)
    if whole.dependencies:
        return None
    # Which files count is decided by Helm, which applies .helmignore.
    names = ["Chart.yaml", *(str(each["name"]) for each in whole.templates)]
    if (request.chart / "values.yaml").is_file():
        names.append("values.yaml")
    try:
        validator = jsonschema_rs.Draft7Validator(
            whole.schema or {}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError:
        return None
    chart = sdk.from_archive(_archive(request.chart, names), request)
    return _Fast(chart=chart, accepts=validator.is_valid, defaults=chart.merge_values({}))


def _archive(directory: Path, names: Iterable[str]) -> bytes:
    """These files of a chart, packed in memory."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name in names:
            content = (directory / name).read_bytes()
            entry = tarfile.TarInfo(f"chart/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(held.getvalue(), compresslevel=1, mtime=0)


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
