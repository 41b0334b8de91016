"""Job arguments: `getResolvedOptions`.

Follows "Accessing parameters using getResolvedOptions" of the AWS Glue Developer Guide. On AWS the arguments are read
with Python's argparse, and its habits are part of the behaviour: its messages, `--name=value`, hyphens in a name that
become underscores in the result. One habit is a trap: an argument whose name is the beginning of another's is taken
for that other one. There AWS silently hands over the wrong value, so it is refused here.
"""

import argparse
from collections.abc import Sequence
from typing import NoReturn

# Glue passes these itself: they are in every result, and a script that asks for one by name gets an error.
_RESERVED = {
    "--JOB_ID": None,
    "--JOB_RUN_ID": None,
    "--SECURITY_CONFIGURATION": None,
    "--job-bookmark-option": "job-bookmark-disable",
    "--job-bookmark-from": None,
    "--job-bookmark-to": None,
}


class GlueArgumentError(Exception):
    """The job's arguments are not what the script asked for."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, str | None]:  # noqa: N802 (AWS's name)
    """The values of job arguments.

    Args:
        args: the command line, `sys.argv`.
        options: the names that the script needs, without the leading hyphens.

    Returns:
        Each name with its value (hyphens in names as underscores), and what Glue passes itself: `JOB_ID`,
        `JOB_RUN_ID`, `SECURITY_CONFIGURATION`, `job_bookmark_option`, `job_bookmark_from`, `job_bookmark_to`.

    Raises:
        GlueArgumentError: a name is missing, has no value, is reserved, or would get another argument's value.
    """
    words = [str(word) for word in args[1:]]
    parser = _Parser(add_help=False, allow_abbrev=False)
    for flag, default in _RESERVED.items():
        parser.add_argument(flag, default=default)
    for flag in dict.fromkeys(f"--{name.removeprefix('--')}" for name in options):
        if flag in _RESERVED:
            raise GlueArgumentError(f"argument {flag}: conflicting option string: {flag}")
        parser.add_argument(flag, required=True)
    _refuse_beginnings(words, [f"--{name.removeprefix('--')}" for name in options])
    return vars(parser.parse_known_args(words)[0])


def _refuse_beginnings(words: Sequence[str], flags: Sequence[str]) -> None:
    """Refuse arguments that argparse takes for an abbreviation of a requested one."""
    for word in words:
        given = word.partition("=")[0]
        if not given.startswith("--") or given in flags or given in _RESERVED:
            continue
        longer = [flag for flag in flags if flag.startswith(given)]
        if len(longer) > 1:
            raise GlueArgumentError(f"ambiguous option: {given} could match {', '.join(longer)}")
        if longer:
            raise GlueArgumentError(
                f"argument {given} is the beginning of {longer[0]}, and AWS Glue would take its value for the other's: "
                f"ask for {given[2:]!r} as well, or rename one of them"
            )
