"""How Git is started: with a list of arguments, in an environment that is made here.

No prompt, no pager, no hook, no file-system monitor, no network, messages in English. What stays is
what Git needs to find its user's settings, among them the folders it may trust. Only what uses a
remote has the network, and with it whatever its user set for logging in.

Git looks for a repository from the folder it is started in, and takes any folder that holds `HEAD`,
`objects` and `refs` for one, with a configuration that names programs. All of that can be committed
into a policy repository. So Git looks for it only from the folder whose `.git` was seen, never
takes a bare one, and is given afterwards the one it found.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transire.model.problems import GitFailed, RegistryFailed

PATIENCE = 120
"""Seconds after which a run of Git counts as stuck."""

_KEPT = (
    "PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)  # fmt: skip
_NOTHING = "TRANSIRE_NOTHING"
"""A variable without content, for settings that are taken away."""

_SET = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_PAGER": "cat",
    _NOTHING: "",
}
_REMOTE = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    _NOTHING: "",
}
_ELSEWHERE = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_EXTERNAL_DIFF",
    "GIT_ATTR_SOURCE",
)  # fmt: skip
_SETTINGS = (
    "safe.bareRepository=explicit",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.alternateRefsCommand=true",
    "log.showSignature=false",
    "push.gpgSign=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
"""Programs that a repository's configuration could name, each taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """Git for one repository: what to start, in which folder, and which repository it is.

    `git_dir` and `work_tree` are empty as long as Git has to look for it.
    """

    executable: str
    folder: Path
    git_dir: str = ""
    work_tree: str = ""

    def __call__(
        self, *arguments: str, given: bytes = b"", without: Iterable[str] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """What Git does without the network; `without` names settings that do not count.

        Raises:
            GitFailed: if it cannot be started, or does not end.
        """
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return self._run(arguments, given, kept | _SET, without)

    def with_network(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """What Git does with the network.

        Raises:
            GitFailed: if it cannot be started, or does not end.
        """
        kept = {name: each for name, each in os.environ.items() if name not in _ELSEWHERE}
        return self._run(arguments, b"", kept | _REMOTE, ())

    def _run(
        self,
        arguments: tuple[str, ...],
        given: bytes,
        environment: Mapping[str, str],
        without: Iterable[str],
    ) -> subprocess.CompletedProcess[bytes]:
        settings = [part for each in _SETTINGS for part in ("-c", each)]
        # Unlike `-c`, this takes names that hold `=`.
        settings += [f"--config-env={name}={_NOTHING}" for name in without]
        where = {"GIT_DIR": self.git_dir, "GIT_WORK_TREE": self.work_tree} if self.git_dir else {}
        start = [self.executable, "--no-pager", *settings, "-C", str(self.folder)]
        try:
            return subprocess.run(  # noqa: S603 - a list, and none is the name of a program
                [*start, *arguments], input=given, capture_output=True,
                env={**environment, **where}, timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise GitFailed(f"git {arguments[0]} did not finish in {PATIENCE} seconds") from error
        except OSError as error:
            raise GitFailed(f"git could not be started: {error.strerror}") from error


def failed(arguments: Sequence[str], done: subprocess.CompletedProcess[bytes]) -> GitFailed:
    """The error that shows the arguments and Git's message."""
    message = os.fsdecode(done.stderr).strip() or f"exit code {done.returncode}"
    return GitFailed(f"git {' '.join(arguments)}: {message}")


def run_hook(command: Sequence[str], subject: str) -> None:
    """Run a program of the user's with the subject as its last argument, without a shell.

    Raises:
        RegistryFailed: if it cannot be started, does not end, or ends with an error.
    """
    name = shlex.join([*command, subject])
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program, as a list of arguments
            [*command, subject], capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise RegistryFailed(f"{name} did not finish in {PATIENCE} seconds") from error
    except OSError as error:
        raise RegistryFailed(f"{name} could not be started: {error.strerror}") from error
    if done.returncode:
        message = os.fsdecode(done.stderr or done.stdout).strip() or "no words"
        raise RegistryFailed(f"{name} failed with exit code {done.returncode}: {message}")
