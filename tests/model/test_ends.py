"""Ends with a day hold to its last instant in UTC, ends at a time hold up to that time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from transire.model.ends import End, instant, moment

DAY = date(2027, 1, 31)
SIX = datetime(2027, 1, 31, 18, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("end", "last"),
    [
        (End.on(DAY), datetime(2027, 2, 1, tzinfo=UTC) - MICRO),
        (End(last=SIX), SIX),
        (End(last=moment("2027-01-31T20:00:00+02:00")), SIX),
        (End(last=moment("2027-01-31T12:30:00-05:30")), SIX),
    ],
)
def test_an_end_has_passed_after_its_last_instant_and_not_before(end: End, last: datetime) -> None:
    assert [end.passed(last - MICRO), end.passed(last), end.passed(last + MICRO)] == [
        False,
        False,
        True,
    ]


def test_an_end_is_shown_as_a_day_or_as_a_time_in_utc() -> None:
    ends = (End.on(DAY), End(last=moment("2027-02-01T00:30:00+02:00")))

    assert [(str(each), each.when, each.day) for each in ends] == [
        ("2027-01-31", "on 2027-01-31", DAY),
        ("2027-01-31T22:30:00Z", "at 2027-01-31T22:30:00Z", DAY),
    ]


@pytest.mark.parametrize(
    ("as_of", "days"),
    [(datetime(2027, 1, 30, 23, 59, tzinfo=UTC), 1), (SIX, 0), (SIX + timedelta(hours=6), -1)],
)
def test_days_are_those_of_utc(as_of: datetime, days: int) -> None:
    assert {each.days(as_of) for each in (End.on(DAY), End(last=SIX))} == {days}


def test_the_last_day_of_the_calendar_has_an_end() -> None:
    assert not End.on(date.max).passed(datetime.max.replace(tzinfo=UTC))


def test_a_day_stands_for_its_last_instant_so_that_what_ends_in_it_is_over() -> None:
    assert End(last=SIX).passed(instant(DAY))
    assert not End.on(DAY).passed(instant(DAY))


def test_a_moment_is_the_same_in_every_time_zone() -> None:
    east = timezone(timedelta(hours=9))

    assert instant(SIX.astimezone(east)).isoformat() == "2027-01-31T18:00:00+00:00"


def test_without_a_day_it_is_now() -> None:
    before = datetime.now(UTC)

    assert before <= instant(None) <= datetime.now(UTC)


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="18:00:00 has no offset from UTC"):
        instant(SIX.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("2027-01-31", "'2027-01-31' is no time with an offset from UTC"),
        ("2027-01-31T18:00:00", "'2027-01-31T18:00:00' is no time with an offset from UTC"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00 lies outside of the calendar"),
    ],
)
def test_what_is_no_time_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is compared
        moment(written)

    assert str(caught.value) == message
