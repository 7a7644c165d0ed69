"""Whatever an organisation may mean can be written down and is read back as the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.draw.rounds import in_rounds
from support.draw.strategies import organisations
from support.values.values_files import values_of
from transire.engines.registry import ENGINES
from transire.model.intent import AddressRange, Entity, Host, Organisation, Pods
from transire.model.names import HostKind
from transire.values.load import load_files

pytestmark = pytest.mark.slow("many drawn examples")


@given(organisation=organisations(), order=...)
def test_what_was_written_is_what_is_read_whatever_the_order_of_the_files(
    organisation: Organisation, order: random.Random
) -> None:
    files = list(values_of(organisation).items())
    order.shuffle(files)

    assert organisation == load_files(dict(files))


@given(organisation=organisations(), chosen=st.data())
def test_a_team_that_is_asked_for_by_name_is_what_it_is_among_all(
    organisation: Organisation, chosen: st.DataObject
) -> None:
    names = [each.name for each in organisation.teams]
    named = chosen.draw(st.sets(st.sampled_from(names)) if names else st.just(set()))

    some = load_files(values_of(organisation), teams=named)

    assert some.others == set(names) - named
    assert some == replace(
        organisation,
        teams=tuple(each for each in organisation.teams if each.name in named),
        others=some.others,
    )


def test_every_construct_is_drawn() -> None:
    seen: Counter[str] = Counter()

    def look(organisation: Organisation) -> None:
        seen.update({str(each) for each in _constructs(organisation)})

    expected = {*ENGINES, *HostKind} - {HostKind.BARE}
    expected |= {
        "host",
        "range",
        "pods",
        "entity",
        "bundle",
        "range of a bundle",
        "environments",
        "expiry",
        "until",
    }
    expected |= {"clusters", "namespaces"}
    expected |= {"enforce", "audit", "waiver", "fallback", "resolver", "everyone", "approximate"}
    in_rounds(organisations(), look, seen=seen, wanted={str(each) for each in expected})


def _constructs(organisation: Organisation) -> Iterator[str]:
    for cluster in organisation.platform.clusters:
        yield cluster.release.engine
        yield "fallback" if cluster.fallback else "no fallback"
        yield "resolver" if cluster.dns.resolver else "no resolver"
    yield from (each.mode for team in organisation.teams for each in team.publications)
    yield from ("until" for team in organisation.teams for each in team.publications if each.until)
    yield from ("waiver" for _ in organisation.waivers)
    yield from ("everyone" for _ in organisation.platform.everyone)
    kinds = {AddressRange: "range", Entity: "entity", Host: "host", Pods: "pods"}
    for rule in (rule for team in organisation.teams for rule in team.rules):
        yield from (kinds[type(each)] for each in rule.destinations)
        yield from (host.pattern.kind for host in rule.hosts)
        yield "bundle" if rule.bundles else "no bundle"
        yield from ("range of a bundle" for each in rule.ranges if each.bundle)
        yield "environments" if rule.environments else "everywhere"
        yield "clusters" if rule.clusters else "every cluster"
        yield "namespaces" if rule.namespaces else "every namespace"
        yield "expiry" if rule.expires else "no expiry"
        yield "approximate" if rule.approximate else "exact"
