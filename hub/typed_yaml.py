"""Reads plain data (parsed YAML) into frozen dataclasses and collects every mistake on the way."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")

_FAILED: Any = object()


@dataclass(frozen=True, slots=True)
class Mistake:
    """`path` is a JSON pointer into the document, "" for the whole."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message}"


def read(cls: type[T], value: Any, path: str, mistakes: list[Mistake]) -> T | None:
    """Build a `cls` (a dataclass) from a mapping; None if there were mistakes, which are appended.

    Unknown keys are mistakes. ValueError from `__post_init__` is reported at the section's path.
    """
    built = _dataclass(cls, value, path, mistakes)
    return None if built is _FAILED else built


def _dataclass(cls: type[Any], value: Any, path: str, mistakes: list[Mistake]) -> Any:
    if not isinstance(value, Mapping):
        mistakes.append(Mistake(path, "must be a mapping"))
        return _FAILED
    hints = get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    before = len(mistakes)
    for key in value:
        if key not in fields:
            known = ", ".join(fields)
            mistakes.append(Mistake(f"{path}/{key}", f"is not known here; known are: {known}"))
    built: dict[str, Any] = {}
    for name, field in fields.items():
        if name in value:
            built[name] = _value(hints[name], value[name], f"{path}/{name}", mistakes)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            mistakes.append(Mistake(f"{path}/{name}", "is needed"))
    if len(mistakes) > before:
        return _FAILED
    try:
        return cls(**built)
    except ValueError as error:
        mistakes.append(Mistake(path, str(error)))
        return _FAILED


def _value(hint: Any, value: Any, path: str, mistakes: list[Mistake]) -> Any:
    if get_origin(hint) in (Union, UnionType):
        choices = [choice for choice in get_args(hint) if choice is not NoneType]
        if value is None and NoneType in get_args(hint):
            return None
        if len(choices) == 1:
            return _value(choices[0], value, path, mistakes)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, value, path, mistakes)
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        return _tuple(get_args(hint)[0], value, path, mistakes)
    try:
        # What comes from the environment is text, and may have to become a number; a secret made of
        # digits stays text.
        return msgspec.convert(value, hint, strict=not isinstance(value, str))
    except msgspec.ValidationError as error:
        mistakes.append(Mistake(path, str(error)))
        return _FAILED


def _tuple(item_hint: Any, value: Any, path: str, mistakes: list[Mistake]) -> Any:
    if not isinstance(value, list):
        mistakes.append(Mistake(path, "must be a list"))
        return _FAILED
    return tuple(_value(item_hint, item, f"{path}/{i}", mistakes) for i, item in enumerate(value))
