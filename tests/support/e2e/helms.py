"""Both ways to run Helm against a cluster: the SDK, as Flux does, and the executable of a person.

The SDK is Helm 4, which applies in the server; the executable is of the major that it has.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from support import needs
from support.e2e.example import Rendered
from transire.model.accounts import NAMESPACE


class HelmRefused(Exception):  # noqa: N818 - what a test expects is no mistake
    """Helm did not do it; the sentence is Helm's."""


class Helm(Protocol):
    """What the tests do with releases."""

    def install(self, release: Rendered) -> None:
        """A release that is not there."""

    def upgrade(self, release: Rendered) -> None:
        """A release that is there."""

    def rollback(self, release: Rendered, revision: int) -> None:
        """Back to what a revision was."""

    def uninstall(self, release: Rendered) -> None:
        """A release and its objects taken away."""

    def history(self, release: Rendered) -> list[tuple[int, str]]:
        """Each revision with its status; empty where there is no such release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """Helm 4 as Flux runs it, with its storage in one namespace.

    `in_their_names`: whether it writes as the publishing account of a release, not as a person with
    every right.
    """

    kubeconfig: Path
    in_their_names: bool
    storage: str = NAMESPACE

    def install(self, release: Rendered) -> None:
        with self._config(release) as config:
            config.install(release.chart, release.name, _values(release))

    def upgrade(self, release: Rendered) -> None:
        with self._config(release) as config:
            config.upgrade(release.chart, release.name, _values(release), reset_values=True)

    def rollback(self, release: Rendered, revision: int) -> None:
        with self._config(release) as config:
            config.rollback(release.name, version=revision)

    def uninstall(self, release: Rendered) -> None:
        with self._config(release) as config:
            config.uninstall(release.name)

    def history(self, release: Rendered) -> list[tuple[int, str]]:
        import helm_python  # noqa: PLC0415 - not everywhere

        with self._config(release) as config:
            try:
                found = config.history(release.name)
            except helm_python.HelmNotFoundError:
                return []
        return [_revision(each) for each in found]

    @contextmanager
    def _config(self, release: Rendered) -> Iterator[Any]:
        import helm_python  # noqa: PLC0415 - not everywhere

        user = release.user if self.in_their_names else None
        with helm_python.Config(
            kubeconfig_path=self.kubeconfig, kube_as_user=user, namespace=self.storage
        ) as config:
            try:
                yield config
            except helm_python.HelmNotFoundError:
                raise
            except helm_python.HelmError as error:
                raise HelmRefused(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """The `helm` of a person with every right, in the release's own namespace."""

    kubeconfig: Path
    program: str
    home: Path

    def install(self, release: Rendered) -> None:
        self._run(
            "install", release.name, str(release.chart), "-f", str(release.values), of=release
        )

    def upgrade(self, release: Rendered) -> None:
        self._run(
            "upgrade", release.name, str(release.chart), "-f", str(release.values), of=release
        )

    def rollback(self, release: Rendered, revision: int) -> None:
        self._run("rollback", release.name, str(revision), of=release)

    def uninstall(self, release: Rendered) -> None:
        self._run("uninstall", release.name, of=release)

    def history(self, release: Rendered) -> list[tuple[int, str]]:
        try:
            text = self._run("history", release.name, "-o", "yaml", of=release)
        except HelmRefused as refused:
            assert "not found" in str(refused)  # noqa: PT017 - any other refusal is a failure
            return []
        return [_revision(each) for each in yaml.safe_load(text)]

    def _run(self, *words: str, of: Rendered) -> str:
        homes = {f"HELM_{each}_HOME": str(self.home / each) for each in ("CACHE", "CONFIG", "DATA")}
        command = [self.program, *words, "-n", of.place, "--kubeconfig", str(self.kubeconfig)]
        environment = {"HOME": str(self.home), "PATH": os.defpath, **homes}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise HelmRefused(done.stderr.strip())
        return done.stdout


HELMS = ("sdk", "executable")


def helm_of(choice: str, kubeconfig: Path, home: Path, *, in_their_names: bool) -> Helm:
    """One of `HELMS` for a cluster; where this machine has none, the test is skipped."""
    if choice == "sdk":
        needs.helm("sdk")
        return Sdk(kubeconfig=kubeconfig, in_their_names=in_their_names)
    return Executable(kubeconfig=kubeconfig, program=needs.helm_executable(), home=home)


def _values(release: Rendered) -> dict[str, Any]:
    found = yaml.safe_load(release.values.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def _revision(summary: dict[str, Any]) -> tuple[int, str]:
    number = summary["revision"] if "revision" in summary else summary["version"]
    return int(number), str(summary.get("status") or summary["info"]["status"])
