"""The tree shows what the index says: step by step, and after any damage; strangers' files stay."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from laketop.storage import Differences, Layout, Tree, folds
from laketop.storage.keys import BESIDE, to_path
from laketop.storage.tree import STRANGER

NAMES = [f"{number:02x}" + "0" * 30 for number in range(4)]
KEYS = ["a", "a/b", "a/b/c", "a/b/d", "a/", "a//", "ab", "A", "é", "a%f", ".", "x" * 300, "x" * 300 + "/y", "x" * 240]
STRANGE = b"a stranger's"

Objects = dict[str, str]


def fill(layout: Layout) -> None:
    """The files, in the folders that they need: making all 256 takes longer than a test."""
    layout.scratch.mkdir(parents=True)
    for name in NAMES:
        Path(layout.file(name)).parent.mkdir(parents=True)
        Path(layout.file(name)).write_text(name)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout.of(tmp_path)


@pytest.fixture
def tree(layout: Layout) -> Tree:
    fill(layout)
    found = Tree(layout, fold=False)
    found.add_bucket("lake")
    return found


@pytest.fixture
def top(layout: Layout) -> Path:
    return Path(layout.bucket("lake"))


def files(top: Path) -> list[Path]:
    return sorted(path for path in top.rglob("*") if not path.is_dir() or path.is_symlink())


def names(top: Path) -> list[str]:
    return sorted(str(path.relative_to(top)) for path in files(top))


def expected(tree: Tree, objects: Objects) -> dict[str, str]:
    """Where each object is: beside the folder of its name, where another object is in that."""
    paths = {key: tree.path("lake", key) for key in objects}
    found = {}
    for key, path in paths.items():
        beside = any(other.startswith(path + "/") for other in paths.values())
        found[path + BESIDE if beside else path] = objects[key]
    return found


def assert_shows(tree: Tree, layout: Layout, objects: Objects) -> None:
    """Each object is at its place as a link of its file, and nothing else is there."""
    top = Path(layout.bucket("lake"))
    places = expected(tree, objects)
    assert {str(path) for path in files(top)} == set(places)
    for place, file in places.items():
        assert Path(place).samefile(layout.file(file))
    folders = {path for path in top.rglob("*") if path.is_dir() and not path.is_symlink()}
    assert folders == {parent for place in map(Path, places) for parent in place.parents if top in parent.parents}
    assert list(layout.scratch.iterdir()) == []
    assert compare(tree, objects) == Differences()


def compare(tree: Tree, objects: Objects) -> Differences:
    return tree.differences(["lake"], [("lake", key, file) for key, file in objects.items()])


class Steps(RuleBasedStateMachine):
    """Any sequence of objects that come, change and go."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.layout = Layout.of(Path(self.folder.name))
        self.objects: Objects = {}

    @initialize(fold=st.booleans())
    def start(self, fold: bool) -> None:
        fill(self.layout)
        self.tree = Tree(self.layout, fold)
        self.tree.add_bucket("lake")

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(key=st.sampled_from(KEYS), file=st.sampled_from(NAMES))
    def show(self, key: str, file: str) -> None:
        self.tree.show("lake", key, file)
        self.objects[key] = file

    @rule(key=st.sampled_from(KEYS))
    def hide(self, key: str) -> None:
        self.tree.hide("lake", key)
        self.objects.pop(key, None)

    @rule(data=st.data())
    def hide_one_that_is_there(self, data: st.DataObject) -> None:
        if self.objects:
            self.hide(data.draw(st.sampled_from(sorted(self.objects))))

    @invariant()
    def right(self) -> None:
        if hasattr(self, "tree"):
            assert_shows(self.tree, self.layout, self.objects)


TestSteps = Steps.TestCase
TestSteps.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def damage(top: Path, layout: Layout, kind: str, where: str, file: str) -> None:
    """Do to a place in a bucket's folder what somebody might."""
    path = top / where
    with suppress(FileExistsError, FileNotFoundError, NotADirectoryError):  # something else is there: damage enough
        if kind == "delete" and path.is_dir():
            shutil.rmtree(path)
        elif kind == "delete":
            path.unlink()
        elif not path.is_dir():
            put(path, layout, kind, file)


