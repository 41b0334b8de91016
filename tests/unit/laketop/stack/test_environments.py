"""What is asked for before an environment is touched."""

from pathlib import Path

import pytest

from laketop.settings import Settings
from laketop.stack import accounts, artefacts, checkout, environments, lake
from laketop.stack.accounts import Account
from laketop.stack.commands import destroy
from laketop.stack.messages import ExitCode, StackError

ANN = Account("111122223333", "arn:aws:iam::111122223333:user/ann", "")


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "current", lambda: ANN)


@pytest.fixture
def signed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Account:
        raise AssertionError("nobody may be asked who they are")

    monkeypatch.setattr(accounts, "current", nobody)


def test_the_lake_is_no_account_and_needs_no_credentials(signed_out: None) -> None:
    assert environments.account("local", "deploy", None) is None
    assert environments.looked_at("local") is None


def test_an_unknown_environment_is_told_before_anybody_is_asked(signed_out: None) -> None:
    with pytest.raises(StackError, match="environment nowhere") as caught:
        environments.account("nowhere", "deploy", ANN.id)
    assert caught.value.code == ExitCode.USAGE


def test_an_account_is_read_without_and_changed_with_its_name(
    signed_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert environments.looked_at("dev") == ANN
    assert "environment dev: account 111122223333 as arn:aws:iam::111122223333:user/ann" in capsys.readouterr().err
    assert environments.account("dev", "deploy", ANN.id) == ANN
    with pytest.raises(StackError, match="CONFIRM names 444455556666") as caught:
        environments.account("dev", "deploy", "444455556666")
    assert caught.value.code == ExitCode.REFUSED


@pytest.mark.parametrize("name", ["local", "dev"])
def test_what_is_built_now_may_go_where_it_is_tested(name: str) -> None:
    environments.require_release(name, None)


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_beyond_go_the_bytes_that_were_tested(name: str, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"deploy {name}: it takes the release that dev has tested") as caught:
        environments.require_release(name, None)
    assert caught.value.code == ExitCode.REFUSED
    assert "make build" in caught.value.hint
    release = artefacts.release(checkout.ROOT, tmp_path)
    environments.require_release(name, release)
    (release / "release.json").unlink()
    with pytest.raises(StackError, match="cannot be read"):
        environments.require_release(name, release)


def test_one_command_at_a_time_and_the_lake_is_not_in_the_way(lake_settings: Settings) -> None:
    with environments.held(lake_settings, "dev", "deploy"):
        with (
            pytest.raises(
                StackError, match=r"environment dev: `laketop deploy --env dev` .* is at work on it"
            ) as caught,
            environments.held(lake_settings, "dev", "destroy"),
        ):
            raise AssertionError("two at once")
        assert caught.value.code == ExitCode.REFUSED
        with environments.held(lake_settings, "staging", "deploy"), lake.locked(lake_settings, "up"):
            pass
    with environments.held(lake_settings, "dev", "destroy"):
        pass


def test_the_lake_s_environment_needs_the_lake(lake_settings: Settings) -> None:
    with (
        pytest.raises(StackError, match="it does not run"),
        environments.held(lake_settings, "local", "deploy"),
    ):
        raise AssertionError("there is none")


def test_what_is_protected_is_not_destroyed() -> None:
    with pytest.raises(StackError, match="destroy prod: its deletion protection is on") as caught:
        destroy.require_unprotected("prod", {"deletion_protection": True})
    assert caught.value.code == ExitCode.REFUSED
    assert "infra/envs/prod" in caught.value.hint
    destroy.require_unprotected("dev", {"deletion_protection": False})
    destroy.require_unprotected("dev", {})  # nothing is deployed
