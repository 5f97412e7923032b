"""A handler for each kind of value that a function may return; the event names it."""

import collections
import datetime
import decimal
import enum
import math
import uuid

Film = collections.namedtuple("Film", "title year")


class Grade(enum.IntEnum):
    GOOD = 1


class Name(str):
    def __str__(self):
        return "not this"


class Near(float):
    def __repr__(self):
        return "not this"


class Described:
    def _asdict(self):
        return {"described": [1]}


class Wrapped(dict):
    pass


def circular():
    value = {"a": []}
    value["a"].append(value)
    return value


def deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


RESULTS = {
    "nothing": lambda: None,
    "numbers": lambda: [0, -1, 1.5, 1e300, -0.0, 10**40, True, False, 1e16, 0.1],
    "strings": lambda: ["", "grün", "\u2028\u2029", "\U0001f3ac", "\x00\x1f\x7f", "\"\\/\n\t",
                        "é" * 9],
    "floats without a number": lambda: [math.nan, math.inf, -math.inf],
    "keys": lambda: {1: "a", None: "b", True: "c", False: "d", 1.5: "e", math.inf: "f", "g": {}},
    "number subclasses as keys": lambda: {Grade.GOOD: 1, Near(2.5): 2, Name("n"): 3},
    "bytes as a key": lambda: {b"a": 1},
    "a tuple as a key": lambda: {(1, 2): 3},
    "a Decimal as a key": lambda: {decimal.Decimal(1): 3},
    "decimals": lambda: [decimal.Decimal(text) for text in ("1", "1.10", "1E+3", "-0", "1e-9")],
    "decimals without a number": lambda: [decimal.Decimal(text)
                                          for text in ("NaN", "-NaN", "sNaN")],
    "an infinite Decimal": lambda: decimal.Decimal("-Infinity"),
    "a Decimal alone": lambda: decimal.Decimal("2.50"),
    "bytes": lambda: b"raw \xff bytes",
    "bytes inside": lambda: {"a": b"gr\xc3\xbcn", "b": [b""]},
    "bytes inside that are no UTF-8": lambda: {"a": b"\xff"},
    "a bytearray": lambda: bytearray(b"a"),
    "a set": lambda: {"a": {1}},
    "a date": lambda: [datetime.datetime(2026, 1, 1)],
    "a UUID": lambda: uuid.UUID(int=1),
    "an object": lambda: object(),
    "a function": lambda: circular,
    "a class": lambda: Film,
    "a generator": lambda: (n for n in range(3)),
    "a range": lambda: range(3),
    "a complex number": lambda: 1j,
    "named tuples": lambda: [Film("Heat", 1995), {"film": Film("Big", decimal.Decimal("1988"))}],
    "tuples": lambda: (1, (2, ()), [(3,)]),
    "subclasses": lambda: [Grade.GOOD, Name("named"), Near(0.5), Wrapped(a=1), True],
    "an object with _asdict": lambda: [Described()],
    "an ordered dictionary": lambda: collections.OrderedDict(b=1, a=2),
    "a counter": lambda: collections.Counter("aab"),
    "a deque": lambda: collections.deque([1]),
    "an enumeration": lambda: enum.Enum("Colour", "RED").RED,
    "something circular": circular,
    "something too deep": deep,
    "empty things": lambda: [{}, [], (), "", Wrapped()],
    "mixed with Decimals": lambda: {"statusCode": 200, "grün": ["\u2028", decimal.Decimal("0.1")]},
}


def handler(event, context):
    return RESULTS[event]()


def echo(event, context):
    return event


def size(event, context):
    return "x" * event


def kind(event, context):
    return [type(event).__name__, len(event)]
