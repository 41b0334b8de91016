"""The rules of the Data Catalog."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from laketop.glue.catalog.memory import MemoryStore
from laketop.glue.catalog.service import Catalog
from laketop.glue.errors import AlreadyExists, ConcurrentModification, EntityNotFound, InvalidInput, NotSupported

IN_REGISTRY = {"SchemaReference": {"SchemaVersionNumber": 1}}
START = datetime(2024, 1, 1, tzinfo=UTC)


def clock() -> Iterator[datetime]:
    moment = START
    while True:
        yield moment
        moment += timedelta(seconds=1)


@pytest.fixture
def catalog() -> Catalog:
    ticks = clock()
    catalog = Catalog(MemoryStore(), now=lambda: next(ticks))
    catalog.create_database({"Name": "DB"})
    catalog.create_table("db", table("Sales"))
    return catalog


def table(name: str, keys: Sequence[str] = ("dt", "n"), **members: Any) -> dict[str, Any]:
    types = {"dt": "date", "n": "int"}
    return {"Name": name, "PartitionKeys": [{"Name": key, "Type": types.get(key, "string")} for key in keys], **members}


def add(catalog: Catalog, *values: Sequence[str]) -> None:
    for one in values:
        catalog.create_partition("db", "sales", {"Values": list(one)})


def test_names_are_folded_and_definitions_are_not(catalog: Catalog) -> None:
    assert catalog.database("dB").name == "db"
    assert catalog.table("DB", "SALES").name == "sales"
    assert catalog.table("db", "sales").definition["Name"] == "Sales"


def test_a_name_is_taken_once(catalog: Catalog) -> None:
    with pytest.raises(AlreadyExists, match=r"^Database already exists\.$"):
        catalog.create_database({"Name": "dB"})
    with pytest.raises(AlreadyExists, match=r"^Table already exists\.$"):
        catalog.create_table("db", table("SALES"))
    add(catalog, ("2024-01-01", "1"))
    with pytest.raises(AlreadyExists, match=r"^Partition already exists\.$"):
        add(catalog, ("2024-01-01", "1"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.database("no"), "Database no not found."),
        (lambda c: c.update_database("no", {"Name": "no"}), "Database no not found."),
        (lambda c: c.delete_database("no"), "Database no not found."),
        (lambda c: c.create_table("no", table("t")), "Database no not found."),
        (lambda c: c.tables("no", None, None, 10), "Database no not found."),
        (lambda c: c.table("no", "sales"), "Database no not found."),
        (lambda c: c.table("db", "No"), "Table No not found."),
        (lambda c: c.update_table("db", table("no")), "Table no not found."),
        (lambda c: c.delete_table("db", "no"), "Table no not found."),
        (lambda c: c.table_versions("db", "no", None, 10), "Table no not found."),
        (lambda c: c.create_partition("db", "no", {"Values": ["1"]}), "Table no not found."),
        (lambda c: c.partitions("db", "no"), "Table no not found."),
        (lambda c: c.partition("db", "sales", ["2024-01-01", "1"]), "Cannot find partition."),
        (lambda c: c.delete_partition("db", "sales", ["2024-01-01", "1"]), "Cannot find partition."),
        (lambda c: c.update_partition("db", "sales", ["2024-01-01", "1"], {}), "Cannot find partition."),
    ],
)
def test_what_is_missing_is_named_in_aws_words(catalog: Catalog, call: Any, message: str) -> None:
    with pytest.raises(EntityNotFound) as error:
        call(catalog)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("call", "member"),
    [
        (lambda c: c.create_database({"Name": "x", "TargetDatabase": {"CatalogId": "1"}}), "TargetDatabase"),
        (lambda c: c.create_database({"Name": "x", "FederatedDatabase": {"Identifier": "1"}}), "FederatedDatabase"),
        (lambda c: c.create_table("db", table("x", TargetTable={"Name": "y"})), "TargetTable"),
        (lambda c: c.create_table("db", table("x", ViewDefinition={"Definer": "y"})), "ViewDefinition"),
        (lambda c: c.update_table("db", table("sales", TargetTable={"Name": "y"})), "TargetTable"),
        (lambda c: c.create_table("db", table("x", StorageDescriptor=IN_REGISTRY)), "SchemaReference"),
        (lambda c: c.create_partition("db", "sales", {"StorageDescriptor": IN_REGISTRY}), "SchemaReference"),
    ],
)  # fmt: skip
def test_what_cannot_be_honoured_is_refused_by_name(catalog: Catalog, call: Any, member: str) -> None:
    with pytest.raises(NotSupported, match=f"{member} is not supported by Laketop yet"):
        call(catalog)


def test_a_database_keeps_its_age_but_not_its_definition(catalog: Catalog) -> None:
    before = catalog.database("db")
    catalog.update_database("DB", {"Name": "db", "Description": "new"})
    after = catalog.database("db")
    assert (after.created, after.definition) == (before.created, {"Name": "db", "Description": "new"})
    with pytest.raises(InvalidInput, match="cannot be renamed"):
        catalog.update_database("db", {"Name": "other"})


def test_an_update_makes_a_version(catalog: Catalog) -> None:
    first = catalog.table("db", "sales")
    second = catalog.update_table("db", table("sales", Description="2"))
    third = catalog.update_table("db", table("sales", Description="3"), archive=False)
    assert [one.version for one in (first, second, third)] == [0, 1, 2]
    assert (third.created, third.updated > second.updated) == (first.created, True)
    assert catalog.table("db", "sales") == third
    # The version that was replaced without an archive is gone.
    assert catalog.table_versions("db", "sales", None, 10).entries == [third, first]


def test_an_update_of_another_version_is_refused(catalog: Catalog) -> None:
    catalog.update_table("db", table("sales"), expected_version="0")
    with pytest.raises(ConcurrentModification):
        catalog.update_table("db", table("sales"), expected_version="0")
    assert catalog.table("db", "sales").version == 1


def test_values_and_keys_are_as_many(catalog: Catalog) -> None:
    for values in ([], ["2024-01-01"], ["2024-01-01", "1", "2"]):
        with pytest.raises(InvalidInput, match="number of partition keys do not match"):
            catalog.create_partition("db", "sales", {"Values": values})
    catalog.create_table("db", {"Name": "flat"})
    with pytest.raises(InvalidInput, match="number of partition keys do not match"):
        catalog.create_partition("db", "flat", {"Values": []})


def test_a_batch_adds_what_it_can_and_names_the_rest(catalog: Catalog) -> None:
    good, twice, bad = ({"Values": ["2024-01-01", "1"]}, {"Values": ["2024-01-01", "1"]}, {"Values": ["2024-01-01"]})
    failed = catalog.create_partitions("db", "sales", [good, twice, bad])
    assert [(one, type(error)) for one, error in failed] == [(twice, AlreadyExists), (bad, InvalidInput)]
    assert [one.values for one in catalog.partitions("db", "sales").entries] == [("2024-01-01", "1")]


def test_a_partition_may_move_but_not_onto_another(catalog: Catalog) -> None:
    add(catalog, ("2024-01-01", "1"), ("2024-01-01", "2"))
    made = catalog.partition("db", "sales", ["2024-01-01", "1"]).created
    with pytest.raises(AlreadyExists):
        catalog.update_partition("db", "sales", ["2024-01-01", "1"], {"Values": ["2024-01-01", "2"]})
    catalog.update_partition(
        "db", "sales", ["2024-01-01", "1"], {"Values": ["2024-01-01", "3"], "Parameters": {"a": "b"}}
    )
    moved = catalog.partition("db", "sales", ["2024-01-01", "3"])
    assert (moved.created, moved.definition["Parameters"]) == (made, {"a": "b"})
    assert catalog.partitions_of("db", "sales", [["2024-01-01", "1"], ["2024-01-01", "2"]])[0].values[1] == "2"
    failed = catalog.update_partitions("db", "sales", [(["2024-01-01", "9"], {}), (["2024-01-01", "3"], {})])
    assert [(list(values), type(error)) for values, error in failed] == [(["2024-01-01", "9"], EntityNotFound)]


def test_an_expression_chooses_partitions_by_type(catalog: Catalog) -> None:
    add(catalog, *[("2024-01-01", str(n)) for n in range(12)])
    found = catalog.partitions("db", "sales", expression="dt = '2024-01-01' AND n > 9").entries
    assert {one.values[1] for one in found} == {"10", "11"}
    assert len(catalog.partitions("db", "sales", expression="  ").entries) == 12


def test_segments_share_out_all_partitions(catalog: Catalog) -> None:
    add(catalog, *[("2024-01-01", str(n)) for n in range(20)])
    shares = [catalog.partitions("db", "sales", segment=(number, 3)).entries for number in range(3)]
    assert sorted(int(one.values[1]) for share in shares for one in share) == list(range(20))
    with pytest.raises(InvalidInput, match="SegmentNumber"):
        catalog.partitions("db", "sales", segment=(3, 3))


def test_pages_are_stable_while_partitions_come_and_go(catalog: Catalog) -> None:
    add(catalog, *[("2024-01-01", str(n)) for n in range(0, 10, 2)])
    page = catalog.partitions("db", "sales", limit=2)
    seen = [one.values[1] for one in page.entries]
    add(catalog, ("2023-01-01", "0"), ("2024-01-01", "5"))
    catalog.delete_partition("db", "sales", ["2024-01-01", "2"])
    while page.next_token:
        page = catalog.partitions("db", "sales", limit=2, token=page.next_token)
        seen += [one.values[1] for one in page.entries]
    assert seen == ["0", "2", "4", "5", "6", "8"]


def test_tables_are_listed_by_pattern_and_page(catalog: Catalog) -> None:
    for name in ("orders", "order_items", "visits"):
        catalog.create_table("db", table(name))
    first = catalog.tables("db", "order*", None, 1)
    second = catalog.tables("db", "order*", first.next_token, 1)
    assert [one.name for one in (*first.entries, *second.entries)] == ["order_items", "orders"]
    assert second.next_token is None
    with pytest.raises(InvalidInput, match="NextToken"):
        catalog.databases(first.next_token, 10)


def test_deleting_a_database_deletes_its_tables(catalog: Catalog) -> None:
    catalog.delete_database("db")
    catalog.create_database({"Name": "db"})
    assert catalog.tables("db", None, None, 10).entries == []
