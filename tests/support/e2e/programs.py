"""Which programs make up the control plane of the end-to-end tests.

`KUBEBUILDER_ASSETS`, the convention of envtest, names a folder with `etcd` and `kube-apiserver`; a
`kube-controller-manager` beside them is used as well. Without it, and with Go on PATH, the module
in `tests/e2e/apiserver` is built once and kept in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.paths import TESTS

MODULE = TESTS / "e2e" / "apiserver"
RELEASE = "v1.36.3"
"""The release of Kubernetes that the module builds, as `/version` gives it."""

FOLDER = "KUBEBUILDER_ASSETS"
NOTHING = f"no API server: {FOLDER} is not set, and there is no Go on PATH to build one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The first words of each command; `controllers` is None where there is no such program."""

    etcd: tuple[str, ...]
    apiserver: tuple[str, ...]
    controllers: tuple[str, ...] | None


class NoPrograms(Exception):  # noqa: N818 - not a mistake: the tests are skipped with its sentence
    """There is no API server on this machine."""


def programs() -> Programs:
    """The programs of `KUBEBUILDER_ASSETS`, else those built from our module.

    Raises:
        NoPrograms: if there is neither.
        subprocess.CalledProcessError: if Go cannot build the module.
    """
    folder = os.environ.get(FOLDER)
    if folder:
        return _installed(Path(folder))
    go = shutil.which("go")
    if go is None:
        raise NoPrograms(NOTHING)
    program = str(_built(go))
    return Programs(
        etcd=(program, "etcd"),
        apiserver=(program, "kube-apiserver"),
        controllers=(program, "controllers"),
    )


def _installed(folder: Path) -> Programs:
    etcd, apiserver, manager = (
        folder / name for name in ("etcd", "kube-apiserver", "kube-controller-manager")
    )
    missing = [path.name for path in (etcd, apiserver) if not path.is_file()]
    if missing:
        raise NoPrograms(f"no API server: {FOLDER}={folder} has no {' and no '.join(missing)}")
    manage = (
        str(manager),
        "--controllers=garbage-collector-controller,namespace-controller",
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--kubeconfig",
    )
    return Programs(
        etcd=(str(etcd),),
        apiserver=(str(apiserver),),
        controllers=manage if manager.is_file() else None,
    )


def _built(go: str) -> Path:
    """The module's program, built where the cache has none of the same sources and the same Go."""
    version = subprocess.run([go, "version"], capture_output=True, check=True).stdout
    digest = hashlib.sha256(version)
    for path in (*sorted(MODULE.glob("*.go")), MODULE / "go.mod", MODULE / "go.sum"):
        digest.update(path.read_bytes())
    kept = cache() / digest.hexdigest()[:16] / "apiserver"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_name(f"apiserver.{os.getpid()}")
        flags = f"-s -w -X k8s.io/component-base/version.gitVersion={RELEASE}"
        command = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags", flags]
        command += ["-o", str(fresh), "."]
        print(f"building {kept}, which takes minutes", flush=True)  # noqa: T201 - or nobody waits
        subprocess.run(command, cwd=MODULE, check=True, env={**os.environ, "GOFLAGS": ""})
        fresh.replace(kept)
    return kept


def cache() -> Path:
    """Where built programs are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "transire" / "e2e"


def main() -> None:
    """Build what has to be built, before the tests, and show what they run against."""
    try:
        print(*programs().apiserver, flush=True)  # noqa: T201
    except NoPrograms as none:
        print(none)  # noqa: T201


if __name__ == "__main__":
    main()
