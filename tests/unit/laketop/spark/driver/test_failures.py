import pytest

from laketop.spark.driver.failures import Outcome, describe, print_trace

JAVA = """An error occurred while calling o52.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure.
\tat org.apache.spark.Foo(Foo.scala:1)
Caused by: java.io.IOException: disk
"""


def _named(name, module="__main__"):
    return type(name, (Exception,), {"__module__": module})


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("boom"), "ValueError: boom"),
        (ValueError("two\nlines"), "ValueError: two\nlines"),
        (KeyError("k"), "KeyError: 'k'"),
        (AssertionError(), "AssertionError"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (
            _named("AnalysisException", "pyspark.errors.exceptions.captured")("[PATH_NOT_FOUND] no path;\n\nplan"),
            "AnalysisException: [PATH_NOT_FOUND] no path;",
        ),
        (
            _named("Py4JJavaError", "py4j.protocol")(JAVA),
            (
                "Py4JJavaError: An error occurred while calling o52.parquet. "
                "org.apache.spark.SparkException: Job aborted due to stage failure."
            ),
        ),
    ],
)
def test_the_message_is_type_and_text(error, message):
    assert describe(error) == Outcome(message, 1)


@pytest.mark.parametrize(
    ("code", "message", "exit_code"),
    [(3, "SystemExit: 3", 3), ("why", "SystemExit: why", 1), (256, "SystemExit: 256", 1)],
)
def test_an_exit_keeps_its_code_and_never_looks_like_success(code, message, exit_code):
    assert describe(SystemExit(code)) == Outcome(message, exit_code)


def test_long_messages_are_cut():
    assert len(describe(ValueError("x" * 10_000)).error) == 4000


def test_the_text_of_an_exit_goes_to_the_log(capsys):
    print_trace(SystemExit("why"))
    print_trace(SystemExit(3))
    assert capsys.readouterr().err == "why\n"


def test_a_trace_goes_to_the_log(capsys):
    try:
        raise ValueError("boom")
    except ValueError as error:
        print_trace(error)
    text = capsys.readouterr().err
    assert text.startswith("Traceback (most recent call last):")
    assert text.endswith("ValueError: boom\n")
