"""Every rule of rules.py, on every file of this tree."""

import pathlib
import re
import subprocess

import pytest
import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOTS = ("src", "console", "functions", "runtimes", "tools", "tests", "bench")
SUFFIXES = (".h", ".cpp", ".py", ".js", ".mjs", ".cjs", ".sh")


def files():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard",
                             "--", *ROOTS], cwd=ROOT, capture_output=True, text=True, check=True)
    for path in sorted(set(listed.stdout.splitlines())):
        place = ROOT / path
        if path.endswith(SUFFIXES) and place.is_file():
            yield rules.File(path, place.read_text(encoding="utf-8"))


def exceptions():
    text = (pathlib.Path(__file__).parent / "exceptions.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def tree():
    found = list(files())
    assert len(found) > 100, "the tree was not found"
    return found


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_whole_tree_keeps_the_rule(tree, rule):
    allowed = exceptions()
    violations = [violation for file in tree for violation in rule(file)
                  if f"{violation.rule} {violation.subject}" not in allowed]
    assert not violations, "\n".join(["", *map(str, violations)])


def test_the_list_of_exceptions_stays_empty():
    assert exceptions() == []


def test_every_directory_of_the_program_has_its_place_in_the_order():
    directories = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    assert directories <= set(rules.MAY_INCLUDE)


def test_the_order_of_directories_has_no_cycle():
    done = set()
    while len(done) < len(rules.MAY_INCLUDE):
        ready = {layer for layer, below in rules.MAY_INCLUDE.items()
                 if layer not in done and below <= done}
        assert ready, set(rules.MAY_INCLUDE) - done
        done |= ready


def test_every_room_in_the_order_is_there():
    for service, rooms in rules.ROOMS.items():
        directory = ROOT / "src" / "services" / service
        assert {"", *(path.name for path in directory.iterdir() if path.is_dir())} == set(rooms)


SHOWN_FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_fixtures_that_the_page_shows_are_the_files_that_run():
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    shown = dict(SHOWN_FILE.findall(page))
    assert len(shown) == 12
    for path, text in shown.items():
        assert text == (ROOT / path).read_text(encoding="utf-8"), f"{path} is shown differently"
