"""A small chart, and a fake registry to push it to."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support.delivery.fake_registry import FakeRegistry
from transire.charts.oci_artifact import Artifact, artifact
from transire.delivery.registry.charts import Registry, connect
from transire.delivery.registry.credentials import Login
from transire.model.problems import RegistryFailed

PLACE = "teams/payments"
LOGIN = Login(username="publisher", password="correct horse", source="the test")  # noqa: S106


def archive(files: dict[str, bytes], *, kind: bytes = tarfile.REGTYPE) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.type, member.linkname = len(content), kind, "x"
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(held.getvalue(), mtime=0)


def made(version: str = "1.0.0", text: bytes = b"a: 1\n") -> Artifact:
    files = {"payments/Chart.yaml": f"version: {version}\n".encode(), "payments/values.yaml": text}
    return artifact(archive(files), {"name": "payments", "version": version, "apiVersion": "v2"})


@contextmanager
def connected(fake: FakeRegistry, login: Login | None = None) -> Iterator[Registry]:
    address = f"oci://{fake.address}/egress"
    with connect(address, login=login, plain_http=True) as registry:
        yield registry


def pushed(fake: FakeRegistry, login: Login | None = None) -> Artifact:
    each = made()
    with connected(fake, login) as registry:
        registry.put(PLACE, each)
        registry.tag(PLACE, "1.0.0", each)
        assert each.archive == registry.archive(PLACE, "1.0.0")
    return each


def refusal(fake: FakeRegistry, login: Login | None = None) -> str:
    with pytest.raises(RegistryFailed) as failed:
        pushed(fake, login)
    assert failed.value.exit_code == 4
    assert fake.tags() == []
    return str(failed.value).replace(fake.address, "HOST")
