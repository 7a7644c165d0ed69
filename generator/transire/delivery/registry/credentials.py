"""How to log in at a registry: from the environment, or a Docker configuration file.

Nothing is run to find a password, so credential helpers are named and not run. Passwords never
reach a message.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from transire.model.problems import UsageError

USERNAME = "TRANSIRE_REGISTRY_USERNAME"
PASSWORD = "TRANSIRE_REGISTRY_PASSWORD"  # noqa: S105 - the name of a variable

TOKEN_HOST = "TRANSIRE_REGISTRY_TOKEN_HOST"  # noqa: S105 - the name of a variable
"""The variable that names the host that may have the login to give tokens for it."""

_FOLDER = "DOCKER_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user and a password; `source` is where they were found.

    `token_host` is the one host besides the registry's that may have them; empty where none is
    named.
    """

    username: str
    password: str = field(repr=False)
    source: str
    token_host: str = ""

    @property
    def basic(self) -> str:
        """The value of an `Authorization` header."""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


def find_login(
    host: str, environment: Mapping[str, str], docker_config: Path | None = None
) -> Login | None:
    """The login for a registry, or None where none is given.

    The environment's `TRANSIRE_REGISTRY_USERNAME` and `TRANSIRE_REGISTRY_PASSWORD` come first, then
    the named Docker configuration, then `config.json` in `DOCKER_CONFIG` or `~/.docker`.

    `TRANSIRE_REGISTRY_TOKEN_HOST` names the host that may have the login besides the registry.

    Raises:
        UsageError: if only one of the two variables is set, if a file that was named cannot be
            read, or if it leaves the registry to a credential helper.
    """
    login = _found(host, environment, docker_config)
    return login and replace(login, token_host=environment.get(TOKEN_HOST, ""))


def _found(host: str, environment: Mapping[str, str], docker_config: Path | None) -> Login | None:
    username, password = environment.get(USERNAME, ""), environment.get(PASSWORD, "")
    if username and password:
        return Login(username=username, password=password, source=f"{USERNAME} and {PASSWORD}")
    if username or password:
        missing = PASSWORD if username else USERNAME
        raise UsageError(f"{missing} is not set, and a login has both: set it, or unset the other")
    path = docker_config or _usual(environment)
    if docker_config is None and not path.is_file():
        return None
    return _from_file(host, path)


def _usual(environment: Mapping[str, str]) -> Path:
    if environment.get(_FOLDER):
        return Path(environment[_FOLDER]) / "config.json"
    home = environment.get("HOME", os.sep)
    return Path(home) / ".docker" / "config.json"


def _from_file(host: str, path: Path) -> Login | None:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no Docker configuration: it is not JSON") from error
    found = _entry(_map(document, "auths"), host)
    login = _login(found, path)
    helpers = _map(document, "credHelpers")
    helper = helpers.get(host) or (isinstance(document, dict) and document.get("credsStore"))
    if login is None and helper:
        raise UsageError(
            f"{path} leaves {host} to the credential helper {helper!r}, which is not run: set "
            f"{USERNAME} and {PASSWORD}"
        )
    return login


def _entry(auths: Mapping[str, Any], host: str) -> Mapping[str, Any]:
    """The entry of the host; Docker also writes it as an address."""
    for name in (host, f"https://{host}", f"https://{host}/"):
        if name in auths:
            return _map(auths, name)
    return {}


def _login(entry: Mapping[str, Any], path: Path) -> Login | None:
    if entry.get("identitytoken"):
        raise UsageError(
            f"{path} holds an identity token, which is not understood: set {USERNAME} and "
            f"{PASSWORD}"
        )
    username, password = entry.get("username", ""), entry.get("password", "")
    if entry.get("auth"):
        try:
            pair = base64.b64decode(str(entry["auth"]), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UsageError(f"{path} holds a login that is not base64: log in again") from error
        username, _, password = pair.partition(":")
    if not username or not password:
        return None
    return Login(username=str(username), password=str(password), source=str(path))


def _map(document: object, name: str) -> Mapping[str, Any]:
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}
