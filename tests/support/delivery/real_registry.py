"""Debian's `docker-registry` on loopback, as tests want it."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import needs

PROGRAM = shutil.which("docker-registry")

installed = pytest.mark.skipif(PROGRAM is None, reason=needs.REGISTRY)

USER, PASSWORD = "publisher", "correct horse"
_HTPASSWD = "publisher:$2y$05$ZL14RiAwCftZzxTvCxUa0.ekKZNOLc6NS0jtAYSH8NAInXC7iF0tC\n"


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def real_registry(
    folder: Path,
    *,
    tls: Path | None = None,
    login: bool = False,
    within: Sequence[str] = (),
    port: int = 0,
) -> Iterator[str]:
    """`HOST:PORT` of a registry that stores below `folder` while the block runs.

    `tls` is a folder with `server.crt` and `server.key`; `within` a command to start it with;
    `port` is where it listens, and any free one by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    settings = [
        "version: 0.1",
        "log: {level: error, accesslog: {disabled: true}}",
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}",
        f"http: {{addr: '127.0.0.1:{port}', secret: s"
        + (f", tls: {{certificate: {tls}/server.crt, key: {tls}/server.key}}}}" if tls else "}"),
    ]
    if login:
        (folder / "htpasswd").write_text(_HTPASSWD)
        settings.append(f"auth: {{htpasswd: {{realm: test, path: {folder / 'htpasswd'}}}}}")
    (folder / "config.yml").write_text("\n".join(settings) + "\n")
    command = [*within, PROGRAM or "", "serve", str(folder / "config.yml")]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            _wait(process, port, folder / "log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(6_000):
        assert process.poll() is None, log.read_text()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    pytest.fail(f"docker-registry did not start in ten minutes: {log.read_text()}")


def tiny_disk(folder: Path, kilobytes: int) -> list[str]:
    """A command that starts another with a file system of that size mounted on `folder`."""
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs {folder} && exec "$0" "$@"'
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount]
    if shutil.which("unshare") is None:
        pytest.skip(needs.UNSHARE)
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip(needs.MOUNT)
    return command


def certificates(folder: Path) -> Path:
    """A folder with an authority, `ca.crt`, and a server's certificate for 127.0.0.1."""
    if shutil.which("openssl") is None:
        pytest.skip(needs.OPENSSL)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    for words in (
        ["req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca", *usage],
        ["req", *new, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server"],
        ["x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
         "-CAcreateserial", "-extfile", "names", "-out", "server.crt"],
    ):  # fmt: skip
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    return folder
