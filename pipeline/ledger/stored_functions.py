"""Functions that clients created over the API: one row for each version, including ``$LATEST``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from pipeline.ledger.schema import stored_functions
from pipeline.ledger.upserts import insert_into

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFunctionRow:
    """A version of a function.

    Attributes:
        arn: Without the version.
        version: ``$LATEST`` or a number.
        name, region, account_id: As in the ARN.
        revision_id: Changes with every update.
        code_sha256: Hash of the zip, hexadecimal.
        code_size: Size of the zip, in bytes.
        configuration: Runtime, Handler, Timeout and so on, by AWS's names.
        tags: Tags of the function; only ``$LATEST`` has them.
        published: How many versions were ever published; only ``$LATEST`` counts them.
        modified_at: Epoch seconds.
    """

    arn: str
    version: str
    name: str
    region: str
    account_id: str
    revision_id: str
    code_sha256: str
    code_size: int
    configuration: Mapping[str, Any]
    tags: Mapping[str, str]
    published: int
    modified_at: float


def insert_function(connection: Connection, row: StoredFunctionRow) -> bool:
    """Write a new version; False if there is one."""
    statement = (
        insert_into(connection, stored_functions).values(**asdict(row)).on_conflict_do_nothing()
    )
    return connection.scalar(statement.returning(stored_functions.c.arn)) is not None


def find_function(
    connection: Connection, arn: str, version: str = LATEST, *, locked: bool = False
) -> StoredFunctionRow | None:
    """A version of a function; ``locked`` keeps other transactions from changing it."""
    statement = select(stored_functions).where(
        stored_functions.c.arn == arn, stored_functions.c.version == version
    )
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    return None if row is None else StoredFunctionRow(**row._mapping)


def replace_function(connection: Connection, row: StoredFunctionRow) -> None:
    """Overwrite a version."""
    connection.execute(
        update(stored_functions)
        .where(stored_functions.c.arn == row.arn, stored_functions.c.version == row.version)
        .values(**asdict(row))
    )


def delete_function(connection: Connection, arn: str, version: str | None) -> list[str]:
    """Delete one version, or the function with all of them.

    Returns:
        The SHA-256 of the code of each deleted version; empty if nothing was deleted.
    """
    statement = delete(stored_functions).where(stored_functions.c.arn == arn)
    if version is not None:
        statement = statement.where(stored_functions.c.version == version)
    return list(connection.scalars(statement.returning(stored_functions.c.code_sha256)))


def functions_of(
    connection: Connection, account_id: str, region: str, *, all_versions: bool = False
) -> list[StoredFunctionRow]:
    """The functions of an account in a region, by name.

    Args:
        all_versions: Whether to include their published versions.
    """
    statement = select(stored_functions).where(
        stored_functions.c.account_id == account_id, stored_functions.c.region == region
    )
    if not all_versions:
        statement = statement.where(stored_functions.c.version == LATEST)
    order = (stored_functions.c.name, stored_functions.c.modified_at)
    return [
        StoredFunctionRow(**row._mapping) for row in connection.execute(statement.order_by(*order))
    ]


def versions_of(connection: Connection, arn: str) -> list[StoredFunctionRow]:
    """The versions of a function, ``$LATEST`` first, then from the oldest on."""
    statement = select(stored_functions).where(stored_functions.c.arn == arn)
    rows = [StoredFunctionRow(**row._mapping) for row in connection.execute(statement)]
    return sorted(rows, key=lambda row: 0 if row.version == LATEST else int(row.version))
