"""A run's arguments: what Glue itself takes, what is noted, what is refused."""

import pytest

from laketop.glue.errors import InvalidInput, NotSupported
from laketop.glue.jobs.arguments import NOTED, REFUSED, plan


def test_later_layers_win_and_the_script_sees_all() -> None:
    made = plan({"--a": "1", "--b": "1"}, {"--b": "2", "--TempDir": "s3://b/tmp/"}, {"--a": "3"})
    assert made.arguments == {"--a": "3", "--b": "2", "--TempDir": "s3://b/tmp/"}
    assert (made.extra_py_files, made.conf, made.notes) == ((), {}, ())


def test_modules_and_settings_are_read() -> None:
    made = plan(
        {
            "--extra-py-files": "s3://b/a.zip, s3://b/c/d.py",
            "--conf": "spark.sql.shuffle.partitions=4 --conf spark.a.b=x=y z --conf=spark.c=",
        }
    )
    assert made.extra_py_files == ("s3://b/a.zip", "s3://b/c/d.py")
    assert made.conf == {"spark.sql.shuffle.partitions": "4", "spark.a.b": "x=y z", "spark.c": ""}


@pytest.mark.parametrize(
    ("text", "formats"), [("iceberg", ("iceberg",)), (" Iceberg ,iceberg", ("iceberg",)), ("", ()), (",", ())]
)
def test_table_formats_are_read(text: str, formats: tuple[str, ...]) -> None:
    made = plan({"--datalake-formats": text})
    assert (made.datalake_formats, made.arguments) == (formats, {"--datalake-formats": text})


def test_no_table_format_without_the_argument() -> None:
    assert plan({"--conf": "spark.sql.catalog.c=org.apache.iceberg.spark.SparkCatalog"}).datalake_formats == ()


@pytest.mark.parametrize(
    "arguments",
    [
        {"--extra-py-files": "a.zip"},
        {"--extra-py-files": "s3://b/folder/"},
        {"--extra-py-files": "s3://b/a.tar.gz"},
        {"--conf": "spark.a"},
        {"--conf": "a=b"},
        {"--conf": "spark.a=b --conf"},
        {"--conf": "--conf --conf spark.a=b"},
        {"--datalake-formats": "iceberg,paimon"},
    ],
)
def test_what_cannot_be_read_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(arguments))):
        plan(arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("--enable-glue-datacatalog", "true"),
        ("--enable-glue-datacatalog", ""),
        ("--datalake-formats", "hudi"),
        ("--datalake-formats", "iceberg, Delta"),
        ("--additional-python-modules", "requests"),
        ("--job-bookmark-option", "job-bookmark-enable"),
        ("--job-bookmark-option", "job-bookmark-pause"),
        ("--job-language", "scala"),
        ("--extra-jars", "s3://b/a.jar"),
        ("--extra-files", "s3://b/a.txt"),
        ("--scriptLocation", "s3://b/other.py"),
    ],
)
def test_what_would_change_the_result_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(NotSupported, match=f"The job argument {name}"):
        plan({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("--job-bookmark-option", "job-bookmark-disable"), ("--job-language", "python"), ("--enable-metrics", "false")],
)
def test_what_says_the_usual_needs_no_word(name: str, value: str) -> None:
    assert plan({name: value}).notes == ()


def test_what_only_shows_elsewhere_is_noted() -> None:
    notes = plan({"--enable-spark-ui": "true", "--spark-event-logs-path": "s3://b/ui/", "--enable-metrics": ""}).notes
    assert [note.split()[0] for note in notes] == ["--enable-spark-ui", "--spark-event-logs-path", "--enable-metrics"]


def test_a_parameter_is_refused_or_noted_never_both() -> None:
    assert not set(REFUSED) & set(NOTED)
