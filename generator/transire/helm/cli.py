"""The `helm` executable, 3 or 4, driven through pyhelm3.

It runs in an environment of its own: nothing that the user set for Helm, and no cluster, can change
what is rendered.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from transire.helm.request import Request
from transire.model.problems import HelmFailed

VARIABLE = "TRANSIRE_HELM"
"""The environment variable that names the executable; without it, PATH is searched."""

# Helm's message is shown once, in our error; pyhelm3 would log it as well.
logging.getLogger("pyhelm3").addHandler(logging.NullHandler())

_COMPLAINT = re.compile(r"^\[(?:WARNING|ERROR)\] (.*)$", re.MULTILINE)


def executable() -> str:
    """The `helm` to run: what `TRANSIRE_HELM` names, else the first on PATH or beside Python.

    Raises:
        HelmFailed: if there is none.
    """
    named = os.environ.get(VARIABLE)
    beside = sysconfig.get_path("scripts")
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), beside])
    found = shutil.which(named or "helm", path=path)
    if found is None and named:
        raise HelmFailed(f"{VARIABLE} names {named!r}, which is no program")
    if found is None:
        raise HelmFailed(f"there is no helm executable on PATH, and {VARIABLE} names none")
    return os.path.abspath(found)  # noqa: PTH100 - resolving a link would lose a wrapper's name


def render(request: Request) -> str:
    """The manifest text that `helm template` prints.

    Raises:
        HelmFailed: with Helm's message.
    """
    code, out, err = _run(request, "template", request.release)
    if code:
        raise request.failed(request.template, err)
    return out.rstrip("\n")


def lint(request: Request) -> tuple[str, ...]:
    """The warnings of a strict lint, as Helm prints them; empty when there are none.

    Raises:
        HelmFailed: if Helm fails without naming what is wrong with the chart.
    """
    code, out, err = _run(request, "lint", "--strict")
    complaints = tuple(_COMPLAINT.findall(out))
    if code and not complaints:
        raise request.failed(request.lint, f"{out.strip()} {err}")
    return complaints


def _run(request: Request, *command: str) -> tuple[int, str, str]:
    """Exit code, standard output and error of one command; values go in through standard input."""
    values = request.values().encode()
    arguments = [
        executable(),
        *command,
        str(request.chart.resolve()),
        "--namespace",
        request.namespace,
        "--values",
        "-",
    ]
    with TemporaryDirectory(prefix="transire-helm-") as home, ThreadPoolExecutor(1) as thread:
        # A thread of its own, because the caller may already run an event loop.
        import asyncio  # noqa: PLC0415 - as pyhelm3

        return thread.submit(asyncio.run, _command(arguments, values, Path(home))).result()


async def _command(arguments: list[str], values: bytes, home: Path) -> tuple[int, str, str]:
    from pyhelm3 import Command, errors  # noqa: PLC0415 - half of a short command's time

    homes = [f"HELM_{each}_HOME={home / each.lower()}" for each in ("CACHE", "CONFIG", "DATA")]
    alone = ["-i", f"HOME={home}", f"PATH={os.defpath}", *homes]
    try:
        out = await Command(executable="env").run([*alone, *arguments], values)
    except errors.Error as error:
        return error.returncode, error.stdout.decode(), error.stderr.decode()
    return 0, out.decode(), ""
