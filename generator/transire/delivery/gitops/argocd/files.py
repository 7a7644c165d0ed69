"""What Argo CD publishes: one file per team and cluster, and one for the platform's part.

Below `argocd/<cluster>/`, the folder `applications` is for Argo CD and `access` for the cluster
itself. `docs/publishing.md` describes what each object is for and why each option is as it is.
"""

from __future__ import annotations

from types import MappingProxyType

from transire.charts.layout import Pins
from transire.delivery.gitops.argocd.applications import platform_applications, team_applications
from transire.delivery.gitops.argocd.projects import platform_project_of, team_project_of
from transire.delivery.gitops.argocd.settings import applications_guard, settings, tenants
from transire.delivery.gitops.manifests_file import Files, ObjectFile
from transire.delivery.gitops.publication import ClusterPublication, publications
from transire.delivery.gitops.publishable import must_be_publishable
from transire.delivery.gitops.rbac import platform_access, team_access
from transire.model.intent import GitOps, Organisation
from transire.workspace.file_plan import GENERATED


def argocd_files(organisation: Organisation, pins: Pins) -> Files:
    """Every file below `argocd/`, by path; none where no cluster is Argo CD's.

    Raises:
        Rejected: with every reason why the organisation cannot be published.
        ValueError: if a chart that is published has no pin.
    """
    must_be_publishable(organisation)
    views = publications(organisation, GitOps.ARGOCD)
    if not views:
        return MappingProxyType({})
    files = {
        "argocd/argocd-cm.yaml": settings(),
        "argocd/guard.yaml": applications_guard(),
        "argocd/tenants.example.yaml": tenants(),
    }
    for view in views:
        files.update(_cluster_files(view, pins))
    return MappingProxyType(dict(sorted(files.items())))


def _cluster_files(view: ClusterPublication, pins: Pins) -> dict[str, ObjectFile]:
    folder = f"argocd/{view.cluster.name}"
    project = platform_project_of(view)
    files = {
        f"{folder}/access/platform.yaml": ObjectFile(
            objects=platform_access(view), head=(GENERATED, _FOR_THE_CLUSTER)
        ),
        f"{folder}/applications/platform.yaml": ObjectFile(
            objects=(project, *platform_applications(view, pins)), head=(GENERATED,)
        ),
    }
    for held in view.teams:
        name = f"{held.team.name}.yaml"
        files[f"{folder}/access/teams/{name}"] = ObjectFile(
            objects=team_access(held), head=(GENERATED, _FOR_THE_CLUSTER)
        )
        files[f"{folder}/applications/teams/{name}"] = ObjectFile(
            objects=(team_project_of(view, held), *team_applications(view, held, pins)),
            head=(GENERATED,),
        )
    return files


_FOR_THE_CLUSTER = "For the cluster itself, and only where Argo CD impersonates accounts."
