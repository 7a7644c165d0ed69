"""Charts in an OCI registry: which versions are there, what they hold, and adding new ones.

Registries replace what a tag points to without a word, so a push is two steps. `put` uploads the
chart under its digest, where nothing pins it yet; `tag` gives it its version, after one more look
that nobody else did. Whatever is killed in between leaves no version behind, and both steps can be
done again.

Source: the OCI distribution specification 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from transire.charts.oci_artifact import (
    ARCHIVE_TYPE,
    CONFIG_TYPE,
    MANIFEST_TYPE,
    Artifact,
    sha256,
)
from transire.delivery.registry.auth import Access, error_codes, explained, safe_url
from transire.delivery.registry.credentials import Login
from transire.delivery.registry.http import (
    PATIENCE,
    Requested,
    Response,
    Transport,
    origin,
    read_json,
    trust,
)

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_MANIFESTS = (
    MANIFEST_TYPE,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_OK, _CREATED, _ACCEPTED, _NOT_FOUND = 200, 201, 202, 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The registry of one organisation; threads may share it.

    Every method raises `RegistryFailed` where the registry refuses, or gives a malformed response
    or none. `place` is a chart's place, such as `teams/payments`; `reference` a version or a
    digest.
    """

    address: str
    access: Access
    plain_http: bool = False

    def digest(self, place: str, version: str) -> str | None:
        """The digest of the manifest that the version's tag points to; None where there is none."""
        request = self._request("HEAD", place, f"manifests/{version}", accept=_MANIFESTS)
        response = self._send(request, place)
        digest = response.headers.get("docker-content-digest", "")
        if (
            response.status == _OK
            and response.media_type in _MANIFESTS
            and _DIGEST.fullmatch(digest)
        ):
            return digest
        # The response to HEAD may lack a digest or an error code; the one to GET has a body.
        manifest = self.manifest(place, version)
        return None if manifest is None else sha256(manifest)

    def manifest(self, place: str, reference: str) -> bytes | None:
        """The manifest as it was pushed; None where the registry reports that there is none."""
        request = self._request("GET", place, f"manifests/{reference}", accept=_MANIFESTS)
        response = self._send(request, place)
        if response.status == _NOT_FOUND and error_codes(response):
            return None
        if response.status != _OK or response.media_type not in _MANIFESTS:
            raise explained(request, response)
        if _DIGEST.fullmatch(reference) and sha256(response.body) != reference:
            raise request.failed("the response has another digest than was requested")
        return response.body

    def archive(self, place: str, reference: str) -> bytes:
        """The chart's archive, after its digest held."""
        request = self._request("GET", place, f"manifests/{reference}")
        manifest = self.manifest(place, reference)
        if manifest is None:
            raise request.failed("there is no such chart")
        digest = _archive_digest(manifest)
        if digest is None:
            raise request.failed("this is no Helm chart")
        request = self._request("GET", place, f"blobs/{digest}")
        response = self._send(request, place)
        if response.status != _OK:
            raise explained(request, response)
        if sha256(response.body) != digest:
            raise request.failed("the response has another digest than was requested")
        return response.body

    def tags(self, place: str) -> tuple[str, ...]:
        """Every tag of the chart, sorted; none where nothing was ever pushed."""
        found: list[str] = []
        request = self._request("GET", place, f"tags/list?{urlencode({'n': 1000})}")
        while True:
            response = self._send(request, place)
            if response.status == _NOT_FOUND and error_codes(response):
                return ()
            document = _document(response) if response.status == _OK else None
            if document is None:
                raise explained(request, response)
            tags = document.get("tags") or []
            found += [each for each in tags if isinstance(each, str)]
            following = _NEXT.search(response.headers.get("link", ""))
            if following is None or not tags:
                return tuple(sorted(set(found)))
            url = safe_url(request, following[1])
            if origin(url) != origin(request.url):
                raise request.failed(
                    f"it has the next page at another host: {urlsplit(url).netloc}"
                )
            request = Requested(method="GET", url=url)

    def put(self, place: str, artifact: Artifact) -> str:
        """Upload what the registry lacks of the chart, under its digest, which is given back."""
        for content in (artifact.config, artifact.archive):
            self._put_blob(place, content)
        digest = artifact.digests.manifest
        self._put_manifest(place, digest, artifact)
        return digest

    def tag(self, place: str, version: str, artifact: Artifact) -> None:
        """Give the uploaded chart its version.

        Raises:
            RegistryFailed: also if the version is somebody else's by now.
        """
        digest = artifact.digests.manifest
        there = self.digest(place, version)
        if there is None:
            self._put_manifest(place, version, artifact)
            there = self.digest(place, version)
        if there != digest:
            request = self._request("PUT", place, f"manifests/{version}")
            raise request.failed(
                f"this is {there or 'nothing'} now, and not the chart that was pushed; did another "
                "run publish at the same time?"
            )

    def put_back(self, place: str, version: str, artifact: Artifact) -> None:
        """Give the version to the uploaded chart, whatever it leads to now.

        Raises:
            RegistryFailed: also if the registry leaves the version as it was.
        """
        self._put_manifest(place, version, artifact)
        there = self.digest(place, version)
        if there != artifact.digests.manifest:
            request = self._request("PUT", place, f"manifests/{version}")
            raise request.failed(f"this is still {there or 'nothing'} after it was put back")

    def reference(self, place: str, digest: str) -> str:
        """How other tools name the chart of that digest: `HOST/PATH@sha256:...`."""
        return f"{self.address.removeprefix('oci://')}/{place}@{digest}"

    def _put_blob(self, place: str, content: bytes) -> None:
        digest = sha256(content)
        response = self._send(self._request("HEAD", place, f"blobs/{digest}"), place, writes=True)
        if response.status == _OK and response.media_type != "text/html":
            return
        request = self._request("POST", place, "blobs/uploads/")
        response = self._send(request, place, writes=True)
        if response.status != _ACCEPTED:
            raise explained(request, response)
        url = safe_url(request, response.headers.get("location", ""))
        if origin(url) != origin(request.url):
            raise request.failed(f"it sends the upload to another host: {urlsplit(url).netloc}")
        mark = "&" if urlsplit(url).query else "?"
        request = Requested(
            method="PUT",
            url=f"{url}{mark}{urlencode({'digest': digest})}",
            headers={"Content-Type": "application/octet-stream"},
            body=content,
        )
        response = self._send(request, place, writes=True)
        if response.status != _CREATED:
            raise explained(self._request("PUT", place, f"blobs/uploads/{digest}"), response)

    def _put_manifest(self, place: str, reference: str, artifact: Artifact) -> None:
        request = Requested(
            method="PUT",
            url=self._url(place, f"manifests/{reference}"),
            headers={"Content-Type": MANIFEST_TYPE},
            body=artifact.manifest,
        )
        response = self._send(request, place, writes=True)
        if response.status != _CREATED:
            raise explained(request, response)

    def _send(self, request: Requested, place: str, *, writes: bool = False) -> Response:
        return self.access.send(request, repository=place, writes=writes)

    def _request(
        self, method: str, place: str, what: str, *, accept: tuple[str, ...] = ()
    ) -> Requested:
        headers = {"Accept": ", ".join(accept)} if accept else {}
        return Requested(method=method, url=self._url(place, what), headers=headers)

    def _url(self, place: str, what: str) -> str:
        host, slash, path = self.address.removeprefix("oci://").partition("/")
        scheme = "http" if self.plain_http else "https"
        return f"{scheme}://{host}/v2/{path}{slash}{place}/{what}"


