"""Helm in this process, through `helm-python-sdk`.

The SDK is loaded when it is first needed: it starts a Go runtime, which most commands can do
without. A process that has loaded it must not fork; threads may share charts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from transire.helm.documents import split
from transire.helm.request import Request
from transire.model.problems import HelmFailed

if TYPE_CHECKING:
    from helm_python import Chart

_NO_CLUSTER = """\
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: none, user: {}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
current-context: none
"""
"""A kubeconfig that leads nowhere: rendering queries no cluster, and must not find one."""

_GARBAGE = ("GOGC", "1000")
"""How far Go's heap grows before it is swept; swept as often as by default, a quarter is lost."""

_WARNING = 2
"""The severity from which on a strict lint fails; 1 is information."""


def load() -> ModuleType:
    """The SDK.

    Raises:
        HelmFailed: if there is none for this machine, with the reason.
    """
    os.environ.setdefault(*_GARBAGE)
    try:
        import helm_python  # noqa: PLC0415 - starts a Go runtime
    except Exception as error:  # what it raises is defined in the package that failed to load
        reason = str(error).partition("\n")[0]
        raise HelmFailed(f"helm-python-sdk cannot be loaded: {reason}") from error
    return helm_python


def render(request: Request) -> str:
    """The manifest text of an install that queries no cluster, as `helm template` prints it.

    The SDK keeps hooks to itself, so a chart with a hook is refused.

    Raises:
        HelmFailed: with Helm's message, or if the chart has a hook.
    """
    helm = load()
    values = request.values()
    try:
        parsed = helm.values_from_yaml(values)
        with helm.Config(kubeconfig_content=_NO_CLUSTER, namespace=request.namespace) as config:
            release = config.install(
                str(request.chart),
                request.release,
                parsed,
                namespace=request.namespace,
                dry_run="client",
            )
            chart = helm.Chart.load(str(request.chart))
            whole = None if chart.dependencies else _documents(templates(chart, parsed, request))
    except (helm.HelmError, UnicodeDecodeError) as error:
        raise request.failed(request.template, str(error)) from error
    text = str(release.get("manifest", "")).rstrip("\n")
    if whole is not None and whole != (listed := _documents({"": text})):
        message = (
            f"of {whole} objects Helm would install {whole - listed} as hooks, beside the others; "
            "take the annotation helm.sh/hook away"
        )
        raise request.failed(request.template, message)
    return text


def _documents(rendered: Mapping[str, str]) -> int:
    """How many documents there are that hold anything."""
    return sum(
        1 for path, text in rendered.items() if not is_notes(path) for _ in split(text, path)
    )


def is_notes(path: str) -> bool:
    """Whether Helm takes a template for notes, and so renders no object from it.

    It looks at the end of the whole path: `templates/tier-NOTES.txt` is one, too.
    Source: `notesFileSuffix` in Helm's `pkg/action`.
    """
    return path.endswith("NOTES.txt")


def lint(request: Request) -> tuple[str, ...]:
    """The warnings of a strict lint, as Helm prints them; empty when there are none.

    Raises:
        HelmFailed: if the chart or its values cannot be read.
    """
    helm = load()
    values = request.values()
    try:
        report = helm.lint(
            str(request.chart),
            helm.values_from_yaml(values),
            strict=True,
            namespace=request.namespace,
        )
    except (helm.HelmError, UnicodeDecodeError) as error:
        raise request.failed(request.lint, str(error)) from error
    if not report["total_charts_linted"]:
        raise request.failed(request.lint, "; ".join(report["errors"]))
    return tuple(
        f"{each['path']}: {each['error']}".strip()
        for each in report["messages"]
        if each["severity"] >= _WARNING
    )


def from_folder(request: Request) -> Chart:
    """The chart of a folder.

    Raises:
        HelmFailed: with Helm's message.
    """
    helm = load()
    try:
        return cast("Chart", helm.Chart.load(str(request.chart)))
    except (helm.HelmError, UnicodeDecodeError) as error:
        raise request.failed(request.template, str(error)) from error


def from_archive(archive: bytes, request: Request) -> Chart:
    """A chart from the bytes of a `.tgz`, kept for many renderings.

    Raises:
        HelmFailed: with Helm's message.
    """
    helm = load()
    try:
        return cast("Chart", helm.Chart.load_archive(archive))
    except (helm.HelmError, UnicodeDecodeError) as error:
        raise request.failed(request.template, str(error)) from error


def templates(chart: Chart, values: dict[str, Any], request: Request) -> dict[str, str]:
    """What each template renders, by its path.

    Raises:
        HelmFailed: with Helm's message.
    """
    helm = load()
    try:
        return chart.render(values, name=request.release, namespace=request.namespace)
    except (helm.HelmError, UnicodeDecodeError) as error:
        raise request.failed(request.template, str(error)) from error


def read(text: str) -> dict[str, Any]:
    """What Helm's YAML reads in a document that holds a mapping or nothing.

    Raises:
        ValueError: with Helm's message, if it is no YAML, or holds something else.
    """
    helm = load()
    try:
        return cast("dict[str, Any]", helm.values_from_yaml(text))
    except helm.HelmError as error:
        raise ValueError(str(error)) from error
    except RecursionError as error:
        raise ValueError("lists and maps are nested too deeply") from error
