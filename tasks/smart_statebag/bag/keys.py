"""Where objects lie: pointers, the execution's prefix, and the keys below it (Contract 3.3)."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject

ROOT = "workflow-states"
SHOWN_CHARACTERS = 200
POINTER = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)
CONTENT_HASH = re.compile(r"(?:^|/)([0-9a-f]{64})\.json$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """The parts of ``s3://bucket/key``."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def parse_pointer(text: Json) -> Pointer:
    """The parts of a plain pointer.

    Raises:
        CorruptEnvelope: It is not of the form ``s3://bucket/key``.
    """
    match = POINTER.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        shown = str(text)[:SHOWN_CHARACTERS]
        raise CorruptEnvelope("pointer", f"{shown!r} is not of the form s3://bucket/key")
    return Pointer(bucket=match[1], key=match[2])


def content_hash(key: str) -> str | None:
    """The SHA-256 that a content-addressed key ends with, None for a fixed name."""
    match = CONTENT_HASH.search(key)
    return match[1] if match else None


def encode_part(text: str) -> str:
    """One part of a key, percent-encoded outside ``[A-Za-z0-9._-]``.

    A part of dots alone is encoded too: in a directory it would be a way out of the prefix.
    """
    if text and not text.strip("."):
        return "%2E" * len(text)
    return quote(text, safe="", errors="surrogatepass").replace("~", "%7E")


def execution_name(execution_id: str) -> str:
    """The name at the end of an execution ARN; an express ARN has the name before its own id."""
    parts = execution_id.split(":")
    if len(parts) == 9 and parts[5] == "express":
        return parts[7]
    return parts[-1]


def branch_scope(group_loop: Json, branch_id: Json) -> str:
    """Scope of the documents of one branch; ``group_loop`` tells the group's rounds apart."""
    return f"branch/{encode_part(str(group_loop))}/{encode_part(str(branch_id))}"


def chunk_scope(chunk_id: Json) -> str:
    """Scope of the documents of one chunk."""
    return f"chunk/{encode_part(str(chunk_id))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionKeys:
    """The prefix ``P`` of one execution and the directories of content-addressed objects below it.

    A directory and the hash of the stored bytes make the key ``{directory}/{sha}.json``.
    """

    owner: str
    workflow: str
    execution_id: str

    @property
    def owner_prefix(self) -> str:
        """No pointer of a bag may lead out of this prefix; it ends with a slash."""
        return f"{ROOT}/{encode_part(self.owner)}/"

    @property
    def prefix(self) -> str:
        """``P``, without a slash at its end."""
        digest = hashlib.sha256(self.execution_id.encode()).hexdigest()[:8]
        execution = f"{encode_part(execution_name(self.execution_id))}.{digest}"
        return f"{self.owner_prefix}{encode_part(self.workflow)}/{execution}"

    def config(self) -> str:
        return f"{self.prefix}/config"

    def partition(self) -> str:
        return f"{self.prefix}/partition"

    def manifest(self) -> str:
        return f"{self.prefix}/manifest"

    def state(self, scope: str, *, loop: int, segment: object) -> str:
        return f"{self.prefix}/state/{scope}/{loop}-{encode_part(str(segment))}"

    def logs(self, scope: str) -> str:
        return f"{self.prefix}/logs/{scope}"

    def field(self, name: str) -> str:
        return f"{self.prefix}/fields/{encode_part(name)}"

    def history(self) -> str:
        return f"{self.prefix}/history"

    def node_result(self, node_id: str) -> str:
        return f"{self.prefix}/results/{encode_part(node_id)}"

    def snapshots(self, snapshot_type: str) -> str:
        return f"{self.prefix}/snapshots/{encode_part(snapshot_type)}"

    def chunk_list(self) -> str:
        return f"{self.prefix}/chunks"

    def chunk_results(self) -> str:
        """Prefix of all chunk records and chunk states."""
        return f"{self.prefix}/chunk-results"

    def chunk_states(self, chunk_id: str) -> str:
        return f"{self.chunk_results()}/{encode_part(chunk_id)}"

    def chunk_record(self, chunk_id: str) -> str:
        """A fixed name, with its hash in the object's metadata."""
        return f"{self.chunk_states(chunk_id)}.json"

    def latest_state(self) -> str:
        """A fixed name, with its hash in the object's metadata."""
        return f"{self.prefix}/latest_state.json"

    def map_results(self) -> str:
        """Prefix of what a ResultWriter writes."""
        return f"{self.prefix}/map-results"


def keys_of(bag: JsonObject) -> ExecutionKeys:
    """The keys of the execution a bag (or a branch bag) belongs to.

    Raises:
        InvalidInput: ``ownerId``, ``workflowId`` or ``execution_id`` is missing or empty.
    """
    return ExecutionKeys(
        owner=_identity(bag, "ownerId"),
        workflow=_identity(bag, "workflowId"),
        execution_id=_identity(bag, "execution_id"),
    )


def _identity(bag: JsonObject, name: str) -> str:
    value = bag.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(name)
    return value
