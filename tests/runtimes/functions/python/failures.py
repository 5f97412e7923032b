"""A handler for each way to fail; the event names it."""

import json
import os
import sys


class FilmError(Exception):
    def __init__(self, message, year):
        super().__init__(message)
        self.year = year


class Odd(BaseException):
    pass


def deeper(number):
    if number:
        deeper(number - 1)
    raise FilmError("no such film", 1995)


def chained():
    try:
        {}["key"]
    except KeyError as error:
        raise RuntimeError("chained") from error


def evaluated():
    eval("1 / 0")


def library():
    json.loads("[1,")


def syntax():
    compile("a b", "made.py", "exec")


def silent():
    raise ValueError()


def lines():
    raise ValueError("one\n  two\n\nthree grün")


def recursing():
    return recursing()


def assertion():
    assert False, {"a": 1}


def missing_module():
    import boto3_that_is_not_there


def fine():
    return "fine"


FAILURES = {function.__name__: function for function in (
    chained, evaluated, library, syntax, silent, lines, recursing, assertion, missing_module, fine)}
FAILURES["own"] = lambda: deeper(2)
FAILURES["exit 0"] = lambda: sys.exit(0)
FAILURES["exit 3"] = lambda: sys.exit(3)
FAILURES["exit with words"] = lambda: sys.exit("words")
FAILURES["interrupt"] = lambda: os.kill(os.getpid(), 2)


def base():
    raise Odd("base")


FAILURES["base"] = base
FAILURES["os._exit"] = lambda: os._exit(7)


def handler(event, context):
    return FAILURES[event]()


def takes_nothing():
    return 1


not_a_function = 5
