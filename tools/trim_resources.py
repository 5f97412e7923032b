#!/usr/bin/env python3
"""Writes models/resources/*.json: what AWS's registry says of the types of resources served here.

The schemas are AWS's own, as one pinned release of the Python package cfn-lint (MIT-0) carries
them. Kept of each are its properties with their types and limits, and which of them are read-only,
write-only, identify the resource or make another one. Descriptions, permissions of handlers, and
what the package adds for its own checks are left out.

    tools/trim_resources.py            # fetch with pip, write models/resources/
    tools/trim_resources.py --check    # exit 1 if the files differ from what would be written
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

PACKAGE, RELEASE = "cfn-lint", "1.58.0"
ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "models" / "resources"
TYPES = {
    "ApplicationAutoScaling": ["ScalableTarget", "ScalingPolicy"],
    "cloudformation": ["Stack", "CustomResource", "Macro", "WaitCondition", "WaitConditionHandle"],
    "CDK": ["Metadata"],
    "CloudWatch": ["Alarm", "CompositeAlarm", "Dashboard"],
    "DynamoDB": ["GlobalTable", "Table"],
    "ECR": ["Repository"],
    "Events": ["ApiDestination", "Archive", "Connection", "EventBus", "EventBusPolicy", "Rule"],
    "IAM": ["AccessKey", "Group", "GroupPolicy", "InstanceProfile", "ManagedPolicy",
            "OIDCProvider", "Policy", "Role", "RolePolicy", "SAMLProvider", "ServerCertificate",
            "ServiceLinkedRole", "User", "UserPolicy", "UserToGroupAddition", "VirtualMFADevice"],
    "KMS": ["Alias", "Key", "ReplicaKey"],
    "Lambda": ["Alias", "CodeSigningConfig", "EventInvokeConfig", "EventSourceMapping", "Function",
               "LayerVersion", "LayerVersionPermission", "Permission", "Url", "Version"],
    "Logs": ["AccountPolicy", "Destination", "LogGroup", "LogStream", "MetricFilter",
             "QueryDefinition", "ResourcePolicy", "SubscriptionFilter"],
    "S3": ["Bucket", "BucketPolicy"],
    "SNS": ["Subscription", "Topic", "TopicInlinePolicy", "TopicPolicy"],
    "SQS": ["Queue", "QueueInlinePolicy", "QueuePolicy"],
    "SSM": ["Parameter"],
    "Scheduler": ["Schedule", "ScheduleGroup"],
    "SecretsManager": ["ResourcePolicy", "RotationSchedule", "Secret", "SecretTargetAttachment"],
}
SERVICES = {"cloudformation": "CloudFormation"}

# Of a schema as a whole, and of the schema of a value.
WHOLE = ["primaryIdentifier", "createOnlyProperties", "conditionalCreateOnlyProperties",
         "readOnlyProperties", "writeOnlyProperties", "deprecatedProperties"]
KEYWORDS = ["type", "$ref", "enum", "const", "minLength", "maxLength", "minimum", "maximum",
            "minItems", "maxItems", "uniqueItems", "insertionOrder", "minProperties",
            "maxProperties", "required", "multipleOf"]
BRANCHES = ["anyOf", "oneOf", "allOf"]


def pattern_of(expression):
    """The same for who compares whole texts, as Matinee does: JSON Schema looks for a part."""
    is_whole = expression.startswith("^") and expression.endswith("$")
    if is_whole and "|" not in re.sub(r"\([^()]*\)|\[[^\]]*\]", "", expression):
        return expression
    return f"(.|\\n|\\r)*({expression})(.|\\n|\\r)*"


def value_of(schema):
    kept = {word: schema[word] for word in KEYWORDS if word in schema}
    if kept.get("insertionOrder") is not False:
        kept.pop("insertionOrder", None)
    if kept.get("uniqueItems") is False:
        kept.pop("uniqueItems")
    if isinstance(schema.get("pattern"), str):
        kept["pattern"] = pattern_of(schema["pattern"])
    if isinstance(schema.get("items"), dict):
        kept["items"] = value_of(schema["items"])
    for word in ["properties", "patternProperties"]:
        if word in schema:
            kept[word] = {name: value_of(part) for name, part in schema[word].items()}
    if "additionalProperties" in schema:
        more = schema["additionalProperties"]
        kept["additionalProperties"] = value_of(more) if isinstance(more, dict) else more
    for word in BRANCHES:
        branches = [value_of(part) for part in schema.get(word, [])]
        # One that says nothing is fulfilled by everything.
        if branches and (word == "allOf" or {} not in branches):
            kept[word] = branches
    return kept


def trim(schema):
    kept = {word: schema[word] for word in WHOLE if word in schema}
    tagging = schema.get("tagging", {})
    if tagging.get("taggable", True) and "tagProperty" in tagging:
        kept["tagProperty"] = tagging["tagProperty"]
    if schema.get("definitions"):
        kept["definitions"] = {name: value_of(part)
                               for name, part in schema["definitions"].items()}
    kept.update(value_of(schema))
    return kept


def fetch(directory):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest",
                    directory, f"{PACKAGE}=={RELEASE}"], check=True)
    archive = zipfile.ZipFile(next(pathlib.Path(directory).glob("*.whl")))
    root = "cfnlint/data/schemas"
    names = json.loads(archive.read(f"{root}/providers/us-east-1.json"))
    return lambda name: json.loads(archive.read(f"{root}/resources/{names[name]}.json"))


def lines_of(schemas):
    """One line for each property, so that a new release can be read as a change."""
    text = json.dumps(schemas, indent=1, ensure_ascii=False)
    lines, depth = [], 4
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if indent > depth or (indent == depth and line.strip()[:1] in "}]"):
            lines[-1] += line.strip() + (" " if line.strip().endswith(",") else "")
        else:
            lines.append(line)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true", help="compare instead of writing")
    check = options.parse_args().check
    with tempfile.TemporaryDirectory() as directory:
        schema_of = fetch(directory)
        texts = {}
        for service, types in TYPES.items():
            names = [f"AWS::{SERVICES.get(service, service)}::{name}" for name in types]
            texts[service.lower()] = lines_of({name: trim(schema_of(name)) for name in names})
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
