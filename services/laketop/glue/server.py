"""The glue server: its parts put together, from a SQLite file to an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from laketop.glue import tags
from laketop.glue.catalog import sqlite as catalog_sqlite
from laketop.glue.catalog.service import Catalog
from laketop.glue.errors import ERRORS
from laketop.glue.jobs import service as jobs_service
from laketop.glue.provider.databases import Databases
from laketop.glue.provider.jobs import JobDefinitions
from laketop.glue.provider.partitions import Partitions
from laketop.glue.provider.runs import JobRuns
from laketop.glue.provider.security import Security
from laketop.glue.provider.tables import Tables
from laketop.glue.provider.tags import Tagging
from laketop.glue.runs import store as runs_store
from laketop.glue.runs.agent import SparkAgent
from laketop.glue.runs.execution import Surroundings
from laketop.glue.runs.roles import EndpointRoles, client
from laketop.glue.runs.service import Launcher, Runs, recover
from laketop.glue.security import service as security_service
from laketop.settings import Settings
from laketop.sqlite import Database
from laketop.wire import outbox as wire_outbox
from laketop.wire.outbox import Outbox
from laketop.wire.service import create_app

SCHEMA = (
    *catalog_sqlite.SCHEMA,
    *tags.SCHEMA,
    *jobs_service.SCHEMA,
    *security_service.SCHEMA,
    *runs_store.SCHEMA,
    *wire_outbox.SCHEMA,
)


def create(settings: Settings) -> Starlette:
    """The application of one lake's Glue API; its state is `glue/glue.db` in the lake's folder."""
    database = Database(settings.state / "glue" / "glue.db", SCHEMA)
    outbox = Outbox(database, settings.endpoint)
    store, agent = runs_store.RunStore(database, outbox), SparkAgent(settings.url("spark"))
    roles = EndpointRoles(settings.endpoint)
    launcher = Launcher(Surroundings(store, agent, roles, partial(client, "logs", settings.endpoint)))
    catalog = Catalog(catalog_sqlite.SqliteStore(database))
    tag_store, jobs = tags.Tags(database), jobs_service.Jobs(database)
    security = security_service.SecurityConfigurations(database)
    families = (
        Databases(catalog, tag_store),
        Tables(catalog),
        Partitions(catalog),
        JobDefinitions(jobs, tag_store),
        JobRuns(Runs(jobs, security, store, launcher)),
        Security(security),
        Tagging(tag_store, catalog, jobs),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(recover, store, agent)
        outbox.start()
        yield
        await run_in_threadpool(launcher.close)
        await run_in_threadpool(outbox.stop)
        agent.close()
        database.close()

    return create_app(
        service="glue",
        operations={name: operation for family in families for name, operation in family.operations.items()},
        errors=ERRORS,
        validation_code="ValidationException",
        lifespan=lifespan,
    )
