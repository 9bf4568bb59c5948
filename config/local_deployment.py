"""Where the functions of the Smart StateBag find everything on premises.

They are Lambda code, which reads environment variables; here these follow from the settings.
"""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from config.asl.substitutions import LocalDeployment
from config.settings import Settings

BUCKET_VARIABLES = (
    "STATE_STORAGE_BUCKET",
    "S3_BUCKET",
    "SKELETON_S3_BUCKET",
    "WORKFLOW_STATE_BUCKET",
)
"""Each may name the state bucket; the first that is set counts (Contract 3.3)."""

DEFAULT_BUCKET = "workflow-state"

TABLES: Mapping[str, str] = {
    "IDEMPOTENCY_TABLE": "workflow-idempotency",
    "TASK_TOKEN_TABLE": "workflow-task-tokens",
    "WORKFLOWS_TABLE": "workflow-definitions",
}
"""The tables by the variable that names each."""


def function_environment(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables that the functions need and the environment lacks.

    Args:
        settings: The variables are derived from these.
        environment: Variables that are set already and take precedence.
    """
    derived = {
        BUCKET_VARIABLES[0]: _bucket(settings, environment),
        "METRICS_TEXTFILE_DIR": str(settings.data_dir.absolute() / "metrics"),
        **TABLES,
    }
    if settings.s3_directory is not None:
        derived["STATE_STORAGE_DIR"] = str(settings.s3_directory.absolute())
    return {name: value for name, value in derived.items() if not environment.get(name)}


def local_deployment(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> LocalDeployment:
    """The values for placeholders in state machine files, which match the functions' variables."""
    bucket = _bucket(settings, environment)
    return LocalDeployment(
        region=settings.region,
        account_id=settings.account_id,
        state_bucket=bucket.rstrip("/").rpartition("/")[2],  # of a file: URL the last part
        idempotency_table=environment.get("IDEMPOTENCY_TABLE") or TABLES["IDEMPOTENCY_TABLE"],
    )


def _bucket(settings: Settings, environment: Mapping[str, str]) -> str:
    """The state bucket that is named, else the bucket of the payloads, which exists."""
    for name in BUCKET_VARIABLES:
        if named := environment.get(name):
            return named
    store = urlsplit(settings.object_store)
    in_s3 = store.scheme == "s3" and settings.s3_directory is None
    return store.netloc if in_s3 else DEFAULT_BUCKET
