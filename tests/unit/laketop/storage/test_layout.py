from pathlib import Path

from laketop.storage import Layout


def test_the_folders_are_made_and_what_was_on_its_way_is_gone(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    layout.make()
    name = "ab" + "0" * 30
    Path(layout.file(name)).write_text("kept")
    (layout.scratch / "link").write_text("left by a killed store")
    (layout.scratch / "dangling").symlink_to("nowhere")
    layout.make()
    assert list(layout.scratch.iterdir()) == []
    assert Path(layout.file(name)).read_text() == "kept"
    assert Path(layout.file(name)).parent == layout.objects / "ab"
    assert len(list(layout.objects.iterdir())) == 256


def test_buckets_are_beside_the_stores_own_folder(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    assert Path(layout.bucket("lake")) == tmp_path / "s3" / "lake"
    assert {path.parent.parent for path in (layout.index, layout.objects, layout.readers, layout.scratch)} == {
        layout.root
    }
