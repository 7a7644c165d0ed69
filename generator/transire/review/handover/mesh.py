"""Objects of a mesh for one target: written, read back, and proved to mean what the values do.

They stand beside the policies of the cluster, which keep naming the hosts: what a mesh does not
see, such as UDP, addresses and traffic inside of the cluster, is for those alone to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transire.k8s.manifests import Manifest
from transire.meaning.target import Target
from transire.model.intent import Host, Mode, Rule
from transire.model.net import PortRange, Protocol
from transire.model.pod_selector import EVERY_POD
from transire.model.problems import Position, Problem, Rejected
from transire.points.api.point import Point
from transire.points.api.reading import PointReading
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.api.written import PointRefusal
from transire.points.istio.facts import CLEAR_PORTS, MeshMode
from transire.points.istio.objects.admission import read_objects
from transire.points.istio.point import POINTS
from transire.points.istio.reading import mesh_of
from transire.points.linkerd.point import POINT as LINKERD
from transire.points.linkerd.read import read_manifests
from transire.points.proof import PointDifference, differences, prove

_POINTS: Mapping[str, Point] = {
    **{mode.value: point for mode, point in POINTS.items()},
    LINKERD.name: LINKERD,
}
MESHES = tuple(_POINTS)
"""The meshes that objects can be written for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshObjects:
    """The objects by the name of their file, proved; and what to know besides.

    `left` names what the mesh does not see, so that the policies of the cluster alone decide.
    """

    mesh: str
    target: Target
    files: Mapping[str, str]
    caveats: tuple[str, ...]
    left: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<MeshObjects {self.mesh} {self.target.name}: files={len(self.files)}>"

    @property
    def text(self) -> str:
        """One stream of YAML, with what to know in front."""
        left = (f"left to the policies of the cluster: {each}" for each in self.left)
        first = f"{self.mesh} for {self.target.name}, proved to mean what its values do"
        head = [first, *self.caveats, *left]
        comments = "".join(f"# {line}\n" for line in head)
        return comments + "---\n".join(self.files[name] for name in sorted(self.files))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshFound:
    """How objects of anybody differ from what the values of a target mean.

    `refused` are objects that no cluster takes, each with its file and the reason.
    """

    mesh: str
    target: Target
    differences: tuple[PointDifference, ...]
    refused: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<MeshFound {self.mesh} {self.target.name}: differences={len(self.differences)}>"

    @property
    def text(self) -> str:
        """One line for each difference, or that there is none; then what is refused."""
        same = f"{self.mesh} for {self.target.name}: the objects mean what its values do"
        lines = [str(each) for each in self.differences] or [same]
        lines += [f"no cluster takes {each}" for each in self.refused]
        return "\n".join(lines)


def mesh_objects(target: Target, mesh: str) -> MeshObjects:
    """The objects of a mesh for a target, proved.

    Raises:
        Rejected: with everything that the mesh cannot have exactly.
    """
    rules = (*target.rules, *target.everyone)
    proof = prove(_POINTS[mesh], _wanted(target, mesh))
    problems = [*_pod_problems(rules, mesh), *_refused(target, proof.written.refusals)]
    problems += [
        _problem(target.at, "mesh-proof", f"the mesh is not proved: {each}", "report this")
        for each in (*proof.differences, *proof.unmodelled)
    ]
    if problems:
        raise Rejected(problems)
    return MeshObjects(
        mesh=mesh,
        target=target,
        files=proof.written.files,
        caveats=proof.written.caveats,
        left=tuple(dict.fromkeys(text for rule in rules for text in _left(rule))),
    )


def mesh_found(target: Target, mesh: str, manifests: Sequence[Manifest]) -> MeshFound:
    """What objects of anybody let the pods of a target have, held against its values.

    Raises:
        Rejected: with everything that the mesh cannot have exactly, whoever writes it.
    """
    mesh_objects(target, mesh)
    found = differences(_read(mesh, manifests), _wanted(target, mesh))
    own, sources = target.namespace, {each.index: each.source for each in manifests}
    return MeshFound(
        mesh=mesh,
        target=target,
        differences=tuple(each for each in found if each.listener == own),
        refused=tuple(
            f"{sources[each.manifest]}: {each.object}: {each.why}"
            for each in (() if mesh == LINKERD.name else read_objects(manifests).refused)
        ),
    )


def _read(mesh: str, manifests: Sequence[Manifest]) -> PointReading:
    if mesh == LINKERD.name:
        return read_manifests(manifests)
    return mesh_of(manifests, MeshMode(mesh))


def _wanted(target: Target, mesh: str) -> PointTarget:
    rules = (*target.rules, *target.everyone)
    listener = Listener(
        pods=PodClass(name=target.namespace, namespace=target.namespace),
        rules=tuple(each for rule in rules for each in _point_rules(target, rule)),
        audit=target.mode is Mode.AUDIT,
    )
    return PointTarget(
        release=_POINTS[mesh].releases.newest,
        listeners=(listener,),
        server_names=True,
        clear_ports=CLEAR_PORTS,
    )


def _point_rules(target: Target, rule: Rule) -> Iterator[PointRule]:
    for place, part in enumerate(rule.parts):
        ports = tuple(each for each in part.ports if each.protocol is Protocol.TCP)
        if part.hosts and ports:
            yield PointRule(
                name=f"{target.namespace}/{rule.name}{f'#{place}' if len(rule.parts) > 1 else ''}",
                hosts=tuple(each.pattern for each in part.hosts),
                ports=ports,
                http=rule.http,
                tls=rule.tls,
            )


def _left(rule: Rule) -> Iterator[str]:
    """What of a rule a mesh does not see."""
    for part in rule.parts:
        others: list[PortRange] = [each for each in part.ports if each.protocol is not Protocol.TCP]
        if part.hosts and others:
            yield f"{rule.name} on {', '.join(map(str, others))}"
    if any(not isinstance(each, Host) for each in rule.destinations):
        yield f"ranges, pods and parts of the cluster in {rule.name}"


def _pod_problems(rules: tuple[Rule, ...], mesh: str) -> Iterator[Problem]:
    for rule in rules:
        if rule.hosts and rule.sources != EVERY_POD:
            pods = " or ".join(map(str, rule.sources))
            yield _problem(
                rule.at,
                "mesh-pods",
                f"rule {rule.name} is for {pods}, and {mesh} tells namespaces apart",
                "let the rule hold for every pod, or give those pods a namespace of their own",
            )


def _refused(target: Target, refusals: tuple[PointRefusal, ...]) -> Iterator[Problem]:
    rules = {each.name: each for each in (*target.rules, *target.everyone)}
    for each in refusals:
        name = each.rule.rpartition("/")[2].partition("#")[0]
        at = rules[name].at if name in rules else target.at
        yield _problem(at, each.id, f"{name}: {each.why}", each.remedy)


def _problem(at: Position, ident: str, message: str, advice: str) -> Problem:
    return Problem(at=at, id=ident, message=message, help=advice)
