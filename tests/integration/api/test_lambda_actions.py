"""Lambda's actions, called by boto3."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api_server import Api
from tests.integration.api.functions import ECHO, ROLE, answered, arn, create, invoke, refusal
from tests.zips import zip_of


@pytest.fixture(scope="module")
def functions(api: Api) -> Any:
    return api.client("lambda")


@pytest.fixture
def name(functions: Any) -> str:
    """Name of a function that returns its event."""
    name = f"f-{uuid4().hex[:8]}"
    create(functions, name)
    return name


def test_a_function_is_created_as_it_is_described(functions: Any) -> None:
    name = f"f-{uuid4().hex[:8]}"
    created = create(
        functions,
        name,
        Description="words",
        Timeout=7,
        MemorySize=512,
        Environment={"Variables": {"COLOUR": "blue"}},
        Architectures=["arm64"],
        Tags={"team": "blue", "stage": "test"},
    )
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    functions.get_waiter("function_exists").wait(FunctionName=name)
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    got = functions.get_function(FunctionName=name)
    assert got["Tags"] == {"team": "blue", "stage": "test"}
    assert got["Code"]["Location"].endswith(".zip")
    del created["ResponseMetadata"]
    assert got["Configuration"] == created
    expected = {
        "FunctionName": name,
        "FunctionArn": arn(name),
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "index.handler",
        "Description": "words",
        "Timeout": 7,
        "MemorySize": 512,
        "Environment": {"Variables": {"COLOUR": "blue"}},
        "Architectures": ["arm64"],
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
    }
    assert {key: got["Configuration"][key] for key in expected} == expected
    configuration = functions.get_function_configuration(FunctionName=arn(name))
    assert configuration["RevisionId"] == created["RevisionId"]


def test_functions_of_the_functions_file_are_shown_but_not_changed(functions: Any) -> None:
    configuration = functions.get_function(FunctionName="double")["Configuration"]
    assert configuration["FunctionArn"] == arn("double")
    assert configuration["Handler"] == "tests.functions.handlers.double"
    functions.get_waiter("function_active_v2").wait(FunctionName="double")
    assert functions.list_versions_by_function(FunctionName="double")["Versions"]
    expected = ("ResourceConflictException", 409)
    code = zip_of(ECHO)
    assert refusal(lambda: create(functions, "double"))[:2] == expected
    for call, values in [
        (functions.delete_function, {}),
        (functions.update_function_code, {"ZipFile": code}),
        (functions.update_function_configuration, {"Timeout": 5}),
        (functions.publish_version, {}),
    ]:
        assert refusal(call, FunctionName="double", **values)[:2] == expected


def test_new_code_is_what_is_called_next(functions: Any, name: str) -> None:
    before = functions.get_function_configuration(FunctionName=name)
    assert invoke(functions, name)["version"] == 1
    code = zip_of(ECHO.replace("{version!r}", "2"))
    dry = functions.update_function_code(FunctionName=name, ZipFile=code, DryRun=True)
    assert dry["CodeSha256"] == before["CodeSha256"]
    after = functions.update_function_code(FunctionName=name, ZipFile=code)
    assert after["CodeSha256"] != before["CodeSha256"]
    assert after["RevisionId"] != before["RevisionId"]
    assert invoke(functions, name)["version"] == 2


def test_a_changed_configuration_is_what_is_called_next(functions: Any) -> None:
    name = f"f-{uuid4().hex[:8]}"
    code = "import os\ndef handler(event, context):\n    return os.environ.get('COLOUR')\n"
    create(functions, name, code)
    assert invoke(functions, name) is None
    variables = {"Variables": {"COLOUR": "blue"}}
    changed = functions.update_function_configuration(FunctionName=name, Environment=variables)
    assert changed["Handler"] == "index.handler"
    assert invoke(functions, name) == "blue"


def test_a_published_version_goes_on_being_what_it_was(functions: Any, name: str) -> None:
    version = functions.publish_version(FunctionName=name, Description="first")
    assert (version["Version"], version["FunctionArn"]) == ("1", f"{arn(name)}:1")
    code = zip_of(ECHO.replace("{version!r}", "2"))
    second = functions.update_function_code(FunctionName=name, ZipFile=code, Publish=True)
    assert second["Version"] == "2"
    assert invoke(functions, name, Qualifier="1")["version"] == 1
    assert invoke(functions, f"{name}:2")["version"] == 2
    answer = answered(functions, f"{arn(name)}:1")
    assert answer["ExecutedVersion"] == "1"
    listed = functions.list_versions_by_function(FunctionName=name)["Versions"]
    assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]
    functions.delete_function(FunctionName=name, Qualifier="1")
    assert refusal(functions.get_function, FunctionName=name, Qualifier="1") == (
        "ResourceNotFoundException",
        404,
        f"Function not found: {arn(name)}:1",
    )


def test_a_published_version_cannot_be_changed(functions: Any, name: str) -> None:
    functions.publish_version(FunctionName=name)
    for call, values in [
        (functions.update_function_code, {"ZipFile": zip_of(ECHO)}),
        (functions.update_function_configuration, {"Timeout": 5}),
        (functions.publish_version, {}),
    ]:
        found = refusal(call, FunctionName=f"{name}:1", **values)
        assert found[:2] == ("InvalidParameterValueException", 400)
    assert refusal(lambda: create(functions, f"{name}:2"))[1] == 400
    changed = functions.update_function_configuration(FunctionName=f"{name}:$LATEST", Timeout=5)
    assert changed["Timeout"] == 5


def test_a_deleted_function_is_gone(functions: Any, name: str) -> None:
    answer = functions.delete_function(FunctionName=name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    not_found = ("ResourceNotFoundException", 404, f"Function not found: {arn(name)}")
    assert refusal(functions.get_function, FunctionName=name) == not_found
    assert refusal(functions.get_function_configuration, FunctionName=name) == not_found
    assert refusal(functions.invoke, FunctionName=name) == not_found
    assert refusal(functions.delete_function, FunctionName=name) == not_found
    assert refusal(functions.publish_version, FunctionName=name) == not_found


def test_functions_are_listed_by_name_in_pages(api: Api) -> None:
    functions = api.client("lambda", account_id="222233334444")
    names = [f"z-{number:02}" for number in range(7)]
    for name in names:
        create(functions, name)
    pages = functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 3})
    listed = [function["FunctionName"] for page in pages for function in page["Functions"]]
    assert listed == sorted(listed)
    assert [name for name in listed if name.startswith("z-")] == names
    assert "double" in listed


def test_each_account_and_region_has_its_own_functions(api: Api, name: str) -> None:
    elsewhere = [
        api.client("lambda", account_id="111122223333"),
        api.client("lambda", region="eu-west-1"),
    ]
    for client in elsewhere:
        assert refusal(client.get_function, FunctionName=name)[0] == "ResourceNotFoundException"
        listed = client.list_functions()["Functions"]
        assert name not in [function["FunctionName"] for function in listed]
    refused = refusal(elsewhere[0].get_function, FunctionName=arn(name))
    assert refused[:2] == ("AccessDeniedException", 403)


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        (
            {"Code": {"ZipFile": b"no zip"}},
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        ({"Code": {}}, "InvalidParameterValueException", "Please provide a source for function"),
        (
            {"Runtime": None},
            "InvalidParameterValueException",
            "Runtime and Handler are mandatory parameters",
        ),
        ({"Runtime": "nodejs22.x"}, "InvalidParameterValueException", "only python3 can"),
        ({"Runtime": "cobol"}, "ValidationException", "Member must satisfy enum value set"),
        ({"PackageType": "Image"}, "InvalidParameterValueException", "package type Zip"),
        (
            {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:b:1"]},
            "InvalidParameterValueException",
            "Layers",
        ),
        ({"Role": "role"}, "ValidationException", "regular expression pattern"),
        ({"Role": None}, "ValidationException", "Member must not be null"),
        ({"Timeout": 0}, "ValidationException", "Value '0' at 'timeout' failed"),
        ({"Tags": {"a\x00": "b"}}, "ValidationException", "Map keys must satisfy constraint"),
        ({"Timeout": 901}, "ValidationException", "less than or equal to 900"),
        ({"Timeout": "soon"}, "SerializationException", "STRING_VALUE cannot be converted"),
        ({"FunctionName": "a" * 65}, "ValidationException", "less than or equal to 64"),
        ({"FunctionName": "a b"}, "ValidationException", "regular expression pattern"),
        (
            {"Environment": {"Variables": {"LAMBDA_TASK_ROOT": "y", "AWS_REGION": "x"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT",
        ),
        (
            {"Environment": {"Variables": {"A=B": "x"}}},
            "ValidationException",
            "Map keys must satisfy constraint",
        ),
        (
            {"Environment": {"Variables": {"LARGE": "x" * 4096}}},
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
    ],
)
def test_a_function_that_cannot_be_is_refused(
    functions: Any, values: dict[str, Any], code: str, message: str
) -> None:
    given = {"FunctionName": "refused"} | values
    found, status, text = refusal(lambda: create(functions, given.pop("FunctionName"), **given))
    assert (found, status) == (code, 400)
    assert message in text


def test_a_name_is_taken_once(functions: Any, name: str) -> None:
    assert refusal(lambda: create(functions, name)) == (
        "ResourceConflictException",
        409,
        f"Function already exist: {name}",
    )


def test_a_change_of_a_revision_that_has_passed_is_refused(functions: Any, name: str) -> None:
    passed = functions.get_function_configuration(FunctionName=name)["RevisionId"]
    functions.update_function_configuration(FunctionName=name, Timeout=4, RevisionId=passed)
    found = refusal(
        functions.update_function_configuration, FunctionName=name, Timeout=5, RevisionId=passed
    )
    assert found[:2] == ("PreconditionFailedException", 412)


def test_a_marker_that_is_none_is_refused(functions: Any) -> None:
    refused = refusal(functions.list_functions, Marker="\u00e9")
    assert refused[:2] == ("InvalidParameterValueException", 400)
    refused = refusal(functions.list_functions, MaxItems="many")
    assert refused[:2] == ("SerializationException", 400)


def test_errors_have_the_form_of_lambda(api: Api) -> None:
    answer = httpx.get(f"{api.url}/2015-03-31/functions/nowhere")
    assert answer.status_code == 404
    assert answer.headers["x-amzn-ErrorType"] == "ResourceNotFoundException"
    assert answer.json() == {"Type": "User", "Message": f"Function not found: {arn('nowhere')}"}


def test_a_path_with_a_slash_at_its_end_lists_functions_too(api: Api) -> None:
    assert httpx.get(f"{api.url}/2015-03-31/functions/").json()["Functions"]
    assert httpx.post(f"{api.url}/2015-03-31/functions/", content="{").status_code == 400


def test_deployment_tools_are_told_that_no_code_is_signed(functions: Any, name: str) -> None:
    answer = functions.get_function_code_signing_config(FunctionName=name)
    assert answer["FunctionName"] == name
    assert "CodeSigningConfigArn" not in answer
