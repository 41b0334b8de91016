"""The workflows do what a laptop does, with no more rights than they need, and hand on the bytes that were tested."""

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from laketop.stack.cli import COMMANDS
from laketop.stack.commands.test import STAGES
from tests.unit.workflows.reading import FILES, FOLDER, ON, ROOT, WORKFLOWS, Step, evaluate, jobs, runs, steps, workflow

STEPS = list(steps())
JOBS = dict(jobs())
RUN = [step for step in STEPS if "run" in step.content]
NAMES = ["data-pipeline-ci", "data-quality-monitoring", "deploy-environment", "deploy-pipeline", "terraform-plan"]
OIDC = {"contents": "read", "id-token": "write"}
READ = {"contents": "read"}
# All that any job may do.
PERMISSIONS = {
    "data-pipeline-ci/lint": READ,
    "data-pipeline-ci/test": READ,
    "data-pipeline-ci/e2e-docker": READ,
    "data-pipeline-ci/coverage": READ,
    "data-quality-monitoring/monitor": OIDC | {"issues": "write"},
    "deploy-environment/deploy": OIDC,
    "deploy-pipeline/release": READ | {"actions": "read"},
    "deploy-pipeline/dev": OIDC,
    "deploy-pipeline/staging": OIDC,
    "deploy-pipeline/prod": OIDC,
    "terraform-plan/checks": READ,
    "terraform-plan/plan": OIDC,
    "terraform-plan/comment": READ | {"pull-requests": "write"},
}
# The code of others that runs here; the version is what the commit's comment says.
ACTIONS = {
    "actions/checkout": "v6.0.2",
    "actions/download-artifact": "v8.0.1",
    "actions/setup-java": "v5.2.0",
    "actions/upload-artifact": "v7.0.0",
    "aws-actions/configure-aws-credentials": "v6.0.0",
    "hashicorp/setup-terraform": "v4.0.0",
}
CREDENTIALS = "aws-actions/configure-aws-credentials@"
RELEASE = "0123456789abcdef"


def places(some: list[Step]) -> list[str]:
    return [step.place for step in some]


def using(action: str) -> list[Step]:
    return [step for step in STEPS if step.content.get("uses", "").startswith(action)]


