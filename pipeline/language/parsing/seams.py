"""What AWS takes and StateBag does not yet: refused by name, so that nobody is surprised."""

from pipeline.language.parsing.object_reader import ObjectReader

_UNSUPPORTED = {
    "Arguments": "JSONata ('Arguments')",
    "Assign": "variables ('Assign')",
    "CSVDelimiter": "CSV files ('CSVDelimiter')",
    "CSVHeaderLocation": "CSV files ('CSVHeaderLocation')",
    "CSVHeaders": "CSV files ('CSVHeaders')",
    "Credentials": "'Credentials'",
    "ItemBatcher": "'ItemBatcher'",
    "Items": "JSONata ('Items')",
    "ItemsPointer": "'ItemsPointer'",
    "ManifestType": "manifests ('ManifestType')",
    "Output": "JSONata ('Output')",
    "Transformation": "'Transformation'",
    "WriterConfig": "'WriterConfig'",
}


def refuse_unsupported(reader: ObjectReader, *names: str) -> None:
    """Refuse fields of the specification that are not supported yet."""
    for name in names:
        if name in reader:
            reader.problem(unsupported(_UNSUPPORTED[name]), name)


def read_query_language(reader: ObjectReader) -> None:
    """Take ``QueryLanguage`` where it says what is the case anyway."""
    if reader.one_of("QueryLanguage", ("JSONPath", "JSONata")) == "JSONata":
        reader.problem(unsupported("the query language JSONata"), "QueryLanguage")


def unsupported(feature: str) -> str:
    """The sentence about a feature that is not supported yet."""
    return f"StateBag does not support {feature} yet"
