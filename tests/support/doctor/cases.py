"""Cases of `tests/cases/doctor`, written out as the files that a diagnosis reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.doctor import clusters, hubble_lines
from support.paths import ROOT
from transire.commands.doctor import doctor
from transire.review.doctor.findings import Cause, Diagnosed

FOLDER = ROOT / "tests/cases/doctor"

Tree = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DoctorCase:
    """One cluster: `cause` is the id of the first cause, or empty in a healthy one.

    `shows` are words that the first cause has to name, `deciding` what shows it.
    """

    name: str
    engine: str
    symptom: str
    cause: str
    shows: tuple[str, ...]
    deciding: tuple[str, ...]
    policies: tuple[Tree, ...]
    snapshot: dict[str, list[Tree]]
    logs: dict[str, list[str]]

    def without(self, what: str) -> DoctorCase:
        """The case without a policy, a file of the snapshot, an object of it, or a log."""
        part, _, rest = what.partition(" ")
        held = deepcopy(self)
        if part == "policy":
            kept = tuple(each for each in held.policies if each["metadata"]["name"] != rest)
            assert len(kept) < len(held.policies), what
            return _changed(held, policies=kept)
        if part == "log":
            del held.logs[rest]
        elif part == "kind":
            del held.snapshot[rest]
        else:
            objects = [each for each in held.snapshot[part] if each["metadata"]["name"] != rest]
            assert len(objects) < len(held.snapshot[part]), what
            held.snapshot[part] = objects
        return held

    def write(self, folder: Path) -> None:
        """Write policies, snapshot and logs below a folder."""
        (folder / "snapshot").mkdir(parents=True)
        (folder / "logs").mkdir()
        listed = {"apiVersion": "v1", "kind": "List", "items": list(self.policies)}
        (folder / "policies.yaml").write_text(yaml.safe_dump(listed), encoding="utf-8")
        for kind, objects in self.snapshot.items():
            text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
            (folder / f"snapshot/{kind}.json").write_text(text, encoding="utf-8")
        for name, lines in self.logs.items():
            (folder / "logs" / name).write_text("\n".join([*lines, ""]), encoding="utf-8")

    def diagnosed(self, folder: Path) -> Diagnosed:
        """What the verb finds in the files of the case."""
        self.write(folder)
        return doctor(
            files=folder / "policies.yaml",
            engine=self.engine,
            namespace="shop",
            snapshot=folder / "snapshot" if self.snapshot else None,
            logs=[folder / "logs"] if self.logs else (),
            symptom=self.symptom,
        )


def _changed(case: DoctorCase, policies: tuple[Tree, ...]) -> DoctorCase:
    return DoctorCase(**{**case.__dict__, "policies": policies})


def all_cases() -> tuple[DoctorCase, ...]:
    """Every case, by name."""
    return tuple(_case(path) for path in sorted(FOLDER.glob("*.yaml")))


def _case(path: Path) -> DoctorCase:
    tree = yaml.safe_load(path.read_text("utf-8"))
    engine = tree["engine"]
    snapshot = clusters.snapshot(engine, tree.get("agent", f"{engine.partition('@')[2]}.9"))
    for kind, objects in tree.get("snapshot", {}).items():
        snapshot[kind] = _merged(snapshot.get(kind, []), [_object(each) for each in objects])
    return DoctorCase(
        name=path.stem,
        engine=engine,
        symptom=tree.get("symptom", ""),
        cause=tree.get("cause", ""),
        shows=tuple(tree.get("shows", ())),
        deciding=tuple(tree.get("deciding", ())),
        policies=tuple(map(_object, tree["policies"])),
        snapshot=snapshot,
        logs={
            name: [line for each in held for line in _lines(each)]
            for name, held in tree.get("logs", {}).items()
        },
    )


def _merged(held: Sequence[Tree], added: Sequence[Tree]) -> list[Tree]:
    """Objects in place of those of the same name; of a ConfigMap the data are laid over."""
    found = {(e["metadata"].get("namespace"), e["metadata"]["name"]): e for e in deepcopy(held)}
    for each in added:
        key = each["metadata"].get("namespace"), each["metadata"]["name"]
        if "data" in each and key in found:
            each["data"] = {**found[key]["data"], **each["data"]}
        found[key] = each
    return list(found.values())


def _object(short: str | Tree) -> Tree:
    """An object as written, or by a short form: a name of `USUAL`, or a builder with its parts."""
    if isinstance(short, str):
        return deepcopy(clusters.USUAL[short])
    if len(short) != 1:
        return short
    ((builder, parts),) = short.items()
    made: Tree = getattr(clusters, builder)(**parts)
    return made


def _lines(short: str | Tree) -> list[str]:
    if isinstance(short, str):
        return [short]
    if "json" in short:
        return [json.dumps(short["json"])]
    return list(hubble_lines.lines(short))


def shown(cause: Cause) -> str:
    """All that a cause names but for its fix."""
    return " ".join([cause.text, *(f"{e.file} {e.at} {e.shows}" for e in cause.evidence)])
