"""Documents and log lines for errors of functions. Loaded with the first error."""

import os
import sys
import time
import traceback

import _matinee_runtime as runtime

ERROR = 40  # logging's number.
OWN_DIRECTORY = os.path.dirname(os.path.abspath(__file__)) + os.sep
NO_BREAK_SPACE = "\u00a0"  # Indents stack traces in AWS's log; readers of the log would cut spaces.
# What the runtimes of AWS bring and functions therefore import without packing it.
BROUGHT_BY_AWS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six",
                  "simplejson", "snapshot_restore_py", "awslambdaric")


def _frames(error):
    """The stack trace without the frames of this runtime at its beginning."""
    frames = [(frame.filename, frame.lineno, frame.name, frame.line)
              for frame in traceback.extract_tb(error.__traceback__)]
    for index, frame in enumerate(frames):
        if not os.path.abspath(frame[0]).startswith(OWN_DIRECTORY):
            return traceback.format_list(frames[index:])
    return traceback.format_list(frames)


def _document(error, request_id):
    if isinstance(error, runtime.Fault):
        return _members(str(error), error.error_type, request_id, error.trace)
    return _members(str(error), type(error).__name__, request_id, _frames(error))


def _members(message, error_type, request_id, trace):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id,
            "stackTrace": trace}


def of_invocation(error, request_id):
    return _document(error, request_id or "")


def of_initialisation(error):
    return _document(error, "")


def report(document, error):
    """Writes the error into the log, and what would help against it."""
    log = runtime.log
    frame_type = runtime.frame_type(ERROR, log.in_json)
    if log.in_json:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        lines = [runtime.to_json({"timestamp": now, "level": "ERROR", **document})]
    else:
        lines = _text(document)
    # On standard output a line end would end the event: AWS writes carriage returns there.
    framed = log.descriptor is not None
    log.write("\n".join(lines) if framed else "\r".join(lines) + "\n", frame_type)
    hint = _hint(error)
    if hint:
        log.write(_hint_line(hint, document["requestId"]) + ("" if framed else "\n"), frame_type)


def _text(document):
    lines = [": ".join(["[ERROR] " + document["errorType"]] +
                       ([document["errorMessage"]] if document["errorMessage"] else [])),
             "Traceback (most recent call last):"]
    for entry in document["stackTrace"]:
        for line in entry.splitlines() or [""]:
            text = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(text)) + text)
    return lines


def _hint(error):
    """What to do where a package is missing that AWS's runtime brings."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            package = (error.name or "").partition(".")[0]
            if package in BROUGHT_BY_AWS:
                declared = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("_")[2]
                if not declared.startswith("python"):
                    declared = "python{}.{}".format(*sys.version_info)
                return (f"{package} comes with the runtime of AWS, but this interpreter has it not."
                        f" It will after: matinee runtimes add {declared}")
        error = error.__cause__
    return None


def _hint_line(hint, request_id):
    milliseconds = time.time_ns() // 1000000
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    if runtime.log.in_json:
        return runtime.to_json({"timestamp": now + "Z", "level": "ERROR", "message": hint,
                                "logger": "matinee", "requestId": request_id})
    return f"[ERROR]\t{now}.{milliseconds % 1000:03}Z\t{request_id}\t{hint}"
