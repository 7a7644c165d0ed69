"""Requests to a registry, with a login where it requires one.

A registry responds with 401 and a challenge: `Basic`, or `Bearer` with the address of a service
that gives tokens. What it took is used again, for the same repository and the same rights.

A login is for one host. It goes to no other, whatever a redirection, a link to the next page or a
challenge names; only to the service that gives tokens, where that is the registry's own host, one
of the same owner's domain by TLS, or one that the user named.

Source: the OCI distribution specification 1.1, and Docker's token authentication.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urljoin, urlsplit

from transire.delivery.registry.credentials import PASSWORD, TOKEN_HOST, USERNAME, Login
from transire.delivery.registry.http import Requested, Response, Transport, origin, read_json
from transire.meaning.public_suffixes import registrable_domain
from transire.model.problems import RegistryFailed

_PARAMETER = re.compile(r'([a-zA-Z_]+)="([^"]*)"')
_TOKEN = re.compile(r"[!-~]+")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_MOST_ERRORS = 3
_LONGEST = 300
_EVERYWHERE = ("", True)
_UNAUTHORIZED = 401
_OK = 200


def explained(request: Requested, response: Response) -> RegistryFailed:
    """The error for an unexpected response, with the registry's own message."""
    status = f"responded {response.status} {response.reason}".rstrip()
    if response.media_type == "text/html":
        return request.failed(
            f"{status} with an HTML page; is the address a registry's, or does something in "
            "between want a login?"
        )
    codes = "; ".join(error_codes(response))
    return request.failed(f"{status}: {codes}" if codes else status)


def error_codes(response: Response) -> tuple[str, ...]:
    """The errors of a response as text, such as `MANIFEST_UNKNOWN manifest unknown`."""
    document = read_json(response.body)
    errors = document.get("errors") if isinstance(document, dict) else None
    found = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    texts = (f"{each.get('code', '')} {each.get('message', '')}".strip() for each in found)
    return tuple(" ".join(each.split())[:_LONGEST] for each in texts if each)[:_MOST_ERRORS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Requests with the login that the registry requires; threads may share it.

    `home` is the origin of the registry that the login is for, as `http.origin` writes it.
    """

    transport: Transport
    home: str
    login: Login | None = None
    _granted: dict[tuple[str, bool], str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: Requested, *, repository: str = "", writes: bool = False) -> Response:
        """The response, once the registry accepts the login.

        Raises:
            RegistryFailed: if it does not respond, refuses the login, leads in a circle, or leads
                to another host that requires a login.
        """
        key = (repository, writes)
        with self._lock:
            granted = self._granted.get(key) or self._granted.get(_EVERYWHERE, "")
        response = self._follow(request, granted)
        if response.status != _UNAUTHORIZED:
            return response
        fresh = self._authorize(request, response)
        response = self._follow(request, fresh)
        if response.status == _UNAUTHORIZED:
            raise self._refused(request)
        with self._lock:
            self._granted[_EVERYWHERE if fresh.startswith("Basic ") else key] = fresh
        return response

    def _follow(self, request: Requested, authorization: str) -> Response:
        """Redirections of what is only read; a response of another host is never a challenge."""
        now = request
        for _ in range(_MOST_REDIRECTS):
            response = self.transport.send(self._with(now, authorization))
            if response.status == _UNAUTHORIZED and origin(now.url) != self.home:
                there = urlsplit(now.url).netloc
                raise request.failed(
                    f"it leads to {there}, which asks for a login, and that of {self._host} is for "
                    "no other host"
                )
            if request.method not in {"GET", "HEAD"} or response.status not in _REDIRECTS:
                return response
            url = safe_url(now, response.headers.get("location", ""))
            now = Requested(method=request.method, url=url, headers=request.headers)
        raise request.failed(f"redirected more than {_MOST_REDIRECTS} times")

    def _with(self, request: Requested, authorization: str) -> Requested:
        if not authorization or origin(request.url) != self.home:
            return request
        return replace(request, headers={**request.headers, "Authorization": authorization})

    @property
    def _host(self) -> str:
        return urlsplit(self.home).netloc

    def _authorize(self, request: Requested, response: Response) -> str:
        challenge = response.headers.get("www-authenticate", "")
        kind, _, rest = challenge.partition(" ")
        match kind.lower():
            case "basic":
                if self.login is None:
                    raise self._refused(request)
                return self.login.basic
            case "bearer":
                return self._token(request, dict(_PARAMETER.findall(rest)))
            case _ if self.login is None:
                raise self._refused(request)
            case _:
                raise request.failed(f"it asks for a login in a way that is not known: {kind!r}")

    def _token(self, request: Requested, parameters: Mapping[str, str]) -> str:
        realm = safe_url(request, parameters.get("realm", ""))
        if self.login is not None and not self._gives_tokens(realm, self.login):
            there = urlsplit(realm).netloc
            raise request.failed(
                f"it leaves the login to {there}, and that of {self._host} is for no other host; "
                f"if {there} may have it, set {TOKEN_HOST}={there}"
            )
        query = {name: parameters[name] for name in ("service", "scope") if name in parameters}
        mark = "&" if urlsplit(realm).query else "?"
        headers = {} if self.login is None else {"Authorization": self.login.basic}
        token_request = Requested(
            method="GET", url=f"{realm}{mark}{urlencode(query)}", headers=headers
        )
        response = self.transport.send(token_request)
        if response.status == _UNAUTHORIZED:
            raise self._refused(token_request)
        document = read_json(response.body) if response.status == _OK else None
        if not isinstance(document, dict):
            raise explained(token_request, response)
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise token_request.failed("responded without a token")
        return f"Bearer {token}"

    def _gives_tokens(self, realm: str, login: Login) -> bool:
        """Whether the service at that address may have the login."""
        there = urlsplit(realm)
        if origin(realm) == self.home:
            return True
        if there.scheme == "https" and login.token_host:
            return there.netloc.lower() == login.token_host.lower()
        domain = _owners_domain(realm)
        return (
            there.scheme == "https" and domain is not None and domain == _owners_domain(self.home)
        )

    def _refused(self, request: Requested) -> RegistryFailed:
        if self.login is None:
            return request.failed(
                f"it asks for a login, and none is given: set {USERNAME} and {PASSWORD}, or name "
                "a Docker configuration that has one"
            )
        return request.failed(
            f"it refuses the login of {self.login.username!r}, from {self.login.source}"
        )


def _owners_domain(url: str) -> str | None:
    """The domain below which all hosts are one owner's; None for an address and a bare name."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    numeric = ":" in host or host.rpartition(".")[2][:1].isdigit()
    return None if numeric else registrable_domain(host)


def safe_url(request: Requested, location: str) -> str:
    """The absolute address that the registry names; one without TLS is refused where TLS is in use.

    Raises:
        RegistryFailed: if there is none, or it is not safe.
    """
    try:
        url = urljoin(request.url, location)
        here, there = urlsplit(request.url), urlsplit(url)
    except ValueError as error:
        raise request.failed("it names no address to go on with") from error
    if not location or there.scheme not in {"http", "https"} or not there.netloc:
        raise request.failed("it names no address to go on with")
    if here.scheme == "https" and there.scheme != "https":
        raise request.failed(
            f"it leads to {there.scheme}://{there.netloc}, which is not TLS; a registry behind a "
            "proxy must know its own address"
        )
    return url
