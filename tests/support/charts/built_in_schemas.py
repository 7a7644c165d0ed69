"""Our own small schemas of the kinds that Kubernetes itself has: what the charts write, no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from support.engines.crds import Schema, Schemas, strict_object


def _text(**limits: str) -> Schema:
    return {"type": "string", "minLength": 1, **limits}


def _list(items: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": items}


def _map(required: Sequence[str] = (), **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


_SELECTOR = _map(
    matchLabels={"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
)
_PEER = {
    **_map(
        podSelector=_SELECTOR,
        namespaceSelector=_SELECTOR,
        ipBlock=_map(["cidr"], cidr=_text(), **{"except": _list(_text())}),
    ),
    "minProperties": 1,
}
_PORT = _map(
    ["port", "protocol"],
    port={"type": "integer", "minimum": 1, "maximum": 65535},
    endPort={"type": "integer", "minimum": 1, "maximum": 65535},
    protocol={"enum": ["TCP", "UDP", "SCTP"]},
)
_RESOURCE_RULES = _list(
    _map(
        ["apiGroups", "apiVersions", "operations", "resources", "scope"],
        apiGroups=_list({"type": "string"}),  # the core group is the empty one
        apiVersions=_list(_text()),
        operations=_list({"enum": ["CREATE", "UPDATE", "DELETE"]}),
        resources=_list(_text(pattern="^[a-z]+$")),
        scope={"enum": ["*", "Cluster", "Namespaced"]},
    )
)
_NAMED_EXPRESSIONS = _list(_map(["name", "expression"], name=_text(), expression=_text()))
_ADMISSION = _map(
    ["failurePolicy", "matchConstraints", "validations"],
    failurePolicy={"enum": ["Fail"]},
    matchConstraints=_map(["resourceRules"], resourceRules=_RESOURCE_RULES),
    matchConditions=_NAMED_EXPRESSIONS,
    variables=_NAMED_EXPRESSIONS,
    validations=_list(
        _map(
            ["expression"],
            expression=_text(),
            message=_text(),
            reason={"enum": ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"]},
        )
    ),
)
_ROLE_RULES = _list(
    _map(
        ["apiGroups", "resources", "verbs"],
        apiGroups=_list(_text()),
        resources=_list(_text()),
        resourceNames=_list(_text()),
        verbs=_list(_text()),
    )
)
_SUBJECT = _map(
    ["kind", "name", "namespace"], kind={"const": "ServiceAccount"}, name=_text(), namespace=_text()
)
_BUILT_IN: Mapping[tuple[str, str], Schema] = {
    ("networking.k8s.io/v1", "NetworkPolicy"): _map(
        ["spec"],
        spec=_map(
            ["podSelector", "policyTypes"],
            podSelector=_SELECTOR,
            policyTypes={"const": ["Egress"]},
            egress={**_list(_map(["to"], to=_list(_PEER), ports=_list(_PORT))), "minItems": 0},
        ),
    ),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"): _map(
        ["spec"], spec=_ADMISSION
    ),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"): _map(
        ["spec"],
        spec=_map(
            ["policyName", "validationActions"],
            policyName=_text(),
            validationActions=_list({"enum": ["Deny", "Warn", "Audit"]}),
        ),
    ),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): _map(["rules"], rules=_ROLE_RULES),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _map(
        ["roleRef", "subjects"],
        roleRef=_map(["apiGroup", "kind", "name"], apiGroup=_text(), kind=_text(), name=_text()),
        subjects=_list(_SUBJECT),
    ),
}
BUILT_IN: Schemas = {
    (version, kind): strict_object(version, kind, schema)
    for (version, kind), schema in _BUILT_IN.items()
}
"""By `apiVersion` and kind."""
