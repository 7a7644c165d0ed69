"""`publish` as people run it where something is wrong: what it says, how it ends, what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import needs
from support.delivery.fake_registry import FakeRegistry, response
from support.delivery.published_example import AS_OF, commit, copy, organisation, rewrite
from support.delivery.real_registry import free_port, installed, real_registry, tiny_disk
from support.policy_repository import Ran, git, run

pytest.importorskip("helm_python", reason=needs.HELM_SDK)

NOWHERE = "registry: oci://127.0.0.1:1/egress"
FIRST = "HEAD /v2/egress/egress-baseline/manifests/0.1.0"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"), NOWHERE)


@pytest.fixture
def root(generated: Path, tmp_path: Path) -> Path:
    return copy(generated, tmp_path / "repository")


def publish(root: Path, *words: str, **environment: str) -> Ran:
    return run(root, "publish", "--plain-http", "--as-of", str(AS_OF), *words, **environment)


def at(root: Path, host: str) -> Path:
    """The organisation with another registry; digests do not know where they go."""
    from_here = NOWHERE.removeprefix("registry: oci://").removesuffix("/egress")
    for path in root.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if from_here in text:
            path.write_text(text.replace(from_here, host), encoding="utf-8")
    run(root, "generate", "--as-of", str(AS_OF))
    return commit(root)


@pytest.mark.slow("long runs in a repository")
def test_a_registry_that_answers_html_is_said_once(root: Path, fake: FakeRegistry) -> None:
    at(root, fake.address)
    fake.instead = lambda _: response("200 OK", b"<html>log in</html>", Content_Type="text/html")
    done = publish(root)

    assert (done.code, done.out, done.err) == (
        4,
        "",
        (
            f"registry {fake.address}: {FIRST.replace('HEAD', 'GET')}: responded 200 OK with an HTML "
            "page; is the address a registry's, or does something in between want a login?\n"
        ),
    )


@pytest.mark.slow("long runs in a repository")
def test_a_connection_that_is_cut_is_said_once(root: Path, fake: FakeRegistry) -> None:
    at(root, fake.address)
    fake.instead = lambda _: b""
    done = publish(root)

    assert (done.code, done.out, done.err) == (
        4,
        "",
        f"registry {fake.address}: {FIRST}: the connection was cut\n",
    )
    assert fake.tags() == []


@pytest.mark.slow("long runs in a repository")
def test_a_registry_that_is_down_is_said_once(root: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    done = publish(at(root, nobody))

    assert (done.code, done.out, done.err) == (
        4,
        "",
        f"registry {nobody}: {FIRST}: cannot be reached: Connection refused\n",
    )


@pytest.mark.slow("long runs in a repository")
def test_a_registry_that_responds_piece_by_piece_gets_every_chart(
    root: Path, fake: FakeRegistry
) -> None:
    at(root, fake.address)
    fake.piece = 50
    done = publish(root)

    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"5 new, 0 there already, in oci://{fake.address}/egress\n")
    assert len(fake.tags()) == 5


@installed
def test_a_registry_whose_disk_is_full_ends_the_run_and_a_second_one_completes(
    root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "registry"
    (folder / "data").mkdir(parents=True)
    port = free_port()
    with real_registry(folder, within=tiny_disk(folder / "data", 80), port=port) as host:
        at(root, host)
        full = publish(root)
    with real_registry(folder, port=port):
        done = publish(root)
        again = publish(root)

    assert full.code == 4
    assert full.err.startswith(f"registry {host}: ")
    assert "new charts are published, run the command again for the rest\n" in full.err
    assert done.code == 0, done.err
    assert done.out.endswith(f"5 new, 0 there already, in oci://{host}/egress\n")
    assert again.out == f"0 new, 5 there already, in oci://{host}/egress\n"


@installed
def test_a_shallow_clone_publishes_the_same(root: Path, tmp_path: Path) -> None:
    with real_registry(tmp_path / "registry") as host:
        commit(at(root, host), empty=True)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "clone")
        first, second = publish(tmp_path / "clone"), publish(root)

    assert (first.code, first.out.splitlines()[-1]) == (
        0,
        f"5 new, 0 there already, in oci://{host}/egress",
    )
    assert second.out == f"0 new, 5 there already, in oci://{host}/egress\n"


def test_values_that_are_wrong_are_said_as_check_says_it(root: Path) -> None:
    rewrite(root / "values/platform.yaml", "kind: Platform", "kind: Plat")
    done = publish(commit(root))

    assert (done.code, done.err) == (
        1,
        (
            "values/platform.yaml:4:7: error: 'kind' is 'Plat', and must be Platform in this file "
            "(unknown-value)\n  help: write kind: Platform\n"
        ),
    )


@pytest.mark.slow("long runs in a repository")
def test_a_tree_with_changes_and_a_base_that_is_missing_end_before_any_request(
    root: Path, fake: FakeRegistry
) -> None:
    at(root, fake.address)
    base = publish(root, "--base", "nothing")
    (root / "new").touch()
    dirty = publish(root)

    assert (base.code, base.err) == (2, "--base nothing names no commit of this repository\n")
    assert (dirty.code, dirty.err) == (
        1,
        (
            ".: error: the working tree has changes that are not committed (dirty-tree)\n"
            "  help: commit them, or take them back\n"
        ),
    )
    assert fake.asked == []
