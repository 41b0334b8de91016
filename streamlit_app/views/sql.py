"""An editor for Athena's SQL: run and stop statements; their rows, charts, files and history."""

from datetime import UTC, datetime

import streamlit as st
from botocore.exceptions import BotoCoreError, ClientError

from lakehouse.waiting import code_of
from streamlit_app import formats
from streamlit_app.figures import statement as figures
from streamlit_app.figures import tables
from streamlit_app.figures.identifiers import plain
from streamlit_app.figures.statement import Statement
from streamlit_app.lake import catalogue, statements
from streamlit_app.lake.answers import data_version
from streamlit_app.show import refusal, result, session, states, tiles

PATIENCE = 1.5  # seconds that a press of Run waits for the end
PULSE = 1.0  # seconds between two looks at what runs
EXAMPLE = "SELECT *\nFROM daily_sales\nORDER BY sales_date DESC\nLIMIT 31"
# of this app alone, no text of anybody's; columns are counted where characters are equally wide
MONOSPACED = "<style>.st-key-sql_text textarea { font-family: monospace }</style>"
MINE, ALL = "This session", "The whole work group"


def _run() -> None:
    text, database = st.session_state[session.TEXT] or "", st.session_state["sql_database"]
    session.refuse(session.Refused(text, None) if figures.blank(text) else None)
    if session.refused():
        return
    try:
        id_ = statements.start(text, database)
        # known before anything else can go wrong: it can be stopped
        session.keep(figures.sent(id_, text, database, datetime.now(UTC)))
        session.keep(statements.look(id_, PATIENCE))
    except (ClientError, BotoCoreError) as error:
        session.refuse(session.Refused(text, error))


def _stop(id_: str) -> None:
    session.refuse(None)
    try:
        statements.stop(id_)
        session.keep(statements.look(id_, PATIENCE))
    except (ClientError, BotoCoreError) as error:
        session.refuse(session.Refused("", error))


def _editor() -> None:
    st.session_state.setdefault(session.TEXT, EXAMPLE)
    st.selectbox(
        "Database of names without one",
        catalogue.databases(),
        key="sql_database",
        persist_state="session",
    )
    st.text_area("Statement", height=260, key=session.TEXT, persist_state="session")
    latest = session.latest()
    st.button(
        "Run",
        on_click=_run,
        icon=":material/play_arrow:",
        shortcut="Ctrl+Enter",
        disabled=latest is not None and not latest.ended,
    )


def _browser() -> None:
    database = st.session_state.get("sql_database") or catalogue.databases()[0]
    found = catalogue.tables(database, data_version())
    if not found:
        states.empty("No tables in this database", "They are made by Terraform, and by the pipeline's first run.")
        return
    names = [table.name for table in found]
    table = found[names.index(st.selectbox("Table", names, key="sql_table"))]
    _inserter("Insert table", table.name)
    column = st.selectbox("Column", [item.name for item in table.columns], key="sql_column")
    if column is not None:
        _inserter("Insert column", column)
    st.dataframe(
        tables.columns(table)[["Column", "Type"]],
        hide_index=True,
        height=170,
        alt="Columns of the table",
        width="stretch",
    )


def _inserter(label: str, name: str) -> None:
    st.button(label, on_click=session.add, args=(plain(name),), icon=":material/add:", help="Behind the statement")


@st.fragment(run_every=PULSE)
def _running(id_: str) -> None:
    with states.guarded("Statement"):
        seen = statements.look(id_)
        session.keep(seen)
        if seen.ended:
            st.rerun()
        passed = formats.seconds((datetime.now(UTC) - seen.submitted).total_seconds())
        left, right = st.columns([3, 1])
        left.info(f"**{seen.state.capitalize()}**, for {passed}", icon=":material/hourglass_top:")
        right.button("Stop", on_click=_stop, args=(id_,), icon=":material/stop:", width="stretch")


def _ended(one: Statement) -> None:
    if one.state == "FAILED":
        refusal.told("Athena could not run it.", one.text, one.reason, "Change the statement, and run it again.")
        return
    tiles.row(figures.tiles(one))
    if one.state == "CANCELLED":
        states.empty("Stopped", "What was scanned until then is paid for.")
        return
    result.shown(one)


def _refused(refused: session.Refused) -> None:
    if refused.error is None:
        states.empty("The statement is empty", "Write one, or take one from the history.")
        return
    if not isinstance(refused.error, ClientError) or code_of(refused.error) != "InvalidRequestException":
        raise refused.error
    message = refused.error.response["Error"]["Message"]
    refusal.told("Athena does not take it.", refused.text, message, "Change the statement, and run it again.")


def _outcome() -> None:
    refused, latest = session.refused(), session.latest()
    if refused is not None:
        with states.guarded("Result"):
            _refused(refused)
    if latest is None or (refused is not None and latest.ended):
        return
    if latest.ended:
        _ended(latest)
    else:
        _running(latest.id)


def _history() -> None:
    st.header("History", anchor=False)
    mine = session.statements()
    whose = st.segmented_control("Statements of", [MINE, ALL], default=MINE, required=True, key="sql_whose")
    found = mine if whose == MINE else statements.recent(sum(one.ended for one in mine))
    if not found:
        states.empty("No statements yet", "Run one.")
        return
    st.dataframe(figures.history(found), hide_index=True, width="stretch", alt="Statements, the newest first")
    # another newest one, another widget: what was run last is chosen
    key = f"chosen-{found[0].id}"
    chosen = st.selectbox("Statement of the history", found, format_func=_label, key=key)
    st.code(chosen.text, language="sql", height=160 if chosen.text.count("\n") > 5 else "content")
    st.button("Put into the editor", on_click=session.write, args=(chosen.text,), icon=":material/edit:")


def _label(one: Statement) -> str:
    return f"{one.submitted.astimezone(UTC):%H:%M:%S} · {one.state.lower()} · {figures.first_line(one.text)}"


st.title("SQL", anchor=False)
st.html(MONOSPACED)
left, right = st.columns([2, 1])
with left, states.guarded("Editor"):
    _editor()
with right, states.guarded("Tables"):
    _browser()
with states.guarded("Result"):
    _outcome()
with states.guarded("History"):
    _history()
