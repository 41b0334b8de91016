import pytest

from laketop.spark.driver.script import flatten


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, []),
        ({"--JOB_NAME": "j", "--k": "a b"}, ["--JOB_NAME", "j", "--k", "a b"]),
        ({"--flag": "", "--k": "v"}, ["--flag", "--k", "v"]),
    ],
)
def test_arguments_become_words_in_their_order(arguments, words):
    assert flatten(arguments) == words
