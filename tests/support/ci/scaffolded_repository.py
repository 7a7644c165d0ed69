"""A scaffolded policy repository at a forge, and a release to install in its pipelines."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from support.ci.made_once import made_once
from support.ci.runner_scripts import PATH, PYTHON, VERSION
from support.paths import ROOT
from support.policy_repository import edit, git, run

TEAMS = ("messaging", "storefront")
"""Teams of the example without any date, so that their pipelines are green on every day."""

FOLDER = "platform/egress"
"""Where the policies are in the larger repository."""


_VENV_FROM_COPY = """\
#!/bin/sh
if [ "$1 $2 $3" = "-I -m venv" ]; then mkdir -p "$4" && exec cp -a {made}/. "$4"; fi
exec {python} "$@"
"""


UNCOMPILED = {"PIP_NO_COMPILE": "no"}
"""Lets pip leave compiling to what is imported; with options that begin with `no`, `no` means so."""


@pytest.fixture(scope="session")
def installing_for_real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What lets pip install this project as the release, and finds what it needs beside pytest."""
    folder = made_once(tmp_path_factory, "wheels", _wheel)
    return {
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_FIND_LINKS": str(folder),
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }


def _wheel(folder: Path) -> None:
    words = ["--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *words, str(ROOT)],
        check=True,
        env={**os.environ, **UNCOMPILED},
    )


_LOOKING = """\
import sys
from importlib.metadata import version

command, *words = sys.argv[1:]
wanted = [each.partition("==") for each in words if not each.startswith("-")]
if command != "install" or not wanted:
    sys.exit(f"not understood: {sys.argv}")
for name, _, release in wanted:
    if version(name) != release:
        sys.exit(f"{name} {release} is not there")
"""


@pytest.fixture(scope="session")
def installing_by_pip(
    tmp_path_factory: pytest.TempPathFactory, installing_for_real: dict[str, str]
) -> dict[str, str]:
    """The same, quicker: a new virtual environment is a copy of one that holds the release."""

    def make(folder: Path) -> None:
        made = folder / "made"
        venv.create(made)
        _copy_pip(made)
        subprocess.run(
            [made / "bin/python", "-I", "-m", "pip", "install", "--quiet", f"transire=={VERSION}"],
            check=True,
            env={**os.environ, **installing_for_real},
        )
        _wrap_python(folder)

    folder = made_once(tmp_path_factory, "installed-with-pip", make)
    return {**installing_for_real, "PATH": f"{folder / 'bin'}:{PATH}"}


@pytest.fixture(scope="session")
def installing(
    tmp_path_factory: pytest.TempPathFactory, installing_by_pip: dict[str, str]
) -> dict[str, str]:
    """The same, quicker still: in place of pip, which finds everything there, is what looks."""
    with_pip = Path(installing_by_pip["PATH"].partition(":")[0]).parent

    def make(folder: Path) -> None:
        shutil.copytree(with_pip / "made", folder / "made", symlinks=True)
        (there,) = (folder / "made").glob("lib/python*/site-packages/pip")
        shutil.rmtree(there)
        there.mkdir()
        (there / "__main__.py").write_text(_LOOKING, encoding="utf-8")
        _wrap_python(folder)

    folder = made_once(tmp_path_factory, "installed", make)
    return {**installing_by_pip, "PATH": f"{folder / 'bin'}:{PATH}"}


def _wrap_python(folder: Path) -> None:
    """A Python that copies the virtual environment that is there where it is to make one."""
    wrapper = folder / "bin/python3"
    wrapper.parent.mkdir()
    wrapper.write_text(_VENV_FROM_COPY.format(made=folder / "made", python=PYTHON), "utf-8")
    wrapper.chmod(0o755)


def _copy_pip(environment: Path) -> None:
    """Give it the pip that runs here, which is compiled, as `ensurepip` would give it another."""
    (there,) = environment.glob("lib/python*/site-packages")
    found = importlib.metadata.distribution("pip")
    for name in {each.parts[0] for each in found.files or () if each.parts[0] != ".."}:
        shutil.copytree(str(found.locate_file(name)), there / name)


@pytest.fixture(scope="session")
def generated_scaffold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `init` and `generate` write, not in Git; tests change copies of it."""

    def make(folder: Path) -> None:
        for words in (("init", "."), ("generate",)):
            ran = run(folder, *words)
            assert ran.code == 0, ran.err

    return made_once(tmp_path_factory, "generated-scaffold", make)


@pytest.fixture(scope="session")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `origin.git`, which has what `init` and `generate` write, and a clone of it."""
    return made_once(tmp_path_factory, "scaffolded", _scaffold)


@pytest.fixture(scope="session")
def scaffolded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, where the policies are the folder `FOLDER` of a larger repository."""
    return made_once(tmp_path_factory, "scaffolded-folder", lambda made: _scaffold(made, FOLDER))


def _scaffold(folder: Path, within: str = "") -> None:
    larger, clone = folder / "egress", folder / "clone"
    egress = larger / within
    larger.mkdir()
    git(larger, "init", "--quiet", "--initial-branch=main")
    started = run(larger, "init", within or ".")
    assert started.code == 0, started.err
    for path in (egress / "values/teams").glob("*.yaml"):
        if path.stem not in TEAMS:
            path.unlink()
    (egress / "values/exceptions.yaml").unlink()
    made = run(egress, "generate")
    assert made.code == 0, made.err
    if within:
        renewed = run(larger, "init", "--upgrade", within)
        assert renewed.code == 0, renewed.err
    git(larger, "add", "--all")
    git(larger, "commit", "--quiet", "--message", "start")
    git(folder, "clone", "--quiet", "--bare", "egress", "origin.git")
    git(folder, "clone", "--quiet", "origin.git", "clone")
    git(clone, "checkout", "--quiet", "-b", "change")
    edit(clone / within, "values/teams/messaging.yaml", "to: [", "to: [api.adyen.com, ")
    made = run(clone / within, "generate", "messaging")
    assert made.code == 0, made.err


@pytest.fixture
def origin(tmp_path: Path, scaffolded: Path) -> Path:
    """A bare repository of the test's own."""
    return Path(shutil.copytree(scaffolded / "origin.git", tmp_path / "origin.git"))


@pytest.fixture
def clone(tmp_path: Path, origin: Path, scaffolded: Path) -> Path:
    """Somebody's clone, in which a change is on its way."""
    return _clone(tmp_path, origin, scaffolded)


@pytest.fixture
def larger_origin(tmp_path: Path, scaffolded_folder: Path) -> Path:
    """A bare repository of the test's own, with policies in a folder."""
    return Path(shutil.copytree(scaffolded_folder / "origin.git", tmp_path / "larger.git"))


@pytest.fixture
def larger_clone(tmp_path: Path, larger_origin: Path, scaffolded_folder: Path) -> Path:
    """Somebody's clone of the larger repository, in which a change is on its way."""
    return _clone(tmp_path, larger_origin, scaffolded_folder)


def _clone(tmp_path: Path, origin: Path, made: Path) -> Path:
    folder = tmp_path / "clone"
    shutil.copytree(made / "clone", folder, symlinks=True)
    git(folder, "remote", "set-url", "origin", str(origin))
    return folder
