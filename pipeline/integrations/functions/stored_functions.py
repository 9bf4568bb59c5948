"""Functions that clients created over the API, and the actions on them.

AWS Lambda API Reference; the methods have the names of its actions.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.function import StoredFunction
from pipeline.integrations.functions.function_reference import parse_function_reference
from pipeline.integrations.functions.kept_code import KeptCode
from pipeline.integrations.functions.lambda_code import FunctionCode
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.ledger import stored_functions as rows
from pipeline.ledger.database import Database
from pipeline.ledger.stored_functions import LATEST, StoredFunctionRow


class FunctionExists(RejectedRequest):
    """A function of this name exists."""

    code = "ResourceConflictException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Function already exist: {name}")


class NoSuchFunction(RejectedRequest):
    """There is no function, or no version of it, with this ARN."""

    code = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Function not found: {arn}")


class RevisionPassed(RejectedRequest):
    """The function has changed since the revision in the request."""

    code = "PreconditionFailedException"

    def __init__(self) -> None:
        super().__init__(
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id"
        )


Change = Callable[[StoredFunctionRow], StoredFunctionRow]


class StoredFunctions:
    """The functions of an installation, for all its accounts."""

    def __init__(
        self, database: Database, code: FunctionCode, queue: str, clock: Callable[[], float]
    ) -> None:
        """Read nothing yet.

        Args:
            database: The ledger.
            code: The functions' zips.
            queue: Celery queue whose workers call the functions.
            clock: Gives the epoch seconds.
        """
        self.code = code
        self._kept = KeptCode(database, code, clock)
        self._database = database
        self._queue = queue
        self._clock = clock

    def find(self, reference: str, *, account_id: str, region: str) -> StoredFunction | None:
        """The function that a reference names, or None.

        Args:
            reference: ``name``, ``name:qualifier``, a partial or a full function ARN.
            account_id, region: Those of the function if the reference has none.
        """
        parsed = parse_function_reference(reference)
        if parsed is None:
            return None
        arn = function_arn(parsed.name, parsed.account_id or account_id, parsed.region or region)
        with self._database.reading() as connection:
            row = rows.find_function(connection, arn, parsed.qualifier or LATEST)
        return None if row is None else self._callable(row)

    def get(self, arn: str, version: str = LATEST) -> StoredFunctionRow:
        """A version of a function.

        Raises:
            NoSuchFunction: There is none.
        """
        with self._database.reading() as connection:
            row = rows.find_function(connection, arn, version)
        if row is None:
            raise NoSuchFunction(arn if version == LATEST else f"{arn}:{version}")
        return row

    def of_account(
        self, account_id: str, region: str, *, all_versions: bool = False
    ) -> list[StoredFunctionRow]:
        """The functions of an account in a region, by name."""
        with self._database.reading() as connection:
            return rows.functions_of(connection, account_id, region, all_versions=all_versions)

    def versions(self, arn: str) -> list[StoredFunctionRow]:
        """The versions of a function, ``$LATEST`` first.

        Raises:
            NoSuchFunction: There is no such function.
        """
        with self._database.reading() as connection:
            found = rows.versions_of(connection, arn)
        if not found:
            raise NoSuchFunction(arn)
        return found

    def create(
        self, arn: str, code: bytes, configuration: Mapping[str, Any], tags: Mapping[str, str]
    ) -> StoredFunctionRow:
        """Create a function.

        Args:
            arn: Its ARN.
            code: A zip.
            configuration: Runtime, Handler and so on, by AWS's names.
            tags: Its tags.

        Raises:
            UnusableCode: The zip cannot be used.
            FunctionExists: A function of this name exists.
        """
        parts = Arn.parse(arn)
        row = StoredFunctionRow(
            arn=arn,
            version=LATEST,
            name=parts.resource_name,
            region=parts.region,
            account_id=parts.account_id,
            revision_id=str(uuid4()),
            code_sha256=self._kept.keep(code),
            code_size=len(code),
            configuration=configuration,
            tags=tags,
            published=0,
            modified_at=self._clock(),
        )
        with self._database.durable() as connection:
            if not rows.insert_function(connection, row):
                raise FunctionExists(row.name)
            self._kept.note_use(connection, {row.code_sha256})
        self._kept.delete_unused()
        return row

    def update_code(self, arn: str, code: bytes, revision_id: str | None) -> StoredFunctionRow:
        """Replace a function's code. Its published versions keep theirs.

        Raises:
            UnusableCode: The zip cannot be used.
            NoSuchFunction: There is no such function.
            RevisionPassed: It is not at this revision any more.
        """
        sha256 = self._kept.keep(code)
        changed = self._change(
            arn, revision_id, lambda row: replace(row, code_sha256=sha256, code_size=len(code))
        )
        self._kept.delete_unused()
        return changed

    def update_configuration(
        self, arn: str, changed: Mapping[str, Any], revision_id: str | None
    ) -> StoredFunctionRow:
        """Change parts of a function's configuration.

        Raises:
            NoSuchFunction: There is no such function.
            RevisionPassed: It is not at this revision any more.
        """
        return self._change(
            arn,
            revision_id,
            lambda row: replace(row, configuration={**row.configuration, **changed}),
        )

    def publish(
        self, arn: str, *, description: str | None = None, revision_id: str | None = None
    ) -> StoredFunctionRow:
        """Publish a version; return the latest one if nothing has changed since.

        Raises:
            NoSuchFunction: There is no such function.
            RevisionPassed: It is not at this revision any more.
        """
        with self._database.durable() as connection:
            latest = _locked(connection, arn, revision_id)
            last = rows.find_function(connection, arn, str(latest.published))
            if last is not None and _is_same(latest, last):
                return last
            number = latest.published + 1
            described = {} if description is None else {"Description": description}
            version = replace(
                latest,
                version=str(number),
                revision_id=str(uuid4()),
                configuration={**latest.configuration, **described},
                tags={},
                published=0,
            )
            rows.insert_function(connection, version)
            rows.replace_function(connection, replace(latest, published=number))
            return version

    def delete(self, arn: str, version: str | None) -> None:
        """Delete one version, or the function with all of them when it is None.

        Raises:
            NoSuchFunction: There is nothing to delete.
        """
        with self._database.durable() as connection:
            deleted = rows.delete_function(connection, arn, version)
            if not deleted:
                raise NoSuchFunction(arn if version is None else f"{arn}:{version}")
            self._kept.note_use(connection, deleted)
        self._kept.delete_unused()

    def _change(self, arn: str, revision_id: str | None, change: Change) -> StoredFunctionRow:
        with self._database.durable() as connection:
            row = _locked(connection, arn, revision_id)
            changed = replace(change(row), revision_id=str(uuid4()), modified_at=self._clock())
            rows.replace_function(connection, changed)
            self._kept.note_use(connection, {row.code_sha256, changed.code_sha256})
            return changed

    def _callable(self, row: StoredFunctionRow) -> StoredFunction:
        configuration = row.configuration
        return StoredFunction(
            name=row.name,
            arn=row.arn,
            version=row.version,
            revision=row.revision_id,
            code_sha256=row.code_sha256,
            runtime=configuration["Runtime"],
            handler=configuration["Handler"],
            timeout_seconds=configuration["Timeout"],
            memory_mb=configuration["MemorySize"],
            environment=tuple(sorted(configuration["Environment"].items())),
            queue=self._queue,
        )


def function_arn(name: str, account_id: str, region: str) -> str:
    """The ARN of a function, without a version."""
    return f"arn:aws:lambda:{region}:{account_id}:function:{name}"


def _locked(connection: Connection, arn: str, revision_id: str | None) -> StoredFunctionRow:
    """The latest version of a function, locked until the commit.

    Raises:
        NoSuchFunction: There is no such function.
        RevisionPassed: It is not at this revision any more.
    """
    row = rows.find_function(connection, arn, locked=True)
    if row is None:
        raise NoSuchFunction(arn)
    if revision_id not in {None, row.revision_id}:
        raise RevisionPassed
    return row


def _is_same(latest: StoredFunctionRow, published: StoredFunctionRow) -> bool:
    """Whether a function has not changed since a version was published."""
    ignored = {"Description": ""}  # a version may have its own description
    return latest.code_sha256 == published.code_sha256 and (
        {**latest.configuration, **ignored} == {**published.configuration, **ignored}
    )
