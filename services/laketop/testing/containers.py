"""The lake in containers, for people who use testcontainers: `with LaketopCompose() as lake: lake.sql("SELECT 1")`.

Needs the package `testcontainers`.
"""

from types import TracebackType

from testcontainers.compose import DockerCompose

from laketop.stack import checkout
from laketop.testing.lake import Lake
from laketop.testing.lending import LendingError, Loan, lend


class LaketopCompose:
    """A throw-away lake in containers: the checkout's Compose file, in a project of its own, on free ports.

    The stack starts and ends it; `compose` is testcontainers' own object on it, for logs and for commands.

    Args:
        keep: leave it running at the end, for looking.
    """

    def __init__(self, keep: bool = False) -> None:
        self._keep = keep
        self._loan: Loan | None = None

    def start(self) -> Lake:
        """Start the lake and return it; the same one where it runs already.

        Raises:
            LendingError: it did not start.
        """
        self._loan = self._loan or lend("docker", self._keep)
        return self._loan.lake

    def stop(self) -> None:
        """End the lake; nothing happens where it does not run.

        Raises:
            LendingError: it does not end.
        """
        loan, self._loan = self._loan, None
        if loan:
            loan.end()

    def __enter__(self) -> Lake:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def compose(self) -> DockerCompose:
        """The running project, e.g. for `compose.get_logs("athena")`.

        Raises:
            LendingError: the lake does not run.
        """
        if self._loan is None:
            raise LendingError("LaketopCompose: the lake does not run; start it, or look inside its `with` block")
        # the variables of the start, the project's name among them
        variables = self._loan.lake.state / "run" / "compose.env"
        return DockerCompose(checkout.ROOT, compose_file_name="docker-compose.yml", env_file=str(variables))
