"""Every command that writes files, each with a repository in which it has something to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from support.policy_repository import copy_example, edit, git, run
from support.synthetic_logs import Reach, World, written
from support.values.imported import DNS, STRIPE

_TEAM = "values/teams/payments.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A command that writes: its words, and what it finds in its folder."""

    words: tuple[str, ...]
    prepare: Callable[[Path], object]

    @property
    def name(self) -> str:
        """As tests are called."""
        return "-".join(each.strip("-").replace("/", "-") for each in self.words[:3])


def _generated(folder: Path) -> Path:
    """The example, with all that is generated."""
    copy_example(folder)
    assert run(folder, "generate").code == 0
    return folder


def _edited(folder: Path) -> None:
    """A team whose rules changed, and a namespace that is gone: files to write and to remove."""
    _generated(folder)
    edit(folder, _TEAM, "files.stripe.com", "files.stripe.com, api.adyen.com")
    edit(folder, "values/teams/factory.yaml", "factory: [edge]", "factory: [staging]")


def _renamed(folder: Path) -> None:
    """Charts that an older release wrote."""
    copy_example(folder)
    edit(folder, "charts/egress-policy/values.yaml", "\n", "\n# older\n")
    edit(folder, "charts/egress-tier/values.yaml", "\n", "\n# older\n")


def _with_policy(folder: Path) -> None:
    copy_example(folder)
    shops = f"{DNS}---\n{STRIPE}"
    (folder / "old.yaml").write_text(f"{shops}---\n{shops.replace('shop', 'stall')}")


def _with_log(folder: Path) -> None:
    copy_example(folder)
    reached = [
        Reach(namespace="payments-prod", app="fraud", host=host, port=443, addresses=("45.0.0.1",))
        for host in ("a.partner.example.com", "b.bank.example.org")
    ]
    world = World(cluster="prod-eu", days=2, passed=tuple(reached), denied=(), noise=1.0)
    lines = written(world, 7, a_day=4).lines
    (folder / "flows.log").write_text("".join(f"{line}\n" for line in lines))


def _with_history(folder: Path) -> None:
    git(folder, "init", "--quiet", "--initial-branch=main")
    _generated(folder)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    edit(folder, _TEAM, "files.stripe.com", "files.stripe.com, api.adyen.com")


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        each.name: each
        for each in (
            Verb(words=("generate",), prepare=copy_example),
            Verb(words=("generate", "payments"), prepare=_edited),
            Verb(words=("generate", "--base", "HEAD"), prepare=_with_history),
            Verb(
                words=("add", "payments", "new.example.net", "--rule", "receipts"),
                prepare=copy_example,
            ),
            Verb(words=("init", "."), prepare=lambda folder: folder),
            Verb(words=("init", "--upgrade", "."), prepare=_renamed),
            Verb(
                words=(
                    "import",
                    "-f",
                    "old.yaml",
                    "--engine",
                    "cilium@1.19",
                    "--cluster",
                    "prod-eu",
                    "--write",
                ),
                prepare=_with_policy,
            ),
            Verb(
                words=("learn", "flows.log", "--cluster", "prod-eu", "--write"), prepare=_with_log
            ),
            Verb(words=("test", "--new", "payments"), prepare=_generated),
        )
    }
)
