"""What Helm is to do, whichever Helm does it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from transire.model.problems import HelmFailed

HelmChoice = Literal["sdk", "cli"]
"""Which Helm: the SDK in this process, or a `helm` executable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A chart with the values file that Helm is to read; without one, the chart's own values.

    `content` is what the file is going to hold where it is not written yet; only the SDK can do
    without the file.
    """

    chart: Path
    values_file: Path | None = None
    content: bytes | None = None
    release: str = "egress"
    namespace: str = "default"

    @property
    def template(self) -> str:
        """The command that renders the same by hand."""
        return self._command("template", self.release)

    @property
    def lint(self) -> str:
        """The command that lints the same by hand."""
        return self._command("lint", "--strict")

    def values(self) -> str:
        """The text of the values file; empty without one.

        Raises:
            HelmFailed: if it cannot be read, or holds what no Helm can be given.
        """
        if self.values_file is None:
            return ""
        try:
            read = self.values_file.read_bytes() if self.content is None else self.content
            text = read.decode()
        except OSError as error:
            raise HelmFailed(f"{self.values_file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise HelmFailed(f"{self.values_file} is not UTF-8 text") from error
        if "\0" in text:
            raise HelmFailed(f"{self.values_file} has a NUL character")
        return text

    def failed(self, command: str, message: str) -> HelmFailed:
        """The error that shows the command and Helm's message."""
        return HelmFailed(f"{command} failed: {message.strip().removeprefix('Error: ')}")

    def _command(self, *arguments: str) -> str:
        given = [] if self.values_file is None else ["--values", str(self.values_file)]
        return shlex.join(
            ["helm", *arguments, str(self.chart), "--namespace", self.namespace, *given]
        )
