"""Asks Matinee and AWS's own matcher the same questions, and tells where their answers differ.

    python3 tests/patterns/compare.py build/asan/tests/patterns/pattern_answers --seed 7
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import cases  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
JARS = HERE.parent.parent / "build" / "patterns" / "jars"
SKIPPED = 77
REASON = "Event pattern is not valid. Reason: "


def jars():
    """The archives of AWS's matcher; nobody is asked for them once they are there."""
    made_from = JARS / "made-from.xml"
    pom = HERE / "pom.xml"
    if not made_from.exists() or made_from.read_text() != pom.read_text():
        subprocess.run(["mvn", "--batch-mode", "--no-transfer-progress", "--quiet", "--file", pom,
                        "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"], check=True)
        made_from.write_text(pom.read_text())
    return ":".join(str(jar) for jar in sorted(JARS.glob("*.jar")))


def answers(command, questions):
    done = subprocess.run([*command, questions], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def same_complaint(ours, theirs):
    ours = ours.removeprefix(REASON)
    if ours.startswith("Unrecognized token"):
        # EventBridge was seen to point behind the token; this version of the matcher points at it.
        return ours.split("\n")[0] == theirs.split("\n")[0]
    return ours == theirs


def is_known(pattern, ours, theirs):
    """Differences that are meant."""
    if isinstance(ours, str) and "too complex" in ours:
        return True  # EventBridge's limit, of which the matcher alone knows nothing
    if isinstance(theirs, list) and any(isinstance(result, str) for result in theirs):
        return True  # the matcher broke
    if "wildcard" in pattern and "ignore-case" in pattern and isinstance(theirs, list):
        return True  # together they make the matcher accept texts that neither does
    # The matcher compares texts with their quotes, so that an affix with one may match them, and
    # finds that some addresses of IPv6 are in blocks of IPv4.
    return isinstance(ours, list) and isinstance(theirs, list) and (
        '\\"' in pattern or "0.0.0.0/" in pattern)


def compare(program, seed, count):
    """Returns (questions, patterns that were refused, differences)."""
    maker = cases.Maker(seed)
    questions = [maker.case() for _ in range(count)]
    differences = []
    refused = 0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for question in questions:
            file.write(json.dumps(question) + "\n")
        file.flush()
        ours = answers([program], file.name)
        theirs = answers(["java", "-Xshare:auto", "-cp", jars(), str(HERE / "Ruler.java")],
                         file.name)
    assert len(ours) == len(theirs) == len(questions)
    for question, our, their in zip(questions, ours, theirs):
        refused += isinstance(their, str)
        both_refuse = isinstance(our, str) and isinstance(their, str)
        same = same_complaint(our, their) if both_refuse else our == their
        if same or is_known(question["pattern"], our, their):
            continue
        differences.append((question, our, their))
    return len(questions), refused, differences


def told(question, ours, theirs):
    lines = [f"pattern {question['pattern']}"]
    if isinstance(ours, list) and isinstance(theirs, list):
        lines += [f"  event {event}: {our}, AWS's {their}"
                  for event, our, their in zip(question["events"], ours, theirs) if our != their]
    else:
        lines += [f"  ours:  {ours}", f"  AWS's: {theirs}"]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    arguments = parser.parse_args()
    if not shutil.which("java") or not shutil.which("mvn"):
        print("skipped: AWS's matcher needs Java and Maven")
        return SKIPPED
    count, refused, differences = compare(arguments.program, arguments.seed, arguments.count)
    for difference in differences[:20]:
        print(told(*difference))
    print(f"{count} patterns, {refused} refused, {len(differences)} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
