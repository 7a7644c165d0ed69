"""Charts in a real registry: pushed, listed, pulled back, and every way in which that can fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import needs
from support.delivery.real_registry import (
    PASSWORD,
    USER,
    certificates,
    free_port,
    installed,
    real_registry,
    tiny_disk,
)
from support.paths import ROOT, TESTS
from transire.charts.archive import packed
from transire.charts.oci_artifact import Artifact, sha256
from transire.charts.staged_folder import staged
from transire.charts.unpacked import differences, unpack
from transire.delivery.registry.charts import connect
from transire.delivery.registry.credentials import Login, find_login
from transire.helm import render
from transire.model.problems import RegistryFailed

helm_python = pytest.importorskip("helm_python", reason=needs.HELM_SDK)

pytestmark = installed

PLACE = "teams/payments"


def chart(version: str = "1.4.2") -> Artifact:
    """The chart of policies as the team's, small enough to read and big enough to be real."""
    folder = ROOT / "charts/egress-policy"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "tests" not in path.relative_to(folder).parts
    }
    files["Chart.yaml"] = f"""\
apiVersion: v2
name: payments
description: "Says <b>what</b> & who, 'é' \U0001f600"
type: application
version: {version}
appVersion: "1.0"
home: https://example.com/payments
sources: [https://example.com/a, https://example.com/b]
maintainers: [{{name: one, email: one@example.com}}, {{name: two}}]
annotations:
  transire/values-format: "1"
  org.opencontainers.image.title: not the chart's to say
  artifacthub.io/changes: |
    - kind: added
      description: reach <api.example.com> & more
""".encode()
    return packed(files)


@pytest.fixture(scope="module")
def made() -> Artifact:
    return chart()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, tls: Path) -> Iterator[str]:
    with real_registry(tmp_path_factory.mktemp("closed"), tls=tls, login=True) as host:
        yield host


def login(password: str = PASSWORD) -> Login:
    return Login(username=USER, password=password, source="the test")


def test_what_was_pushed_is_listed_and_comes_back_byte_for_byte(host: str, made: Artifact) -> None:
    with connect(f"oci://{host}/egress", plain_http=True) as registry:
        before = registry.tags(PLACE), registry.digest(PLACE, "1.4.2")
        digest = registry.put(PLACE, made)
        untagged = registry.tags(PLACE), registry.digest(PLACE, "1.4.2")
        registry.tag(PLACE, "1.4.2", made)

        assert before == ((), None)
        assert untagged == ((), None)
        assert registry.tags(PLACE) == ("1.4.2",)
        assert made.digests.manifest == digest == registry.digest(PLACE, "1.4.2")
        assert made.manifest == registry.manifest(PLACE, "1.4.2")
        assert made.archive == registry.archive(PLACE, "1.4.2") == registry.archive(PLACE, digest)


def test_helm_pulls_and_renders_what_was_pushed(host: str, made: Artifact, tmp_path: Path) -> None:
    with connect(f"oci://{host}/rendered", plain_http=True) as registry:
        registry.put(PLACE, made)
        registry.tag(PLACE, "1.4.2", made)
    with helm_python.RegistryClient(plain_http=True, credentials_file=tmp_path / "none") as client:
        reference = f"oci://{host}/rendered/{PLACE}"
        client.pull(reference, version="1.4.2", destination=tmp_path, plain_http=True, untar=True)
        described = client.resolve(f"{reference}:1.4.2")

    assert made.digests.manifest == described["digest"]
    with staged(unpack(made.archive)) as folder:
        target = ROOT / "charts/teams/payments/targets/payments-prod.prod-eu.yaml"
        pushed = render(folder, target, helm="sdk")

        assert "kind: CiliumNetworkPolicy" in pushed
        assert pushed == render(tmp_path / "payments", target, helm="sdk")


