"""Starting a review, and the question in it that waits for a person."""

import json
from pathlib import Path

from config.asl.state_machine_files import V3_STANDARD, read_definition
from config.local_deployment import local_deployment
from pipeline.engine.engine import Engine
from pipeline.executions.starting import start_machine
from pipeline.ledger.rows import ExecutionRow
from pipeline.state_machines.machines import put_state_machine
from tasks.samples.document_review.document import Document
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.keys import ROOT
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.callbacks.tools import CallbackTools
from tasks.smart_statebag.resume import OK, resume

OWNER, WORKFLOW = "demo", "document-review"
CONFIGURATION = Path(__file__).parents[3] / "config/samples/document_review/workflow.json"

APPROVED, REJECTED = "APPROVED", "REJECTED"


def start_review(engine: Engine, document: Document) -> ExecutionRow:
    """Store the document, and start an execution that gets only a pointer to it."""
    first_state: JsonObject = {
        "document": document.text,
        "document_name": document.name,
        "findings": [],
    }
    written = state_storage().write(f"{ROOT}/{OWNER}/{WORKFLOW}/documents", first_state)
    definition = read_definition(V3_STANDARD, local_deployment(engine.settings).substitutions())
    return start_machine(
        engine,
        put_state_machine(engine, WORKFLOW, definition).arn,
        input={
            "ownerId": OWNER,
            "workflowId": WORKFLOW,
            "workflow_config": json.loads(CONFIGURATION.read_text(encoding="utf-8")),
            "initial_state_s3_path": written.path,
        },
    )


def open_question(execution_arn: str) -> JsonObject | None:
    """The newest unanswered pause of an execution."""
    return CallbackTools().token_store().newest_waiting(OWNER, execution_id=execution_arn)


def give_answer(question: JsonObject, action: str, comment: str) -> bool:
    """Answer a question; False if the execution no longer waits for the answer."""
    answer: JsonObject = {"action": action, "comment": comment}
    given = resume(OWNER, pause_id=str(question["pause_id"]), response=answer)
    return given["statusCode"] == OK


def findings_so_far(question: JsonObject) -> list[JsonObject]:
    """The findings that the reviewer approves or rejects."""
    state = state_storage().read(str(question["state_s3_path"]))
    found = state.get("findings") if isinstance(state, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
