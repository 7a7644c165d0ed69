"""`publish` where it ends early: the registry stops, the hook fails, the run is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support import needs
from support.delivery.fake_registry import FakeRegistry, response
from support.delivery.published_example import copy, organisation, published
from support.paths import ROOT, TESTS
from transire.commands.publish.publish import sign_command
from transire.delivery.registry.result import ChartState, Unfinished
from transire.model.problems import RegistryFailed, UsageError

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

CHARTS = ("egress-baseline", "egress-policy", "egress-tier", "teams/identity", "teams/payments")


@pytest.fixture(scope="module")
def generated(server: FakeRegistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation")
    return organisation(folder, f"registry: oci://{server.address}/egress")


@pytest.fixture
def root(generated: Path, tmp_path: Path) -> Path:
    return copy(generated, tmp_path / "repository")


@pytest.mark.slow("long runs in a repository")
def test_a_registry_that_stops_leaves_whole_versions_and_a_second_run_completes(
    root: Path, fake: FakeRegistry
) -> None:
    start = "PUT /v2/egress/teams/payments/manifests/0.1.0"
    fake.instead = lambda line: b"" if line == start else None
    with pytest.raises(Unfinished) as unfinished:
        published(root)
    done = unfinished.value.published

    assert isinstance(unfinished.value, RegistryFailed)
    assert unfinished.value.exit_code == 4
    words = f"registry {fake.address}: {start}: the connection was cut"
    count = len(done.those(ChartState.PUBLISHED))
    assert (
        f"{words}; {count} of 5 new charts are published, run the command again for the rest"
        == str(unfinished.value)
    )
    assert [("teams/payments", words)] == [
        (each.place, each.reason) for each in done.those(ChartState.FAILED)
    ]
    assert [
        f"egress/{each.place}:0.1.0" for each in done.those(ChartState.PUBLISHED)
    ] == fake.tags()

    fake.instead = lambda _: None
    again = published(root)
    assert [f"egress/{place}:0.1.0" for place in CHARTS] == fake.tags()
    assert count == len(again.those(ChartState.PRESENT))


def test_a_registry_that_does_not_answer_is_asked_once(root: Path, fake: FakeRegistry) -> None:
    fake.instead = lambda _: response("401 Unauthorized", WWW_Authenticate='Basic realm="x"')
    with pytest.raises(RegistryFailed) as failed:
        published(root)

    assert (
        f"registry {fake.address}: HEAD /v2/egress/egress-baseline/manifests/0.1.0: it asks for a "
        "login, and none is given: set TRANSIRE_REGISTRY_USERNAME and TRANSIRE_REGISTRY_PASSWORD, "
        "or name a Docker configuration that has one" == str(failed.value)
    )
    assert len(fake.asked) == 1


@pytest.mark.slow("long runs in a repository")
def test_each_digest_is_signed_before_it_gets_its_version(
    root: Path, fake: FakeRegistry, tmp_path: Path
) -> None:
    log = tmp_path / "signed"
    hook = "import sys; open(sys.argv[1], 'a').write(sys.argv[-1] + '\\n')"
    failing = "import sys; sys.exit('no key; $(touch x) for ' + sys.argv[1])"
    with pytest.raises(Unfinished) as unfinished:
        published(root, sys.executable, "-c", failing)
    assert fake.tags() == []
    reference = f"{fake.address}/egress/egress-baseline@"
    said = str(unfinished.value)
    assert (
        f"-c '{failing.replace(chr(39), chr(39) + chr(34) + chr(39) + chr(34) + chr(39))}'" in said
    )
    assert f"failed with exit code 1: no key; $(touch x) for {reference}sha256:" in said
    assert said.endswith("; 0 of 5 new charts are published, run the command again for the rest")

    done = published(root, sys.executable, "-c", hook, str(log))
    assert all(each.signed for each in done.releases)
    assert sorted(
        f"{fake.address}/egress/{each.place}@{each.digest}" for each in done.releases
    ) == (sorted(log.read_text().splitlines()))
    assert not any(each.signed for each in published(root, "no-such-program").releases)


def test_a_hook_that_is_no_program_is_said(root: Path, fake: FakeRegistry) -> None:
    with pytest.raises(Unfinished) as unfinished:
        published(root, "/no/such/program", "sign me")

    first = unfinished.value.published.those(ChartState.FAILED)[0]
    assert (
        f"/no/such/program 'sign me' {fake.address}/egress/{first.place}@{first.digest} could not "
        "be started: No such file or directory" == first.reason
    )


def test_a_sign_command_is_split_without_a_shell() -> None:
    assert sign_command("cosign sign --key 'a b' $X") == ("cosign", "sign", "--key", "a b", "$X")
    with pytest.raises(UsageError) as wrong:
        sign_command("cosign 'sign")

    assert str(wrong.value) == (
        'the sign command "cosign \'sign" cannot be split: No closing quotation'
    )


@pytest.mark.slow("long runs in a repository")
def test_a_run_that_is_killed_while_signing_leaves_no_unsigned_version(
    root: Path, fake: FakeRegistry
) -> None:
    hook = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    program = (
        "import sys; from pathlib import Path; from support.delivery.published_example import published\n"
        f"published(Path(sys.argv[1]), sys.executable, '-c', {hook!r})"
    )
    paths = [str(TESTS), str(ROOT / "generator")]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{program}", str(root)],
        check=False,
        capture_output=True,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert fake.tags() == []
    assert [each.state for each in published(root).releases] == [ChartState.PUBLISHED] * 5
