"""The few verbs of the Kubernetes API that the end-to-end tests need."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

Body = Mapping[str, Any]
"""An object as the API server takes and gives it."""

_OK = range(200, 300)
_TRIES = 120
_LONG = 60
"""Seconds after which a call is given up; an API server on loopback takes milliseconds."""

YAML = "application/yaml"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API server gave back: the code, the object or status, and its warnings."""

    code: int
    body: Any
    warnings: str = ""

    @property
    def ok(self) -> bool:
        """Whether it did what it was given."""
        return self.code in _OK

    @property
    def message(self) -> str:
        """The sentence of a status; empty where the body is an object."""
        return (
            str(self.body.get("message", "")) if isinstance(self.body, Mapping) else str(self.body)
        )

    def object(self) -> dict[str, Any]:
        """The object; a refusal fails the test with its sentence."""
        assert self.ok, f"{self.code}: {self.message}"
        assert isinstance(self.body, dict)
        return self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """One object's API version, resource, namespace (empty for cluster-wide kinds) and name."""

    version: str
    resource: str
    namespace: str
    name: str

    @property
    def collection(self) -> str:
        """The path of all objects beside it."""
        root = "/apis" if "/" in self.version else "/api"
        place = f"/namespaces/{self.namespace}" if self.namespace else ""
        return f"{root}/{self.version}{place}/{self.resource}"

    @property
    def path(self) -> str:
        """The path of the object itself."""
        return f"{self.collection}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who talks to one API server; `user` is whom the administrator impersonates."""

    url: str
    session: requests.Session = field(repr=False)
    user: str = ""
    known: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, url: str, *, token: str, authority: Path) -> Client:
        """A client that trusts one authority and has one token."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(authority)
        session.headers["Authorization"] = f"Bearer {token}"
        return cls(url=url, session=session)

    def as_user(self, user: str) -> Client:
        """The same server in another name; service accounts get their groups from the server."""
        return replace(self, user=user)

    def raw(
        self,
        verb: str,
        path: str,
        body: Body | str | None = None,
        *,
        content: str = "application/json",
        **query: str,
    ) -> Answer:
        """One call; `query` holds the parameters of the URL, and text is sent as it stands.

        A server that is busy wants the same call again later, so it gets it.
        """
        headers = {"Content-Type": content, **self._impersonated()}
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        for _ in range(_TRIES):
            answer = self.session.request(
                verb, self.url + path, data=data, params=query, headers=headers, timeout=_LONG
            )
            if answer.status_code != requests.codes.too_many_requests:
                break
            time.sleep(1)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Answer(
            code=answer.status_code,
            body=answer.json() if is_json else answer.text,
            warnings=answer.headers.get("Warning", ""),
        )

    def ref(self, body: Body) -> Ref:
        """Where an object is, by the server's own list of kinds."""
        version, kind = body["apiVersion"], body["kind"]
        resource, namespaced = self._resource(version, kind)
        metadata = body["metadata"]
        namespace = metadata.get("namespace", "default") if namespaced else ""
        return Ref(
            version=version, resource=resource, namespace=namespace, name=metadata.get("name", "")
        )

    def serves(self, body: Body) -> bool:
        """Whether the server has the object's kind in that version."""
        version, kind = body["apiVersion"], body["kind"]
        if (version, kind) not in self.known:
            self._discover(version)
        return (version, kind) in self.known

    def create(self, body: Body, *, dry_run: bool = False) -> Answer:
        """POST, with unknown and doubled fields refused."""
        query = {"fieldValidation": "Strict", **_dry(dry_run)}
        return self.raw("POST", self.ref(body).collection, body, **query)

    def apply(self, body: Body, *, manager: str, dry_run: bool = False) -> Answer:
        """A server-side apply by force, with unknown and doubled fields refused."""
        query = {
            "fieldManager": manager,
            "force": "true",
            "fieldValidation": "Strict",
            **_dry(dry_run),
        }
        return self.raw("PATCH", self.ref(body).path, body, content=APPLY, **query)

    def update(self, body: Body, *, dry_run: bool = False) -> Answer:
        """PUT."""
        return self.raw("PUT", self.ref(body).path, body, **_dry(dry_run))

    def merge(self, ref: Ref, patch: Body, *, below: str = "", dry_run: bool = False) -> Answer:
        """A JSON merge patch of the object, or of a subresource below it."""
        path = f"{ref.path}/{below}" if below else ref.path
        return self.raw("PATCH", path, patch, content=MERGE, **_dry(dry_run))

    def delete(self, ref: Ref, *, propagation: str = "Background", dry_run: bool = False) -> Answer:
        """DELETE in the Background, in the Foreground, or with Orphan."""
        options: dict[str, Any] = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": propagation,
        }
        if dry_run:  # beside a body, the server leaves the URL's parameters unread
            options["dryRun"] = ["All"]
        return self.raw("DELETE", ref.path, options)

    def get(self, ref: Ref) -> Answer:
        """The stored object."""
        return self.raw("GET", ref.path)

    def may(self, verb: str, body: Body) -> bool:
        """Whether the server's authorizer lets this user do something to an object.

        Rights that are granted or taken reach it a moment after they are stored.
        """
        ref = self.ref(body)
        group, _, version = ref.version.rpartition("/")
        attributes = {
            "verb": verb,
            "group": group,
            "version": version,
            "resource": ref.resource,
            "namespace": ref.namespace,
            "name": ref.name,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return bool(self.raw("POST", path, review).object()["status"]["allowed"])

    def items(self, path: str) -> list[dict[str, Any]]:
        """Everything below a path, such as `/api/v1/namespaces`."""
        found = self.raw("GET", path).object()["items"]
        assert isinstance(found, list)
        return found

    def watch(self, path: str, *, since: str, seconds: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """What changes below a path after a resource version: the kind of change, the object."""
        query = {"watch": "true", "resourceVersion": since, "timeoutSeconds": str(seconds)}
        answer = self.session.get(
            self.url + path,
            params=query,
            headers=self._impersonated(),
            stream=True,
            timeout=seconds + _LONG,
        )
        with closing(answer):
            assert answer.status_code in _OK, answer.text
            for line in answer.iter_lines():
                event = json.loads(line)
                yield event["type"], event["object"]

    def _impersonated(self) -> dict[str, str]:
        return {"Impersonate-User": self.user} if self.user else {}

    def _resource(self, version: str, kind: str) -> tuple[str, bool]:
        """The resource of a kind, and whether it is namespaced."""
        found = self.known.get((version, kind))
        if found is None:
            self._discover(version)
            found = self.known[version, kind]
        return found

    def _discover(self, version: str) -> None:
        root = "/apis" if "/" in version else "/api"
        listed = replace(self, user="").raw("GET", f"{root}/{version}")
        for each in listed.object()["resources"] if listed.code != requests.codes.not_found else ():
            if "/" not in each["name"]:
                self.known[version, each["kind"]] = (each["name"], each["namespaced"])


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}
