"""The actions on functions.

Functions of the functions file are shown beside those that were created here. They can be
invoked, but not changed.
"""

from typing import Any

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.lambda_configuration import (
    changed_configuration,
    new_configuration,
    reject_parameter,
)
from pipeline.api.lambda_names import NamedFunction, read_function_name
from pipeline.api.lambda_pages import lambda_page
from pipeline.api.lambda_shapes import listed_configuration, stored_configuration
from pipeline.integrations.functions.function import Function
from pipeline.integrations.functions.function_reference import parse_function_reference
from pipeline.integrations.functions.functions import FunctionNotFound
from pipeline.integrations.functions.lambda_code import MAX_ZIP, check_zip
from pipeline.integrations.functions.stored_functions import FunctionExists, function_arn
from pipeline.ledger.stored_functions import LATEST

_NO_CONTENT = 204


def create_function(call: Call) -> Output:
    """Create a function of a zip."""
    named = _latest(call)
    configuration = new_configuration(call.input)
    row = call.engine.functions.stored.create(
        named.arn, _zip_file(call.input["Code"]), configuration, call.input.get("Tags", {})
    )
    if not call.input.get("Publish"):
        return stored_configuration(row)
    return stored_configuration(call.engine.functions.stored.publish(row.arn), qualified=True)


def update_function_code(call: Call) -> Output:
    """Give a function other code."""
    named = _latest(call)
    functions, revision_id = call.engine.functions.stored, call.input.get("RevisionId")
    code = _zip_file(call.input)
    if call.input.get("DryRun"):
        check_zip(code)
        return stored_configuration(functions.get(named.arn))
    row = functions.update_code(named.arn, code, revision_id)
    if not call.input.get("Publish"):
        return stored_configuration(row)
    return stored_configuration(functions.publish(named.arn), qualified=True)


def update_function_configuration(call: Call) -> Output:
    """Change parts of a function's configuration."""
    named = _latest(call)
    changed = changed_configuration(call.input)
    revision_id = call.input.get("RevisionId")
    functions = call.engine.functions.stored
    return stored_configuration(functions.update_configuration(named.arn, changed, revision_id))


def publish_version(call: Call) -> Output:
    """Publish what a function is now as a version, which never changes."""
    named = _latest(call)
    functions, sha256 = call.engine.functions.stored, call.input.get("CodeSha256")
    if sha256 and stored_configuration(functions.get(named.arn))["CodeSha256"] != sha256:
        raise ApiError(
            "InvalidParameterValueException",
            f"CodeSHA256 ({sha256}) is different from current CodeSHA256 in $LATEST. Please try "
            "again with the CodeSHA256 in $LATEST.",
        )
    row = functions.publish(
        named.arn,
        description=call.input.get("Description"),
        revision_id=call.input.get("RevisionId"),
    )
    return stored_configuration(row, qualified=True)


def get_function(call: Call) -> Output:
    """A function, and where its code is."""
    named = read_function_name(call)
    if listed := _listed(call, named):
        return {"Configuration": listed_configuration(call, listed, named), "Code": {}}
    functions = call.engine.functions.stored
    row = functions.get(named.arn, named.version)
    return {
        "Configuration": stored_configuration(row, qualified=named.qualifier is not None),
        "Code": {"RepositoryType": "S3", "Location": functions.code.uri(row.code_sha256)},
        "Tags": dict(row.tags) or None,
    }


def get_function_configuration(call: Call) -> Output:
    """A function."""
    configuration: Output = get_function(call)["Configuration"]
    return configuration


def get_function_code_signing_config(call: Call) -> Output:
    """The code of no function is signed; deployment tools ask all the same."""
    return {"FunctionName": get_function_configuration(call)["FunctionName"]}


def list_functions(call: Call) -> Output:
    """The functions of the caller's account and region, by name."""
    all_versions = call.input.get("FunctionVersion") == "ALL"
    rows = call.engine.functions.stored.of_account(
        call.account_id, call.region, all_versions=all_versions
    )
    shown = [stored_configuration(row, qualified=all_versions) for row in rows]
    shown += [
        listed_configuration(call, function, named)
        for function in call.engine.functions.listed
        if (named := _as_named(call, function))
    ]
    return lambda_page(call, shown, "Functions")


def list_versions_by_function(call: Call) -> Output:
    """The versions of a function, ``$LATEST`` among them."""
    named = read_function_name(call)
    if listed := _listed(call, named):
        return {"Versions": [listed_configuration(call, listed, named)]}
    rows = call.engine.functions.stored.versions(named.arn)
    shown = [stored_configuration(row, qualified=True) for row in rows]
    return lambda_page(call, shown, "Versions")


def delete_function(call: Call) -> Output:
    """Delete a function, or one published version of it."""
    named = _changeable(call)
    if named.qualifier == LATEST:
        raise ApiError(
            "InvalidParameterValueException",
            "$LATEST version cannot be deleted without deleting the function.",
        )
    call.engine.functions.stored.delete(named.arn, named.qualifier)
    return {"StatusCode": _NO_CONTENT}


def _latest(call: Call) -> NamedFunction:
    """The function that a call names, whose published versions never change."""
    named = _changeable(call)
    if named.version != LATEST:
        reject_parameter(
            f"Only $LATEST can be changed, and {call.input['FunctionName']} is a version."
        )
    return named


def _changeable(call: Call) -> NamedFunction:
    """The function that a call names, unless it is one of the functions file."""
    named = read_function_name(call)
    if _listed(call, named):
        raise FunctionExists(f"{named.name} (in the functions file, where it is to be changed)")
    return named


def _listed(call: Call, named: NamedFunction) -> Function | None:
    try:
        return call.engine.functions.listed.find(named.arn)
    except FunctionNotFound:
        return None


def _as_named(call: Call, function: Function) -> NamedFunction | None:
    """A function of the functions file as one of the caller's account and region, if it is."""
    reference = parse_function_reference(function.name)
    if reference is None:
        return None
    arn = function_arn(reference.name, call.account_id, call.region)
    belongs = reference.account_id is None or function.name == arn
    return NamedFunction(name=reference.name, arn=arn, qualifier=None) if belongs else None


def _zip_file(members: dict[str, Any]) -> bytes:
    code = members.get("ZipFile")
    if not code:
        reject_parameter(
            "Please provide a source for function code: here it comes with the request, as ZipFile."
        )
    if len(code) > MAX_ZIP:
        reject_parameter(f"Zipped size must be smaller than {MAX_ZIP} bytes")
    zip_file: bytes = code
    return zip_file
