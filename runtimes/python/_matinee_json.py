"""JSON of values that are not only of built-in types, as AWS's runtimes write them: named tuples as
objects, bytes as UTF-8 text, Decimals as numbers. Loaded when such a value turns up."""

import sys

import _json

# What the interpreter says that it did when an encoder in C has come too deep.
_DOING = "encoding a JSON object" if sys.version_info < (3, 12) else "calling a Python object"


class _Writer:
    def __init__(self, in_ascii):
        self._string = (_json.encode_basestring_ascii if in_ascii else
                        _json.encode_basestring)
        self._open = set()  # Containers around the value that is being written.

    def write(self, value):
        simple = self._simple(value)
        if simple is not None:
            return simple
        if id(value) in self._open:
            raise ValueError("Circular reference detected")
        self._open.add(id(value))
        text = self._container(value)
        self._open.discard(id(value))
        return text

    def _simple(self, value):
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, bytes):
            return self._string(value.decode("utf-8"))
        if value is None or value is True or value is False:
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, float):
            return _number(value)
        return None

    def _container(self, value):
        value = _as_dictionary(value)
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join([self.write(element) for element in value]) + "]"
        if isinstance(value, dict):
            return "{" + ", ".join([self._string(_key(key)) + ": " + self.write(element)
                                    for key, element in value.items()]) + "}"
        return _decimal(value)


def _as_dictionary(value):
    """The dictionary of a named tuple; anything else as it is (the class of one, too)."""
    method = getattr(value, "_asdict", None)
    if not callable(method):
        return value
    try:
        members = method()
    except TypeError:
        return value
    if not isinstance(members, dict):
        raise TypeError(f"_asdict() must return a dict, not {type(members).__name__}")
    return members


def _number(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))


def _key(key):
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return key.decode("utf-8")
    if key is None or key is True or key is False:
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, float):
        return _number(key)
    if isinstance(key, int):
        return str(int(key))
    raise TypeError("keys must be str, int, float, bool or None, not " + type(key).__name__)


def _decimal(value):
    import decimal

    if isinstance(value, decimal.Decimal):
        return "NaN" if value.is_nan() else str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def encode(value, in_ascii):
    """The JSON text. Throws TypeError, ValueError or RecursionError where there is none."""
    try:
        return _Writer(in_ascii).write(value)
    except RecursionError:
        raise RecursionError(f"maximum recursion depth exceeded while {_DOING}") from None
