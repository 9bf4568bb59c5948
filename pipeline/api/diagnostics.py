"""What is wrong with a definition, as the diagnostics of AWS.

API reference, "ValidateStateMachineDefinition".
"""

from pipeline.api.call import Output
from pipeline.language.errors import Problem
from pipeline.state_machines.rejected_definitions import location


def diagnostic(problem: Problem, severity: str = "ERROR") -> Output:
    """A problem or warning as a diagnostic of AWS's shape."""
    return {
        "severity": severity,
        "code": problem.code,
        "message": problem.message,
        "location": location(problem.place) if problem.place else None,
    }
