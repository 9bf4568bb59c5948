"""The action that validates a definition."""

from pipeline.api.call import Call, Output
from pipeline.api.diagnostics import diagnostic
from pipeline.ledger.state_machines import MachineType
from pipeline.state_machines.definitions import definition_problems, warnings_about

MAX_DIAGNOSTICS = 100


def validate_state_machine_definition(call: Call) -> Output:
    """Report whether a definition is valid, and its problems."""
    given = call.input
    machine_type = MachineType(given.get("type", MachineType.STANDARD))
    problems = definition_problems(given["definition"], machine_type)
    reported = [diagnostic(problem) for problem in problems]
    if given.get("severity") == "WARNING":
        reported += [diagnostic(found, "WARNING") for found in warnings_about(given["definition"])]
    limit = given.get("maxResults") or MAX_DIAGNOSTICS
    return {
        "result": "FAIL" if problems else "OK",
        "diagnostics": reported[:limit],
        "truncated": len(reported) > limit,
    }
