"""The rules of this tree that a text can show, each as a function from a file to its violations."""

import pathlib
import re
from dataclasses import dataclass

import cpp_source

MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 500
MAX_COLUMNS = 100
MAX_PARAMETERS = 4

# What each directory of src/ may include, besides itself and generated code. One way only.
MAY_INCLUDE = {
    "runtime": {"archives"},
    "checksums": set(),
    "archives": set(),
    "storage": {"runtime", "checksums"},
    "protocol": {"runtime"},
    "policy": {"runtime", "protocol"},
    "patterns": {"runtime", "protocol"},
    "schedules": {"runtime", "protocol"},
    "omdb": {"runtime", "protocol"},
    "faults": {"runtime", "protocol", "policy"},
    "identity": {"runtime", "protocol", "policy"},
    "templates": {"runtime", "protocol"},
    "resources": {"runtime", "archives", "protocol", "templates"},
    "table_files": {"runtime", "checksums", "archives", "protocol"},
    "services": {"runtime", "checksums", "archives", "storage", "protocol", "policy", "identity",
                 "patterns", "schedules", "templates", "resources", "table_files", "faults"},
    "client": {"runtime", "protocol"},
    "journal": {"runtime", "storage", "protocol", "services", "client"},
    "delivery": {"runtime", "storage", "protocol", "policy", "identity", "services", "client",
                 "templates", "resources", "faults"},
    "gateway": {"runtime", "checksums", "protocol", "policy", "identity", "services", "delivery",
                "faults"},
    "cloud": {"runtime", "storage", "protocol", "policy", "identity", "services", "delivery",
              "client", "journal", "patterns", "schedules", "faults"},
    "jobs": {"runtime", "client", "archives", "templates", "schedules", "omdb", "table_files"},
    "cli": {"runtime", "storage", "protocol", "client", "jobs", "cloud", "gateway", "omdb",
            "archives", "templates", "resources"},
}
# The in-process client hands its requests to the services' one entrance, and sees no more of them.
# Files of items know the values that items are made of, and how large they are.
ENTRANCES = {("client", "services/endpoint.h"),
             ("table_files", "services/dynamodb/values/attribute_value.h"),
             ("table_files", "services/dynamodb/values/size.h")}

# The rooms of each service that has some, from the lowest to the highest: a room may include those
# that stand before it. THE_SERVICE is what lies in the service's own directory, its class `Service`
# above all: the rooms before it are rules and tables, those behind it are its operations.
THE_SERVICE = ""
ROOMS = {
    "cloudformation": ["catalog", "preparing", "special", "planning", "running", THE_SERVICE],
    "dynamodb": ["values", "expressions", THE_SERVICE, "history", "transfers", "streams",
                 "partiql"],
    "lambda": ["catalog", "running", THE_SERVICE],
    "logs": ["filters", "catalog", THE_SERVICE],
    "s3": ["transfer", "headers", "forms", "catalog", "locks", "encryption", "configurations",
           "access", "notifications", "lifecycle", THE_SERVICE, "listings", "objects", "uploads",
           "buckets"],
}

# What only src/runtime/real may do: everything whose result depends on the machine or the moment.
OUTSIDE_WORLD = {
    "the clock": r"\b(?:system|steady|high_resolution|utc|file)_clock::now\b"
                 r"|\bclock_gettime\b|\bgettimeofday\b|(?<![\w.>])(?:std::|::)time\s*\("
                 r"|(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&)|\blocaltime(?:_r)?\b",
    "random numbers": r"\brandom_device\b|\bmt19937(?:_64)?\b|\bgetrandom\b|\bRAND_bytes\b"
                      r"|(?<![\w.>:])s?rand\s*\(|\barc4random|\bgetentropy\b",
    "threads": r"\bstd::j?thread\b|\bstd::async\b|\bpthread_\w+|\bthis_thread\b|\bthread_pool\b"
               r"|\busleep\b|\bnanosleep\b",
    "files": r"\b(?:i|o)?fstream\b|\bfopen\b"
             r"|(?<!\w)::(?:open|openat|creat|unlink|rename|mkdir)\s*\("
             r"|\bfilesystem::(?!path\b)\w+|\bmkstemp\b|\bmkdtemp\b|\bopendir\b",
    "the environment": r"\b(?:secure_)?getenv\b|\bsetenv\b|\benviron\b|\bgethostname\b|\bgetpid\b",
    "processes": r"(?<![\w.>:])(?:::|std::)?(?:v?fork|exec[vl]\w*|popen|system)\s*\("
                 r"|\bposix_spawnp?\b|(?<![\w.>])::kill\s*\("}


