"""Time zone names: which there are, and the one spelling that Trino gives each.

Follows Trino's pages "Data types" (time zones) and "Date and time functions and operators", and measured answers.
"""

import functools
import re
import zoneinfo

UTC = "UTC"
MAX_OFFSET = 14 * 60  # minutes from UTC

# every way to write UTC
_UTC = frozenset(
    [
        "UTC", "Z", "UT", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Zulu", "Universal", "Etc/GMT",
        "Etc/GMT0", "Etc/GMT+0", "Etc/GMT-0", "Etc/UCT", "Etc/UTC", "Etc/Universal",
    ]
)  # fmt: skip
# names of the zone database that Trino does not take
_FOREIGN = frozenset(
    [
        "EST", "MST", "HST", "ROC", "Factory", "localtime", "posixrules", "Etc/Zulu", "Etc/Greenwich",
        "America/Coyhaique",
    ]
)  # fmt: skip
_OFFSET = re.compile(r"([+-])(?:(\d{1,2})|(\d{2}):?(\d{2})|(\d{2}):(\d{2}):00)")
_PREFIXED = re.compile(r"(Etc/GMT|(?:Etc/)?(?:UTC|GMT|UT))([+-])(\d{1,2})(?::(\d{1,2}))?")


@functools.cache
def names() -> frozenset[str]:
    """The names of the zone database; kept, because Python reads a thousand files to find them, and a query asks for
    them with every row."""
    return frozenset(zoneinfo.available_timezones())


def zone_id(spelled: str) -> str | None:
    """The zone that a name means, in Trino's spelling: `UTC`, `+05:30` or `Europe/Paris`; None if there is none."""
    if spelled in _UTC:
        return UTC
    offset = _OFFSET.fullmatch(spelled)
    if offset:
        sign, alone, hours, minutes, hours_too, minutes_too = offset.groups()
        return _offset(sign, alone or hours or hours_too, minutes or minutes_too or "0")
    prefixed = _PREFIXED.fullmatch(spelled)
    if prefixed:
        prefix, sign, hours, minutes = prefixed.groups()
        if prefix == "Etc/GMT":
            # these count westwards
            sign = "-" if sign == "+" else "+"
        return _offset(sign, hours, minutes or "0")
    if spelled in _FOREIGN or spelled not in names():
        return None
    return spelled


def _offset(sign: str, hours: str, minutes: str) -> str | None:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > MAX_OFFSET:
        return None
    return offset_id(-total if sign == "-" else total)


def offset_id(minutes: int) -> str:
    """The zone that is so many minutes ahead of UTC."""
    if not minutes:
        return UTC
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def offset_minutes(zone: str) -> int | None:
    """Minutes ahead of UTC, where that is what the zone is; None for a zone of a place."""
    if zone == UTC:
        return 0
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", zone)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return -minutes if match[1] == "-" else minutes
