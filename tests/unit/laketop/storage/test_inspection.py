from pathlib import Path

from laketop.sqlite import Database
from laketop.storage import Layout, Tree, index
from laketop.storage.index import BucketRow, ObjectRow
from laketop.storage.inspection import Inspection, inspect


def test_no_store(tmp_path: Path) -> None:
    assert inspect(Layout.of(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_named(database: Database, layout: Layout) -> None:
    tree = Tree(layout, fold=False)
    tree.add_bucket("lake")
    with database.transaction() as tx:
        index.put_bucket(tx, BucketRow("lake", "0", "us-east-1", True, "{}", "{}"))
        for number, (key, version) in enumerate(
            [("a", "null"), ("gone", "null"), ("cut", "v1"), ("cut", "v2"), ("ä b", "null"), ("marker", "v1")]
        ):
            file = None if key == "marker" else f"{number:02x}" + "0" * 30
            current = version != "v1" or key == "marker"
            index.put_object(tx, ObjectRow("lake", key, version, number, current, file, 3, "", 1, True, "{}", "{}"))
            if file:
                Path(layout.file(file)).write_text("abc")
                if current:
                    tree.show("lake", key, file)
    assert inspect(layout) == Inspection(1, 5, [], [])
    Path(layout.file("01" + "0" * 30)).unlink()
    Path(layout.file("02" + "0" * 30)).write_text("ab")
    stranger = Path(layout.bucket("lake"), "stranger")
    stranger.touch()
    found = inspect(layout)
    assert found
    assert sorted(found.damaged) == ["s3://lake/cut (v1)", "s3://lake/gone"]
    assert str(stranger) in found.strange
    assert (found.buckets, found.objects) == (1, 5)
