from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.tools import curated, dictionary
from contracts.tools.dictionary import Section

DOCUMENT = """
id: things
version: 2.1.0
description: { purpose: To count., usage: "Use a | b." }
team: { members: [{ username: me@example.com, role: owner }] }
schema:
  - name: things
    description: One row per thing.
    dataGranularityDescription: one row per thing_id
    customProperties:
      - { property: job, value: things_etl }
      - { property: maxObjectBytes, value: 1 }
      - { property: maxContentBytes, value: 2 }
      - { property: latestBy, value: seen_at }
    quality:
      - { name: few, type: library, metric: rowCount, mustBeLessThan: 9, severity: error, dimension: completeness,
          description: Not many. }
    properties:
      - { name: thing_id, description: The thing., physicalType: string, required: true, primaryKey: true,
          logicalTypeOptions: { pattern: "^(a|b)$", minLength: 1, maxLength: 9 }, examples: [a] }
      - { name: size, description: How big., physicalType: "decimal(5,2)", required: false,
          logicalTypeOptions: { exclusiveMinimum: 0, maximum: 10.5 } }
      - { name: state, description: On or off., physicalType: string, required: true,
          quality: [{ metric: invalidValues, arguments: { validValues: ["on", "off"] }, mustBe: 0 }],
          examples: ["on"] }
      - { name: box_id, description: Where it lies., physicalType: string, required: true,
          relationships: [{ to: boxes.box_id }],
          quality: [{ name: box_is_known, metric: invalidValues, unit: percent, mustBeLessOrEqualTo: 5,
                      dimension: consistency, severity: warning }] }
      - { name: seen_at, description: When., physicalType: timestamp, required: true,
          examples: ["2026-01-31 00:00:00"] }
      - { name: seen_month, description: Its month., physicalType: string, required: true, partitioned: true,
          transformLogic: "date_format(seen_at, 'yyyy-MM')", examples: ["2026-01"] }
slaProperties:
  - { property: latency, value: 2, unit: d, element: things.seen_at }
  - { property: retention, value: 7, unit: y }
"""

BODY = r"""
One row per thing.
To count.
Use a | b.

| About it |  |
| --- | --- |
| Contract | [things.odcs.yaml](../contracts/things.odcs.yaml), version 2.1.0 |
| Owner | me@example.com |
| Grain | one row per thing_id |
| Key | `thing_id` |
| Of several rows with one key holds | the one with the greatest `seen_at` |
| Partitioned by | `seen_month` |
| Fresh | the greatest `seen_at` is at most 48 hours old |
| Kept | 7 y |
| Job | `jobs/things_etl.py` |

### Columns of things

| Column | Type | Required | Rules | References | Example | What it means |
| --- | --- | --- | --- | --- | --- | --- |
| `thing_id` | `string` | yes | key, matches `^(a\|b)$`, 1 characters or more, 9 characters or fewer |  | `a` | The thing. |
| `size` | `decimal(5,2)` | no | > 0, ≤ 10.5 |  |  | How big. |
| `state` | `string` | yes | one of `on`, `off` |  | `on` | On or off. |
| `box_id` | `string` | yes |  | `boxes.box_id` |  | Where it lies. |
| `seen_at` | `timestamp` | yes |  |  | `2026-01-31 00:00:00` | When. |
| `seen_month` | `string` | yes | partition |  | `2026-01` | Its month. Made by the pipeline: `date_format(seen_at, 'yyyy-MM')`. |

### Quality rules of things

| Rule | On | Holds where | Severity | Dimension | What it means |
| --- | --- | --- | --- | --- | --- |
| few | the table | rowCount in rows < 9 | error | completeness | Not many. |
| box_is_known | `box_id` | invalidValues in percent ≤ 5 | warning | consistency | A value is to be found in `boxes.box_id`. |
"""  # noqa: E501 - a table's row is one line


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert dictionary.main(["--check"]) == 0, capsys.readouterr().err


def test_a_section_says_all_that_the_contract_says() -> None:
    section = dictionary.dataset_section(yaml.safe_load(DOCUMENT), "things.odcs.yaml")
    assert section == Section("things", "One row per thing.", BODY.strip())


def test_a_contract_that_says_little() -> None:
    document: dict[str, Any] = yaml.safe_load(DOCUMENT)
    del document["slaProperties"], document["team"], document["schema"][0]["quality"]
    document["schema"][0]["properties"] = document["schema"][0]["properties"][0:1]
    document["schema"][0]["customProperties"][3]["value"] = "thing_id"
    body = dictionary.dataset_section(document, "things.odcs.yaml").body
    assert "| Fresh | not checked |" in body
    assert "| Partitioned by | nothing |" in body
    assert "| Owner | nobody |" in body
    assert "Quality rules" not in body


def test_sections_of_any_source_in_their_order() -> None:
    text = dictionary.page([Section("b table", "Is b.", "B\n"), Section("a", "Is | a.", "A")])
    head, _, rest = text.partition("| Table | What it holds |\n")
    assert head.startswith("# Data dictionary\n")
    assert rest == (
        "| --- | --- |\n| [b table](#b-table) | Is b. |\n| [a](#a) | Is \\| a. |\n\n## b table\n\nB\n\n## a\n\nA\n"
    )


def test_titles_differ() -> None:
    with pytest.raises(ValueError, match="two sections are titled 'a'"):
        dictionary.page([Section("a", "", ""), Section("a", "", "")])


def test_written_checked_and_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "docs").mkdir()
    contract = tmp_path / "contracts" / "things.odcs.yaml"
    contract.write_text(DOCUMENT)
    assert dictionary.main(["--check"], tmp_path) == 1
    assert dictionary.main([], tmp_path) == 0
    assert dictionary.main(["--check"], tmp_path) == 0
    contract.write_text(DOCUMENT.replace("How big.", "How heavy."))
    assert dictionary.main(["--check"], tmp_path) == 1
    assert "is stale: run `python -m contracts.tools.dictionary`" in capsys.readouterr().err


JOB = '''
from lakehouse.etl import history, iceberg

MORE = iceberg.columns("""
    b | int | The other | with a bar.
""")
THINGS = Table(
    "things",
    "One row per thing.",
    iceberg.columns("""
        a | string        | The thing.
        c | decimal(5,2)  | How much.
    """)
    + history.MORE,
)
'''


def test_curated_tables_are_read_from_the_jobs(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "things.py").write_text(JOB)
    (table,) = curated.tables(tmp_path)
    assert (table.name, table.comment, table.job) == ("things", "One row per thing.", "jobs/things.py")
    expected = [
        ("a", "string", "The thing."),
        ("c", "decimal(5,2)", "How much."),
        ("b", "int", "The other | with a bar."),
    ]
    assert list(table.columns) == expected
    section = dictionary.curated_section(table)
    assert "| `c` | `decimal(5,2)` | How much. |" in section.body


@pytest.mark.parametrize("columns", ["COLUMNS", "make()", "iceberg.columns(TEXT)"])
def test_a_declaration_that_cannot_be_read_is_named(tmp_path: Path, columns: str) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "odd.py").write_text(f'ODD = Table("odd", "Odd.", {columns})\n')
    with pytest.raises(ValueError, match=r"jobs/odd\.py, line 1"):
        curated.tables(tmp_path)
