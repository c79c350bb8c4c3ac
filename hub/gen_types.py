"""Write the TypeScript types of every wire message: `python -m hub.gen_types [--check] FILE`.

Owns only the translation of `hub.wire` into TypeScript; what the messages are is decided there. `--check`
writes nothing and fails when FILE is not what would be written (for CI).
"""

import argparse
import inspect
import json
import sys
import types
from pathlib import Path
from typing import Any, Literal, TypeGuard, get_args, get_origin

import msgspec
from msgspec import inspect as shapes

from hub import wire

_HEADER = "// Generated from hub/wire.py by `python -m hub.gen_types`. Do not edit.\n"


def render() -> str:
    """Return the whole TypeScript module as text; equal input gives equal text."""
    aliases = _literal_aliases()
    parts = [_HEADER]
    parts += [f"export type {name} = {_values(values)};\n" for values, name in aliases.items()]
    for name, value in vars(wire).items():
        if _is_message(value):
            parts.append(_interface(value, aliases))
        elif isinstance(value, types.UnionType):
            members = " | ".join(member.__name__ for member in get_args(value))
            parts.append(f"export type {name} = {members};\n")
    return "\n".join(parts)


def _is_message(value: object) -> TypeGuard[type[msgspec.Struct]]:
    is_struct = isinstance(value, type) and issubclass(value, msgspec.Struct)
    return is_struct and getattr(value, "__module__", "") == wire.__name__


def _literal_aliases() -> dict[tuple[Any, ...], str]:
    """Named string unions of the wire module, by their values."""
    return {get_args(v): k for k, v in vars(wire).items() if get_origin(v) is Literal}


def _interface(struct: type[msgspec.Struct], aliases: dict[tuple[Any, ...], str]) -> str:
    info = shapes.type_info(struct)
    assert isinstance(info, shapes.StructType)
    lines = [f"export interface {struct.__name__} {{"]
    if info.tag_field is not None:
        lines.append(f"  {info.tag_field}: {json.dumps(info.tag)};")
    for field in info.fields:
        mark = "" if field.required else "?"
        lines.append(f"  {field.encode_name}{mark}: {_type(field.type, aliases)};")
    lines.append("}\n")
    own_doc = struct.__dict__.get("__doc__")
    return _comment(own_doc) + "\n".join(lines)


def _comment(doc: str | None) -> str:
    if not doc:
        return ""
    text = inspect.cleandoc(doc).splitlines()
    if len(text) == 1:
        return f"/** {text[0]} */\n"
    body = "\n".join(f" * {line}".rstrip() for line in text)
    return f"/**\n{body}\n */\n"


def _values(values: tuple[Any, ...]) -> str:
    return " | ".join(json.dumps(value) for value in values)


def _type(shape: shapes.Type, aliases: dict[tuple[Any, ...], str]) -> str:
    match shape:
        case shapes.StrType():
            return "string"
        case shapes.IntType() | shapes.FloatType():
            return "number"
        case shapes.BoolType():
            return "boolean"
        case shapes.NoneType():
            return "null"
        case shapes.AnyType():
            return "unknown"
        case shapes.LiteralType():
            by_set = {frozenset(values): name for values, name in aliases.items()}
            return by_set.get(frozenset(shape.values)) or _values(tuple(shape.values))
        case shapes.ListType():
            item = _type(shape.item_type, aliases)
            return f"({item})[]" if "|" in item else f"{item}[]"
        case shapes.DictType():
            return f"Record<{_type(shape.key_type, aliases)}, {_type(shape.value_type, aliases)}>"
        case shapes.UnionType():
            return _union(shape, aliases)
        case shapes.StructType():
            return shape.cls.__name__
        case shapes.CustomType() if shape.cls is object:
            return "unknown"
        case _:
            raise TypeError(f"no TypeScript form for {shape!r}")


def _union(shape: shapes.UnionType, aliases: dict[tuple[Any, ...], str]) -> str:
    structs = {t.cls for t in shape.types if isinstance(t, shapes.StructType)}
    for name, value in vars(wire).items():
        if isinstance(value, types.UnionType) and set(get_args(value)) == structs:
            return name
    return " | ".join(_type(t, aliases) for t in shape.types)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m hub.gen_types", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="fail when FILE differs, write nothing")
    arguments = parser.parse_args(argv)
    text = render()
    target: Path = arguments.file
    if arguments.check:
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{target} is not what hub/wire.py says; run python -m hub.gen_types {target}\n")
            return 1
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
