"""Where Terraform finds its AWS provider: in what the machine's configuration says, or in a folder
that holds a tree of providers without Terraform having been told.

A tree is HOST/hashicorp/aws/VERSION/linux_amd64 in any folder at most three levels below the root
of the file system, or $MATINEE_TERRAFORM_PLUGINS, a folder that has such a tree in it.
"""

import glob
import os
import pathlib

TREE = "hashicorp/aws/*/linux_amd64"
SOURCE = "registry.terraform.io/hashicorp/aws"
# Other file systems than that of the machine's files, and what is too large to look through.
ELSEWHERE = {"dev", "home", "proc", "root", "run", "sys", "tmp", "usr", "var"}


def _providers():
    """The folders VERSION/linux_amd64 of providers: those below the variable, or of the machine."""
    told = os.environ.get("MATINEE_TERRAFORM_PLUGINS")
    starts = [told] if told else [
        f"/{folder}" for folder in sorted(os.listdir("/")) if folder not in ELSEWHERE]
    for start in starts:
        for levels in range(4):
            pattern = "/".join([glob.escape(start), *["*"] * levels, TREE])
            for found in sorted(glob.glob(pattern)):
                yield pathlib.Path(found)


def cli_configuration(directory):
    """Writes a Terraform CLI configuration into the directory that takes the provider from such a
    tree, and returns its path; None where there is no tree."""
    provider = next(_providers(), None)
    if provider is None:
        return None
    # Terraform follows a link only in the last place.
    mirror = pathlib.Path(directory) / "mirror"
    place = mirror / SOURCE / provider.parent.name / provider.name
    place.parent.mkdir(parents=True)
    place.symlink_to(provider)
    configuration = pathlib.Path(directory) / "plugins.tfrc"
    configuration.write_text(
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = ["{SOURCE}"]\n  }}\n'
        f'  direct {{\n    exclude = ["{SOURCE}"]\n  }}\n}}\n')
    return configuration
