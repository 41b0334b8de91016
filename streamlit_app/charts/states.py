"""The colours of states: those of the theme, so that they are right in light and in dark mode."""

from collections.abc import Mapping, Sequence

import altair as alt

# places in the theme's list of colours (.streamlit/config.toml): green is good, red is bad, orange asks for a look
GOOD, BAD, WARN, BUSY = 3, 4, 1, 0
_OTHERS = (7, 5, 6, 2, *range(8, 20))
_PLACES = {
    "succeeded": GOOD,
    "failed": BAD,
    "error": BAD,
    "timeout": BAD,
    "timed out": BAD,
    "running": BUSY,
    "stopped": WARN,
    "aborted": WARN,
}


def scale(places: Mapping[str, int]) -> alt.Scale:
    """The theme's colours for words.

    Args:
        places: word → place in the theme's list of colours; no two words have the same.
    """
    domain = [f"_{place}" for place in range(max(places.values()) + 1)]
    for word, place in places.items():
        domain[place] = word
    return alt.Scale(domain=domain)


def color(field: str, places: Mapping[str, int], shown: Sequence[str]) -> alt.Color:
    """A colour for each word of a column, with a legend of those that are shown.

    Args:
        field: the column.
        places: as for `scale`.
        shown: the words that the legend has.
    """
    legend = alt.Legend(orient="top", values=list(shown), title=None)
    return alt.Color(f"{field}:N", scale=scale(places), legend=legend)


def places(found: Sequence[str]) -> dict[str, int]:
    """State → place in the theme's list of colours.

    Args:
        found: the states that there are; those that are not known get what is left.
    """
    words = sorted(set(found))
    taken = {_PLACES[word] for word in words if word in _PLACES}
    free = (place for place in _OTHERS if place not in taken)
    answer: dict[str, int] = {}
    for word in words:
        place = _PLACES.get(word)
        answer[word] = next(free) if place is None or place in answer.values() else place
    return answer or {"succeeded": GOOD}


def of_states(found: Sequence[str]) -> alt.Color:
    """The colours of the column `state`.

    Args:
        found: the states that there are.
    """
    return color("state", places(found), sorted(set(found)))
