"""The tools that are no Python packages: Java, Terraform, Spark's jars, the class-data archive.

Everything is asked for before the first process starts: a person should hear that Java is missing now, not after a
download of half a gigabyte or in a job's log.
"""

from laketop.spark import archive, jars, java
from laketop.stack import checkout, terraform
from laketop.stack.messages import ExitCode, StackError, say


def find_java() -> java.Java:
    """The Java that Spark runs on.

    Raises:
        StackError: there is none; the message says how to get one.
    """
    try:
        return java.find()
    except java.JavaNotFound as error:
        raise StackError("java", str(error), "", ExitCode.FAILED) from error


def ensure(with_terraform: bool = True) -> None:
    """Check Java and Terraform, and bring Spark's jars and class-data archive where they are missing.

    Args:
        with_terraform: whether Terraform is needed: not where nothing is deployed.

    Raises:
        StackError: something is missing that cannot be brought; the hint says how to get it.
    """
    find_java()
    if with_terraform:
        terraform.version()
    python = checkout.python("glue-runtime")
    try:
        jars.ensure(checkout.tools(), python, report)
        archive.ensure(checkout.tools(), python, report)
    except (jars.JarsError, archive.ArchiveError) as error:
        raise StackError("spark", str(error), "run the same command again once that is put right") from error


def report(text: str) -> None:
    """Show progress."""
    say(f"  {text}")
