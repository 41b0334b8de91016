"""What people call the time zones: EST and Eastern Standard Time. Only for the zones most often used.

Follows measured answers of Trino's format_datetime with the letters z and zzzz.
"""

# (long name without its last words, zones, (minutes ahead of UTC, short name, last words) of each of its times)
_Times = tuple[tuple[int, str, str], ...]
_NORTH_AMERICA = (
    ("Eastern", -300, "E", "America/New_York America/Toronto America/Detroit US/Eastern EST5EDT"),
    ("Central", -360, "C", "America/Chicago America/Winnipeg US/Central CST6CDT"),
    ("Mountain", -420, "M", "America/Denver America/Boise America/Edmonton US/Mountain MST7MDT"),
    ("Pacific", -480, "P", "America/Los_Angeles America/Vancouver US/Pacific PST8PDT"),
    ("Atlantic", -240, "A", "America/Halifax"),
    ("Alaska", -540, "AK", "America/Anchorage"),
)
_CENTRAL_EUROPE = (
    "Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Vienna Europe/Zurich "
    "Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Prague Europe/Warsaw Europe/Budapest"
)
_EUROPE: tuple[tuple[str, _Times], ...] = (
    (_CENTRAL_EUROPE, ((60, "CET", "Central European Standard Time"), (120, "CEST", "Central European Summer Time"))),
    ("CET", ((60, "CET", "Central European Time"), (120, "CEST", "Central European Summer Time"))),
    (
        "Europe/Athens Europe/Helsinki Africa/Cairo",
        ((120, "EET", "Eastern European Standard Time"), (180, "EEST", "Eastern European Summer Time")),
    ),
    ("Europe/Lisbon", ((0, "WET", "Western European Standard Time"), (60, "WEST", "Western European Summer Time"))),
    ("Europe/London", ((0, "GMT", "Greenwich Mean Time"), (60, "BST", "British Summer Time"))),
    ("Europe/Dublin", ((0, "GMT", "Greenwich Mean Time"), (60, "IST", "Irish Standard Time"))),
    ("Europe/Moscow", ((180, "MSK", "Moscow Standard Time"),)),
    ("Europe/Istanbul", ((180, "TRT", "Turkey Time"),)),
)
_OTHERS: tuple[tuple[str, _Times], ...] = (
    ("Asia/Tokyo", ((540, "JST", "Japan Standard Time"),)),
    ("Asia/Seoul", ((540, "KST", "Korean Standard Time"),)),
    ("Asia/Shanghai", ((480, "CST", "China Standard Time"),)),
    ("Asia/Hong_Kong", ((480, "HKT", "Hong Kong Standard Time"),)),
    ("Asia/Singapore", ((480, "SGT", "Singapore Standard Time"),)),
    ("Asia/Manila", ((480, "PST", "Philippine Standard Time"),)),
    ("Asia/Kolkata Asia/Calcutta", ((330, "IST", "India Standard Time"),)),
    ("Asia/Dubai", ((240, "GST", "Gulf Standard Time"),)),
    ("Asia/Jakarta", ((420, "WIB", "Western Indonesia Time"),)),
    ("Asia/Bangkok", ((420, "ICT", "Indochina Time"),)),
    ("Asia/Karachi", ((300, "PKT", "Pakistan Standard Time"),)),
    ("Asia/Jerusalem", ((120, "IST", "Israel Standard Time"), (180, "IDT", "Israel Daylight Time"))),
    (
        "Australia/Sydney Australia/Melbourne",
        ((600, "AEST", "Australian Eastern Standard Time"), (660, "AEDT", "Australian Eastern Daylight Time")),
    ),
    ("Australia/Brisbane", ((600, "AEST", "Australian Eastern Standard Time"),)),
    ("Australia/Perth", ((480, "AWST", "Australian Western Standard Time"),)),
    ("Pacific/Auckland", ((720, "NZST", "New Zealand Standard Time"), (780, "NZDT", "New Zealand Daylight Time"))),
    ("America/Sao_Paulo", ((-180, "BRT", "Brasilia Standard Time"),)),
    ("America/Mexico_City", ((-360, "CST", "Central Standard Time"),)),
    ("America/Bogota", ((-300, "COT", "Colombia Standard Time"),)),
    ("America/Phoenix", ((-420, "MST", "Mountain Standard Time"),)),
    ("Pacific/Honolulu", ((-600, "HST", "Hawaii-Aleutian Standard Time"),)),
    ("Africa/Johannesburg", ((120, "SAST", "South Africa Standard Time"),)),
    ("Africa/Lagos", ((60, "WAT", "West Africa Standard Time"),)),
    ("Africa/Nairobi", ((180, "EAT", "East Africa Time"),)),
)


def _named() -> dict[tuple[str, int], tuple[str, str]]:
    found = {}
    for place, ahead, letter, listed in _NORTH_AMERICA:
        for zone in listed.split():
            found[zone, ahead] = (f"{letter}ST", f"{place} Standard Time")
            found[zone, ahead + 60] = (f"{letter}DT", f"{place} Daylight Time")
    for listed, times in (*_EUROPE, *_OTHERS):
        for zone in listed.split():
            found |= {(zone, ahead): (short, long) for ahead, short, long in times}
    return found


# (zone, minutes ahead of UTC) -> short and long name
NAMES: dict[tuple[str, int], tuple[str, str]] = _named()