def put(path: Path, layout: Layout, kind: str, file: str) -> None:
    if os.path.lexists(path):
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        os.link(layout.file(file), path)
    elif kind == "symbolic":
        path.symlink_to(os.path.relpath(layout.file(file), path.parent))
    else:
        path.write_bytes(STRANGE + path.name.encode())


PLACES = [*(to_path(key) for key in KEYS), *(to_path(key) + BESIDE for key in KEYS[:4]), "new", "new/deep/er", "a/new"]
damages = st.lists(
    st.tuples(
        st.sampled_from(["delete", "folder", "link", "symbolic", "stranger", "stranger"]),
        st.sampled_from(PLACES),
        st.sampled_from([*NAMES, "ff" * 16]),
    ),
    max_size=8,
)


def strangers(top: Path) -> list[bytes]:
    found = (path.read_bytes() for path in files(top) if path.exists())
    return sorted(content for content in found if content.startswith(STRANGE))


def try_damage(tree: Tree, layout: Layout, objects: Objects, done: list[tuple[str, str, str]]) -> None:
    top = Path(layout.bucket("lake"))
    for key, file in objects.items():
        tree.show("lake", key, file)
    for kind, where, file in done:
        damage(top, layout, kind, where, file)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(NAMES), max_size=6), damages)
