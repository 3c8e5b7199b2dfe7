"""Cron schedules, parsed as the CronJob controller parses them."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from refarch_lint.regex import regex

_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_IN_YEAR = 365.25
_MAX_LENGTH = 1024


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field("day of week", 0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)

_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_DURATION = regex(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_DURATION_PART = regex(r"(?P<amount>[0-9.]+)(?P<unit>ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_DURATION = 9_223_372_036.0


class Schedule(NamedTuple):
    """When a CronJob fires: the admitted values of each field, or a fixed `period` for `@every`.

    Day of month and day of week both have to match, unless both are restricted: then either is enough (`either_day`).
    """

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    period: timedelta | None = None

    @property
    def ever_fires(self) -> bool:
        """Whether any date matches; the 30th of February never comes."""
        return self.period is not None or self._firings_per_year > 0

    @property
    def interval(self) -> timedelta | None:
        """The mean time between two runs, None if it never runs."""
        if self.period is not None:
            return self.period
        firings = self._firings_per_year
        return timedelta(days=_DAYS_IN_YEAR / firings) if firings else None

    @property
    def _firings_per_year(self) -> float:
        share = len(self.weekdays) / 7
        matching = 0.0
        for month in self.months:
            length = _DAYS_IN_MONTH[month - 1] if month != 2 else 28.25
            leap = 0.25 if month == 2 and 29 in self.days else 0
            listed = len([day for day in self.days if day <= int(length)]) + leap
            matching += listed + (length - listed) * share if self.either_day else listed * share
        return matching * len(self.minutes) * len(self.hours)


@lru_cache(maxsize=1024)
def parse_schedule(text: str) -> Schedule:
    """Return the schedule that `text` describes: five fields, a macro such as `@daily`, or `@every 6h`.

    The grammar is that of github.com/robfig/cron v3, which Kubernetes uses, without its time zone prefix: the API
    server refuses `TZ=` there in favour of `spec.timeZone`. Raises ValueError naming the field that is wrong.
    """
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"the schedule is longer than {_MAX_LENGTH} characters")
    if not text.strip():
        raise ValueError("the schedule is empty")
    if "TZ" in text:
        raise ValueError("a schedule cannot name a time zone; use the field timeZone")
    if text.startswith("@every "):
        nothing: frozenset[int] = frozenset()
        period = _parse_duration(text.removeprefix("@every "))
        return Schedule(text, nothing, nothing, nothing, nothing, nothing, False, period)
    if text.startswith("@") and text not in _MACROS:
        raise ValueError(f"unknown macro {text!r}: expected one of {', '.join(_MACROS)} or @every DURATION")
    expressions = _MACROS.get(text, text).split()
    if len(expressions) != len(_FIELDS):
        raise ValueError(
            f"expected 5 fields (minute, hour, day of month, month, day of week), found {len(expressions)}"
        )
    parsed = [_parse_field(expression, field) for expression, field in zip(expressions, _FIELDS, strict=True)]
    (minutes, _), (hours, _), (days, any_day), (months, _), (weekdays, any_weekday) = parsed
    return Schedule(text, minutes, hours, days, months, weekdays, not (any_day or any_weekday))


def _parse_field(expression: str, field: _Field) -> tuple[frozenset[int], bool]:
    """Return the admitted values, and whether the field is unrestricted (a `*` or `?` without a step)."""
    values: set[int] = set()
    unrestricted = False
    for item in filter(None, expression.split(",")):
        admitted, is_star = _parse_range(item, field)
        values.update(admitted)
        unrestricted = unrestricted or is_star
    return frozenset(values), unrestricted


def _parse_range(item: str, field: _Field) -> tuple[range, bool]:
    bounds, *steps = item.split("/")
    low_text, *high_texts = bounds.split("-")
    if len(steps) > 1:
        raise ValueError(f"{field.name}: too many slashes in {item!r}")
    is_star = low_text in ("*", "?")
    if is_star:
        low, high = field.low, field.high
    elif len(high_texts) > 1:
        raise ValueError(f"{field.name}: too many hyphens in {item!r}")
    else:
        low = _parse_value(low_text, field, item)
        high = _parse_value(high_texts[0], field, item) if high_texts else low
        if steps and not high_texts:
            high = field.high
    step = _parse_number(steps[0], field, item) if steps else 1
    if low < field.low or high > field.high:
        outside = low if low < field.low else high
        hint = " (Sunday is 0)" if field.name == "day of week" and outside == 7 else ""
        raise ValueError(f"{field.name}: {outside} is not between {field.low} and {field.high}{hint}")
    if low > high:
        raise ValueError(f"{field.name}: {item!r} begins after its end")
    if step == 0:
        raise ValueError(f"{field.name}: the step in {item!r} is 0")
    return range(low, high + 1, step), is_star and step == 1


def _parse_value(text: str, field: _Field, item: str) -> int:
    name = text.lower()
    return field.names.index(name) + field.low if name in field.names else _parse_number(text, field, item)


def _parse_number(text: str, field: _Field, item: str) -> int:
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise ValueError(f"{field.name}: {item!r} is not a number, a name, a range or a step")
    return int(digits)


def _parse_duration(text: str) -> timedelta:
    """Return a duration in the form that Go's `time.ParseDuration` reads; the shortest period is a second."""
    if not _DURATION.fullmatch(text):
        raise ValueError(f"@every: {text!r} is not a duration such as 90m or 1h30m")
    seconds = sum(float(part["amount"]) * _SECONDS[part["unit"]] for part in _DURATION_PART.finditer(text))
    if seconds > _LONGEST_DURATION:
        raise ValueError(f"@every: {text!r} is too long")
    return timedelta(seconds=1 if text.startswith("-") else max(1, int(seconds)))
