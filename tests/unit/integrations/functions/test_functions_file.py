"""The functions file: what it may say, and how what is wrong with it is named."""

from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.integrations.functions.function import (
    CeleryFunction,
    HttpFunction,
    LambdaFunction,
    PythonFunction,
)
from pipeline.integrations.functions.functions import FunctionNotFound, Functions
from pipeline.integrations.functions.functions_file import InvalidFunctions, load_functions

ARN = "arn:aws:lambda:us-east-1:000000000000:function:count"


def load(tmp_path: Path, text: str) -> Functions:
    path = tmp_path / "functions.toml"
    path.write_text(text)
    return load_functions(path, "statebag")


def named(*names: str) -> Functions:
    return Functions(
        by_name={name: PythonFunction(name=name, handler="m:f", queue="q") for name in names}
    )


def test_each_provider_has_its_own_keys(tmp_path: Path):
    functions = load(
        tmp_path,
        """
        [functions.count]
        provider = "python"
        handler = "census.counting:count"
        [functions."thumbnail"]
        provider = "celery"
        task = "media.thumbnail"
        queue = "gpu"
        [functions.score]
        provider = "http"
        url = "http://127.0.0.1:9000/x"
        timeout_seconds = 2
        [functions.translate]
        provider = "lambda"
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:translate:live"
        """,
    )
    assert list(functions) == [
        PythonFunction(name="count", handler="census.counting:count", queue="statebag"),
        CeleryFunction(name="thumbnail", task="media.thumbnail", queue="gpu"),
        HttpFunction(
            name="score", url="http://127.0.0.1:9000/x", queue="statebag", timeout_seconds=2.0
        ),
        LambdaFunction(
            name="translate",
            reference="arn:aws:lambda:eu-west-1:123456789012:function:translate:live",
            queue="statebag",
        ),
    ]


def test_an_empty_file_knows_no_functions(tmp_path: Path):
    assert list(load(tmp_path, "")) == []


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (
            '[functions.f]\nprovider = "php"',
            "[functions.\"f\"] provider: is 'php', expected one of",
        ),
        ("[functions.f]", '[functions."f"] provider: is missing'),
        ('[functions.f]\nprovider = "python"', '[functions."f"] handler: is missing'),
        (
            '[functions.f]\nprovider = "python"\nhandler = "a.b"',
            "[functions.\"f\"] handler: is 'a.b', expected 'module:function'",
        ),
        (
            '[functions.f]\nprovider = "celery"\ntask = "t"\nhandler = "a:b"',
            '[functions."f"] handler: there is no such key for this provider',
        ),
        (
            '[functions.f]\nprovider = "http"\nurl = "ftp://h"',
            "[functions.\"f\"] url: is 'ftp://h'",
        ),
        (
            '[functions.f]\nprovider = "http"\nurl = "http://h"\ntimeout_seconds = 0',
            '[functions."f"] timeout_seconds: is 0',
        ),
        (
            '[functions.f]\nprovider = "lambda"\narn = "f"',
            "[functions.\"f\"] arn: is 'f', expected the ARN of a function",
        ),
        (
            '[functions.f]\nprovider = "celery"\ntask = "t"\nqueue = 3',
            '[functions."f"] queue: is 3',
        ),
        (
            '[functions."f:live"]\nprovider = "celery"\ntask = "t"',
            '[functions."f:live"]: expected a function\'s name or ARN, without a qualifier',
        ),
        ("[function.f]", "function: expected [functions.<name>] only"),
        ("functions = 3", "functions: expected [functions.<name>] tables"),
        ("[functions", "functions.toml: "),
    ],
)
def test_what_is_wrong_is_named_by_table_and_key(tmp_path: Path, table: str, complaint: str):
    with pytest.raises(InvalidFunctions) as caught:
        load(tmp_path, table)
    assert complaint in str(caught.value)


def test_all_problems_are_reported_at_once(tmp_path: Path):
    with pytest.raises(InvalidFunctions) as caught:
        load(tmp_path, '[functions.a]\n[functions.b]\nprovider = "python"')
    assert [(problem.table, problem.key) for problem in caught.value.problems] == [
        ('[functions."a"]', "provider"),
        ('[functions."b"]', "handler"),
    ]


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidFunctions, match=r"nowhere\.toml"):
        load_functions(tmp_path / "nowhere.toml", "statebag")


def test_the_packaged_file_can_be_loaded():
    functions = load_functions(Settings().functions_file, "statebag")
    assert functions.find("count-source").queue == "statebag"


@pytest.mark.parametrize(
    "reference",
    [
        "count",
        "count:live",
        "count:$LATEST",
        "function:count",
        "000000000000:function:count",
        "000000000000:function:count:3",
        ARN,
        f"{ARN}:live",
    ],
)
@pytest.mark.parametrize("name", ["count", ARN])
def test_a_function_is_found_by_every_spelling_that_lambda_knows(name: str, reference: str):
    assert named("other", name).find(reference).name == name


@pytest.mark.parametrize("reference", ["unknown", "", "a b", "arn:aws:s3:::bucket", "count:a:b"])
def test_an_unknown_function_is_not_found(reference: str):
    with pytest.raises(FunctionNotFound) as caught:
        named("count").find(reference)
    assert caught.value.reference == reference


def test_functions_of_several_accounts_are_told_apart_by_their_arns():
    other = ARN.replace("000000000000", "111111111111")
    functions = named("count", ARN, other)
    assert functions.find(other).name == other
    assert functions.find("111111111111:function:count").name == other
    assert functions.find("count").name == "count"
    with pytest.raises(FunctionNotFound):
        named(ARN, other).find("count")


def test_an_arn_of_another_account_does_not_mean_a_table_with_an_arn():
    with pytest.raises(FunctionNotFound):
        named(ARN).find("111111111111:function:count")
