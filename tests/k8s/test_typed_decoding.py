import pytest

from transire.k8s.typed_decoding import ListOf, MapOf, Scalar, Shape, Struct, decode, pointer

SPEC = Struct(
    {
        "text": Scalar.TEXT,
        "whole": Scalar.WHOLE,
        "number": Scalar.NUMBER,
        "flag": Scalar.FLAG,
        "either": Scalar.WHOLE_OR_TEXT,
        "any": Scalar.ANY,
        "list": ListOf(Struct({"a": Scalar.TEXT})),
        "texts": ListOf(Scalar.TEXT),
        "lists": ListOf(ListOf(Scalar.WHOLE)),
        "map": MapOf(Scalar.TEXT),
    }
)


def test_known_keys_of_the_right_type_are_kept() -> None:
    body = {
        "text": "a", "whole": 1, "number": 1.5, "flag": True, "either": "b", "any": [{"x": 1}],
        "list": [{"a": "c"}], "texts": ["d"], "lists": [[1]], "map": {"k": "v"},
    }  # fmt: skip

    decoded = decode(body, SPEC)

    assert (decoded.value, decoded.pruned, decoded.misfits) == (body, (), ())


def test_unknown_keys_are_pruned_at_any_depth() -> None:
    decoded = decode({"Text": "a", "list": [{"a": "b"}, {"b~/": 1}], "map": {"free": "x"}}, SPEC)

    assert decoded.value == {"list": [{"a": "b"}, {}], "map": {"free": "x"}}
    assert decoded.pruned == ("/Text", "/list/1/b~0~1")


def test_null_is_not_given_but_an_empty_item_of_a_list() -> None:
    body = {"text": None, "list": [None], "texts": [None], "lists": [None], "map": {"k": None}}

    decoded = decode(body, SPEC)

    assert decoded.value == {"list": [{}], "texts": [""], "lists": [[]], "map": {"k": ""}}
    assert decoded.misfits == ()


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert decode({"whole": 443.0, "either": 80.0}, SPEC).value == {"whole": 443, "either": 80}


@pytest.mark.parametrize(
    ("body", "misfit"),
    [
        ({"text": 1}, "/text is the number 1 where a string belongs"),
        ({"text": ["a"]}, "/text is a list where a string belongs"),
        ({"whole": "1"}, "/whole is the string '1' where a whole number belongs"),
        ({"whole": 1.5}, "/whole is the number 1.5 where a whole number belongs"),
        ({"whole": True}, "/whole is true where a whole number belongs"),
        ({"number": "x"}, "/number is the string 'x' where a number belongs"),
        ({"flag": 0}, "/flag is the number 0 where true or false belongs"),
        ({"either": False}, "/either is false where a whole number or a string belongs"),
        ({"list": {"a": "b"}}, "/list is an object where a list belongs"),
        ({"list": ["a"]}, "/list/0 is the string 'a' where an object belongs"),
        ({"map": ["a"]}, "/map is a list where an object belongs"),
        ({"map": {"a/b": 1}}, "/map/a~1b is the number 1 where a string belongs"),
        ({"text": {}}, "/text is an object where a string belongs"),
    ],
)
def test_a_value_of_another_type_says_where_and_what(body: dict[str, object], misfit: str) -> None:
    assert decode(body, SPEC).misfits == (misfit,)


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    assert pointer("spec", 0, "a/b~c") == "/spec/0/a~1b~0c"


def test_shapes_are_values() -> None:
    shape: Shape = ListOf(Scalar.TEXT)

    assert {shape} == {ListOf(Scalar.TEXT)}