@dataclass(frozen=True)
class Violation:
    """`subject` names the file, or the function in it, for the list of exceptions."""

    rule: str
    subject: str
    line: int
    text: str

    def __str__(self):
        return f"{self.subject}:{self.line}: {self.rule}: {self.text}"


class File:
    """A source file by its path from the root of the tree, with its text."""

    def __init__(self, path, text):
        self.path = str(path)
        self.text = text
        self.lines = text.splitlines()
        suffix = pathlib.PurePosixPath(self.path).suffix
        self.is_header = suffix == ".h"
        self.is_cpp = suffix in (".h", ".cpp")
        self.is_test = self.path.startswith("tests/") or self.path.endswith(
            ("_test.cpp", "_fixture.h", "_fixture.cpp"))
        parts = pathlib.PurePosixPath(self.path).parts
        self.layer = parts[1] if parts[0] == "src" and len(parts) > 2 else ""

    def violation(self, rule, line, text, name=""):
        return Violation(rule, self.path + (f"#{name}" if name else ""), line, text)

    def code_lines(self):
        """(number, text) of each line, without comments and literals in C++."""
        text = cpp_source.without_comments_and_literals(self.text) if self.is_cpp else self.text
        return enumerate(text.splitlines(), 1)


def lengths(file):
    """Files, lines and functions are short; functions have few parameters."""
    if len(file.lines) > MAX_FILE_LINES:
        yield file.violation("file length", MAX_FILE_LINES, f"{len(file.lines)} lines")
    for number, line in enumerate(file.lines, 1):
        if len(line) > MAX_COLUMNS:
            yield file.violation("line length", number, f"{len(line)} columns")
    if not file.is_cpp:
        return
    for function in cpp_source.functions(file.text):
        if function.length > MAX_FUNCTION_LINES:
            yield file.violation("function length", function.line,
                                 f"{function.name} has {function.length} lines", function.name)
        # How many an overriding function has is decided where it was declared first.
        if function.parameters > MAX_PARAMETERS and not function.overrides:
            yield file.violation("parameters", function.line,
                                 f"{function.name} has {function.parameters}", function.name)


