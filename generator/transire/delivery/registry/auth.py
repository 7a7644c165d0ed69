"""Asking a registry something, with a login where it asks for one.

A registry answers 401 with a challenge: `Basic`, or `Bearer` with the address of a service that
gives tokens. What it took is used again, for the same repository and the same rights.

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


def explained(asked: Requested, answer: Response) -> RegistryFailed:
    """The error for an answer that is not what was hoped for, with the registry's own words."""
    said = f"answered {answer.status} {answer.reason}".rstrip()
    if answer.media_type == "text/html":
        return asked.failed(
            f"{said} with an HTML page; is the address a registry's, or does something in between "
            "want a login?"
        )
    words = "; ".join(error_codes(answer))
    return asked.failed(f"{said}: {words}" if words else said)


def error_codes(answer: Response) -> tuple[str, ...]:
    """What the errors of an answer say, such as `MANIFEST_UNKNOWN manifest unknown`."""
    document = read_json(answer.body)
    errors = document.get("errors") if isinstance(document, dict) else None
    found = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    said = (f"{each.get('code', '')} {each.get('message', '')}".strip() for each in found)
    return tuple(" ".join(each.split())[:_LONGEST] for each in said if each)[:_MOST_ERRORS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Requests with the login that the registry asks for; threads may share it.

    `home` is the origin of the registry that the login is for, as `http.origin` writes it.
    """

    transport: Transport
    home: str
    login: Login | None = None
    _granted: dict[tuple[str, bool], str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, asked: Requested, *, repository: str = "", writes: bool = False) -> Response:
        """The answer, once the registry is content with the login.

        Raises:
            RegistryFailed: if it does not answer, refuses the login, leads in a circle, or leads
                to another host that wants a login.
        """
        key = (repository, writes)
        with self._lock:
            granted = self._granted.get(key) or self._granted.get(_EVERYWHERE, "")
        answer = self._follow(asked, granted)
        if answer.status != _UNAUTHORIZED:
            return answer
        fresh = self._authorize(asked, answer)
        answer = self._follow(asked, fresh)
        if answer.status == _UNAUTHORIZED:
            raise self._refused(asked)
        with self._lock:
            self._granted[_EVERYWHERE if fresh.startswith("Basic ") else key] = fresh
        return answer

    def _follow(self, asked: Requested, authorization: str) -> Response:
        """Redirections of what is only read; what another host answers is never a challenge."""
        now = asked
        for _ in range(_MOST_REDIRECTS):
            answer = self.transport.send(self._with(now, authorization))
            if answer.status == _UNAUTHORIZED and origin(now.url) != self.home:
                there = urlsplit(now.url).netloc
                raise asked.failed(
                    f"it leads to {there}, which asks for a login, and that of {self._host} is for "
                    "no other host"
                )
            if asked.method not in {"GET", "HEAD"} or answer.status not in _REDIRECTS:
                return answer
            url = safe_url(now, answer.headers.get("location", ""))
            now = Requested(method=asked.method, url=url, headers=asked.headers)
        raise asked.failed(f"redirected more than {_MOST_REDIRECTS} times")

    def _with(self, asked: Requested, authorization: str) -> Requested:
        if not authorization or origin(asked.url) != self.home:
            return asked
        return replace(asked, headers={**asked.headers, "Authorization": authorization})

    @property
    def _host(self) -> str:
        return urlsplit(self.home).netloc

    def _authorize(self, asked: Requested, answer: Response) -> str:
        challenge = answer.headers.get("www-authenticate", "")
        kind, _, rest = challenge.partition(" ")
        match kind.lower():
            case "basic":
                if self.login is None:
                    raise self._refused(asked)
                return self.login.basic
            case "bearer":
                return self._token(asked, dict(_PARAMETER.findall(rest)))
            case _ if self.login is None:
                raise self._refused(asked)
            case _:
                raise asked.failed(f"it asks for a login in a way that is not known: {kind!r}")

    def _token(self, asked: Requested, parameters: Mapping[str, str]) -> str:
        realm = safe_url(asked, parameters.get("realm", ""))
        if self.login is not None and not self._gives_tokens(realm, self.login):
            there = urlsplit(realm).netloc
            raise asked.failed(
                f"it leaves the login to {there}, and that of {self._host} is for no other host; "
                f"if {there} may have it, set {TOKEN_HOST}={there}"
            )
        query = {name: parameters[name] for name in ("service", "scope") if name in parameters}
        mark = "&" if urlsplit(realm).query else "?"
        headers = {} if self.login is None else {"Authorization": self.login.basic}
        wanted = Requested(method="GET", url=f"{realm}{mark}{urlencode(query)}", headers=headers)
        answer = self.transport.send(wanted)
        if answer.status == _UNAUTHORIZED:
            raise self._refused(wanted)
        document = read_json(answer.body) if answer.status == _OK else None
        if not isinstance(document, dict):
            raise explained(wanted, answer)
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise wanted.failed("answered without a token")
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

    def _refused(self, asked: Requested) -> RegistryFailed:
        if self.login is None:
            return asked.failed(
                f"it asks for a login, and none is given: set {USERNAME} and {PASSWORD}, or name "
                "a Docker configuration that has one"
            )
        return asked.failed(
            f"it refuses the login of {self.login.username!r}, from {self.login.source}"
        )


def _owners_domain(url: str) -> str | None:
    """The domain below which all hosts are one owner's; None for an address and a bare name."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    numeric = ":" in host or host.rpartition(".")[2][:1].isdigit()
    return None if numeric else registrable_domain(host)


def safe_url(asked: Requested, location: str) -> str:
    """The absolute address that the registry names; one without TLS is refused where TLS is spoken.

    Raises:
        RegistryFailed: if there is none, or it is not safe.
    """
    try:
        url = urljoin(asked.url, location)
        here, there = urlsplit(asked.url), urlsplit(url)
    except ValueError as error:
        raise asked.failed("it names no address to go on with") from error
    if not location or there.scheme not in {"http", "https"} or not there.netloc:
        raise asked.failed("it names no address to go on with")
    if here.scheme == "https" and there.scheme != "https":
        raise asked.failed(
            f"it leads to {there.scheme}://{there.netloc}, which is not TLS; a registry behind a "
            "proxy must know its own address"
        )
    return url
