"""`laketop bootstrap`: make the bucket that holds an environment's Terraform state; once an account and environment."""

from laketop import settings as configuration
from laketop.stack import environments, terraform
from laketop.stack.environments import Confirm, Environment
from laketop.stack.messages import ExitCode, StackError, say
from laketop.stack.terraform import LOCAL


def run(env: Environment = LOCAL, confirm: Confirm = None) -> None:
    """Make, or take over, the bucket of an environment's Terraform state, and print its name."""
    settings = configuration.load()
    account = environments.account(env, "bootstrap", confirm)
    if account is None:
        hint = "make bootstrap ENV=dev CONFIRM=<account id>"
        raise StackError(f"bootstrap {env}", "the lake keeps Terraform's state itself", hint, ExitCode.USAGE)
    with environments.held(settings, env, "bootstrap"):
        workspace = terraform.prepare_bootstrap(settings, env, account)
        terraform.initialise(settings, workspace)
        say(f"  {terraform.apply(settings, workspace)}")
    print(account.state_bucket(env))
