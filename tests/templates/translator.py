"""AWS's own SAM translator, from the package aws-sam-translator in the version of
requirements.lock, which is installed once for each version of that file. It runs in a process of
its own, with packages of its own.
"""

import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LOCK = HERE / "requirements.lock"
PLACE = ROOT / "build" / "templates" / "translator"


def _install():
    made_from = PLACE / "made-from.lock"
    if made_from.is_file() and filecmp.cmp(made_from, LOCK, shallow=False):
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes",
                    "--disable-pip-version-check", "--target", str(PLACE), "-r", str(LOCK)],
                   check=True)
    shutil.copy(LOCK, made_from)


def translate(cases, region="us-east-1"):
    """What it makes of each {"template", "parameters"}: a template, or a list of sentences: the
    summary, and one for each fault."""
    _install()
    environment = {**os.environ, "PYTHONPATH": str(PLACE), "AWS_DEFAULT_REGION": region}
    done = subprocess.run([sys.executable, str(HERE / "translator.py")], input=json.dumps(cases),
                          env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


class _NoOtherPolicies:
    """The translator has a list of managed policies itself; it asks IAM for no others."""

    def load(self):
        return {}


def _translate_one(case):
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse
    try:
        return transform(yaml_parse(case["template"]), case["parameters"], _NoOtherPolicies())
    except InvalidDocumentException as error:
        return [error.message, *(cause.message for cause in error.causes)]


if __name__ == "__main__":
    import logging
    logging.disable(logging.CRITICAL)
    json.dump([_translate_one(case) for case in json.load(sys.stdin)], sys.stdout, default=str)
