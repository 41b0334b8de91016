"""The names of time zones: which there are, and that they are looked for once."""

import zoneinfo

import pytest

from laketop.athena.sql import zones


def test_a_name_is_asked_for_with_every_row_and_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = zoneinfo.available_timezones
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: asked.append(1) or real())
    zones.names.cache_clear()
    found = [zones.zone_id(name) for name in ["Europe/Paris", "Europe/Paname", "Asia/Tokyo"] * 10]
    assert found == ["Europe/Paris", None, "Asia/Tokyo"] * 10
    assert len(asked) == 1
