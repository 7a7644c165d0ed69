"""Our own small schemas of workloads and what stands beside them: what a proxy's chart writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from support.engines.crds import Schema, Schemas, strict_object


def _text(**limits: str) -> Schema:
    return {"type": "string", "minLength": 1, **limits}


def _list(items: Schema, least: int = 1) -> Schema:
    return {"type": "array", "minItems": least, "items": items}


def _map(required: Sequence[str] = (), **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


def _whole(properties: Mapping[str, Schema]) -> Schema:
    """A mapping with all of these keys."""
    return _map(tuple(properties), **properties)


_PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_TRUE: Schema = {"const": True}
_FALSE: Schema = {"const": False}
_LABELS: Schema = {
    "type": "object", "minProperties": 1, "additionalProperties": {"type": "string"},
}  # fmt: skip
_EXPRESSION = _map(
    ["key", "operator"],
    key=_text(),
    operator={"enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
    values=_list(_text()),
)
_SELECTOR = {**_map(matchLabels=_LABELS, matchExpressions=_list(_EXPRESSION)), "minProperties": 1}
_PEER = {
    **_map(
        podSelector=_SELECTOR,
        namespaceSelector=_SELECTOR,
        ipBlock=_map(["cidr"], cidr=_text(), **{"except": _list(_text())}),
    ),
    "minProperties": 1,
}
_PORTS = _list(
    _map(["port", "protocol"], port=_PORT, endPort=_PORT, protocol={"enum": ["TCP", "UDP"]})
)
_PROBE = _map(
    ["httpGet", "periodSeconds", "failureThreshold"],
    httpGet=_whole({"path": {"const": "/ready"}, "port": {"const": 9902}}),
    periodSeconds=_COUNT,
    failureThreshold=_COUNT,
    timeoutSeconds=_COUNT,
)
_MEMORY = _text(pattern="^[1-9][0-9]*Mi$")
_CONTAINER = _whole(
    {
        "name": {"const": "envoy"},
        "image": _text(pattern="@sha256:[0-9a-f]{64}$"),
        "command": _list(_text()),
        "args": _list(_text()),
        "ports": _list(
            _whole({"name": _text(), "containerPort": _PORT, "protocol": {"const": "TCP"}})
        ),
        "startupProbe": _PROBE,
        "readinessProbe": _PROBE,
        "livenessProbe": _PROBE,
        "lifecycle": _whole({"preStop": _whole({"sleep": _whole({"seconds": _COUNT})})}),
        "resources": _whole(
            {
                "requests": _whole({"cpu": _text(), "memory": _MEMORY}),
                "limits": _whole({"memory": _MEMORY}),
            }
        ),
        "securityContext": _whole(
            {
                "allowPrivilegeEscalation": _FALSE,
                "readOnlyRootFilesystem": _TRUE,
                "capabilities": _whole({"drop": {"const": ["ALL"]}}),
            }
        ),
        "volumeMounts": _list(
            _whole({"name": _text(), "mountPath": {"const": "/etc/envoy"}, "readOnly": _TRUE})
        ),
    }
)
_POD = _whole(
    {
        "serviceAccountName": _text(),
        "automountServiceAccountToken": _FALSE,
        "enableServiceLinks": _FALSE,
        "terminationGracePeriodSeconds": _COUNT,
        "securityContext": _whole(
            {
                "runAsNonRoot": _TRUE,
                "runAsUser": _COUNT,
                "runAsGroup": _COUNT,
                "seccompProfile": _whole({"type": {"const": "RuntimeDefault"}}),
            }
        ),
        "topologySpreadConstraints": _list(
            _whole(
                {
                    "maxSkew": _COUNT,
                    "topologyKey": _text(),
                    "whenUnsatisfiable": {"enum": ["ScheduleAnyway"]},
                    "labelSelector": _SELECTOR,
                }
            )
        ),
        "containers": _list(_CONTAINER),
        "volumes": _list(
            _whole(
                {
                    "name": _text(),
                    "projected": _whole(
                        {"sources": _list(_whole({"configMap": _whole({"name": _text()})}))}
                    ),
                }
            )
        ),
    }
)
_DEPLOYMENT = _whole(
    {
        "replicas": {"type": "integer", "minimum": 2},
        "revisionHistoryLimit": _COUNT,
        "strategy": _whole(
            {
                "type": {"const": "RollingUpdate"},
                "rollingUpdate": _whole({"maxUnavailable": {"const": 0}, "maxSurge": _COUNT}),
            }
        ),
        "selector": _SELECTOR,
        "template": _whole(
            {"metadata": _whole({"labels": _LABELS, "annotations": _LABELS}), "spec": _POD}
        ),
    }
)
_SERVICE = _map(
    ["type"],
    type={"enum": ["ClusterIP", "ExternalName"]},
    externalName=_text(),
    selector=_LABELS,
    ports=_list(
        _whole(
            {
                "name": _text(),
                "port": {"const": 3128},
                "targetPort": _PORT,
                "protocol": {"const": "TCP"},
            }
        )
    ),
)
_POLICY = _map(
    ["podSelector", "policyTypes"],
    podSelector=_SELECTOR,
    policyTypes={"const": ["Ingress", "Egress"]},
    ingress=_list(_whole({"from": _list(_PEER), "ports": _PORTS})),
    egress=_list(_whole({"to": _list(_PEER), "ports": _PORTS})),
)
_KINDS: Mapping[tuple[str, str], Schema] = {
    ("v1", "ConfigMap"): _whole({"data": {**_LABELS, "minProperties": 0}}),
    ("v1", "Service"): _whole({"spec": _SERVICE}),
    ("v1", "ServiceAccount"): _whole({"automountServiceAccountToken": _FALSE}),
    ("apps/v1", "Deployment"): _whole({"spec": _DEPLOYMENT}),
    ("policy/v1", "PodDisruptionBudget"): _whole(
        {"spec": _whole({"maxUnavailable": {"const": 1}, "selector": _SELECTOR})}
    ),
    ("networking.k8s.io/v1", "NetworkPolicy"): _whole({"spec": _POLICY}),
}
WORKLOADS: Schemas = {
    (version, kind): strict_object(version, kind, schema)
    for (version, kind), schema in _KINDS.items()
}
"""By `apiVersion` and kind."""
