"""The root logger of functions: lines as AWS's runtimes write them. Loaded after logging itself."""

import json
import logging
import time
import traceback

import _matinee_runtime as runtime

TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
# Members of a record that are logging's own or ours: all others were given as `extra`.
KNOWN_MEMBERS = frozenset(vars(logging.makeLogRecord({}))) - {"taskName"} | {
    "aws_request_id", "tenant_id", "_is_json"}


def _round_level(record):
    """Levels between the known ones count as the one below."""
    return min(logging.CRITICAL, max(logging.NOTSET, record.levelno)) // 10 * 10


class _InvocationFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = runtime.log.request_id or ""
        record.tenant_id = runtime.log.tenant_id
        return True


class _JsonFormatter(logging.Formatter):
    """One JSON object for each record. Values without JSON are written as their str()."""

    def __init__(self):
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")
        self._encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

    def format(self, record):
        record._is_json = True
        record.levelno = _round_level(record)
        record.levelname = logging.getLevelName(record.levelno)
        whole = isinstance(record.msg, dict) and not record.args
        members = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "message": record.msg if whole else record.getMessage(),
            "logger": record.name,
            **_of_exception(record),
            "requestId": getattr(record, "aws_request_id", None),
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}"
                        if record.exc_info else None,
            "tenantId": getattr(record, "tenant_id", None)}
        for name, value in vars(record).items():
            if name not in KNOWN_MEMBERS:
                members.setdefault(name, value)
        return self._encode({name: value for name, value in members.items()
                             if value is not None}) + "\n"


def _of_exception(record):
    if not record.exc_info:
        return {}
    kind, value, trace = record.exc_info
    return {"stackTrace": traceback.format_tb(trace),
            "errorType": getattr(kind, "__name__", None),
            "errorMessage": str(value)}


class LambdaLoggerHandler(logging.Handler):
    """Writes to the log of the function, with the record's level where the platform filters."""

    def __init__(self, log, tells_level):
        super().__init__()
        self.log_sink, self._tells_level = log, tells_level

    def emit(self, record):
        message = self.format(record)
        # A function may have given its handler another formatter, which writes text.
        in_json = getattr(record, "_is_json", False)
        level = _round_level(record) if self._tells_level else logging.NOTSET
        self.log_sink.write(message, runtime.frame_type(level, in_json))


def set_up(log):
    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler(log, log.in_json or bool(log.level))
    handler.setFormatter(_JsonFormatter() if log.in_json else
                         logging.Formatter(TEXT, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(_InvocationFilter())
    root = logging.getLogger()
    if isinstance(logging.getLevelName(log.level or None), int):
        root.setLevel(log.level)
    root.addHandler(handler)
