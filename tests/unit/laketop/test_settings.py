from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laketop.settings import PARTS, Settings, SettingsError, load


def test_defaults(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load({}) == Settings("process", tmp_path.resolve() / ".laketop", 4566, 1, "local[*]")


def test_each_variable_counts(tmp_path):
    environment = {
        "LAKETOP_MODE": "docker",
        "LAKETOP_STATE": str(tmp_path),
        "LAKETOP_PORT": "5000",
        "LAKETOP_SPARK_POOL": "0",
        "SPARK_MASTER": "spark://cluster:7077",
        "LAKETOP_S3_FSYNC": "all",
    }
    assert load(environment) == Settings("docker", tmp_path.resolve(), 5000, 0, "spark://cluster:7077", "all")


def test_an_empty_variable_is_an_unset_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = ("LAKETOP_MODE", "LAKETOP_STATE", "LAKETOP_PORT", "LAKETOP_SPARK_POOL", "SPARK_MASTER", "LAKETOP_S3_FSYNC")
    assert load(dict.fromkeys(names, "")) == load({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAKETOP_MODE", "cluster"),
        ("LAKETOP_S3_FSYNC", "yes"),
        ("LAKETOP_PORT", "80"),
        ("LAKETOP_PORT", "65001"),
        ("LAKETOP_PORT", "-4566"),
        ("LAKETOP_PORT", "4566.0"),
        ("LAKETOP_PORT", "\u0664\u0665\u0666\u0666"),
        ("LAKETOP_SPARK_POOL", "17"),
        ("LAKETOP_SPARK_POOL", "many"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value):
    with pytest.raises(SettingsError) as caught:
        load({name: value})
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


def test_workers_make_a_cluster_unless_another_is_named(tmp_path):
    workers = {"LAKETOP_STATE": str(tmp_path), "LAKETOP_WORKERS": "2"}
    assert load(workers).workers == 2
    with pytest.raises(SettingsError, match="set one of them"):
        load(workers | {"SPARK_MASTER": "spark://elsewhere:7077"})


def test_a_lake_remembers_how_it_was_started(tmp_path):
    state = {"LAKETOP_STATE": str(tmp_path)}
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mode").write_text("docker\n")
    assert load(state).mode == "docker"
    assert load(state | {"LAKETOP_MODE": "process"}).mode == "process"


@given(st.text(st.characters(exclude_characters="\0"), max_size=8))
def test_a_port_is_a_port_or_an_error(text):
    try:
        port = load({"LAKETOP_PORT": text}).port
    except SettingsError:
        return
    assert 1024 <= port <= 65000
    assert not text.strip() or int(text) == port


def test_ports_and_urls(monkeypatch, tmp_path):
    for part in PARTS:
        monkeypatch.delenv(f"LAKETOP_{part.upper()}_URL", raising=False)
    settings = load({"LAKETOP_STATE": str(tmp_path), "LAKETOP_PORT": "5000"})
    assert settings.ports == {"localstack": 5000, "glue": 5001, "spark": 5002, "athena": 5003, "streamlit": 5004}
    assert settings.url("glue") == "http://127.0.0.1:5001"
    assert settings.endpoint == "http://127.0.0.1:5000"
    monkeypatch.setenv("LAKETOP_GLUE_URL", "http://glue:4567")
    assert settings.url("glue") == "http://glue:4567"
    assert settings.url("athena") == "http://127.0.0.1:5003"


def test_a_lake_is_known_by_its_state_folder(tmp_path):
    one = load({"LAKETOP_STATE": str(tmp_path / "a")})
    assert one.instance == load({"LAKETOP_STATE": str(tmp_path / "b" / ".." / "a"), "LAKETOP_PORT": "5000"}).instance
    assert one.instance != load({"LAKETOP_STATE": str(tmp_path / "b")}).instance
    assert len(one.instance) == 12
    int(one.instance, 16)


def test_the_home_folder_may_be_meant(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"LAKETOP_STATE": "~/lake"}).state == Path(tmp_path).resolve() / "lake"
