"""The athena server: its parts put together, from a SQLite file to an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from laketop.athena import clients, named_queries, prepared_statements, tags, workgroups
from laketop.athena.errors import InvalidRequestError
from laketop.athena.prepared_statements import PreparedStatements
from laketop.athena.provider.groups import Groups
from laketop.athena.provider.metadata import Metadata
from laketop.athena.provider.prepared import Prepared
from laketop.athena.provider.queries import Queries
from laketop.athena.queries import store
from laketop.athena.queries.executor import Executor, GroupLimits
from laketop.athena.workgroups import WorkGroups
from laketop.settings import Settings
from laketop.sqlite import Database
from laketop.wire import outbox as wire_outbox
from laketop.wire.outbox import Outbox
from laketop.wire.service import create_app

SCHEMA = (
    *workgroups.SCHEMA,
    *named_queries.SCHEMA,
    *prepared_statements.SCHEMA,
    *tags.SCHEMA,
    *store.SCHEMA,
    *wire_outbox.SCHEMA,
)


def create(settings: Settings) -> Starlette:
    """The application of one lake's Athena API; its state is `athena/athena.db` in the lake's folder."""
    folder = settings.state / "athena"
    database = Database(folder / "athena.db", SCHEMA)
    outbox = Outbox(database, settings.endpoint)
    executions, groups = store.Executions(database, outbox), WorkGroups(database)
    glue, s3 = clients.glue(settings), clients.s3(settings)
    prepared = PreparedStatements(database)
    executor = Executor(executions, glue, s3, folder / "scratch", lambda name: _limits(groups, name), prepared)
    families = (
        Queries(executions, executor, groups, s3),
        Groups(groups, named_queries.NamedQueries(database), prepared, tags.Tags(database), executions),
        Prepared(groups, prepared),
        Metadata(glue),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(executor.start)
        outbox.start()
        yield
        await run_in_threadpool(executor.stop)
        await run_in_threadpool(outbox.stop)
        database.close()

    return create_app(
        service="athena",
        operations={name: operation for family in families for name, operation in family.operations.items()},
        validation_code="InvalidRequestException",
        lifespan=lifespan,
    )


def _limits(groups: WorkGroups, name: str) -> GroupLimits:
    """What a work group says about a running query; nothing once it is deleted."""
    try:
        group = groups.get(name)
    except InvalidRequestError:
        return GroupLimits(metrics=False)
    return GroupLimits(
        metrics=bool(group.configuration["PublishCloudWatchMetricsEnabled"]),
        cutoff_bytes=group.configuration.get("BytesScannedCutoffPerQuery"),
        enforced=group.enforced,
    )
