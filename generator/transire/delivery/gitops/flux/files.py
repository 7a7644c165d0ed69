"""What Flux publishes: one file per team and cluster, and one for the platform's part.

Below `flux/<cluster>/`, the folder `releases` holds sources and HelmReleases, and `access` the
accounts with their rights. They are two folders so that a namespace that is missing, and with it
one binding that cannot be made, does not hold up the releases of everybody else.
`docs/publishing.md` describes what each object is for and why each option is as it is.
"""

from __future__ import annotations

from types import MappingProxyType

from transire.charts.layout import Pins
from transire.delivery.gitops.flux.helm_releases import platform_objects, team_objects
from transire.delivery.gitops.flux.sources import receiver
from transire.delivery.gitops.guard import FLUX_KINDS, guard
from transire.delivery.gitops.manifests_file import Files, Object, ObjectFile
from transire.delivery.gitops.publication import publications
from transire.delivery.gitops.publishable import must_be_publishable
from transire.delivery.gitops.rbac import platform_access, team_access
from transire.model.intent import GitOps, Organisation
from transire.workspace.file_plan import GENERATED


def flux_files(organisation: Organisation, pins: Pins) -> Files:
    """Every file below `flux/`, by path; none where no cluster is Flux's.

    Raises:
        Rejected: with every reason why the organisation cannot be published.
        ValueError: if a chart that is published has no pin.
    """
    must_be_publishable(organisation)
    views = publications(organisation, GitOps.FLUX)
    if not views:
        return MappingProxyType({})
    files = {
        "flux/receiver.yaml": ObjectFile(
            objects=(receiver(organisation.platform.publish),), head=(GENERATED, *_WHERE_WANTED)
        )
    }
    for view in views:
        folder = f"flux/{view.cluster.name}"
        guards = guard("egress-releases", FLUX_KINDS) if view.platform.admission else ()
        files[f"{folder}/access/platform.yaml"] = _file((*platform_access(view), *guards))
        files[f"{folder}/releases/platform.yaml"] = _file(platform_objects(view, pins))
        for held in view.teams:
            name = f"{held.team.name}.yaml"
            files[f"{folder}/access/teams/{name}"] = _file(team_access(held))
            files[f"{folder}/releases/teams/{name}"] = _file(team_objects(view, held, pins))
    return MappingProxyType(dict(sorted(files.items())))


_WHERE_WANTED = (
    "For clusters of Flux whose publishing job calls it, applied by a person:",
    "kubectl -n egress-system create secret generic egress-receiver --from-literal=token=RANDOM",
    "kubectl apply -f flux/receiver.yaml",
)


def _file(objects: tuple[Object, ...]) -> ObjectFile:
    return ObjectFile(objects=objects, head=(GENERATED,))
