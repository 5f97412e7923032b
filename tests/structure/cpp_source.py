"""Reads C++ as text: enough of its structure to measure functions, without a compiler. Comments and
literals are blanked out first, so that braces and words in them mislead nobody.
"""

import re
from dataclasses import dataclass

_TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|(?:u8|[uUL])?R"([^()\s\\]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def _blank(match):
    text = match.group(0)
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    # A literal stays one: what is left of it is its quotes.
    return '"' + re.sub(r"[^\n]", " ", text[2:]) + '"'


def without_comments_and_literals(text):
    """The same text, line by line and column by column, with spaces instead."""
    return _TOKENS.sub(_blank, text)


@dataclass
class Function:
    """A function with a body, or one that is only declared (then its length is zero)."""

    name: str
    line: int
    length: int
    parameters: int
    overrides: bool


_NOT_FUNCTIONS = {"decltype", "noexcept", "explicit", "requires", "alignas", "sizeof",
                  "static_assert", "if", "for", "while", "switch", "catch", "return", "defined",
                  "__attribute__", "throw", "operator", "alignof", "typeid"}
_SCOPE = re.compile(r"\b(namespace|class|struct|enum|union)\b|\bextern\s*\"")
_CALLABLE = re.compile(r"(operator\s*(?:\(\s*\)|\[\s*\]|[^\s\w(]+|\w+)|~?\w+)\s*\($")


def functions(text):
    """All functions at namespace or class scope, in order. Preprocessor lines are ignored."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.)*(?:\\\n[^\n]*)*",
                  lambda match: re.sub(r"[^\n]", " ", match.group(0)),
                  without_comments_and_literals(text), flags=re.MULTILINE)
    found = []
    scopes = []
    start = position = 0
    while position < len(code):
        character = code[position]
        if character == "{":
            head = code[start:position]
            if _is_scope(head):
                scopes.append("scope")
                start = position + 1
            else:
                end = _matching(code, position)
                if _is_initializer(head):
                    position = end
                else:
                    _add(found, code, start, (position, end))
                    position = end
                    start = end + 1
        elif character == "}":
            if scopes:
                scopes.pop()
            start = position + 1
        elif character == ";":
            _add(found, code, start, (position, None))
            start = position + 1
        elif character == "(":
            position = _matching(code, position, "()")
        position += 1
    return found


def _is_scope(head):
    """Whether a brace after this text opens a namespace or a type, and not a function."""
    text = re.sub(r"template\s*<[^{;]*?>\s*(?=\b(?:class|struct|requires|union|enum))", "", head)
    return bool(_SCOPE.search(text)) and not re.search(r"\)\s*(const|noexcept|override|->|$)",
                                                       text.rstrip())


def _is_initializer(head):
    """Whether the brace initializes something: a member in a constructor, or a variable."""
    text = head.rstrip()
    if re.search(r"=\s*$", text) or re.search(r"\breturn\s*$", text):
        return True
    member_list = re.search(r"\)[^;{}()]*(?:noexcept[^;{}]*)?:(?!:)[^;]*$", text)
    if member_list and re.search(r"[\w>]$", text) and not re.search(
            r"\b(const|noexcept|override|final|try)$", text):
        return True
    return "(" not in text


def _matching(code, position, pair="{}"):
    """The place of the bracket that closes the one at `position`, or the end of the text."""
    depth = 0
    for place in range(position, len(code)):
        if code[place] == pair[0]:
            depth += 1
        elif code[place] == pair[1]:
            depth -= 1
            if depth == 0:
                return place
    return len(code) - 1


def _add(found, code, start, span):
    """Adds the function whose head is code[start:span[0]], if it is one."""
    opening, end = span
    head = code[start:opening]
    first = start + len(head) - len(head.lstrip())
    if "=" in head.split("(")[0] and "operator" not in head.split("(")[0]:
        return
    parameters = _parameter_list(head)
    if parameters is None:
        return
    name, arguments = parameters
    line = code.count("\n", 0, first) + 1
    length = code.count("\n", first, end) + 1 if end else 0
    overrides = bool(re.search(r"\boverride\b", head))
    found.append(Function(name, line, length, _count(arguments), overrides))


def _parameter_list(head):
    """(name, text between the parentheses) of the function that a head declares, or None."""
    position = 0
    while True:
        position = head.find("(", position)
        if position < 0:
            return None
        before = head[:position].rstrip()
        if before.endswith("operator"):
            position = head.find("(", position + 1)
            continue
        name = _CALLABLE.search(before + "(")
        end = _matching(head, position, "()")
        if name and name.group(1) not in _NOT_FUNCTIONS and not re.fullmatch(
                r"[A-Z][A-Z0-9_]+", name.group(1)):
            return name.group(1), head[position + 1:end]
        position = end + 1


def _count(arguments):
    """How many parameters there are between the parentheses."""
    if not arguments.strip() or arguments.strip() == "void":
        return 0
    depth, commas = 0, 0
    for place, character in enumerate(arguments):
        if character in "([{<":
            depth += 1
        elif character in ")]}" or character == ">" and arguments[place - 1] != "-":
            depth -= 1
        elif character == "," and depth == 0:
            commas += 1
    return commas + 1