def registry_host(address: str) -> str:
    """The host, with its port where one is named, of `oci://HOST/PATH`."""
    return address.removeprefix("oci://").partition("/")[0]


@contextmanager
def connect(
    address: str,
    *,
    login: Login | None = None,
    ca: Path | None = None,
    plain_http: bool = False,
    patience: float = PATIENCE,
) -> Iterator[Registry]:
    """The registry at `oci://HOST/PATH`; nothing is sent yet.

    Raises:
        UsageError: if `ca` is no file of certificates.
    """
    with closing(Transport(context=trust(ca), patience=patience)) as transport:
        scheme = "http" if plain_http else "https"
        home = origin(f"{scheme}://{registry_host(address)}")
        access = Access(transport=transport, home=home, login=login)
        yield Registry(address=address.rstrip("/"), access=access, plain_http=plain_http)


def is_chart(manifest: bytes) -> bool:
    """Whether the manifest is that of a Helm chart."""
    return _archive_digest(manifest) is not None


def _archive_digest(manifest: bytes) -> str | None:
    document: Any = read_json(manifest)
    try:
        (layer,) = [each for each in document["layers"] if each["mediaType"] == ARCHIVE_TYPE]
        config, digest = document["config"]["mediaType"], layer["digest"]
    except (ValueError, KeyError, TypeError):
        return None
    right = config == CONFIG_TYPE and isinstance(digest, str) and _DIGEST.fullmatch(digest)
    return digest if right else None


def _document(response: Response) -> dict[str, Any] | None:
    document = read_json(response.body)
    return document if isinstance(document, dict) else None
