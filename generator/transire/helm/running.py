"""Rendering and linting with whichever Helm there is."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import assert_never

from transire.helm import cli, sdk
from transire.helm.request import HelmChoice, Request
from transire.model.problems import HelmFailed


def available() -> HelmChoice:
    """The SDK where it loads, else the executable.

    Raises:
        HelmFailed: if there is neither, with the reason and what to do.
    """
    try:
        sdk.load()
    except HelmFailed as no_sdk:
        try:
            cli.executable()
        except HelmFailed as no_cli:
            raise HelmFailed(
                f"there is no Helm: {no_sdk}; {no_cli}; "
                f"install helm 3.17 or later, or name it in {cli.VARIABLE}"
            ) from no_cli
        return "cli"
    return "sdk"


def in_process() -> bool:
    """Whether there is an SDK, which renders where nothing is chosen; it is not loaded for that."""
    return find_spec("helm_python") is not None


def render(
    chart_dir: Path,
    values_file: Path | None = None,
    *,
    release: str = "egress",
    namespace: str = "default",
    helm: HelmChoice | None = None,
) -> str:
    """The manifest text of a chart, as `helm template` prints it, without final newlines.

    Args:
        chart_dir: the chart's folder.
        values_file: the file that Helm reads; without one the chart's own values hold.
        release: the release's name.
        namespace: the release's namespace.
        helm: which Helm; without a choice the SDK where it loads, else the executable.

    Raises:
        HelmFailed: if there is no Helm, or with the command and Helm's message.
    """
    request = Request(
        chart=chart_dir, values_file=values_file, release=release, namespace=namespace
    )
    match helm or available():
        case "sdk":
            return sdk.render(request)
        case "cli":
            return cli.render(request)
        case unreachable:
            assert_never(unreachable)


def lint(
    chart_dir: Path, values_file: Path | None = None, *, helm: HelmChoice | None = None
) -> tuple[str, ...]:
    """The warnings that `helm lint --strict` prints; empty for a clean chart.

    Raises:
        HelmFailed: if there is no Helm, or it cannot lint at all.
    """
    request = Request(chart=chart_dir, values_file=values_file)
    match helm or available():
        case "sdk":
            return sdk.lint(request)
        case "cli":
            return cli.lint(request)
        case unreachable:
            assert_never(unreachable)