def include_direction(file):
    """Includes between the directories of src/ point one way, from the root of src/."""
    if not file.is_cpp or not file.layer:
        return
    for number, line in enumerate(file.lines, 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = match.group(1)
        if "/" not in target or ".." in target:
            yield file.violation("include", number, f'"{target}" is not a path from src/')
            continue
        layer = target.split("/")[0]
        if layer not in MAY_INCLUDE or layer == file.layer or (file.layer, target) in ENTRANCES:
            continue
        if not file.is_test and layer not in MAY_INCLUDE.get(file.layer, set()):
            yield file.violation("include", number, f"{file.layer} may not include {target}")


def runtime_is_injected(file):
    """Only main.cpp knows the real runtime, and only tests the simulated one: except that the store
    of durability `memory` is on a simulated disk."""
    if not file.is_cpp or file.path.startswith(("src/runtime/real/", "src/runtime/simulated/")):
        return
    for number, line in enumerate(file.lines, 1):
        if re.match(r'\s*#\s*include\s+"runtime/real/', line):
            if file.path != "src/main.cpp" and not file.is_test:
                yield file.violation("real runtime", number, line.strip())
        if re.match(r'\s*#\s*include\s+"runtime/simulated/', line):
            if file.is_test or file.path == "src/storage/store.cpp":
                continue
            yield file.violation("simulated runtime", number, line.strip())


def services_are_strangers(file):
    """A service does not include another one: it calls it through its client."""
    match = re.match(r"src/services/(\w+)/", file.path)
    if not match or file.is_test:
        return
    for number, line in enumerate(file.lines, 1):
        target = re.match(r'\s*#\s*include\s+"services/(\w+)/', line)
        if target and target.group(1) != match.group(1):
            yield file.violation("another service", number, line.strip())


def _room_of(path):
    """(service, room) of a path below src/services/, or None."""
    parts = pathlib.PurePosixPath(path).parts
    if len(parts) < 3 or parts[0] != "services":
        return None
    return parts[1], "/".join(parts[2:-1])


def rooms_point_one_way(file):
    """Within a service, includes between its rooms follow the order of ROOMS."""
    place = _room_of(file.path.removeprefix("src/")) if file.path.startswith("src/") else None
    if not place or not file.is_cpp or file.is_test:
        return
    service, room = place
    order = ROOMS.get(service, [THE_SERVICE])
    if room not in order:
        yield file.violation("room", 1, f"{service}/{room} has no place in ROOMS")
        return
    for number, line in enumerate(file.lines, 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        target = _room_of(match.group(1)) if match else None
        if not target or target[0] != service:
            continue
        if target[1] not in order or order.index(target[1]) > order.index(room):
            yield file.violation("room", number, f"{room or service} may not include {match[1]}")


def outside_world(file):
    """Nothing outside runtime/real asks the machine for anything."""
    if not file.path.startswith("src/") or not file.is_cpp or file.is_test:
        return
    if file.path.startswith("src/runtime/real/"):
        return
    for number, line in file.code_lines():
        for what, pattern in OUTSIDE_WORLD.items():
            if re.search(pattern, line):
                yield file.violation("outside world", number, f"{what}: {line.strip()}")


def nothing_left_to_do(file):
    """No reminders in the text: what is missing is in the issue tracker."""
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")))
    for number, line in enumerate(file.lines, 1):
        match = re.search(rf"\b({words.pattern})\b", line)
        if match:
            yield file.violation("reminder", number, match.group(0))


def headers_explain_themselves(file):
    """A header begins with a paragraph that says what it is for, then `#pragma once`."""
    if not file.is_header:
        return
    paragraph = []
    for line in file.lines:
        if not line.startswith("// "):
            break
        paragraph.append(line[3:])
    text = " ".join(paragraph)
    if len(text.split()) < 3 or not text.endswith((".", ":")):
        yield file.violation("head", 1, "no paragraph that says what the file is for")
    if "#pragma once" not in file.lines:
        yield file.violation("head", 1, "no #pragma once")


_TEST_NAMES = {
    ".cpp": re.compile(r"^\s*(?:TYPED_)?TEST(?:_[FP])?\(\s*\w+,\s*(\w+)\s*\)", re.MULTILINE),
    ".py": re.compile(r"^def test_(\w+)\(", re.MULTILINE),
    ".js": re.compile(r"^\s*test\([\"'`]([^\"'`]+)[\"'`]", re.MULTILINE)}
_SENTENCE = re.compile(r"[a-z0-9][A-Za-z0-9]*(?:[_ ,.:'${}-]+[A-Za-z0-9]+){2,}[}]?")


def tests_are_sentences(file):
    """The name of a test says what holds, in at least three words that are not in capitals."""
    suffix = pathlib.PurePosixPath(file.path).suffix
    if suffix not in _TEST_NAMES or not file.is_test:
        return
    for match in _TEST_NAMES[suffix].finditer(file.text):
        if not _SENTENCE.fullmatch(match.group(1)):
            line = file.text.count("\n", 0, match.start(1)) + 1
            yield file.violation("test name", line, match.group(1))


def tests_do_not_sleep(file):
    """Tests wait for what a client sees, with a deadline, not for an amount of time."""
    if not file.is_test or file.path in SLEEPERS or file.path.startswith("tests/structure/"):
        return
    for number, line in file.code_lines():
        if re.search(r"\btime\.sleep\(|\bthis_thread::sleep|\busleep\(|\bsetTimeout\(",
                     line):
            yield file.violation("sleep", number, line.strip())


# The crash tests let their clients write, and stacks come along, for a random time: the time is the
# test.
SLEEPERS = {"tests/crash/crash.py", "tests/crash/functions_crash.py",
            "tests/crash/stacks_crash.py"}

def no_markup_from_text(file):
    """The console makes elements and text nodes: what a message or a name contains is never read as
    markup or as a program."""
    if not file.path.startswith("console/"):
        return
    for number, line in enumerate(file.lines, 1):
        if re.search(r"\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b|\beval\("
                     r"|\bnew Function\b|\bcreateContextualFragment\b|\bsrcdoc\b", line):
            yield file.violation("markup", number, line.strip())


RULES = [lengths, include_direction, runtime_is_injected, services_are_strangers,
         rooms_point_one_way, outside_world, nothing_left_to_do, headers_explain_themselves,
         tests_are_sentences, tests_do_not_sleep, no_markup_from_text]
