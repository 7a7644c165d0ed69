"""What a cluster lives through: versions of the example organisation, one merge after another."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.policy_repository import copy_example, edit, run

_MANY = ", ".join(f"n{number:02}" for number in range(1, 16))
"""More enrolled namespaces than one of Calico's policies holds."""

_ADMISSION = "admission: true\nargocd: {sync: impersonation}\n"

_PLATFORM, _LEDGER, _PAYMENTS, _FACTORY = (
    "values/platform.yaml",
    *(f"values/teams/{team}.yaml" for team in ("ledger", "payments", "factory")),
)
_LEDGER_ENFORCED = "ledger: [prod-eu, prod-onprem, staging]"
_LEDGER_AUDITED = "ledger: {clusters: [prod-eu, prod-onprem, staging], mode: audit}"
_STAGING_ENFORCED = "payments-staging: [staging]"
_STAGING_AUDITED = "payments-staging: {clusters: [staging], mode: audit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One replacement in one file of values."""

    path: str
    before: str
    after: str


MERGES: Mapping[str, tuple[Edit, ...]] = {
    "start": (Edit(path=_PLATFORM, before="enrol: [batch]", after=f"enrol: [batch, {_MANY}]"),),
    "other hosts": (
        Edit(path=_LEDGER, before="rates.example.org", after="fx.example.org"),
        Edit(path=_FACTORY, before="203.0.113.0/28", after="203.0.113.16/28"),
        Edit(path=_PAYMENTS, before="files.stripe.com", after="uploads.stripe.com"),
    ),
    "other names": (
        Edit(path=_LEDGER, before="name: exchange-rates", after="name: currencies"),
        Edit(path=_FACTORY, before="name: controllers", after="name: machines"),
        Edit(path=_PAYMENTS, before="name: card-processing\n", after="name: cards\n"),
        Edit(path=_PLATFORM, before="name: time", after="name: clock"),
    ),
    "one enrolled": (Edit(path=_PLATFORM, before="enrol: [batch", after="enrol: [aaa, batch"),),
    "other modes": (
        Edit(path=_LEDGER, before=_LEDGER_ENFORCED, after=_LEDGER_AUDITED),
        Edit(path=_PAYMENTS, before=_STAGING_AUDITED, after=_STAGING_ENFORCED),
    ),
    "modes as before": (
        Edit(path=_LEDGER, before=_LEDGER_AUDITED, after=_LEDGER_ENFORCED),
        Edit(path=_PAYMENTS, before=_STAGING_ENFORCED, after=_STAGING_AUDITED),
    ),
    "admission": (Edit(path=_PLATFORM, before="enrol: [", after=f"{_ADMISSION}enrol: ["),),
    "no admission": (Edit(path=_PLATFORM, before=_ADMISSION, after=""),),
    "admission again": (Edit(path=_PLATFORM, before="enrol: [", after=f"{_ADMISSION}enrol: ["),),
}
"""Each merge by its name, on top of the one before it."""


def versions(folder: Path) -> dict[str, Path]:
    """The generated repository after each merge, in a folder of its own below `folder`."""
    made: dict[str, Path] = {}
    last = copy_example(folder / "0")
    for number, (name, edits) in enumerate(MERGES.items(), start=1):
        here = folder / str(number)
        shutil.copytree(last, here)
        for each in edits:
            edit(here, each.path, each.before, each.after)
        done = run(here, "generate")
        assert done.code == 0, done.err
        made[name] = last = here
    return made
