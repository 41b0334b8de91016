"""Expected values: the example of AWS's page on getResolvedOptions, and argparse's own messages."""

import pytest
from awsglue.utils import GlueArgumentError, getResolvedOptions

SCRIPT = "script.py"


def test_gives_the_named_arguments_of_aws_example():
    argv = [SCRIPT, "--JOB_NAME", "my_test_Job", "--day_partition_key", "partition_0", "--other", "x"]
    args = getResolvedOptions(argv, ["JOB_NAME", "day_partition_key"])
    assert args["JOB_NAME"] == "my_test_Job"
    assert args["day_partition_key"] == "partition_0"
    assert "other" not in args


def test_takes_value_after_an_equals_sign():
    assert getResolvedOptions([SCRIPT, "--path=s3://b/k=v"], ["path"])["path"] == "s3://b/k=v"


def test_takes_negative_numbers_and_empty_values():
    args = getResolvedOptions([SCRIPT, "--n", "-5", "--empty="], ["n", "empty"])
    assert (args["n"], args["empty"]) == ("-5", "")


def test_the_last_of_two_values_counts():
    assert getResolvedOptions([SCRIPT, "--a", "1", "--a", "2"], ["a"])["a"] == "2"


def test_hyphens_in_a_name_become_underscores():
    assert getResolvedOptions([SCRIPT, "--my-name", "v"], ["my-name"])["my_name"] == "v"


def test_names_every_missing_argument():
    with pytest.raises(GlueArgumentError, match=r"^the following arguments are required: --a, --c$"):
        getResolvedOptions([SCRIPT, "--b", "1"], ["a", "b", "c"])


def test_refuses_an_argument_without_a_value():
    with pytest.raises(GlueArgumentError, match=r"^argument --a: expected one argument$"):
        getResolvedOptions([SCRIPT, "--a", "--b", "1"], ["a"])


@pytest.mark.parametrize("name", ["JOB_RUN_ID", "JOB_ID", "SECURITY_CONFIGURATION", "job-bookmark-option"])
def test_refuses_names_that_glue_keeps_to_itself(name):
    with pytest.raises(GlueArgumentError, match=f"conflicting option string: --{name}$"):
        getResolvedOptions([SCRIPT, f"--{name}", "x"], [name])


def test_adds_what_glue_passes_itself():
    argv = [SCRIPT, "--JOB_NAME", "j", "--JOB_RUN_ID", "jr_1", "--job-bookmark-option", "job-bookmark-enable"]
    args = getResolvedOptions(argv, ["JOB_NAME"])
    assert (args["JOB_RUN_ID"], args["job_bookmark_option"]) == ("jr_1", "job-bookmark-enable")
    assert getResolvedOptions([SCRIPT], [])["job_bookmark_option"] == "job-bookmark-disable"


def test_refuses_the_beginning_of_a_name_where_aws_would_mix_the_values_up():
    argv = [SCRIPT, "--metadata_location", "example", "--metadata", "True"]
    with pytest.raises(GlueArgumentError, match="argument --metadata is the beginning of --metadata_location"):
        getResolvedOptions(argv, ["metadata_location"])
    assert getResolvedOptions(argv, ["metadata_location", "metadata"])["metadata_location"] == "example"


def test_refuses_an_ambiguous_beginning_as_argparse_does():
    with pytest.raises(GlueArgumentError, match=r"^ambiguous option: --da could match --day, --date$"):
        getResolvedOptions([SCRIPT, "--day", "1", "--date", "2", "--da", "3"], ["day", "date"])
