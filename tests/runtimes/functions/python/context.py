"""What a function sees of its context and surroundings."""

import os
import sys


def public(value):
    return {name: getattr(value, name) for name in dir(value)
            if not name.startswith("_") and not callable(getattr(value, name))}


def handler(event, context):
    seen = public(context)
    seen["methods"] = [name for name in dir(context)
                       if not name.startswith("_") and callable(getattr(context, name))]
    seen["identity"] = public(context.identity)
    if context.client_context is not None:
        seen["client_context"] = public(context.client_context)
        if context.client_context.client is not None:
            seen["client_context"]["client"] = public(context.client_context.client)
    seen["remaining"] = type(context.get_remaining_time_in_millis()).__name__
    seen["w3c"] = context.w3c()
    seen["repr"] = repr(context)
    seen["trace"] = os.environ.get("_X_AMZN_TRACE_ID")
    seen["descriptor"] = os.environ.get("_LAMBDA_TELEMETRY_LOG_FD")
    return seen


def remaining(event, context):
    return context.get_remaining_time_in_millis()


def path(event, context):
    return {"path": sys.path, "layers": os.environ.get("_MATINEE_LAYERS"), "argv": len(sys.argv),
            "packages": os.environ.get("_MATINEE_PACKAGES")}


def imported(event, context):
    import in_a_layer
    import named_in_a_pth_file

    return [in_a_layer.WHERE, named_in_a_pth_file.WHERE]


def descriptors(event, context):
    import subprocess

    command = ["ls", "/proc/self/fd"]
    return subprocess.run(command, close_fds=False, capture_output=True, text=True).stdout.split()


def loaded(event, context):
    return sorted(sys.modules)
