"""Names of services, actions and fields as Step Functions spells them.

AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations": the names are
those of the AWS SDK for Java 2, whose code generator has the rules below.
"""

import re

_OTHER_CHARACTERS = re.compile(r"[^A-Za-z0-9]+")
_BETWEEN_CAMEL_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])")
_AFTER_ACRONYM = re.compile(r"([A-Z]+)([A-Z][a-z])")
_VERSION = re.compile(r"([^a-z]{2,})v([0-9]+)")
_AFTER_NUMBER = re.compile(r"([0-9])([a-zA-Z])")
_LEADING_CAPITALS = re.compile(r"\A(?:[A-Z]+(?![a-z])|[A-Z])")


def client_name(service_id: str) -> str:
    """The name of a service's client: ``DynamoDb`` for ``DynamoDB``, ``Sfn`` for ``SFN``."""
    name = _pascal_case(service_id)
    for leading in ("Amazon", "Aws"):
        name = name.removeprefix(leading)
    return name.removesuffix("Service")


def sdk_name(service_id: str) -> str:
    """The name of a service after ``aws-sdk:``."""
    return client_name(service_id).lower()


def action_name(operation: str) -> str:
    """The name of an action in a Resource: ``listObjectsV2``, ``describeDBInstances``."""
    return _LEADING_CAPITALS.sub(lambda match: match[0].lower(), operation)


def sdk_field(member: str) -> str:
    """A field of an SDK integration: ``DbInstanceIdentifier`` for ``DBInstanceIdentifier``."""
    return optimised_field(action_name(member))


def optimised_field(member: str) -> str:
    """A field of an optimised integration: the service's own name, beginning with a capital."""
    return member[:1].upper() + member[1:]


def sdk_exception(shape: str) -> str:
    """The error name of an SDK integration: ``NoSuchKeyException`` for ``NoSuchKey``."""
    return _pascal_case(optimised_exception(shape))


def optimised_exception(shape: str) -> str:
    """The error name of an optimised integration."""
    return shape.removesuffix("Fault").removesuffix("Exception") + "Exception"


def _pascal_case(name: str) -> str:
    spaced = _VERSION.sub(r"\1 v\2 ", _OTHER_CHARACTERS.sub(" ", name))
    spaced = _BETWEEN_CAMEL_WORDS.sub(" ", spaced)
    spaced = _AFTER_NUMBER.sub(r"\1 \2", _AFTER_ACRONYM.sub(r"\1 \2", spaced))
    return "".join(word.capitalize() for word in spaced.split())
