"""What functions write: prints, log lines, and what they say in their context."""

import logging
import sys

logger = logging.getLogger("films")
logging.getLogger().info("while it is loaded: not shown")
logging.getLogger().error("while it is loaded")


def prints(event, context):
    print("one")
    print("two\nthree\n\nfour")
    print("no end", end="")
    print("to errors", file=sys.stderr)
    sys.stdout.write("grün\r\n")
    sys.stdout.writelines(["a", "b\n"])
    context.log("from the context")


def levels(event, context):
    if event.get("level"):
        logging.getLogger().setLevel(event["level"])
    for name in ("debug", "info", "warning", "error", "critical"):
        getattr(logger, name)("a %s line", name)
    logger.log(35, "between")
    logger.log(5, "very low")
    logging.error("two\nlines")


def exceptions(event, context):
    try:
        raise KeyError("film")
    except KeyError:
        logger.exception("it failed", extra={"film": "Heat", "odd": object})
    logger.error("with a stack", stack_info=False, exc_info=False)


def structured(event, context):
    logger.error({"film": "Heat", "years": [1995], "odd": {1, }})
    logger.error("grün \u2028 %d", 5, extra={"film": {"title": "Heat"}, "level": "hidden"})
    logger.error("%s", {"a": 1})


def configured(event, context):
    logging.basicConfig(level="DEBUG", format="never used")
    logger.warning("after basicConfig")
    return [type(handler).__name__ != "StreamHandler" for handler in logging.getLogger().handlers]


def named(event, context):
    logging.addLevelName(25, "NOTICE")
    logger.log(25, "a level of its own")
    root = logging.getLogger()
    root.handlers[0].setFormatter(logging.Formatter("own form: %(message)s"))
    logger.error("formatted")