@example({"a": NAMES[0], "a/b": NAMES[1]}, [("stranger", "a%f", "")])
@example({"a/b": NAMES[1]}, [("delete", "a", ""), ("stranger", "a", "")])
@example({"a": NAMES[0], "a/b": NAMES[1]}, [("delete", "a", ""), ("stranger", "a", "")])
@example({"a": NAMES[0]}, [("delete", "a", ""), ("stranger", "a/new", "")])
@example({"a": NAMES[0], "a/b": NAMES[0]}, [("delete", "a", ""), ("link", "a", NAMES[0])])
@example({"a": NAMES[0]}, [("delete", "a", ""), ("stranger", "a%f", "")])
def test_after_any_damage_the_tree_is_repaired(objects: Objects, done: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as folder:
        layout = Layout.of(Path(folder))
        fill(layout)
        tree, top = Tree(layout, fold=False), Path(layout.bucket("lake"))
        tree.add_bucket("lake")
        try_damage(tree, layout, objects, done)
        before = strangers(top)
        tree.repair(compare(tree, objects))
        assert strangers(top) == before
        for key, file in objects.items():
            path = tree.path("lake", key)
            places = [place for place in (path, path + BESIDE) if Path(place).is_file()]
            assert [Path(place).samefile(layout.file(file)) for place in places].count(True) == 1
        left = compare(tree, objects)
        assert left == Differences(strange=left.strange)
        assert len(left.strange) == len(before)
        assert list(layout.scratch.iterdir()) == []
        for name in NAMES:
            assert Path(layout.file(name)).read_text() == name


@pytest.mark.parametrize("keys", [("a", "a/b"), ("a/b", "a")])
def test_an_object_beside_a_folder_of_its_name(tree: Tree, layout: Layout, top: Path, keys: tuple[str, str]) -> None:
    objects = dict(zip(keys, NAMES, strict=False))
    for key, file in objects.items():
        tree.show("lake", key, file)
    assert names(top) == ["a%f", "a/b"]
    assert_shows(tree, layout, objects)
    tree.show("lake", "a", NAMES[3])
    assert_shows(tree, layout, objects | {"a": NAMES[3]})
    tree.hide("lake", "a/b")
    assert names(top) == ["a"]
    tree.hide("lake", "a")
    assert list(top.iterdir()) == []


def test_an_object_steps_aside_for_a_folder_far_above(tree: Tree, layout: Layout) -> None:
    tree.show("lake", "a", NAMES[0])
    tree.show("lake", "a/b/c/d", NAMES[1])
    assert_shows(tree, layout, {"a": NAMES[0], "a/b/c/d": NAMES[1]})


def test_an_overwrite_replaces_the_link_at_once(tree: Tree, layout: Layout, top: Path) -> None:
    tree.show("lake", "a", NAMES[0])
    with (top / "a").open() as reader:
        tree.show("lake", "a", NAMES[1])
        assert reader.read() == NAMES[0]
    assert_shows(tree, layout, {"a": NAMES[1]})
    tree.show("lake", "a", NAMES[1])
    assert_shows(tree, layout, {"a": NAMES[1]})


@pytest.mark.parametrize(
    "key", ["a/" * 511 + "a", "/" * 1024, "\x01" * 1024, "é" * 512, "a" * 240 + "/" + "." * 242, "%" * 1024]
)
def test_extraordinary_keys(tree: Tree, layout: Layout, top: Path, key: str) -> None:
    handles = len(list(Path("/dev/fd").iterdir()))
    tree.show("lake", key, NAMES[0])
    assert Path(tree.path("lake", key)).samefile(layout.file(NAMES[0]))
    assert compare(tree, {key: NAMES[0]}) == Differences()
    found = compare(tree, {})
    assert found.stale == [tree.path("lake", key)]
    assert len(found.empty) == tree.path("lake", key).count("/") - str(top).count("/") - 1
    tree.hide("lake", key)
    assert list(top.iterdir()) == []
    assert len(list(Path("/dev/fd").iterdir())) == handles


def test_a_deep_folder_takes_one_handle(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.show("lake", "a/" * 100 + "a", NAMES[0])
    scan, most = os.scandir, []

    def counted(path: str) -> Iterator[os.DirEntry[str]]:
        found = scan(path)
        with scan("/dev/fd") as handles:
            most.append(len(list(handles)))
        return found

    monkeypatch.setattr(os, "scandir", counted)
    assert compare(tree, {"a/" * 100 + "a": NAMES[0]}) == Differences()
    assert max(most) - min(most) <= 1


def test_buckets_come_and_go(tree: Tree, layout: Layout, top: Path) -> None:
    tree.add_bucket("lake")
    tree.remove_bucket("lake")
    assert not top.exists()
    tree.remove_bucket("lake")
    tree.add_bucket("lake")
    (top / "notes.txt").write_bytes(STRANGE)
    tree.remove_bucket("lake")
    assert (top / "notes.txt").read_bytes() == STRANGE


def test_a_bucket_that_a_killed_store_did_not_get_to_is_shown_or_hidden(tree: Tree, layout: Layout) -> None:
    for left in ("gone", "gone-with-objects/a", "gone-with-stranger", ".trash"):
        Path(layout.bucket(left)).mkdir(parents=True)
    os.link(layout.file(NAMES[0]), Path(layout.bucket("gone-with-objects"), "a", "b"))
    Path(layout.bucket("gone-with-stranger"), "s").write_bytes(STRANGE)
    Path(layout.root, "file").write_bytes(STRANGE)
    tree.repair(tree.differences(["lake", "new"], [("new", "a", NAMES[0])]))
    assert sorted(path.name for path in layout.root.iterdir()) == [
        ".laketop",
        ".trash",
        "file",
        "gone-with-stranger",
        "lake",
        "new",
    ]
    assert Path(layout.bucket("new"), "a").samefile(layout.file(NAMES[0]))
    assert tree.differences(["lake", "new"], [("new", "a", NAMES[0])]) == Differences(
        strange=[str(Path(layout.bucket("gone-with-stranger"), "s"))]
    )


def test_a_bucket_whose_folder_is_gone_is_made_again(tree: Tree, layout: Layout, top: Path) -> None:
    top.rmdir()
    assert compare(tree, {}) == Differences(unshown=["lake"])
    tree.repair(compare(tree, {}))
    assert_shows(tree, layout, {})
    top.rmdir()
    tree.show("lake", "a/b", NAMES[0])
    assert_shows(tree, layout, {"a/b": NAMES[0]})
    shutil.rmtree(top)
    tree.hide("lake", "a/b")
    assert not top.exists()


def test_differences_name_what_is_wrong(tree: Tree, layout: Layout, top: Path) -> None:
    objects = {"right": NAMES[0], "wrong": NAMES[1], "missing": NAMES[2], "d/beside": NAMES[3]}
    for key, file in objects.items():
        tree.show("lake", key, file)
    tree.show("lake", "wrong", NAMES[0])
    tree.show("lake", "stale", NAMES[0])
    tree.hide("lake", "missing")
    (top / "empty" / "too").mkdir(parents=True)
    (top / "d" / "stranger").write_bytes(STRANGE)
    found = compare(tree, objects)
    assert sorted(found.missing) == [("lake", "missing", NAMES[2]), ("lake", "wrong", NAMES[1])]
    assert sorted(found.stale) == [str(top / "stale"), str(top / "wrong")]
    assert found.strange == [str(top / "d" / "stranger")]
    assert found.empty == [str(top / "empty" / "too"), str(top / "empty")]
    assert found.unshown == []


@pytest.mark.parametrize("taken", [[], ["a" + STRANGER], ["a" + STRANGER, f"a{STRANGER}-2"]])
def test_a_stranger_at_an_objects_place_gets_another_name(tree: Tree, top: Path, taken: list[str]) -> None:
    for name in taken:
        (top / name).write_bytes(STRANGE)
    (top / "a").write_bytes(STRANGE + b" new")
    (top / "b").write_bytes(STRANGE)
    tree.repair(compare(tree, {"a": NAMES[0]}))
    assert (top / "a").read_text() == NAMES[0]
    free = f"a{STRANGER}" + ("" if not taken else f"-{len(taken) + 1}")
    assert (top / free).read_bytes() == STRANGE + b" new"
    assert names(top) == sorted(["a", "b", free, *taken])


@pytest.mark.parametrize("name", ["a", "a%f"])
def test_a_strangers_file_is_not_lost_to_an_object_that_comes_and_goes(
    tree: Tree, layout: Layout, top: Path, name: str
) -> None:
    (top / name).write_bytes(STRANGE)
    tree.show("lake", "a", NAMES[0])
    assert (top / "a").samefile(layout.file(NAMES[0]))
    tree.hide("lake", "a")
    assert [path.read_bytes() for path in files(top)] == [STRANGE]


def test_a_strangers_file_in_the_way_of_a_folder_gets_another_name(tree: Tree, top: Path) -> None:
    (top / "a").write_bytes(STRANGE)
    tree.repair(compare(tree, {"a/b/c": NAMES[0]}))
    assert names(top) == [f"a{STRANGER}", "a/b/c"]


def test_a_strangers_file_keeps_its_folder(tree: Tree, top: Path) -> None:
    tree.show("lake", "a/b/c", NAMES[0])
    (top / "a" / "stranger").write_bytes(STRANGE)
    tree.hide("lake", "a/b/c")
    assert [str(path.relative_to(top)) for path in sorted(top.rglob("*"))] == ["a", "a/stranger"]
    tree.show("lake", "a", NAMES[0])
    assert compare(tree, {"a": NAMES[0]}) == Differences(strange=[str(top / "a" / "stranger")])
    tree.hide("lake", "a")
    assert names(top) == ["a/stranger"]


def test_a_strangers_folder_at_the_last_name_is_an_error_not_an_endless_loop(
    tree: Tree, layout: Layout, top: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tree.show("lake", "a/b", NAMES[0])
    (top / "a%f").mkdir()
    (top / "a%f" / "stranger").write_bytes(STRANGE)
    with pytest.raises(OSError, match=r"a%f"):
        tree.show("lake", "a", NAMES[1])
    assert list(layout.scratch.iterdir()) == []
    tree.repair(compare(tree, {"a": NAMES[1], "a/b": NAMES[0], "c": NAMES[2]}))
    assert "the tree does not show s3://lake/a" in caplog.text
    assert names(top) == ["a%f/stranger", "a/b", "c"]
    tree.hide("lake", "a")
    tree.hide("lake", "a/b")
    tree.show("lake", "a", NAMES[1])
    assert names(top) == ["a", "a%f/stranger", "c"]


def test_two_links_of_one_file_do_not_hold_a_folder_up(tree: Tree, layout: Layout, top: Path) -> None:
    for name in ("a", "a%f"):
        os.link(layout.file(NAMES[0]), top / name)
    tree.show("lake", "a/b", NAMES[1])
    assert_shows(tree, layout, {"a": NAMES[0], "a/b": NAMES[1]})


def test_one_name_that_the_disk_refuses_does_not_hide_the_others(
    tree: Tree, layout: Layout, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = os.link

    def refuse(source: str, target: str) -> None:
        if target.endswith("/refused"):
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        link(source, target)

    monkeypatch.setattr(os, "link", refuse)
    tree.repair(compare(tree, {"refused": NAMES[0], "z": NAMES[1]}))
    assert "the tree does not show s3://lake/refused" in caplog.text
    assert_shows(tree, layout, {"z": NAMES[1]})


@pytest.mark.parametrize("code", [errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV])
def test_a_disk_without_hard_links_has_symbolic_ones(
    tree: Tree, layout: Layout, top: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: str) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refuse)
    steps = [("a", 0), ("a/b", 1), ("a/b/c", 2), ("a", 3), ("a/b", 2), ("x" * 300, 0), ("a", 3)]
    objects = {}
    for key, number in steps:
        objects[key] = NAMES[number]
        tree.show("lake", key, NAMES[number])
        assert_shows(tree, layout, objects)
    assert all(path.is_symlink() and not path.readlink().is_absolute() for path in files(top))
    Path(layout.file(NAMES[3])).unlink()  # an object is written again whose old file is gone already
    objects["a"] = NAMES[0]
    tree.show("lake", "a", NAMES[0])
    assert_shows(tree, layout, objects)
    (top / "mine").symlink_to("/dev/null")
    assert compare(tree, objects) == Differences(strange=[str(top / "mine")])
    (top / "mine").unlink()
    moved = Layout(layout.root.with_name("moved"))
    layout.root.rename(moved.root)
    assert_shows(Tree(moved, fold=False), moved, objects)
    monkeypatch.undo()
    for key in list(objects):
        Tree(moved, fold=False).hide("lake", key)
        del objects[key]
        assert_shows(Tree(moved, fold=False), moved, objects)


def test_another_error_of_the_disk_is_told(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        tree.show("lake", "a", NAMES[0])


def test_a_disk_that_folds_names_is_known_by_a_probe(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    layout.scratch.mkdir(parents=True)
    assert not folds(layout)
    assert list(layout.scratch.iterdir()) == []
    exists = Path.exists
    monkeypatch.setattr(
        Path, "exists", lambda path: any(one.name.lower() == path.name.lower() for one in path.parent.iterdir())
    )
    assert folds(layout)
    monkeypatch.setattr(Path, "exists", exists)
    assert list(layout.scratch.iterdir()) == []


def test_an_object_whose_file_is_gone_is_not_shown_and_holds_nothing_up(
    tree: Tree, layout: Layout, top: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Path(layout.file(NAMES[0])).unlink()
    with pytest.raises(FileNotFoundError):
        tree.show("lake", "a/b", NAMES[0])
    tree.repair(tree.differences(["lake"], [("lake", "a/b", NAMES[0]), ("lake", "c", NAMES[1])]))
    assert (top / "c").samefile(layout.file(NAMES[1]))
    assert "the tree does not show s3://lake/a/b" in caplog.text
