"""The table of values in docs/PROMOTION.md is that of the Terraform."""

from laketop.stack import values

ENVIRONMENT = """
# a comment with "quotes" and {
locals {
  environment = "dev"
  protected   = true # people rely on it
}

module "lakehouse" {
  source = "../../stack"

  environment   = local.environment
  artifacts_dir = var.artifacts_dir
  protection    = local.protected
  destroy       = !local.protected
  schedule      = "rate(1 day)" # not "daily"
  retention = {
    raw     = { days = 30 } # long
    curated = null
  }
  limit = 10 * pow(1000, 3)
}

output "x" {
  value = 1
}
"""
STACK = """
variable "environment" {
  description = "Name"
  type        = string
}

variable "retention" {
  description = "What it keeps"
  type        = map(object({ days = number }))
  default = {
    raw = { days = 1 }
  }
}

variable "schedule" {
  description = "When"
  type        = string
}

variable "nobody_sets_it" {
  description = "Nothing"
  default     = 7
}
"""


def test_values_are_as_they_are_written() -> None:
    assert values.values(ENVIRONMENT) == {
        "protection": "true",
        "destroy": "false",
        "schedule": '"rate(1 day)"',
        "retention": "{ raw = { days = 30 }, curated = null }",
        "limit": "10 * pow(1000, 3)",
    }


def test_the_table_has_a_line_for_each_value_that_an_environment_sets() -> None:
    other = ENVIRONMENT.replace('schedule      = "rate(1 day)"', "").replace("retention = {", "kept = {")
    assert values.table(STACK, {"dev": ENVIRONMENT, "prod": other}).splitlines() == [
        "| value | what it is | dev | prod |",
        "|---|---|---|---|",
        "| `retention` | What it keeps | `{ raw = { days = 30 }, curated = null }` | `{ raw = { days = 1 } }` |",
        '| `schedule` | When | `"rate(1 day)"` | `null` |',
    ]


def test_every_value_of_the_checkout_is_a_variable_of_the_stack() -> None:
    stack = values.variables((values.checkout.ROOT / "infra" / "stack" / "variables.tf").read_text("utf-8"))
    for name in values.ENVIRONMENTS:
        text = (values.checkout.ROOT / "infra" / "envs" / name / "main.tf").read_text("utf-8")
        assert values.values(text), name
        assert set(values.values(text)) <= set(stack), name


def test_the_page_is_up_to_date() -> None:
    page = values.PAGE.read_text("utf-8")
    assert values.renewed(page, values.of_checkout()) == page, "run `python -m laketop.stack.values`"


def test_a_long_default_is_only_named() -> None:
    long = STACK.replace(
        "raw = { days = 1 }", "raw = { days = 1 }\n    processed = { days = 2 }\n    curated = { days = 3 }"
    )
    (line,) = (
        line for line in values.table(long, {"dev": ENVIRONMENT, "prod": ""}).splitlines() if "retention" in line
    )
    assert line.endswith("| default |")
