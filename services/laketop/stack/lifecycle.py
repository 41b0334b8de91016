"""Starting and ending a lake. What an earlier one left running is ended before anything starts."""

from laketop.settings import PARTS, Settings
from laketop.spark import java
from laketop.stack import lake, parts, ports, processes, readiness, supervise
from laketop.stack.clients import require_same
from laketop.stack.messages import ExitCode, StackError, say


def refuse_docker(settings: Settings) -> None:
    """Refuse the mode that is not built.

    Raises:
        StackError: LAKETOP_MODE is docker.
    """
    if settings.mode == "docker":
        hint = "unset LAKETOP_MODE: the parts then run as processes of this machine"
        raise StackError("LAKETOP_MODE=docker", "running in containers is not built yet", hint, ExitCode.REFUSED)


def clear_left_overs(settings: Settings) -> None:
    """End what an earlier lake left behind; says what it found."""
    orphans = processes.end_all(settings.instance)
    if orphans:
        say(f"ended {len(orphans)} processes that an earlier lake left behind")
    lake.forget_record(settings)
    lake.clear_scratch(settings)


def bring_up(settings: Settings, runtime: java.Java) -> dict[str, float]:
    """Start the lake, or what of it does not run, and wait until every part is ready.

    Args:
        settings: the lake.
        runtime: the Java that Spark runs on.

    Returns:
        part → seconds until it was ready.

    Raises:
        StackError: a port is taken, a part of the lake's content is gone, or a part did not become ready; a lake that
            was just started is stopped again.
    """
    refuse_docker(settings)
    lake.claim(settings)
    supervisor = supervise.running(settings)
    wanted = parts.parts(settings, parts.service_key(), runtime.home)
    if supervisor is not None and supervisor.answers():
        require_same(settings, supervisor.record)
        if supervisor.states()["localstack"].state in supervise.RUNNING:
            if supervisor.record.spark_pool != settings.spark_pool:
                kept = supervisor.record.spark_pool
                say(f"the lake keeps its {kept} warmed drivers: LAKETOP_SPARK_POOL counts at the next start", "yellow")
            supervisor.start(PARTS)
            return readiness.wait(settings, wanted, supervisor.states)
    clear_left_overs(settings)
    lake.require_whole(settings)
    ports.require_free(settings.ports)
    try:
        supervisor = supervise.start(settings, wanted)
        return readiness.wait(settings, wanted, supervisor.states)
    except BaseException:  # also Ctrl-C: a lake that did not become ready is no lake
        take_down(settings)
        raise


def take_down(settings: Settings) -> bool:
    """End the lake: all parts, the supervisor, and whatever carries its marker. Its content stays.

    Returns:
        whether anything ran.

    Raises:
        StackError: a process could not be ended.
    """
    supervisor = supervise.running(settings)
    if supervisor is not None:
        supervisor.shutdown()
    ended = processes.end_all(settings.instance)
    left = processes.marked(settings.instance)
    if left:
        named = ", ".join(f"{process.pid} ({process.command})" for process in left)
        raise StackError(f"lake {settings.state}", f"processes do not end: {named}", "end them by `kill -9 <pid>`")
    lake.forget_record(settings)
    lake.clear_scratch(settings)
    lake.forget_ending(settings)
    return supervisor is not None or bool(ended)
