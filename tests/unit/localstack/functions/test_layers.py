from pathlib import Path

from laketop_localstack.functions.layers import merged


def layer(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_later_layers_win_and_the_layers_stay_as_they_are(tmp_path: Path) -> None:
    one = layer(tmp_path / "1", {"python/a/x.py": "1", "python/both.py": "first"})
    two = layer(tmp_path / "2", {"python/a/y.py": "2", "python/both.py": "second"})

    opt = merged([one, two], tmp_path / "store", "name")

    assert opt
    found = {str(path.relative_to(opt)): path.read_text() for path in opt.rglob("*.py")}
    assert found == {"python/a/x.py": "1", "python/a/y.py": "2", "python/both.py": "second"}
    assert (one / "python/both.py").read_text() == "first"
    assert merged([one, two], tmp_path / "store", "name") == opt
    assert list((tmp_path / "store").iterdir()) == [opt]


def test_one_layer_needs_no_copy(tmp_path: Path) -> None:
    assert merged([tmp_path], tmp_path / "store", "n") == tmp_path
    assert merged([], tmp_path / "store", "n") is None
