"""Hosts that workloads declare: in variables, arguments, annotations, and ConfigMaps that they use.

Secrets are not looked at; that one is used is told, and what it may hold is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.k8s.json_pointer import inner, items, maps, text
from transire.k8s.manifests import Manifest, Tree
from transire.review.usage.addresses_in_text import Named, named_in

_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Rollout": ("spec", "template"),
}
"""Where the pod stands in each kind of workload."""
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload of the manifests: its place, and what policies see of its pods."""

    source: str
    kind: str
    namespace: str
    name: str
    labels: tuple[tuple[str, str], ...]
    account: str

    @property
    def shown(self) -> str:
        """`Kind/name`."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One host that a workload declares, and where: a JSON pointer, or a ConfigMap and its key."""

    workload: Workload
    named: Named
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """Everything that was declared, and what could not be seen: ConfigMaps and Secrets, by name."""

    workloads: tuple[Workload, ...]
    hosts: tuple[Declared, ...]
    unseen: tuple[str, ...]


def declarations(manifests: Iterable[Manifest], namespace: str = "") -> Declarations:
    """What the workloads among some objects declare; `namespace` is that of objects without one."""
    given = list(manifests)
    maps_ = {
        (each.ref.namespace or namespace, each.ref.name): each.body
        for each in given
        if each.ref.kind == "ConfigMap"
    }
    workloads, hosts, unseen = [], [], []
    for each in given:
        if each.ref.kind not in _TEMPLATES:
            continue
        pod = inner(each.body, *_TEMPLATES[each.ref.kind])
        reader = _Reader(_workload(each, pod, namespace), maps_)
        workloads.append(reader.workload)
        hosts += list(reader.hosts(each.body, pod))
        unseen += reader.unseen
    return Declarations(
        workloads=tuple(workloads),
        hosts=tuple(dict.fromkeys(hosts)),
        unseen=tuple(dict.fromkeys(unseen)),
    )


def _workload(manifest: Manifest, pod: Tree, namespace: str) -> Workload:
    labels = inner(pod, "metadata", "labels")
    return Workload(
        source=manifest.source,
        kind=manifest.ref.kind,
        namespace=manifest.ref.namespace or namespace,
        name=manifest.ref.name,
        labels=tuple(sorted((str(key), str(value)) for key, value in labels.items())),
        account=text(inner(pod, "spec"), "serviceAccountName") or "default",
    )


class _Reader:
    """Reads one workload; `unseen` holds what it uses and nobody gave."""

    def __init__(self, workload: Workload, config: Mapping[tuple[str, str], Tree]) -> None:
        self.workload = workload
        self.unseen: list[str] = []
        self._config = config

    def hosts(self, body: Tree, pod: Tree) -> Iterator[Declared]:
        for holder in (body, pod):
            for key, value in inner(holder, "metadata", "annotations").items():
                if key != "kubectl.kubernetes.io/last-applied-configuration":
                    yield from self._of(str(value), f"annotation {key}", str(key))
        spec = inner(pod, "spec")
        for kind in _CONTAINERS:
            for _, container in maps(spec, kind, ""):
                yield from self._container(container)
        for _, volume in maps(spec, "volumes", ""):
            name = text(inner(volume, "configMap"), "name")
            if name:
                yield from self._map(name)
            elif secret := text(inner(volume, "secret"), "secretName"):
                self._miss("Secret", secret)

    def _container(self, container: Tree) -> Iterator[Declared]:
        name = text(container, "name")
        for part in ("command", "args"):
            words = [each for each in items(container, part) if isinstance(each, str)]
            for before, each in zip(["", *words], words, strict=False):
                yield from self._of(each, f"{part} of {name}", before)
        for _, variable in maps(container, "env", ""):
            yield from self._variable(variable, name)
        for _, source in maps(container, "envFrom", ""):
            if config := text(inner(source, "configMapRef"), "name"):
                yield from self._map(config)
            elif secret := text(inner(source, "secretRef"), "name"):
                self._miss("Secret", secret)

    def _variable(self, variable: Tree, container: str) -> Iterator[Declared]:
        key = text(variable, "name")
        reference = inner(variable, "valueFrom", "configMapKeyRef")
        if secret := text(inner(variable, "valueFrom", "secretKeyRef"), "name"):
            self._miss("Secret", secret)
        elif config := text(reference, "name"):
            yield from self._map(config, text(reference, "key"))
        else:
            yield from self._of(text(variable, "value"), f"env {key} of {container}", key)

    def _map(self, name: str, only: str = "") -> Iterator[Declared]:
        found = self._config.get((self.workload.namespace, name))
        if found is None:
            self._miss("ConfigMap", name)
            return
        for key, value in inner(found, "data").items():
            if not only or key == only:
                yield from self._of(str(value), f"ConfigMap {name}, {key}", str(key))

    def _of(self, value: str, at: str, key: str) -> Iterator[Declared]:
        for line in value.splitlines():
            name = line.partition("=")[0].partition(":")[0] if "\n" in value else key
            for each in named_in(line, name):
                yield Declared(workload=self.workload, named=each, at=at)

    def _miss(self, kind: str, name: str) -> None:
        self.unseen.append(f"{kind} {name} of {self.workload.shown}")
