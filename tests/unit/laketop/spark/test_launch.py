import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.settings import SettingsError
from laketop.spark.java import Java
from laketop.spark.launch import Installation, Shape, needs_own_jvm, prepare, properties_text


@pytest.fixture
def installation(tmp_path):
    for name in ("b.jar", "a.jar"):
        (tmp_path / "tools" / "jars" / "spark").mkdir(parents=True, exist_ok=True)
        (tmp_path / "tools" / "jars" / "spark" / name).touch()
    return Installation(Path("/py/bin/python"), Java(Path("/jdk"), "17"), tmp_path / "tools", "local[*]", "abc")


def _settings(launch):
    lines = (launch.logs / "spark.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_environment_is_made_from_nothing(installation, tmp_path, monkeypatch):
    monkeypatch.setenv("LAKETOP_SERVICE_KEY_ID", "secret")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    environment = prepare(installation, tmp_path / "d", Shape()).environment
    assert set(environment) == {
        *("PATH", "HOME", "TMPDIR", "LANG", "TZ", "JAVA_HOME", "LAKETOP_INSTANCE"),
        *("PYSPARK_PYTHON", "PYTHONHASHSEED", "PYTHONUNBUFFERED"),
        *("SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "SPARK_SUBMIT_OPTS"),
    }
    assert (environment["TZ"], environment["LAKETOP_INSTANCE"]) == ("UTC", "abc")
    assert environment["HOME"] == str(tmp_path / "d" / "home")


def test_the_class_path_has_sparks_jars_in_one_order_and_not_icebergs(installation, tmp_path):
    folder = installation.tools / "jars"
    (folder / "iceberg").mkdir()
    (folder / "iceberg" / "c.jar").touch()
    launch = prepare(installation, tmp_path / "d", Shape(conf={"spark.driver.extraClassPath": "/mine/*"}))
    names = _settings(launch)["spark.driver.extraClassPath"].replace("\\:", ":").split(":")
    assert names == [str(folder / "spark" / "a.jar"), str(folder / "spark" / "b.jar"), "/mine/*"]


def test_the_jars_of_a_format_are_those_of_its_folder(installation):
    folder = installation.tools / "jars" / "iceberg"
    folder.mkdir()
    for name in ("d.jar", "c.jar", "readme"):
        (folder / name).touch()
    assert installation.format_jars("iceberg") == (str(folder / "c.jar"), str(folder / "d.jar"))


def test_the_shape_decides_memory_and_settings(installation, tmp_path):
    settings = _settings(prepare(installation, tmp_path / "d", Shape(2000, {"spark.ui.enabled": "true"})))
    assert (settings["spark.driver.memory"], settings["spark.ui.enabled"]) == ("2000m", "true")
    assert _settings(prepare(installation, tmp_path / "e", Shape()))["spark.driver.memory"] == "1024m"


def test_the_archive_is_used_where_there_is_one(installation, tmp_path):
    assert "SharedArchiveFile" not in prepare(installation, tmp_path / "d", Shape()).environment["SPARK_SUBMIT_OPTS"]
    installation.archive.parent.mkdir(exist_ok=True)
    installation.archive.touch()
    options = prepare(installation, tmp_path / "e", Shape()).environment["SPARK_SUBMIT_OPTS"].split()
    assert f"-XX:SharedArchiveFile={installation.archive}" in options


def _on(installation, master, **more):
    return replace(installation, master=master, **more)


def _plain(settings):
    return {name: value.replace("\\:", ":") for name, value in settings.items()}


def test_a_local_driver_is_bound_to_this_machine_and_its_folder(installation, tmp_path):
    settings = _settings(prepare(installation, tmp_path / "d", Shape()))
    assert (settings["spark.driver.host"], settings["spark.driver.bindAddress"]) == ("127.0.0.1", "127.0.0.1")
    assert settings["spark.hadoop.hadoop.tmp.dir"] == str(tmp_path / "d" / "tmp")
    assert not [name for name in settings if name.startswith("spark.executor")]


@pytest.mark.parametrize(
    ("more", "host", "bound"),
    [
        ({}, "127.0.0.1", "127.0.0.1"),
        ({"driver_host": "spark"}, "spark", "127.0.0.1"),
        ({"driver_host": "spark", "bind": "0.0.0.0"}, "spark", "0.0.0.0"),
        ({"bind": "0.0.0.0"}, "127.0.0.1", "0.0.0.0"),
    ],
)
def test_a_clusters_driver_says_where_workers_reach_it(installation, tmp_path, more, host, bound):
    launch = prepare(_on(installation, "spark://127.0.0.1:7077", **more), tmp_path / "d", Shape())
    settings = _plain(_settings(launch))
    assert settings["spark.master"] == "spark://127.0.0.1:7077"
    assert (settings["spark.driver.host"], settings["spark.driver.bindAddress"]) == (host, bound)


def test_what_a_clusters_executors_are_told_means_something_there(installation, tmp_path):
    settings = _settings(prepare(_on(installation, "spark://127.0.0.1:7077"), tmp_path / "d", Shape()))
    assert settings["spark.hadoop.hadoop.tmp.dir"] == "${java.io.tmpdir}"
    assert settings["spark.executorEnv.TZ"] == "UTC"
    told = " ".join(value for name, value in settings.items() if name.startswith(("spark.executor", "spark.hadoop")))
    assert str(tmp_path / "d") not in told


@pytest.mark.parametrize(
    "name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "fs.s3a.access.key"]
)
def test_a_clusters_pages_and_logs_show_no_credentials(installation, tmp_path, name):
    settings = _settings(prepare(_on(installation, "spark://127.0.0.1:7077"), tmp_path / "d", Shape()))
    assert re.search(settings["spark.redaction.regex"], name)


def test_a_run_may_name_its_own_master(installation, tmp_path):
    shape = Shape(conf={"spark.master": "local[1]"})
    settings = _settings(prepare(_on(installation, "spark://no-such-host.invalid:1"), tmp_path / "d", shape))
    assert (settings["spark.master"], settings["spark.driver.host"]) == ("local[1]", "127.0.0.1")
    remote = _settings(prepare(installation, tmp_path / "e", Shape(conf={"spark.master": "spark://127.0.0.1:7"})))
    assert remote["spark.hadoop.hadoop.tmp.dir"] == "${java.io.tmpdir}"


def test_a_master_whose_host_is_unknown_is_named(installation, tmp_path):
    with pytest.raises(OSError, match=r"no-such-host\.invalid"):
        prepare(_on(installation, "spark://no-such-host.invalid:7077"), tmp_path / "d", Shape())


def test_what_is_not_set_up_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"glue-runtime.*make up"):
        Installation.found(tmp_path, Java(Path("/jdk"), "17"), "local[*]", "abc")


def test_folders_with_spaces_are_quoted(installation, tmp_path):
    environment = prepare(installation, tmp_path / "a b", Shape()).environment
    assert f'"{tmp_path}/a b/spark.properties"' in environment["PYSPARK_SUBMIT_ARGS"]
    assert f'"-Djava.io.tmpdir={tmp_path}/a b/tmp"' in environment["SPARK_SUBMIT_OPTS"]


@pytest.mark.parametrize(
    ("conf", "memory", "own"),
    [
        ({}, None, False),
        ({}, 1024, False),
        ({"spark.sql.shuffle.partitions": "7", "spark.executor.memory": "1g"}, None, False),
        ({}, 2048, True),
        ({"spark.driver.extraJavaOptions": "-Dx=1"}, None, True),
        ({"spark.jars": "s3://b/x.jar"}, None, True),
        ({"spark.master": "local[1]"}, None, True),
    ],
)
def test_what_a_running_jvm_cannot_take_needs_one_of_its_own(conf, memory, own):
    assert needs_own_jvm(conf, memory) is own


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=4))
def test_a_properties_file_says_what_was_meant(settings):
    assert _read_properties(properties_text(settings)) == settings


def _read_properties(text):
    """Java's rules, as the documentation of java.util.Properties.load has them (no continued lines, no \\u)."""
    result = {}
    for line in text.split("\n"):
        if not line or line[0] in "#!":
            continue
        assert line[0] not in " \t\f"
        assert "\r" not in line
        parts, letters = [""], iter(line)
        for letter in letters:
            if letter == "\\":
                letter = next(letters)
                parts[-1] += {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(letter, letter)
            elif letter in "=: \t\f" and len(parts) == 1:
                parts.append("")
            else:
                parts[-1] += letter
        result[parts[0]] = parts[1]
    return result
