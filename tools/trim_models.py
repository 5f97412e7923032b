#!/usr/bin/env python3
"""Writes models/*.json: the parts of AWS's service models that Matinee serves or calls.

The models come from one pinned release of botocore, fetched with pip. Kept are operations, shapes
and limits; documentation is left out. Operations that models/operations.json does not list keep
their name and HTTP binding only: they resolve, and answer 501. A service is called as botocore's
folder is; its file here goes without the dashes, because it names a namespace too.

    tools/trim_models.py            # fetch with pip, write models/
    tools/trim_models.py --check    # exit 1 if models/ differs from what would be written
"""

import argparse
import gzip
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

BOTOCORE = "1.44.5"
ROOT = pathlib.Path(__file__).resolve().parent.parent
DROPPED = {
    "documentation", "deprecatedMessage", "deprecatedSince", "contextParam", "staticContextParams",
    "operationContextParams", "endpointdiscovery", "endpointoperation", "endpoint", "box",
    "synthetic", "auth", "authtype", "unsignedPayload", "documentationUrl", "hostLabel",
}


def without_documentation(value):
    """The same JSON value without prose and without what only AWS's endpoint rules use."""
    if isinstance(value, dict):
        return {k: without_documentation(v) for k, v in value.items() if k not in DROPPED}
    if isinstance(value, list):
        return [without_documentation(v) for v in value]
    return value


def strip(shape):
    """Drops prose from a shape, but no member that merely has the name of something dropped."""
    members = shape.get("members")
    kept = without_documentation({k: v for k, v in shape.items() if k != "members"})
    if members is not None:
        kept["members"] = {name: without_documentation(m) for name, m in members.items()}
    return kept


def references(shape):
    found = [m["shape"] for m in shape.get("members", {}).values()]
    return found + [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]


def served_of(model, listed):
    """The names of a list, or all of the model but those of {"all but": [...]}."""
    if isinstance(listed, list):
        return listed
    left_out = listed["all but"]
    unknown = [name for name in left_out if name not in model["operations"]]
    if unknown:
        sys.exit(f"no such operations in the model: {', '.join(unknown)}")
    return [name for name in model["operations"] if name not in left_out]


def trim(model, served):
    missing = [name for name in served if name not in model["operations"]]
    if missing:
        sys.exit(f"no such operations in the model: {', '.join(missing)}")
    operations, wanted = {}, []
    for name, operation in sorted(model["operations"].items()):
        if name not in served:
            operations[name] = {"http": operation["http"], "trimmed": True}
            continue
        operations[name] = without_documentation(operation)
        wanted += [operation[part]["shape"] for part in ("input", "output") if part in operation]
        wanted += [error["shape"] for error in operation.get("errors", [])]
    shapes = {}
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = strip(model["shapes"][name])
            wanted += references(model["shapes"][name])
    return {
        "source": f"botocore {BOTOCORE}",
        "metadata": model["metadata"],
        "operations": operations,
        "shapes": dict(sorted(shapes.items())),
    }


def fetch(services):
    """The full models by service name, out of the pinned wheel."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", directory,
             f"botocore=={BOTOCORE}"], check=True)
        wheel = zipfile.ZipFile(next(pathlib.Path(directory).glob("*.whl")))
        models = {}
        for service in services:
            name = max(n for n in wheel.namelist()
                       if n.startswith(f"botocore/data/{service}/") and "/service-2.json" in n)
            with gzip.open(io.BytesIO(wheel.read(name))) as file:
                models[service] = json.load(file)
        return models


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="compare instead of writing")
    check = options.parse_args().check
    served = json.loads((ROOT / "models" / "operations.json").read_text())
    different = []
    for service, model in fetch(served).items():
        text = json.dumps(trim(model, served_of(model, served[service])), indent=1) + "\n"
        path = ROOT / "models" / f"{service.replace('-', '')}.json"
        if check and (not path.exists() or path.read_text() != text):
            different.append(path.name)
        if not check:
            path.write_text(text)
    if different:
        sys.exit(f"differ from botocore {BOTOCORE}: {', '.join(different)}")


if __name__ == "__main__":
    main()