def perform(step: Step, tmp_path: Path, program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does, with another program in the place of `laketop`."""
    script = tmp_path / "program.py"
    script.write_text(program)
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    environment |= {"MAKEFLAGS": f"LAKETOP={sys.executable}\\ {script}"} | variables
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.content["run"]]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_they_are_there_and_named_as_their_files() -> None:
    assert [path.stem for path in WORKFLOWS] == NAMES
    assert [workflow(name)["name"] for name in NAMES] == NAMES


@pytest.mark.parametrize("step", RUN, ids=places(RUN))
def test_a_step_is_one_call_of_laketop_by_make(step: Step, tmp_path: Path) -> None:
    """Every `run:` is executed; what it is called with arrives at a sub-command that is there."""
    used = set(re.findall(r"\$(\w+)", step.content["run"])) - {"GITHUB_OUTPUT"}
    assert used <= set(step.variables), "a variable that nobody set"
    called = tmp_path / "called"
    recorder = f"import json, sys\nopen({str(called)!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\nprint('x')"
    values = {name: f"given-as-{name}" for name in used}
    answer = perform(step, tmp_path, recorder, **values, GITHUB_OUTPUT=str(tmp_path / "output"))
    assert answer.returncode == 0, answer.stderr
    (arguments,) = map(json.loads, called.read_text().splitlines())
    assert arguments[0] in {module.__name__.rpartition(".")[2].replace("_", "-") for module in COMMANDS}
    assert all(any(value in argument for argument in arguments) for value in values.values()), arguments


BUILD = [step for step in RUN if step.content.get("id") == "build"]
OTHERS = [step for step in RUN if step not in BUILD]


@pytest.mark.parametrize("step", OTHERS, ids=places(OTHERS))
def test_a_step_is_nothing_but_make(step: Step) -> None:
    assert re.fullmatch(r'make [a-z0-9-]+( [A-Z_]+=("[\w$/.]+"|[\w/.]+))*', step.content["run"])


def test_no_expression_is_put_into_a_shell_s_text() -> None:
    assert not [step.place for step in RUN if "${{" in step.content["run"]]


def test_what_a_person_types_never_is_a_shell_s_or_make_s_text(tmp_path: Path) -> None:
    """Make expands `$(…)` in what its command line gives it, but not in the environment."""
    (fetch,) = [step for step in RUN if "LAKETOP_RELEASE" in step.variables]
    typed = f"$(shell touch {tmp_path}/made)`touch {tmp_path}/shelled`';\"$(touch {tmp_path}/touched)"
    answer = perform(
        fetch, tmp_path, "import os, sys\nprint(sys.argv[1:], os.environ['LAKETOP_RELEASE'])", LAKETOP_RELEASE=typed
    )
    assert answer.stdout == f"['fetch-release'] {typed}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["program.py"]
    others = [step.place for step in RUN if "inputs.release" in str(step.variables) and step is not fetch]
    # they come after it, and it refuses what is no release
    assert others == ["deploy-environment/deploy/5", "deploy-environment/deploy/6"]


def test_the_build_s_release_is_handed_on(tmp_path: Path) -> None:
    (step,) = BUILD
    output = tmp_path / "output"
    answer = perform(step, tmp_path, f"print('dist/{RELEASE}')", GITHUB_OUTPUT=str(output))
    assert answer.returncode == 0, answer.stderr
    assert output.read_text() == f"release={RELEASE}\n"


def test_a_build_that_fails_hands_nothing_on(tmp_path: Path) -> None:
    (step,) = BUILD
    output = tmp_path / "output"
    answer = perform(step, tmp_path, "raise SystemExit(1)", GITHUB_OUTPUT=str(output))
    assert answer.returncode != 0
    assert not output.exists()


def test_nothing_is_allowed_but_what_a_job_says() -> None:
    assert {name: workflow(name)["permissions"] for name in NAMES} == {name: {} for name in NAMES}
    assert {place: job["permissions"] for place, job in JOBS.items()} == PERMISSIONS


def test_every_right_to_write_says_what_for() -> None:
    for path in WORKFLOWS:
        lines = [line for line in path.read_text().splitlines() if re.search(r":\s*write\b", line)]
        assert all(re.search(r": write # \S+", line) for line in lines), path


def test_no_job_may_write_to_github_and_deploy() -> None:
    writers = {place for place, job in JOBS.items() if {"write"} & set({**job["permissions"], "id-token": ""}.values())}
    assert writers == {"data-quality-monitoring/monitor", "terraform-plan/comment"}
    assert not [step for step in using(CREDENTIALS) if step.place.startswith("terraform-plan/comment")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_code_of_others_is_pinned_by_commit(path: Path) -> None:
    for line in re.findall(r"uses: (.*)", path.read_text()):
        if line.startswith("./"):
            target = ROOT / line
            assert target.is_file() or (target / "action.yml").is_file(), line
        else:
            name, commit, version = re.fullmatch(r"([\w/-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line).groups()
            assert ACTIONS[name] == version, line
            assert {found.content["uses"] for found in using(name)} == {f"{name}@{commit}"}


def test_there_is_no_action_that_nobody_uses() -> None:
    assert {step.content["uses"].partition("@")[0] for step in using("") if "@" in step.content.get("uses", "")} == set(
        ACTIONS
    )


def test_credentials_are_short_lived() -> None:
    for path in FILES:
        assert not re.search(r"secrets\.|AWS_(SECRET_)?ACCESS_KEY|aws-access-key|AKIA", path.read_text()), path
    for step in using(CREDENTIALS):
        assert set(step.content["with"]) - {"role-duration-seconds"} == {
            "role-to-assume",
            "allowed-account-ids",
            "aws-region",
        }
        assert step.job["permissions"]["id-token"] == "write"
        assert "environment" in step.job, "the trust policy is for one GitHub environment"
    with_token = {place for place, job in JOBS.items() if "id-token" in job["permissions"] and "steps" in job}
    assert with_token == {step.place.rpartition("/")[0] for step in using(CREDENTIALS)}


def test_no_token_stays_in_a_checkout() -> None:
    checkouts = using("actions/checkout@")
    assert checkouts
    assert all(step.content["with"]["persist-credentials"] is False for step in checkouts)


def test_nothing_is_started_by_strangers() -> None:
    triggers = {name: set(workflow(name)[ON]) for name in NAMES}
    assert set.union(*triggers.values()) == {"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}
    assert [name for name, some in triggers.items() if "push" in some] == ["data-pipeline-ci", "deploy-pipeline"]
    assert workflow("deploy-pipeline")[ON]["push"] == {"branches": ["main"]}
    # a pull request of a fork gets neither credentials nor a right to write; its jobs are left out
    assert "head.repo.full_name == github.repository" in JOBS["terraform-plan/plan"]["if"]


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_concurrency_group_a_shell_and_time_limits(name: str) -> None:
    document = workflow(name)
    assert document["concurrency"]["group"].startswith(name), "groups are the repository's: names must differ"
    assert "cancel-in-progress" in document["concurrency"]
    assert document["defaults"] == {"run": {"shell": "bash"}}
    for job in document["jobs"].values():
        if "steps" in job:
            assert 0 < job["timeout-minutes"] <= 120
            assert job["runs-on"] == "ubuntu-24.04"


def test_only_a_check_that_changes_nothing_is_cut_short() -> None:
    assert {name: workflow(name)["concurrency"]["cancel-in-progress"] for name in NAMES} == dict.fromkeys(
        NAMES, False
    ) | {"data-pipeline-ci": "${{ github.event_name == 'pull_request' }}"}


def test_all_stages_are_run_and_covered() -> None:
    matrix = JOBS["data-pipeline-ci/test"]["strategy"]["matrix"]["stage"]
    assert matrix == [stage.name for stage in STAGES if not stage.asked]
    others = [step.content["run"] for step in RUN if step.place.startswith("data-pipeline-ci/e2e-docker")]
    assert others == [f"make {stage.name}" for stage in STAGES if stage.asked]
    (kept,) = [step.content["with"] for step in using("actions/upload-artifact@") if "/test/" in step.place]
    assert kept["include-hidden-files"] is True
    assert fnmatch(".coverage.host.pid7.Xabc", kept["path"])


@pytest.mark.parametrize(
    ("workflow_name", "value"),
    [("data-pipeline-ci", "unit"), ("terraform-plan", "prod")],
)
def test_what_is_fetched_by_a_pattern_is_what_was_kept(workflow_name: str, value: str) -> None:
    (kept,) = [s.content["with"] for s in using("actions/upload-artifact@") if s.place.startswith(workflow_name)]
    (fetched,) = [s.content["with"] for s in using("actions/download-artifact@") if s.place.startswith(workflow_name)]
    assert fnmatch(re.sub(r"\$\{\{.*?\}\}", value, kept["name"]), fetched["pattern"])
    assert kept["if-no-files-found"] == "error"
    assert fetched["merge-multiple"] is True


def filled(text: str, **values: str) -> str:
    """A text with its expressions evaluated; what has no value is empty."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluate(found[1], lambda name: values.get(name, ""))), text)


@pytest.mark.parametrize("values", [{"steps.build.outputs.release": RELEASE}, {"inputs.release": RELEASE}])
def test_the_bytes_that_are_deployed_are_those_of_the_release(values: dict[str, str]) -> None:
    (kept,) = [step.content["with"] for step in using("actions/upload-artifact@") if "deploy-" in step.place]
    (fetched,) = [step.content["with"] for step in using("actions/download-artifact@") if "deploy-" in step.place]
    output = filled(JOBS["deploy-pipeline/release"]["outputs"]["release"], **values)
    assert output == RELEASE
    for env in ("dev", "staging", "prod"):
        handed = JOBS[f"deploy-pipeline/{env}"]["with"]
        assert filled(handed["release"], **{"needs.release.outputs.release": output}) == RELEASE
        assert handed["environment"] == env
    assert filled(kept["name"], **values) == filled(fetched["name"], **{"inputs.release": RELEASE})
    assert filled(kept["path"], **values).rstrip("/") == filled(fetched["path"], **{"inputs.release": RELEASE})
    assert fetched["path"] == "dist/${{ inputs.release }}"
    deploy = [step.content["run"] for step in RUN if step.place.startswith("deploy-environment")]
    assert deploy == [
        'make deploy ENV="$ENVIRONMENT" ARTIFACTS="dist/$RELEASE" CONFIRM="$ACCOUNT"',
        'make e2e ENV="$ENVIRONMENT" CONFIRM="$ACCOUNT"',
    ]


ALL = {"dev", "staging", "prod"}


def promotion(inputs: dict[str, str], ready: str = "true", failing: str = "") -> tuple[str, set[str]]:
    """What deploy-pipeline does: the steps that make the release, and the environments that are deployed."""
    document = workflow("deploy-pipeline")["jobs"]
    results: dict[str, str] = {}

    def values(name: str) -> Any:
        context, _, rest = name.partition(".")
        if context == "needs":
            return results[rest.partition(".")[0]]
        return {"inputs": inputs.get(rest, ""), "vars": ready, "cancelled": False, "true": True}[context]

    made = "+".join(
        re.search(r"make (?:--no-print-directory )?([\w-]+)", step["run"])[1]
        for step in document["release"]["steps"]
        if "run" in step and runs(step, values)
    )
    deployed = set()
    for name, job in document.items():
        if not runs(job, values):
            results[name] = "skipped"
            continue
        impossible = name == "release" and made == "fetch-release" and not inputs.get("release")
        results[name] = "failure" if name == failing or impossible else "success"
        deployed |= {name} & ALL
    return made, deployed


@pytest.mark.parametrize(
    ("inputs", "made", "deployed"),
    [
        ({}, "build", ALL),
        ({"environment": "all", "release": ""}, "build", ALL),
        ({"environment": "all", "release": RELEASE}, "fetch-release", ALL),
        *(({"environment": env, "release": RELEASE}, "fetch-release", {env}) for env in sorted(ALL)),
        # what no environment has tested goes to none but the first
        *(({"environment": env, "release": ""}, "fetch-release", set()) for env in sorted(ALL)),
    ],
)
def test_where_a_release_goes(inputs: dict[str, str], made: str, deployed: set[str]) -> None:
    assert promotion(inputs) == (made, deployed)


@pytest.mark.parametrize(
    ("failing", "deployed"),
    [("release", set()), ("dev", {"dev"}), ("staging", {"dev", "staging"}), ("prod", ALL)],
)
def test_what_fails_goes_no_further(failing: str, deployed: set[str]) -> None:
    assert promotion({}, failing=failing)[1] == deployed
    assert promotion({"environment": "all", "release": RELEASE}, failing=failing)[1] == deployed


def test_without_an_account_nothing_is_deployed() -> None:
    assert promotion({}, ready="")[1] == set()
    asking = [place for place, job in JOBS.items() if "id-token" in job["permissions"] and "needs" not in job]
    assert asking == ["data-quality-monitoring/monitor", "deploy-environment/deploy"]
    assert "vars.AWS_READY == 'true'" in JOBS["data-quality-monitoring/monitor"]["if"]
    assert "vars.AWS_READY == 'true'" in JOBS["terraform-plan/plan"]["if"]


def test_test_data_never_reaches_prod() -> None:
    tested = {env: JOBS[f"deploy-pipeline/{env}"]["with"]["smoke-test"] for env in ALL}
    assert tested == {"dev": True, "staging": True, "prod": False}
    (smoke,) = [step for step in RUN if step.content["run"].startswith("make e2e ENV=")]
    assert smoke.content["if"] == "inputs.smoke-test"


def test_the_clock_of_the_monitoring_is_a_valid_one() -> None:
    ((entry,),) = [list(item.values()) for item in workflow("data-quality-monitoring")[ON]["schedule"]]
    fields = entry.split()
    ranges = [range(60), range(24), range(1, 32), range(1, 13), range(7)]
    chosen = [list(allowed) for allowed in ranges]
    assert len(fields) == len(ranges)
    for number, (field, allowed) in enumerate(zip(fields, ranges, strict=True)):
        value, _, step = field.partition("/")
        assert re.fullmatch(r"\*|\d+", value)
        chosen[number] = list(allowed)[:: int(step or 1)] if value == "*" else [int(value)]
        assert set(chosen[number]) <= set(allowed)
    assert chosen[0] not in ([0], [30]), "GitHub delays what everybody asks for"
    assert len(chosen[0]) * len(chosen[1]) == 8


def test_the_page_names_all_that_has_to_be_set_up() -> None:
    page = (FOLDER / "README.md").read_text()
    text = "".join(path.read_text() for path in FILES)
    for variable in set(re.findall(r"vars\.(\w+)", text)):
        assert f"`{variable}`" in page, variable
    for place, job in JOBS.items():
        if "steps" in job and "environment" in job and place != "deploy-environment/deploy":
            for env in job["strategy"]["matrix"]["environment"]:
                name = filled(job["environment"], **{"matrix.environment": env})
                assert f"`{name}`" in page, name
    assert all(f"`{env}`" in page for env in ALL)
    assert all(f"`{name}.yml`" in page for name in NAMES)
    (policy,) = map(json.loads, re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    condition = policy["Statement"][0]["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    assert condition["token.actions.githubusercontent.com:sub"] == "repo:OWNER@OWNER_ID/NAME@NAME_ID:environment:dev"
    assert "*" not in json.dumps(policy)
