"""What makes Helm install something else than the templates of a chart, or nothing at all.

Argo CD builds dependencies before it renders, source-controller packs them, and `helm template`
does neither. So a chart that is proved has none, requires no version of Kubernetes, and is an
application. Helm reads keys of `Chart.yaml` in whatever case they are, as Go does with JSON.

Sources: `Metadata` and `LoadFiles` in Helm's `pkg/chart`; `checkIfInstallable` in `pkg/action`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire import yamlio
from transire.charts.chart_text import VALUES
from transire.charts.chart_yaml import NAME
from transire.model.problems import Position, Problem, Rejected
from transire.workspace.safe_folder import shown
from transire.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode

_OURS = frozenset(
    {
        "annotations", "apiVersion", "appVersion", "deprecated", "description", "home", "icon",
        "keywords", "maintainers", "name", "sources", "type", "version",
    }
)  # fmt: skip
_REFUSED: Mapping[str, tuple[str, str]] = {
    "dependencies": (
        "dependencies install the objects of other charts beside those that are proved",
        "take them out, and publish what is needed in a release of its own",
    ),
    "kubeVersion": (
        "kubeVersion lets Helm refuse the chart on some clusters, whatever was proved",
        "take the line away",
    ),
}
_HELMS = {each.casefold(): each for each in (*_OURS, *_REFUSED, "condition", "tags")}
_DEPENDENCIES = frozenset({"Chart.lock", "requirements.lock", "requirements.yaml"})


def not_alone(folder: str, files: Mapping[str, bytes], description: Node) -> Iterator[Problem]:
    """Everything of a chart by which more, less or nothing of it would be installed.

    `description` is what its `Chart.yaml` holds.
    """
    for path in sorted(_DEPENDENCIES & files.keys()):
        yield Problem(
            at=Position(path=shown(f"{folder}/{path}")),
            id="chart-beside",
            message="Helm reads here which other charts to install, and one that is proved needs "
            "none",
            help="remove the file",
        )
    yield from _of_description(description, f"{folder}/{NAME}")
    yield from _of_values(files.get(VALUES, b""), f"{folder}/{VALUES}")


def _of_description(root: Node, path: str) -> Iterator[Problem]:
    if not isinstance(root, MappingNode):
        return
    for key, entry in root.entries.items():
        yield from _of_field(key, entry.key.at, entry.value)
    for key, wanted in (("apiVersion", "v2"), ("type", "application")):
        field = root.entries.get(key)
        written = yamlio.plain(field.value) if field else None
        if written != wanted and not (key == "type" and field is None):
            yield Problem(
                at=field.key.at if field else Position(path=path),
                id="chart-field",
                message=f"the chart has {key} {written!r}, not {wanted!r}",
                help=f"write the line `{key}: {wanted}`",
            )


def _of_field(key: str, at: Position, value: Node) -> Iterator[Problem]:
    meant = _HELMS.get(key.casefold(), "")
    if meant in _REFUSED:
        message, advice = _REFUSED[meant]
        if isinstance(value, ScalarNode):
            message = message.replace(meant, f"{meant} {value.text!r}", 1)
        yield Problem(at=at, id="chart-field", message=message, help=advice)
    elif meant and meant != key:
        yield Problem(
            at=at,
            id="chart-field",
            message=f"Helm reads {key!r} as {meant}, and other readers do not",
            help=f"write {meant}",
        )


def _of_values(content: bytes, path: str) -> Iterator[Problem]:
    """Only Helm 3 keeps a key whose default is null, so Helm 4 may render otherwise."""
    if not content.strip():
        return
    try:
        root = yamlio.read(content, path).root
    except Rejected as rejected:
        yield from (each for each in rejected.problems if each.id != "empty-file")
        return
    for at in _nulls(root):
        yield Problem(
            at=at,
            id="chart-values",
            message="Helm 3 keeps a default of null, and Helm 4 leaves it out",
            help="write another default, or leave the key out",
        )


def _nulls(node: Node) -> Iterator[Position]:
    match node:
        case ScalarNode() if yamlio.plain(node) is None:
            yield node.at
        case SequenceNode(items=items):
            for each in items:
                yield from _nulls(each)
        case MappingNode(entries=entries):
            for entry in entries.values():
                yield from _nulls(entry.value)
