"""The settings of StateBag: environment variables with one prefix, and an optional TOML file.

``python -m config.settings`` prints them as a Markdown table.
"""

from pathlib import Path

from pydantic import Field, FilePath, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.loading import PREFIX, load, settings_file, variable
from config.setting_defaults import (
    Mode,
    ServiceBackend,
    default_access_keys_file,
    default_concurrency,
    default_ledger_url,
    default_object_store,
    default_role_arn,
    default_s3_directory,
    default_service_backend,
    default_status_events,
    mode_of,
)
from config.setting_types import (
    BrokerUrl,
    DistributedDefinition,
    LedgerUrl,
    LogLevel,
    ObjectStoreUrl,
    ResultBackendUrl,
    StandardDefinition,
)

__all__ = ["PREFIX", "Mode", "ServiceBackend", "Settings", "load_settings", "settings_table"]


class Settings(BaseSettings):
    """Everything that can be set; an environment variable wins over the TOML file.

    Fields whose default is derived from others stand after them.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True
    )

    broker_url: BrokerUrl = Field(
        default="memory://",
        repr=False,
        description="Celery broker: RabbitMQ, Redis, or `memory://`, which makes the mode embedded",
    )
    result_backend: ResultBackendUrl = Field(
        default="cache+memory://",
        validate_default=True,
        repr=False,
        description="Celery result backend, which counts the lanes of chords: Redis, or in memory",
    )
    data_dir: Path = Field(
        default=Path(".statebag"),
        description="Directory for local data; created if missing",
    )
    ledger_url: LedgerUrl = Field(
        default_factory=default_ledger_url,
        repr=False,
        description="Database of the ledger: SQLite or PostgreSQL",
        json_schema_extra={"shown": "sqlite:///<data_dir>/ledger.db"},
    )
    object_store: ObjectStoreUrl = Field(
        default_factory=default_object_store,
        min_length=1,
        description="Where large payloads go: a directory or `s3://bucket/prefix`",
        json_schema_extra={"shown": "<data_dir>/objects"},
    )
    offload_threshold_bytes: int = Field(
        default=32768,
        ge=0,
        description="Payloads above this many bytes of JSON go to the object store",
    )
    s3_directory: Path | None = Field(
        default_factory=default_s3_directory,
        description="Directory whose subdirectories replace the buckets of ItemReader and "
        "ResultWriter; without it StateBag uses S3",
        json_schema_extra={"shown": "embedded without AWS_ENDPOINT_URL_S3: <data_dir>/s3"},
    )
    tables: ServiceBackend = Field(
        default_factory=default_service_backend,
        description="DynamoDB tables of Task states: `local` (kept in the ledger) or `aws`",
        json_schema_extra={"shown": "embedded: local; server: aws"},
    )
    event_bus: ServiceBackend = Field(
        default_factory=default_service_backend,
        description="Where events:putEvents publishes: `local` (the topic exchange "
        "`statebag.events` of the broker) or `aws` (EventBridge)",
        json_schema_extra={"shown": "embedded: local; server: aws"},
    )
    logs: ServiceBackend = Field(
        default_factory=default_service_backend,
        description="Where StateBag delivers the logs of LoggingConfiguration: `local` (a file for "
        "each log group below <data_dir>/logs) or `aws` (CloudWatch Logs)",
        json_schema_extra={"shown": "embedded: local; server: aws"},
    )
    status_events: bool = Field(
        default_factory=default_status_events,
        description="Publish an event when an execution starts and when it ends",
        json_schema_extra={"shown": "true where event_bus is local"},
    )
    strict_limits: bool = Field(
        default=True, description="Enforce AWS's limit of 256 KiB for a state's input and output"
    )
    functions_file: FilePath = Field(
        default=Path(__file__).with_name("functions.toml"),
        description="File that says how to call each function",
        json_schema_extra={"shown": "the packaged config/functions.toml"},
    )
    connections_file: FilePath | None = Field(
        default=None,
        description="File of the connections of `http:invoke`, with how each authenticates",
        json_schema_extra={"shown": "no connections"},
    )
    concurrency: int = Field(
        default_factory=default_concurrency,
        ge=1,
        description="Worker threads (embedded) or processes (server)",
        json_schema_extra={"shown": "4; embedded: twice the processors, at most 8"},
    )
    default_queue: str = Field(
        default="statebag",
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Queue of the engine's own tasks and of functions without a queue of their own",
    )
    message_budget_seconds: float = Field(
        default=0.1,
        ge=0,
        allow_inf_nan=False,
        description="Seconds within which a message may make further function calls; "
        "0 gives each Task state a message of its own",
    )
    lane_limit: int = Field(
        default=40,
        ge=1,
        description="Iterations of a Map that run at once, even if its MaxConcurrency is higher",
    )
    sweep_interval_seconds: float = Field(
        default=1.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds between two sweeps of the ledger",
    )
    heartbeat_interval_seconds: float = Field(
        default=2.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds between two heartbeats of a worker",
    )
    worker_stale_seconds: float = Field(
        default=10.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds without a heartbeat until the sweeper releases a worker's claims; "
        "at least twice heartbeat_interval_seconds",
    )
    redelivery_seconds: float = Field(
        default=30.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds after which the sweeper republishes a wake-up without a claim",
    )
    region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]+$", description="Region in ARNs")
    account_id: str = Field(
        default="000000000000", pattern=r"^\d{12}$", description="Account in ARNs"
    )
    role_arn: str = Field(
        default_factory=default_role_arn,
        pattern=r"^arn:[a-z-]+:iam::\d{12}:role/.+$",
        description="`$$.Execution.RoleArn` of executions",
        json_schema_extra={"shown": "arn:aws:iam::<account_id>:role/statebag"},
    )
    state_machine_definition: StandardDefinition = Field(
        default="aws_step_functions_v3.json", description="File of the standard state machine"
    )
    state_machine_distributed: DistributedDefinition = Field(
        default="aws_step_functions_distributed_v3.json",
        description="File of the distributed state machine",
    )
    access_keys_file: Path = Field(
        default_factory=default_access_keys_file,
        description="File of the access keys that the endpoint accepts",
        json_schema_extra={"shown": "<data_dir>/access_keys.toml"},
    )
    api_threads: int = Field(default=8, ge=1, description="Requests that one endpoint runs at once")
    api_request_limit: int = Field(
        default=500,
        ge=1,
        description="Requests in progress at one endpoint, long polls included; it answers further "
        "ones with a ThrottlingException",
    )
    flower_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Address of Flower as browsers reach it, for the console's links",
        json_schema_extra={"shown": "no links"},
    )
    log_level: LogLevel = Field(default="INFO", description="Lowest level that is logged")

    @property
    def mode(self) -> Mode:
        """Embedded with the in-memory broker, server with any other."""
        return mode_of(self.broker_url)

    @field_validator("result_backend")
    @classmethod
    def _shared_by_all_workers(cls, url: str, info: ValidationInfo) -> str:
        server = mode_of(info.data.get("broker_url", "memory://")) is Mode.SERVER
        if server and url.startswith("cache+memory://"):
            raise ValueError("workers in several processes need a result backend that they share")
        return url

    @field_validator("worker_stale_seconds")
    @classmethod
    def _outlasts_a_lost_heartbeat(cls, seconds: float, info: ValidationInfo) -> float:
        if seconds < 2 * info.data.get("heartbeat_interval_seconds", 0):
            raise ValueError("expected at least twice heartbeat_interval_seconds")
        return seconds

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return init_settings, env_settings, file


def load_settings() -> Settings:
    """Read the settings from the environment and the TOML file.

    Raises:
        InvalidSettings: Some setting is unknown or has a value that cannot be used.
    """
    return load(Settings)


def settings_table() -> str:
    """All settings as a Markdown table."""
    rows = [
        "| variable | key in statebag.toml | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        default = extra["shown"] if isinstance(extra, dict) else field.default
        rows.append(f"| `{variable(name)}` | `{name}` | `{default}` | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(settings_table())  # noqa: T201 (the table is this command's output)
