"""The funnel, worked out by hand."""

from typing import Any

from streamlit_app.charts import funnel as charts
from streamlit_app.figures import funnel


def visits(device: str | None, source: str, *counts: int) -> dict[str, Any]:
    steps = dict(zip(("sessions", "product_views", "carts", "checkouts", "purchases"), counts, strict=True))
    return {"device": device, "source": source, **steps}


ROWS = [
    visits("mobile", "paid_search", 60, 30, 6, 3, 3),
    visits("desktop", "paid_search", 20, 20, 10, 5, 0),
    visits("desktop", "email", 20, 10, 4, 2, 1),
    visits(None, "email", 0, 0, 0, 0, 0),
]


def test_totals() -> None:
    assert funnel.totals(ROWS) == {"sessions": 100, "purchases": 4, "conversion": 0.04}
    assert funnel.totals([]) == {"sessions": 0, "purchases": 0, "conversion": None}


def test_each_step_has_its_share_of_all_and_of_the_step_before() -> None:
    frame = funnel.steps(ROWS)
    assert frame["step"].tolist() == ["Sessions", "Product views", "Carts", "Checkouts", "Purchases"]
    assert frame["sessions"].tolist() == [100, 60, 20, 10, 4]
    assert frame["of_all"].tolist() == [1.0, 0.6, 0.2, 0.1, 0.04]
    assert frame["of_before"].isna().tolist() == [True, False, False, False, False]
    assert frame["of_before"].tolist()[1:] == [0.6, 20 / 60, 0.5, 0.4]


def test_groups_have_their_own_shares_and_the_greatest_is_first() -> None:
    frame = funnel.by(ROWS, "source")
    assert frame["group"].tolist() == ["paid search"] * 5 + ["email"] * 5
    assert frame["of_all"].tolist() == [1.0, 0.625, 0.2, 0.1, 0.0375, 1.0, 0.5, 0.2, 0.1, 0.05]
    devices = funnel.by(ROWS, "device")
    assert list(dict.fromkeys(devices["group"])) == ["mobile", "desktop", "unknown"]
    nobody = devices[devices["group"] == "unknown"]
    assert nobody[["of_all", "of_before"]].isna().all(axis=None)


def test_conversion_of_nobody_is_no_share() -> None:
    frame = funnel.conversion(ROWS)
    assert frame["conversion"].tolist()[:3] == [0.05, 0.0, 0.05]
    assert frame["conversion"].isna().tolist() == [False, False, False, True]
    assert frame["source"].tolist() == ["paid search", "paid search", "email", "email"]


def test_shares_stand_beside_the_bars() -> None:
    drawn = charts.steps(funnel.steps(ROWS))
    written = drawn.data["written"].tolist()
    assert written == ["100.0 %", "60.0 % · 60.0 %", "20.0 % · 33.3 %", "10.0 % · 50.0 %", "4.0 % · 40.0 %"]
    assert drawn.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 130.0]


def test_a_funnel_of_nobody_can_be_drawn() -> None:
    drawn = charts.steps(funnel.steps([visits("mobile", "email", 0, 0, 0, 0, 0)]))
    assert drawn.data["written"].tolist() == [""] * 5


def test_groups_are_drawn_by_the_share_that_is_chosen() -> None:
    frame = funnel.by(ROWS, "device")
    for measure, title in (("of_all", "Share of the group's sessions"), ("of_before", "Share of the step before")):
        drawn = charts.by(frame, measure).to_dict()
        assert (drawn["encoding"]["y"]["field"], drawn["encoding"]["y"]["title"]) == (measure, title)
        (rows,) = drawn["datasets"].values()
        assert "Sessions" not in {row["step"] for row in rows}, "all sessions are at the first step"


def test_a_cell_without_a_session_has_no_colour() -> None:
    drawn = charts.conversion(funnel.conversion(ROWS))
    squares, words = (layer.data for layer in drawn.layer)
    assert (len(squares), len(words)) == (3, 4)
    assert words["written"].tolist() == ["5.0 %", "0.0 %", "5.0 %", "–"]
    assert drawn.to_dict()["layer"][0]["encoding"]["y"]["sort"] == ["paid search", "email"]
