from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refarch_lint.model.schedule import parse_schedule


def test_reads_the_five_fields() -> None:
    schedule = parse_schedule("0,30 1-3 */10 jan,MAR mon-fri")
    assert schedule.minutes == {0, 30}
    assert schedule.hours == {1, 2, 3}
    assert schedule.days == {1, 11, 21, 31}
    assert schedule.months == {1, 3}
    assert schedule.weekdays == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("field", "minutes"),
    [
        ("5", {5}),
        ("+5", {5}),
        ("*/20", {0, 20, 40}),
        ("?", set(range(60))),
        ("50/3", {50, 53, 56, 59}),
        ("10-20/5", {10, 15, 20}),
        ("1,,2", {1, 2}),
        ("*-7", set(range(60))),
    ],
)
def test_reads_lists_ranges_and_steps(field: str, minutes: set[int]) -> None:
    assert parse_schedule(f"{field} * * * *").minutes == minutes


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("* * * *", "found 4"),
        ("0 * * * * *", "found 6"),
        ("60 * * * *", "minute: 60 is not between 0 and 59"),
        ("* 24 * * *", "hour: 24"),
        ("* * 0 * *", "day of month: 0"),
        ("* * 32 * *", "day of month: 32"),
        ("* * * 13 *", "month: 13"),
        ("* * * * 7", r"day of week: 7 is not between 0 and 6 \(Sunday is 0\)"),
        ("* * * * sunday", "day of week: 'sunday'"),
        ("* * * * fri-mon", "begins after its end"),
        ("x * * * *", "minute: 'x'"),
        ("1.5 * * * *", "minute: '1.5'"),
        ("-5 * * * *", "minute: '-5'"),
        ("*/0 * * * *", "the step in '[*]/0' is 0"),
        ("*/-1 * * * *", "minute"),
        ("*/2/3 * * * *", "too many slashes"),
        ("1-2-3 * * * *", "too many hyphens"),
        ("L * * * *", "minute: 'L'"),
        ("² * * * *", "minute"),
        ("CRON_TZ=Europe/Paris 0 2 * * *", "timeZone"),
        ("TZ=UTC 0 2 * * *", "timeZone"),
        ("@Daily", "unknown macro '@Daily'"),
        ("@reboot", "unknown macro"),
        ("@every", "unknown macro"),
        ("@every soon", "'soon' is not a duration"),
        ("@every 6", "not a duration"),
        ("@every " + "9" * 300 + "h", "too long"),
        ("{{ .Values.schedule }}", "found 3"),
        ("*" * 2000, "longer than"),
    ],
)
def test_refuses_with_the_field_named(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("0 0 30 2 *", False),
        ("0 0 31 2,4,6,9,11 *", False),
        ("0 0 31 4 *", False),
        (", * * * *", False),
        ("0 0 29 2 *", True),
        ("0 0 30 2 1", True),
        ("0 0 30 */2 *", True),
        ("@every 1h", True),
    ],
)
def test_tells_whether_it_ever_comes(text: str, fires: bool) -> None:
    schedule = parse_schedule(text)
    assert schedule.ever_fires is fires
    assert (schedule.interval is not None) is fires


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("@hourly", timedelta(hours=1)),
        ("@daily", timedelta(days=1)),
        ("@midnight", timedelta(days=1)),
        ("0 2 * * *", timedelta(days=1)),
        ("0 */6 * * *", timedelta(hours=6)),
        ("@weekly", timedelta(days=7)),
        ("0 2 1 * *", timedelta(days=365.25 / 12)),
        ("@yearly", timedelta(days=365.25)),
        ("@annually", timedelta(days=365.25)),
        ("0 0 29 2 *", timedelta(days=4 * 365.25)),
        ("@every 1h30m", timedelta(minutes=90)),
        ("@every 1.5s", timedelta(seconds=1)),
        ("@every 10ms", timedelta(seconds=1)),
    ],
)
def test_knows_its_mean_interval(text: str, interval: timedelta) -> None:
    measured = parse_schedule(text).interval
    assert measured is not None
    assert abs(measured - interval) < timedelta(seconds=1)


def test_either_day_matches_only_where_both_are_restricted() -> None:
    assert parse_schedule("0 0 1 * 1").either_day
    assert parse_schedule("0 0 */2 * 1").either_day
    assert not parse_schedule("0 0 1 * *").either_day
    assert not parse_schedule("0 0 ? * 1").either_day


@given(st.text(alphabet="0123456789*/,-? @eveydailyTZhm", max_size=30))
def test_any_text_gives_a_schedule_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        schedule = parse_schedule(text)
        assert schedule.ever_fires == (schedule.interval is not None)
