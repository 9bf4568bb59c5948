"""Amazon Resource Names, parsed by botocore's rule."""

from dataclasses import dataclass
from typing import Self

from botocore.utils import ArnParser

_PARSER = ArnParser()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """The parts of an ARN.

    Attributes:
        service: ``states``, ``lambda``, ``logs``, ...
        region: Empty if the service has none.
        account_id: Twelve digits.
        resource: Everything behind the account; it may contain further colons.
    """

    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an ARN.

        Raises:
            ValueError: The text has fewer parts than an ARN.
        """
        parts = _PARSER.parse_arn(text)
        return cls(
            service=parts["service"],
            region=parts["region"],
            account_id=parts["account"],
            resource=parts["resource"],
        )

    @property
    def resource_name(self) -> str:
        """The resource without its type: ``name`` of ``function:name``, including a qualifier."""
        return self.resource.partition(":")[2]
