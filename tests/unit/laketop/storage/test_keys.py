"""Keys as paths: every key survives, no path is one that a disk refuses or confuses with another."""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from laketop.storage.keys import BESIDE, NAME_LIMIT, to_key, to_path

LONGEST = 1024
DISK_LIMIT = 255


def cut(key: str) -> str:
    return key.encode()[:LONGEST].decode(errors="ignore")


signs = st.characters(exclude_categories=["Cs"])
odd = st.sampled_from(
    "./%\x00\x1f\x7f\n aAéÉßſK\u212a\u0301\u0338\u0345\u1e9e\u03c2ΣαΆ\ud7ff\ue000\uffff\U0010ffffefF20"
)
parts = st.one_of(
    st.text(signs, max_size=12),
    st.text(odd, max_size=8),
    st.sampled_from(["", ".", "..", "...", "%", "%e", "%f", "a%f", "%2E", "%25", "%e%f", "Ａ", "a%", "\x00"]),
    # around the length at which a part goes on in the next one
    st.builds(
        lambda fill, count, end: fill * count + end,
        st.sampled_from(["a", "A", "é", "É", "%", "\x01", "𐐀", "."]),
        st.integers(NAME_LIMIT // 4 - 3, NAME_LIMIT + 3),
        st.text(odd, max_size=4),
    ),
)
keys = st.lists(parts, min_size=1, max_size=12).map("/".join).map(cut).filter(bool)


def ways_to_confuse() -> Iterator[tuple[str, Callable[[str], str]]]:
    def normal(form: str) -> Callable[[str], str]:
        return lambda text: unicodedata.normalize(form, text)

    yield "as it is", str
    yield "case", lambda path: normal("NFC")(path.casefold())
    yield "decomposed", normal("NFD")
    yield "composed", normal("NFC")
    yield "case, decomposed", lambda path: normal("NFD")(path.casefold())
    yield "canonical caseless", lambda path: normal("NFD")(normal("NFD")(path).casefold())
    yield "small letters", str.lower


CONFUSED = dict(ways_to_confuse())


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[str, str]:
    """Two keys that differ by as little as a disk may overlook, or by what a path adds."""
    key = draw(keys)
    change = draw(
        st.sampled_from(
            [
                *CONFUSED.values(),
                str.upper,
                str.swapcase,
                str.title,
                to_path,
                lambda text: to_path(text, fold=True),
                lambda text: text + BESIDE,
                lambda text: text + "/",
                lambda text: text[:-1],
                lambda text: text.replace("/", "//", 1),
                lambda text: text.replace("/", "", 1),
                lambda text: text.replace("/", "%/", 1),
            ]
        )
    )
    other = cut(change(key))
    assume(other and other != key)
    return key, other


@given(keys, st.booleans())
@example("a" * NAME_LIMIT + ".", False)
@example("a" * (NAME_LIMIT - 1) + "..", False)
@example("a" * (NAME_LIMIT + 1), False)
@example("\n\u0301", True)
@example("/" * LONGEST, False)
@example("\x01" * LONGEST, True)
def test_every_key_comes_back_and_every_part_is_a_file_name(key: str, fold: bool) -> None:
    path = to_path(key, fold)
    assert to_key(path) == to_key(path + BESIDE) == key
    found = path.split("/")
    assert not {"", ".", ".."} & set(found)
    assert max(len(part.encode()) for part in found) <= NAME_LIMIT <= DISK_LIMIT - len(BESIDE)
    assert not any(sign < " " or sign == "\x7f" for sign in path)


@given(neighbours())
@example(("a", "a%f"))
@example(("a/", "a/%e"))
def test_neighbours_have_paths_of_their_own(pair: tuple[str, str]) -> None:
    one, other = ({path, path + BESIDE} for path in map(to_path, pair))
    assert not one & other


@pytest.mark.parametrize("confused", CONFUSED.values(), ids=CONFUSED)
@given(pair=neighbours())
@example(pair=("A", "a"))
@example(pair=("é", "e\u0301"))
@example(pair=("straße", "strasse"))
@example(pair=("\u212a", "k"))
@example(pair=("\u1fb3", "αι"))
@example(pair=("α\u0345\u0301", "α\u0301\u0345"))
def test_a_disk_that_folds_names_keeps_them_apart(confused: Callable[[str], str], pair: tuple[str, str]) -> None:
    one, other = ({confused(path), confused(path + BESIDE)} for path in (to_path(key, fold=True) for key in pair))
    assert not one & other


ordinary = st.characters(categories=["L", "Nd"], include_characters=" -_.=").filter(str.isprintable)


@given(
    st.lists(
        st.text(ordinary, min_size=1, max_size=NAME_LIMIT // 4).filter(lambda part: part not in (".", "..")),
        min_size=1,
        max_size=10,
    )
)
@example(["year=2024", "month=01", "part-0 of 2_a.snappy.parquet"])
@example(["a" * NAME_LIMIT, "Größe", "日本"])
def test_ordinary_keys_stay_as_they_are(found: list[str]) -> None:
    assert to_path("/".join(found)) == "/".join(found)


@pytest.mark.parametrize(
    ("key", "plain", "folded"),
    [
        ("a//b/", "a/%e/b/%e", "a/%e/b/%e"),
        ("/", "%e/%e", "%e/%e"),
        ("./..", "%2E/%2E%2E", "%2E/%2E%2E"),
        ("100%\n", "100%25%0A", "100%25%0A"),
        ("README.md", "README.md", "%52%45%41%44%4D%45.md"),
        ("größe", "größe", "gr%C3%B6%C3%9Fe"),
        ("gröse", "gröse", "gröse"),
        ("a" * 241, "a" * 239 + "%/aa", "a" * 239 + "%/aa"),
        ("a" * 239 + "..", "a" * 239 + "%/%2E%2E", "a" * 239 + "%/%2E%2E"),
    ],
)
def test_the_escapes(key: str, plain: str, folded: str) -> None:
    assert (to_path(key), to_path(key, fold=True)) == (plain, folded)


@pytest.mark.parametrize(("fold", "key"), [(False, "\x01" * 300), (True, "É" * 200), (False, "a" + "€" * 200)])
def test_what_stands_for_one_sign_stays_together(fold: bool, key: str) -> None:
    pieces = to_path(key, fold).split("/")
    assert len(pieces) > 1
    assert all(piece.endswith("%") for piece in pieces[:-1])
    assert "".join(to_key(piece.removesuffix("%")) for piece in pieces) == key


@given(keys)
def test_a_disk_takes_every_path(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    path = tmp_path_factory.getbasetemp() / "taken" / to_path(key)
    assume(len(str(path)) < 3900)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(f"{path}{BESIDE}")
    beside.touch()
    assert beside.name in {entry.name for entry in path.parent.iterdir()}
    assert beside.parent.samefile(path.parent)
    beside.unlink()
    assert to_key(str(path.relative_to(tmp_path_factory.getbasetemp() / "taken"))) == key
