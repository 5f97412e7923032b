"""A layer with Powertools for Python and boto3, as `pip install --target python` makes it, from the
lock file of powertools/. Installed once for each version of that file.
"""

import filecmp
import io
import shutil
import subprocess
import sys
import zipfile

import matinee_server

LOCK = matinee_server.ROOT / "tests" / "clients" / "powertools" / "requirements.lock"
PLACE = matinee_server.ROOT / "build" / "clients" / "powertools"
# botocore describes all of AWS in 25 MB: the functions here need two services of it.
SERVICES = {"dynamodb", "sts"}


def _install():
    made_from = PLACE / "made-from.lock"
    if made_from.is_file() and filecmp.cmp(made_from, LOCK, shallow=False):
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes",
                    "--disable-pip-version-check", "--no-compile", "--target",
                    str(PLACE / "python"), "-r", str(LOCK)], check=True)
    shutil.copy(LOCK, made_from)


def _is_needed(path):
    parts = path.relative_to(PLACE / "python").parts
    is_service = parts[:2] == ("botocore", "data") and len(parts) > 3
    return path.is_file() and (not is_service or parts[2] in SERVICES)


def build():
    """The archive."""
    _install()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for path in sorted(PLACE.glob("python/**/*")):
            if _is_needed(path):
                writer.write(path, path.relative_to(PLACE))
    return archive.getvalue()
