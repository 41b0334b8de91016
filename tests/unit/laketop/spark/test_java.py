import pytest

from laketop.spark import java


def _install(folder, banner, code=0):
    binary = folder / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho '{banner}' >&2\nexit {code}\n")
    binary.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("banner", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', "17.0.15"),
        ('java version "21" 2023-09-19 LTS', "21"),
        ('openjdk version "21.0.7+6-LTS"', "21.0.7+6-LTS"),
    ],
)
def test_takes_java_17_and_21(tmp_path, banner, version):
    home = _install(tmp_path / "jdk", banner)
    assert java.find({"JAVA_HOME": str(home)}, ()) == java.Java(home, version)


@pytest.mark.parametrize("banner", ['openjdk version "1.8.0_442"', 'openjdk version "11.0.2"', 'java version "25-ea"'])
def test_passes_over_other_versions_and_names_them(tmp_path, banner):
    home = _install(tmp_path / "jdk", banner)
    with pytest.raises(java.JavaNotFound, match=rf"needs Java 17 or 21 \(found only .* in {home}\): install"):
        java.find({"JAVA_HOME": str(home)}, ())


def test_java_home_wins_over_path_and_path_over_known_places(tmp_path):
    banner = 'openjdk version "17.0.1"'
    homes = [_install(tmp_path / name, banner) for name in ("home", "path", "known/jdk")]
    known, path = (str(tmp_path / "known"),), f"{homes[1]}/bin:/usr/bin:/bin"
    assert java.find({"JAVA_HOME": str(homes[0]), "PATH": path}, known).home == homes[0]
    assert java.find({"PATH": path}, known).home == homes[1]
    assert java.find({"PATH": ""}, known).home == homes[2]


def test_finds_the_home_inside_a_macos_bundle(tmp_path):
    home = _install(tmp_path / "known" / "temurin-17.jdk" / "Contents" / "Home", 'openjdk version "17.0.2"')
    assert java.find({}, (str(tmp_path / "known"),)).home == home


def test_goes_on_where_a_java_does_not_run(tmp_path):
    broken = _install(tmp_path / "broken", 'openjdk version "17.0.1"', code=1)
    good = _install(tmp_path / "known" / "good", 'openjdk version "21.0.1"')
    assert java.find({"JAVA_HOME": str(broken)}, (str(tmp_path / "known"),)).home == good


def test_says_how_to_get_one(tmp_path):
    with pytest.raises(java.JavaNotFound, match=r"^Spark needs Java 17 or 21: install it with .*JAVA_HOME"):
        java.find({"JAVA_HOME": str(tmp_path)}, (str(tmp_path / "absent"),))
