"""Every condition key that AWS documents for an operation served is answered by code or data, or
docs/identity.md says that it is never there.
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ROOT / "src" / "services"
AUTHORIZATION = ROOT / "models" / "authorization"
CORRECTIONS = ROOT / "models" / "corrections" / "authorization"


def snake_case(name):
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def text_of(paths):
    return "\n".join(path.read_text() for path in paths)


def actions_served(service, actions):
    """Those that are called as an operation that has a method."""
    headers = text_of((SERVICES / service).rglob("*.h"))
    return [action for action in actions if f" {snake_case(action)}(" in headers]


def is_answered(key, code):
    """`key` in lower case, up to a placeholder. S3 asks for its keys without their prefix."""
    if f'"{key}' in code:
        return True
    prefix, _, rest = key.partition(":")
    return prefix == "s3" and (f'"{rest}' in code or rest.startswith(("x-amz-", "object-lock-")))


def never_there():
    text = (ROOT / "docs" / "identity.md").read_text()
    part = text[text.index("these are never there"):text.index("## From what is called")]
    return {key.lower() for key in re.findall(r"`([a-z0-9]+:[^`…]+)`", part)}


def unanswered(service):
    data = json.loads((AUTHORIZATION / f"{service}.json").read_text())
    corrections = json.loads((CORRECTIONS / f"{service}.json").read_text())
    members = {key.lower() for key in corrections.get("keys", {})}
    code = text_of([path for path in [*(SERVICES / service).rglob("*.cpp"), *SERVICES.glob("*.cpp")]
                    if not path.name.endswith("_test.cpp")]).lower()
    for action in actions_served(service, data["actions"]):
        for key in data["actions"][action].get("keys", []):
            stem = re.sub(r"(:|/)?[$<{].*|/tag-key$", "", key.lower())
            stem = re.sub("^[a-z]+:resourcetag$", "aws:resourcetag", stem)
            if stem not in members and not is_answered(stem, code):
                yield action, stem


def test_every_condition_key_has_a_value_or_is_known_to_have_none():
    documented = never_there()
    missing = set()
    for path in sorted(AUTHORIZATION.glob("*.json")):
        if not (SERVICES / path.stem).is_dir() or not (CORRECTIONS / path.name).exists():
            continue
        # Tokens' and assertions' keys are those of their issuers.
        missing |= {f"{action}: {key}" for action, key in unanswered(path.stem)
                    if not key.startswith("saml:") and "." not in key.split(":")[0]
                    and not any(key.startswith(known) for known in documented)}
    assert not missing
