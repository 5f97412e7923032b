import os
import sys


def handler(event, context):
    print("from a function that never imports logging")
    context.log("said")
    import logging

    logging.getLogger("late").error("imported late")


def prints_bytes(event, context):
    sys.stdout.buffer.write(b"bytes\n")
    os._exit(1)


def fails(event, context):
    raise ValueError("without logging")


def prints_part(event, context):
    print("part of a line", end="")
    os._exit(1)


def asks_aws(event, context):
    sys.modules["botocore"] = None  # as where it is not installed
    import botocore.session

    return botocore.session