@pytest.mark.parametrize(("zone", "same"), [("UTC", True), ("Asia/Tokyo", False)])
def test_helms_own_push_gives_the_same_digest_in_utc(
    host: str, made: Artifact, tmp_path: Path, zone: str, same: bool
) -> None:
    archive = tmp_path / "payments-1.4.2.tgz"
    archive.write_bytes(made.archive)
    os.utime(archive, (315_532_800, 315_532_800))
    program = (
        "import helm_python, sys\n"
        "with helm_python.RegistryClient(plain_http=True, credentials_file=sys.argv[3]) as c:\n"
        "    c.push(sys.argv[1], sys.argv[2], plain_http=True)\n"
        "    print(c.resolve(sys.argv[2] + '/payments:1.4.2')['digest'])\n"
    )
    where = f"oci://{host}/helm-{zone.lower().replace('/', '-')}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(archive), where, str(tmp_path / "none")],
        env={**os.environ, "TZ": zone},
        check=True,
        capture_output=True,
        text=True,
    )

    assert same == (made.digests.manifest == done.stdout.strip())


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/St_Johns"])
def test_packing_elsewhere_gives_the_same_bytes(made: Artifact, tmp_path: Path, zone: str) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_registry_real import chart\n"
        "print(*(lambda d: (d.archive, d.manifest))(chart().digests))\n"
    )
    here = Path(__file__).parent
    done = subprocess.run(
        ["sh", "-c", 'umask 077; exec "$0" "$@"', sys.executable, "-c", program, str(here)],
        env={
            **os.environ,
            "TZ": zone,
            "LC_ALL": "C",
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "generator"), str(TESTS)]),
        },
        check=True,
        capture_output=True,
        text=True,
    )

    assert [made.digests.archive, made.digests.manifest] == done.stdout.split()


def test_another_version_beside_is_another_tag(host: str, made: Artifact) -> None:
    with connect(f"oci://{host}/two", plain_http=True) as registry:
        for version, each in (("1.4.2", made), ("1.4.10", chart("1.4.10"))):
            registry.put(PLACE, each)
            registry.tag(PLACE, version, each)

        assert registry.tags(PLACE) == ("1.4.10", "1.4.2")


def test_a_tag_that_somebody_else_made_is_never_replaced(host: str, made: Artifact) -> None:
    other = chart("1.4.3")
    with connect(f"oci://{host}/race", plain_http=True) as registry:
        registry.put(PLACE, other)
        registry.tag(PLACE, "1.4.2", other)
        registry.put(PLACE, made)
        with pytest.raises(RegistryFailed) as failed:
            registry.tag(PLACE, "1.4.2", made)

        assert (
            f"registry {host}: PUT /v2/race/teams/payments/manifests/1.4.2: this is "
            f"{other.digests.manifest} now, and not the chart that was pushed; did another run "
            "publish at the same time?" == str(failed.value)
        )
        assert other.digests.manifest == registry.digest(PLACE, "1.4.2")


