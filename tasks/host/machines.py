"""The Smart StateBag's two state machines on premises (Contract 11).

``python -m tasks.host.machines`` deploys the files that the settings name. With
``--canary PERCENT`` that share of the executions started through the alias ``live`` runs the new
version, the others run the version before it.
"""

from dataclasses import dataclass
from typing import Annotated

import typer

from config.asl.state_machine_files import read_definition
from config.local_deployment import local_deployment
from config.settings import Settings
from pipeline.command_line.application import application
from pipeline.command_line.command_errors import Commands
from pipeline.command_line.consoles import results
from pipeline.engine.engine import Engine
from pipeline.engine.machine_names import MachineName
from pipeline.ledger.aliases import AliasRow
from pipeline.state_machines.aliases import create_alias, find_alias, update_alias
from pipeline.state_machines.errors import AliasAlreadyExists
from pipeline.state_machines.machines import put_state_machine
from pipeline.state_machines.versions import publish_version

STANDARD = "statebag-standard"
DISTRIBUTED = "statebag-distributed"
LIVE = "live"

EVERYTHING = 100
"""The whole of an alias's weight, in per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One deployed state machine.

    Attributes:
        file: The state machine file.
        version_arn: The published version of that file.
        alias: ``live``, by whose ARN executions are started.
    """

    file: str
    version_arn: str
    alias: AliasRow


def deploy_machines(engine: Engine, *, canary_percent: int = EVERYTHING) -> tuple[Deployed, ...]:
    """Deploy the standard and the distributed machine with the files that the settings name.

    Running executions continue with the version they started on. Deploying the live version again
    changes nothing.

    Args:
        canary_percent: Share of the executions started through ``live`` that a new version gets.

    Raises:
        InvalidDefinition: A file does not conform.
    """
    files = {
        STANDARD: engine.settings.state_machine_definition,
        DISTRIBUTED: engine.settings.state_machine_distributed,
    }
    return tuple(_deploy(engine, name, file, canary_percent) for name, file in files.items())


def machine_arn(settings: Settings, name: str) -> str:
    """The ARN of a deployed machine; with ``:live`` after it that of its alias."""
    return MachineName(name=name, region=settings.region, account_id=settings.account_id).arn


def _deploy(engine: Engine, name: str, file: str, percent: int) -> Deployed:
    definition = read_definition(file, local_deployment(engine.settings).substitutions())
    arn = machine_arn(engine.settings, name)
    put_state_machine(engine, name, definition)
    version = publish_version(engine, arn, description=file)
    try:
        alias = create_alias(engine, name=LIVE, routing=[(version.arn, EVERYTHING)])
    except AliasAlreadyExists:
        alias = _reroute(engine, f"{arn}:{LIVE}", version.arn, percent)
    return Deployed(file=file, version_arn=version.arn, alias=alias)


def _reroute(engine: Engine, alias_arn: str, version_arn: str, percent: int) -> AliasRow:
    """Give a version its share, and the rest to the version with the largest share so far."""
    now = max(find_alias(engine, alias_arn).routing, key=lambda route: route.weight)
    routing = [(version_arn, percent)]
    if percent < EVERYTHING:
        routing.insert(0, (now.version_arn, EVERYTHING - percent))
    if now.version_arn == version_arn:
        routing = [(version_arn, EVERYTHING)]
    return update_alias(engine, alias_arn, routing=routing)


command = typer.Typer(
    cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@command.callback(invoke_without_command=True)
def deploy(
    canary: Annotated[
        int,
        typer.Option(
            min=0, max=EVERYTHING, help="Per cent of executions that run the new version."
        ),
    ] = EVERYTHING,
) -> None:
    """Deploy the standard and the distributed state machine as the settings say."""
    with application() as app:
        for deployed in deploy_machines(app.engine, canary_percent=canary):
            shares = [f"{route.version_arn} {route.weight} %" for route in deployed.alias.routing]
            results.print(f"{deployed.file}: {deployed.alias.arn} -> {', '.join(shares)}")


if __name__ == "__main__":
    command()
