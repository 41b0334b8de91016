from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from laketop_localstack.functions.environment import RESERVED, Place, for_function

PLACE = Place(Path("/s/code"), Path("/s/opt"), Path("/s/home"), Path("/s/tmp"), Path("/e/bin/python"))


def build(
    given_: dict[str, str] | None = None, configured: dict[str, str] | None = None, **logging: str
) -> dict[str, str]:
    return for_function(
        PLACE,
        given=given_ or {},
        configured=configured or {},
        logging=logging,
        endpoint="http://127.0.0.1:4566",
        runtime_api="127.0.0.1:1",
        instance="lake",
    )


@given(st.dictionaries(st.from_regex(r"\A[A-Z_]{1,12}\Z"), st.text(max_size=5)))
def test_nothing_of_localstacks_passes_but_lambdas_own(given_: dict[str, str]) -> None:
    names = {"LAKETOP_SERVICE_KEY_ID": "secret", "EDGE_PORT": "1", "LOCALSTACK_HOSTNAME": "h"} | given_

    assert build(names).keys() - build().keys() <= RESERVED


@given(st.dictionaries(st.sampled_from(sorted(RESERVED)), st.text(max_size=5)))
def test_reserved_names_are_lambdas(configured: dict[str, str]) -> None:
    given_ = dict.fromkeys(RESERVED, "lambda's")

    assert build(given_, configured) == build(given_)


def test_a_function_may_set_the_others() -> None:
    built = build(configured={"LANG": "C", "TZ": "Europe/Lisbon", "AWS_ENDPOINT_URL": "http://x", "PYTHONPATH": "lib"})

    assert (built["LANG"], built["TZ"], built["AWS_ENDPOINT_URL"]) == ("C", "Europe/Lisbon", "http://x")
    assert built["PYTHONPATH"] == "/s/code:/s/opt/python/lib/python3.13/site-packages:/s/opt/python:lib"


def test_json_logging_is_the_runtime_clients() -> None:
    assert "AWS_LAMBDA_LOG_FORMAT" not in build(LogFormat="Text")
    built = build(LogFormat="JSON", ApplicationLogLevel="DEBUG")
    assert (built["AWS_LAMBDA_LOG_FORMAT"], built["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "DEBUG")


def test_paths_are_shown_as_on_aws() -> None:
    text = 'File "/s/code/app.py" File "/s/opt/python/x.py" File "/e/lib/python3.13/site-packages/boto3/session.py"'

    assert PLACE.as_on_aws(text) == (
        'File "/var/task/app.py" File "/opt/python/x.py" File "/var/lang/lib/python3.13/site-packages/boto3/session.py"'
    )
