"""`laketop coverage`: the coverage of stages that ran apart, e.g. each on a machine of its own."""

from laketop.stack.commands.test import check_coverage


def run() -> None:
    """Check the coverage of all test stages together, from the data that each left in the checkout."""
    check_coverage()
