"""Runs a Python function: asks the Lambda Runtime API (2018-06-01) for events, calls the handler,
and sends back what it returns.

Seen from the function and from the caller it behaves as the runtime of AWS does; docs/functions.md
lists what differs. Start it as `python3.N bootstrap.py` in the directory of the function. It keeps
to CPython 3.8's syntax and loads nothing that the function may not need: json, socket, logging and
traceback together take longer than the interpreter's own start.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:  # A function may have set PYTHONSAFEPATH.
    sys.path.insert(0, HERE)
import _matinee_runtime as runtime  # noqa: E402

# Functions do not see these.
LAYERS = "_MATINEE_LAYERS"  # Where the layers are if not in /opt.
BROUGHT = "_MATINEE_PACKAGES"  # Where the packages are that AWS's runtime brings.
HOSTS = "_MATINEE_HOSTS"  # Names of hosts that lead to this machine, behind its address.


def handle_event_request(api, request_handler, invocation):
    """Answers one invocation. What is no Exception (SystemExit, KeyboardInterrupt) ends the process
    without an answer, and the platform reports Runtime.ExitError."""
    fault = None
    try:
        event = invocation.event()
        lambda_context = invocation.context()
        response = request_handler(event, lambda_context)
        body, content_type = runtime.marshal_response(response)
    except Exception as error:
        fault = error
    if fault is None:
        api.respond(invocation.id, body, content_type)
    else:
        import _matinee_errors

        document = _matinee_errors.of_invocation(fault, invocation.id)
        _matinee_errors.report(document, fault)
        api.fail(invocation.id, document)


def import_handler(name):
    """The function that `name` (such as a/b.handler) means."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise runtime.Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': "
                            "not enough values to unpack (expected 2, got 1)")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise runtime.Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module "
                            f"{module_name} as a handler module")
    import importlib  # Its frame is part of the stack traces that AWS shows.

    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise runtime.Fault("Runtime.ImportModuleError",
                            f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise runtime.Fault("Runtime.UserCodeSyntaxError",
                            f"Syntax error in module '{module_name}': {error}", [where]) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise runtime.Fault("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on "
                            f"module '{module_name}'") from None


def initialise(api):
    """Loads the function; does not return if that fails."""
    try:
        runtime.log.begin()
        runtime.extend_path(os.environ.get("LAMBDA_TASK_ROOT", "/var/task"),
                            os.environ.pop(LAYERS, "/opt"), os.environ.pop(BROUGHT, ""))
        hosts = os.environ.pop(HOSTS, "")
        if hosts:
            import _matinee_hosts

            _matinee_hosts.lead(hosts)
        return import_handler(os.environ["_HANDLER"])
    except Exception as error:
        import _matinee_errors

        document = _matinee_errors.of_initialisation(error)
        _matinee_errors.report(document, error)
        api.fail_initialisation(document)
        sys.exit(1)


def main():
    api = runtime.Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        request_handler = initialise(api)
        while True:
            invocation = api.next()
            runtime.log.request_id, runtime.log.tenant_id = invocation.id, invocation.tenant_id
            runtime.tell_trace_id(invocation.trace_id)
            handle_event_request(api, request_handler, invocation)
    finally:
        api.close()


if __name__ == "__main__":
    main()
