"""A control plane on loopback: etcd, the API server, the garbage collector, namespaces."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from support import needs
from support.delivery.real_registry import free_port
from support.e2e.client import Client
from support.e2e.programs import Programs

_TOKEN = "administrator"  # noqa: S105 - of a server on loopback that lives as long as the tests
_WAITS = 1200
"""How often a server that starts is tried, ten times a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlane:
    """A control plane that runs; `client` is its administrator, of `system:masters`."""

    client: Client
    kubeconfig: Path
    has_controllers: bool

    def need_controllers(self) -> None:
        """Skip the test where nothing collects garbage or empties namespaces."""
        if not self.has_controllers:
            pytest.skip(needs.CONTROLLERS)


@contextmanager
def control_plane(programs: Programs, folder: Path, *flags: str) -> Iterator[ControlPlane]:
    """Start everything with its files in `folder`, and end it with the block.

    `flags` are more of the API server's, such as `--emulated-version=1.35`.
    """
    folder.mkdir(parents=True)
    etcd, secure = (f"{scheme}://127.0.0.1:{free_port()}" for scheme in ("http", "https"))
    _identities(folder)
    with ExitStack() as running:
        _start(running, folder, "etcd", [*programs.etcd, *_etcd_flags(folder, etcd)])
        server = [*programs.apiserver, *_apiserver_flags(folder, etcd, secure), *flags]
        process = _start(running, folder, "apiserver", server)
        client = Client.of(secure, token=_TOKEN, authority=folder / "certs" / "apiserver.crt")
        _wait(process, client, folder)
        kubeconfig = _kubeconfig(folder, secure)
        if programs.controllers is not None:
            command = [*programs.controllers, str(kubeconfig)]
            _start(running, folder, "controllers", command)
        yield ControlPlane(
            client=client,
            kubeconfig=kubeconfig,
            has_controllers=programs.controllers is not None,
        )


def _identities(folder: Path) -> None:
    """The key that signs service account tokens, and the administrator's own token."""
    if shutil.which("openssl") is None:
        pytest.skip(needs.OPENSSL)
    command = ["openssl", "genrsa", "-out", str(folder / "accounts.key"), "2048"]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{_TOKEN},admin,admin,"system:masters"\n', "utf-8")


def _etcd_flags(folder: Path, url: str) -> list[str]:
    peers = f"http://127.0.0.1:{free_port()}"
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def _apiserver_flags(folder: Path, etcd: str, url: str) -> list[str]:
    return [
        f"--etcd-servers={etcd}",
        f"--cert-dir={folder / 'certs'}",
        "--bind-address=127.0.0.1",
        f"--secure-port={url.rpartition(':')[2]}",
        "--service-cluster-ip-range=10.96.0.0/24",
        "--endpoint-reconciler-type=none",
        "--authorization-mode=RBAC",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / 'accounts.key'}",
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
    ]


def _start(
    running: ExitStack, folder: Path, name: str, command: Sequence[str]
) -> subprocess.Popen[bytes]:
    log = running.enter_context((folder / f"{name}.log").open("wb"))
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    running.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Nothing is kept, so nobody waits for connections to be drained."""
    process.kill()
    process.wait()


def _wait(process: subprocess.Popen[bytes], client: Client, folder: Path) -> None:
    for _ in range(_WAITS):
        if process.poll() is not None:
            break
        if (folder / "certs" / "apiserver.crt").exists() and _ready(client):
            return
        time.sleep(0.1)
    pytest.fail(f"the API server did not start: {(folder / 'apiserver.log').read_text()[-4000:]}")


def _ready(client: Client) -> bool:
    try:
        return client.raw("GET", "/readyz").code == requests.codes.ok
    except requests.ConnectionError:
        return False


def _kubeconfig(folder: Path, url: str) -> Path:
    path = folder / "kubeconfig"
    path.write_text(
        f"""apiVersion: v1
kind: Config
clusters:
- name: e2e
  cluster: {{server: "{url}", certificate-authority: "{folder / "certs" / "apiserver.crt"}"}}
users:
- name: admin
  user: {{token: {_TOKEN}}}
contexts:
- name: e2e
  context: {{cluster: e2e, user: admin}}
current-context: e2e
""",
        "utf-8",
    )
    return path
