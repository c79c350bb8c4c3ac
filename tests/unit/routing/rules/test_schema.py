"""The schema as an editor gets it: plain JSON, complete, in both languages."""

import json

from routing.rules.compile import compile_condition
from routing.rules.facts import Slots
from routing.rules.problems import Reader
from routing.rules.schema import FIELDS, OPERATOR_WORDS, Operator, editor_schema, field_named


def test_every_field_and_operator_is_there_with_both_labels() -> None:
    schema = json.loads(json.dumps(editor_schema(["office"])))
    assert [field["name"] for field in schema["fields"]] == [*(f.name for f in FIELDS), "calendar.office"]
    assert {operator["name"] for operator in schema["operators"]} == set(Operator) == set(OPERATOR_WORDS)
    entries = [*schema["fields"], *schema["operators"], *schema["open_fields"], *schema["combinators"]]
    entries += [value for field in schema["fields"] for value in field.get("values", [])]
    for entry in entries:
        assert entry["label"]["en"]
        assert entry["label"]["zh"]


def test_what_the_schema_offers_compiles() -> None:
    schema = editor_schema(["office"])
    takes = {operator["name"]: operator["takes"] for operator in schema["operators"]}
    for field in [*schema["fields"], {**schema["open_fields"][0], "name": "ivr.reason"}]:
        values = [value["name"] for value in field.get("values", [])]
        value: object = values[0] if values else field.get("high", "x")
        for operator in field["operators"]:
            given = {"none": None, "one": value, "list": [value]}[takes[operator]]
            clause = {"field": field["name"], "operator": operator, "value": given}
            reader = Reader()
            compile_condition(clause, "", reader, Slots(), ["office"])
            assert reader.problems == []


def test_open_names_are_fields_and_others_are_not() -> None:
    assert field_named("ivr.order_number") is not None
    assert field_named("calendar.office") is not None
    for name in ("ivr.", "ivr. x", "calendar.", "colour", ""):
        assert field_named(name) is None
