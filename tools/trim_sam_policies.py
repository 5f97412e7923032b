#!/usr/bin/env python3
"""Writes models/sam/policies.txt: the policy templates of SAM and what its connectors allow.

They come from one pinned release of the Python package aws-sam-translator (Apache License 2.0),
fetched with pip. Descriptions are left out. A line for each entry, as src/templates/sam/data.cpp
reads them: a key, a tab, JSON.

    policy NAME                    {"Parameters": [names], "Statement": [..]}
    connector SOURCE DESTINATION   {"Type": .., "Properties": ..}
    connectable TYPE               {"Inputs": .., "Outputs": ..}
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "aws-sam-translator==1.115.0"
ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "models" / "sam" / "policies.txt"


def fetch():
    """(policy templates, connector profiles) of the package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--only-binary", ":all:", "--dest", folder, PACKAGE], check=True)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("*.whl"))) as wheel:
            return (json.loads(wheel.read(
                        "samtranslator/policy_templates_data/policy_templates.json")),
                    json.loads(wheel.read(
                        "samtranslator/model/connector_profiles/profiles.json")))


def main():
    policies, connectors = fetch()
    entries = {}
    for name, template in policies["Templates"].items():
        assert list(template["Definition"]) == ["Statement"]
        entries[f"policy {name}"] = {"Parameters": list(template["Parameters"]),
                                     **template["Definition"]}
    for source, destinations in connectors["Permissions"].items():
        for destination, profile in destinations.items():
            profile.pop("_comment", None)
            entries[f"connector {source} {destination}"] = profile
    for name, properties in connectors["CfnResourceProperties"].items():
        entries[f"connectable {name}"] = properties
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("".join(
        f"{key}\t{json.dumps(entries[key], separators=(',', ':'))}\n" for key in sorted(entries)))
    print(f"{len(entries)} entries, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
