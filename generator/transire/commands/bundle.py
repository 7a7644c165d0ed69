"""`bundle`: the text of a bundle, of a file in which a vendor publishes what it uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from transire.commands.arguments import StrPath, several
from transire.model.names import is_dns_label
from transire.model.problems import UsageError
from transire.values.vendors.bundle_text import Head, bundle_text
from transire.values.vendors.published import Vendor
from transire.values.vendors.registry import VENDORS
from transire.values.vendors.selection import Filters, filters, selected


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBundle:
    """A bundle's text and where it belongs; `dated` tells where the day in its head is from."""

    path: str
    text: str
    dated: str

    def __repr__(self) -> str:
        return f"<MadeBundle {self.path}>"


def bundle(
    source: str,
    file: StrPath,
    *,
    name: str,
    only: str | Iterable[str] = (),
    owner: str = "platform",
    reason: str = "",
    published: date | None = None,
) -> MadeBundle:
    """The bundle of what a vendor publishes, or of the part that filters leave.

    Args:
        source: the vendor, such as `aws`.
        file: what was fetched from there; nothing is fetched here.
        name: what the bundle is called.
        only: filters `KEY=VALUE`: of one key, any will do; all keys must hold.
        owner: who vetted it.
        reason: what it is for.
        published: the day of the file, where it does not hold one.

    Raises:
        UsageError: for a vendor or a filter that is not known, or if nothing is left.
        Rejected: if the file is not all there, or holds something that is not known.
    """
    vendor = VENDORS.get(source)
    if vendor is None:
        raise UsageError(f"there is no source {source!r}; the sources are {', '.join(VENDORS)}")
    if not is_dns_label(name):
        raise UsageError(f"{name!r} is no name of a bundle: lower-case letters, digits, hyphens")
    path = Path(file)
    wanted = filters(vendor, several(only))
    read = vendor.read(_text(path), path.as_posix())
    day, dated = _day(path, read.date, _given(published))
    head = Head(
        name=name,
        owner=owner,
        reason=reason or _reason(vendor, wanted),
        vendor=vendor,
        day=day,
        version=read.version,
        only=wanted,
    )
    text = bundle_text(head, selected(read.offers, wanted, path.as_posix()))
    return MadeBundle(path=f"values/bundles/{name}.yaml", text=text, dated=dated)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _given(day: date | None) -> date | None:
    if isinstance(day, datetime):
        raise UsageError(f"published is a day such as date(2026, 11, 23), not {day!r}")
    return day


def _day(path: Path, read: date | None, given: date | None) -> tuple[date, str]:
    """The file's own day; else the one that is given; else that of the file on this disk."""
    if read is not None and given not in {None, read}:
        raise UsageError(f"{path} is of {read}, and not of {given}")
    if read is not None:
        return read, f"{path} is of {read}"
    if given is not None:
        return given, f"{path} is taken to be of {given}"
    written = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()
    return written, f"{path} holds no date; it was written on {written}"


def _reason(vendor: Vendor, only: Filters) -> str:
    some = ", ".join(f"{key} {' or '.join(sorted(values))}" for key, values in only.items())
    return f"what {vendor.title} publishes" + (f" for {some}" if some else "")
