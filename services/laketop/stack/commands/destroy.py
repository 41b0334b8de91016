"""`laketop destroy`: take an environment down, with its data where its values allow that."""

from laketop import settings as configuration
from laketop.stack import deployment, environments, sample, terraform
from laketop.stack.environments import Confirm, Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.terraform import LOCAL


def require_unprotected(name: str, outputs: dict[str, object]) -> None:
    """Check that an environment, as it is deployed, may be destroyed.

    Raises:
        StackError: its deletion protection is on.
    """
    if outputs.get("deletion_protection", False):
        hint = f"set deletion_protection = false in infra/envs/{name}, deploy that, then destroy"
        raise StackError(f"destroy {name}", "its deletion protection is on", hint, ExitCode.REFUSED)


def run(env: Environment = LOCAL, confirm: Confirm = None) -> None:
    """Destroy what Terraform made for an environment."""
    settings = configuration.load()
    if environments.delegated(settings, env, None, "destroy"):
        return
    account = environments.account(env, "destroy", confirm)
    with environments.held(settings, env, "destroy"):
        workspace = terraform.prepare(settings, env, account)
        terraform.initialise(settings, workspace)
        require_unprotected(env, terraform.outputs(settings, workspace))
        say(f"  {terraform.destroy(settings, workspace)}")
        if account is None:
            deployment.forget(settings)
            sample.forget(settings)