def test_tls_and_a_login_by_password_and_by_docker_configuration(
    closed: str, tls: Path, made: Artifact, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    entry = {"auth": "cHVibGlzaGVyOmNvcnJlY3QgaG9yc2U="}
    config.write_text(json.dumps({"auths": {f"https://{closed}/": entry}}))
    for number, given in enumerate((login(), find_login(closed, {}, config))):
        with connect(f"oci://{closed}/t{number}", login=given, ca=tls / "ca.crt") as registry:
            assert None is registry.digest(PLACE, "1.4.2")
            registry.put(PLACE, made)
            registry.tag(PLACE, "1.4.2", made)
            assert made.archive == registry.archive(PLACE, "1.4.2")


def failure(address: str, *, given: Login | None = None, ca: Path | None = None) -> str:
    with (
        connect(address, login=given, ca=ca, plain_http=False) as registry,
        pytest.raises(RegistryFailed) as failed,
    ):
        registry.digest(PLACE, "1.4.2")
    assert failed.value.exit_code == 4
    return str(failed.value)


def test_a_wrong_password_is_named_with_where_it_came_from(closed: str, tls: Path) -> None:
    said = failure(f"oci://{closed}/egress", given=login("wrong"), ca=tls / "ca.crt")

    assert (
        f"registry {closed}: HEAD /v2/egress/teams/payments/manifests/1.4.2: it refuses the login "
        "of 'publisher', from the test" == said
    )


def test_no_login_says_where_to_put_one(closed: str, tls: Path) -> None:
    said = failure(f"oci://{closed}/egress", ca=tls / "ca.crt")

    assert (
        f"registry {closed}: HEAD /v2/egress/teams/payments/manifests/1.4.2: it asks for a login, "
        "and none is given: set TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD, or "
        "name a Docker configuration that has one" == said
    )


def test_an_authority_that_nobody_knows_is_not_trusted(closed: str) -> None:
    said = failure(f"oci://{closed}/egress", given=login())

    assert (
        f"registry {closed}: HEAD /v2/egress/teams/payments/manifests/1.4.2: its certificate is "
        "not trusted: unable to get local issuer certificate; name its authority with --ca-file"
        == said
    )


def test_a_registry_without_tls_is_used_only_when_asked(host: str) -> None:
    assert (
        f"registry {host}: HEAD /v2/egress/teams/payments/manifests/1.4.2: it does not use TLS; "
        "give --plain-http if that is meant" == failure(f"oci://{host}/egress")
    )


def test_a_registry_that_is_down_cannot_be_reached() -> None:
    nobody = f"127.0.0.1:{free_port()}"

    assert (
        f"registry {nobody}: HEAD /v2/egress/teams/payments/manifests/1.4.2: cannot be reached: "
        "Connection refused" == failure(f"oci://{nobody}/egress")
    )


def test_a_full_disk_is_an_error_and_a_second_run_completes(tmp_path: Path, made: Artifact) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with (
        real_registry(tmp_path, within=tiny_disk(data, 16)) as host,
        connect(f"oci://{host}/egress", plain_http=True) as registry,
    ):
        with pytest.raises(RegistryFailed) as failed:
            registry.put(PLACE, made)
        assert (
            f"registry {host}: PUT /v2/egress/teams/payments/blobs/uploads/"
            f"{sha256(made.config)}: responded 500 Internal Server Error: UNKNOWN unknown error"
            == str(failed.value)
        )
        assert registry.tags(PLACE) == ()
    with (
        real_registry(tmp_path) as host,
        connect(f"oci://{host}/egress", plain_http=True) as registry,
    ):
        registry.put(PLACE, made)
        registry.tag(PLACE, "1.4.2", made)
        assert made.archive == registry.archive(PLACE, "1.4.2")


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from test_registry_real import PLACE, chart
from transire.delivery.registry.charts import connect
from transire.delivery.registry.http import Transport
left, moment = int(sys.argv[3]), sys.argv[4]
exchange = Transport._exchange
def counted(*arguments):
    global left
    left -= 1
    if left == 0 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = exchange(*arguments)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
Transport._exchange = counted
made = chart()
with connect(sys.argv[2], plain_http=True) as registry:
    registry.put(PLACE, made)
    registry.tag(PLACE, "1.4.2", made)
"""
REQUESTS = 11
"""HEAD, POST, PUT for each of two blobs; PUT by digest; HEAD, GET, PUT and HEAD for the tag."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("request_number", [1, 3, 6, 7, 8, 10, 11])
def test_a_push_that_was_killed_leaves_no_torn_version_and_can_be_done_again(
    host: str, made: Artifact, request_number: int, moment: str
) -> None:
    address = f"oci://{host}/killed-{request_number}-{moment}"
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(here), address, str(request_number), moment],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "generator"), str(TESTS)]),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    tagged = (request_number, moment) == (10, "after") or request_number == REQUESTS

    with connect(address, plain_http=True) as registry:
        assert (made.digests.manifest if tagged else None) == registry.digest(PLACE, "1.4.2")
        registry.put(PLACE, made)
        registry.tag(PLACE, "1.4.2", made)
        assert differences(unpack(made.archive), unpack(registry.archive(PLACE, "1.4.2"))) == ()
