"""Objects that run a probe: Jobs with their plans, by themselves or as hooks of Argo CD or Helm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from transire.delivery.gitops.manifests_file import Object, named
from transire.delivery.probe.plan import Plan
from transire.delivery.probe.wearers import DEFAULT_ACCOUNT
from transire.meaning.target import Target
from transire.model.intent import Mode
from transire.model.probe import ProbeSettings
from transire.yamlio import Block, YamlTree

NAME = "egress-probe"
"""What the objects of probes are called, with a number from the second Job on."""

_SECONDS_EACH = 16
"""What one connection may take at most: the client's limit of 5 s, and as much for its name."""

_SECONDS_FOR_POLICIES = 60
"""How long a probe waits for policies that were just written."""

_SECONDS_TO_START = 120

_KEPT = 3600
"""Seconds after which a Job that has ended is removed, so that its output can be read."""

_NO_USER = 65532


class Form(StrEnum):
    """What runs the objects, as `--form` names it."""

    JOB = "job"
    ARGOCD = "argocd"
    HELM_TEST = "helm-test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The probes of one target, and how they are run."""

    target: Target
    settings: ProbeSettings
    form: Form
    plans: tuple[Plan, ...]
    control: Plan

    def objects(self) -> tuple[Object, ...]:
        """For each namespace a ConfigMap and its Jobs, those of the control first if it has one."""
        here = self._in(self.target.namespace, NAME, self.plans, self._checks(), step=2)
        if not self.settings.control:
            return tuple(here)
        before = self._in(self.settings.control, f"{NAME}-control", [self.control], {}, step=0)
        return (*before, *here)

    def _in(
        self,
        namespace: str,
        name: str,
        plans: Sequence[Plan],
        checks: Mapping[str, str],
        *,
        step: int,
    ) -> Iterator[Object]:
        """What runs in one namespace; hooks of `step` are there before those of the next."""
        held = named(
            api="v1",
            kind="ConfigMap",
            name=name,
            namespace=namespace,
            annotations=self._hook(step),
        )
        texts = {f"plan-{number}": Block(plan.text) for number, plan in enumerate(plans, 1)}
        held["data"] = {**texts, "probe.sh": Block(script())}
        yield held
        for number, plan in enumerate(plans, 1):
            job = named(
                api="batch/v1",
                kind="Job",
                name=name if number == 1 else f"{name}-{number}",
                namespace=namespace,
                annotations=self._hook(step + 1),
            )
            container = _container(self.settings.image, f"/probe/plan-{number}", checks)
            job["spec"] = self._job(plan, _pod(plan, name, container))
            yield job

    def _job(self, plan: Plan, pod: Mapping[str, YamlTree]) -> Mapping[str, YamlTree]:
        seconds = len(plan.attempts) * _SECONDS_EACH + _SECONDS_FOR_POLICIES + _SECONDS_TO_START
        ends = {"ttlSecondsAfterFinished": _KEPT} if self.form is Form.JOB else {}
        labels = dict(plan.wearer.labels)
        return {
            "backoffLimit": 0,
            "activeDeadlineSeconds": seconds,
            **ends,
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }

    def _hook(self, step: int) -> Mapping[str, str]:
        match self.form:
            case Form.JOB:
                return {}
            case Form.ARGOCD:
                return {
                    "argocd.argoproj.io/hook": "PostSync",
                    "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
                    "argocd.argoproj.io/sync-wave": str(step),
                }
            case Form.HELM_TEST:
                return {
                    "helm.sh/hook": "test",
                    "helm.sh/hook-delete-policy": "before-hook-creation",
                    "helm.sh/hook-weight": str(step),
                }

    def _checks(self) -> Mapping[str, str]:
        """What policies of the target check, and whether its control ran before."""
        found = {}
        if self.target.cluster.dns.restrict and self.target.mode is Mode.ENFORCE:
            found["PROBE_NAMES"] = "refused"
        if self.target.cluster.server_names and self.target.mode is Mode.ENFORCE:
            found["PROBE_SNI"] = "yes"
        if self.settings.control and self.form is not Form.JOB:
            found["PROBE_CANARIES"] = "up"
        return found


def _pod(plan: Plan, name: str, container: Mapping[str, YamlTree]) -> Mapping[str, YamlTree]:
    """A pod that "restricted" takes, and that is never ready, so that no Service sends to it."""
    account = plan.wearer.account
    runs_as = {} if account == DEFAULT_ACCOUNT else {"serviceAccountName": account}
    return {
        "restartPolicy": "Never",
        **runs_as,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "readinessGates": [{"conditionType": f"{NAME}.transire/never"}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NO_USER,
            "runAsGroup": _NO_USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "probe", "configMap": {"name": name}}],
    }


def _container(image: str, plan: str, checks: Mapping[str, str]) -> Mapping[str, YamlTree]:
    settings = {"PROBE_DEADLINE": str(_SECONDS_FOR_POLICIES), **checks}
    return {
        "name": "probe",
        "image": image,
        "command": ["/bin/sh", "/probe/probe.sh", plan],
        "env": [{"name": key, "value": value} for key, value in settings.items()],
        "resources": {
            "requests": {"cpu": "10m", "memory": "32Mi"},
            "limits": {"cpu": "200m", "memory": "64Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "probe", "mountPath": "/probe", "readOnly": True}],
    }


@cache
def script() -> str:
    """The shell script that runs a plan."""
    return resources.files(__package__).joinpath("probe.sh").read_text(encoding="utf-8")
