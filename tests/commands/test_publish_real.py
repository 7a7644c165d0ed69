"""`publish` to a real registry, with TLS and a login, and what comes back from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import needs
from support.delivery.published_example import AS_OF, organisation
from support.delivery.real_registry import PASSWORD, USER, certificates, installed, real_registry
from support.paths import ROOT, TESTS
from support.policy_repository import git
from transire.charts.staged_folder import staged
from transire.charts.unpacked import unpack
from transire.commands.publish.publish import RegistryOptions, publish
from transire.delivery.registry.charts import connect
from transire.delivery.registry.credentials import Login
from transire.helm import render
from transire.model.problems import RegistryFailed

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

pytestmark = installed

ENVIRONMENT = {"TRANSIRE_REGISTRY_USERNAME": USER, "TRANSIRE_REGISTRY_PASSWORD": PASSWORD}

ELSEWHERE = """
import sys
from pathlib import Path
from transire.commands.publish.commit_charts import sources
for each in sources(Path(sys.argv[1])).charts:
    print(each.chart.pin.digest)
"""


def test_what_was_pushed_comes_back_and_renders_alike(tmp_path: Path) -> None:
    tls = certificates(tmp_path / "tls")
    with real_registry(tmp_path / "registry", tls=tls, login=True) as host:
        root = organisation(tmp_path / "here", f"registry: oci://{host}/egress")
        options = RegistryOptions(ca=tls / "ca.crt", environment=ENVIRONMENT)
        wrong = {**ENVIRONMENT, "TRANSIRE_REGISTRY_PASSWORD": "wrong"}
        with pytest.raises(RegistryFailed) as failed:
            publish(root, options=RegistryOptions(ca=tls / "ca.crt", environment=wrong))
        done = publish(root, options=options, as_of=AS_OF)

        assert (
            f"registry {host}: HEAD /v2/egress/egress-baseline/manifests/0.1.0: it refuses the "
            "login of 'publisher', from TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD"
            == str(failed.value)
        )
        git(tmp_path, "clone", "--quiet", str(root), "elsewhere")
        assert [each.digest for each in done.releases] == digests(tmp_path / "elsewhere")
        login = Login(username=USER, password=PASSWORD, source="")
        with connect(done.destination, login=login, ca=tls / "ca.crt") as registry:
            assert all(registry.tags(each.place) == ("0.1.0",) for each in done.releases)
            archives = {
                each.place: registry.archive(each.place, each.digest) for each in done.releases
            }
    rendered = 0
    for place, archive in archives.items():
        chart = root / "charts" / place
        with staged(unpack(archive)) as folder:
            for target in sorted((chart / "targets").glob("*.yaml")):
                there = render(folder, folder / "targets" / target.name)
                assert there
                assert render(chart, target) == there
                rendered += 1
    assert rendered > len(archives)


def digests(clone: Path) -> list[str]:
    """The digests of the charts of a clone, in a process in another time zone."""
    paths = [str(ROOT / "generator"), str(TESTS)]
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(clone)],
        env={**os.environ, "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(paths)},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()
