"""Names of state machines, and the ARNs that follow from them."""

from dataclasses import dataclass

from pipeline.engine.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineName:
    """A state machine's name as ARNs spell it."""

    name: str
    region: str
    account_id: str

    @property
    def arn(self) -> str:
        """ARN of the state machine."""
        return f"arn:aws:states:{self.region}:{self.account_id}:stateMachine:{self.name}"

    def execution_arn(self, execution_name: str) -> str:
        """ARN of one of its executions."""
        prefix = f"arn:aws:states:{self.region}:{self.account_id}:execution"
        return f"{prefix}:{self.name}:{execution_name}"


def machine_names(engine: Engine, name: str | MachineName) -> MachineName:
    """A state machine's name with its region and account; those of the settings for a bare name."""
    if isinstance(name, MachineName):
        return name
    settings = engine.settings
    return MachineName(name=name, region=settings.region, account_id=settings.account_id)
