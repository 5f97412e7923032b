"""Functions that CDK brings along make resources, and tell CloudFormation by HTTPS, at AWS's host:
they use nothing of a response's URL but the name of the host and the path."""

import pytest
from botocore.exceptions import ClientError
from deployed import outputs, require_gone, status


def log_group(logs, group):
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return found[0] if found else None


def test_cdks_own_functions_make_and_remove_what_the_app_wants(cdk, aws, bring, project, name,
                                                               tmp_path):
    bring("nodejs24.x")  # the runtime of CDK's functions, and the SDK that they take for granted
    place = project("providers")
    cloudformation, s3, logs = aws("cloudformation"), aws("s3"), aws("logs")

    def run(*arguments, cwd=place, **more):
        return cdk.run(*arguments, "--no-notices", cwd=cwd, **more)

    def deploy(title, **more):
        return run("deploy", "--require-approval", "never", "--progress", "events", "-c",
                   f"stack={name}", "-c", f"title={title}", "--output", f"{title}.out", **more)

    run("bootstrap", f"aws://000000000000/{cloudformation.meta.region_name}", cwd=tmp_path)

    # The app's provider fails, by the framework; what the others have made goes again, the bucket
    # with the object in it.
    said = deploy("none", codes=(1,))
    assert "no film has no title" in said
    assert status(cloudformation, name) == "ROLLBACK_COMPLETE"

    deploy("Alien")
    made = outputs(cloudformation, name)
    assert made["Twice"] == "AlienAlien"
    film = s3.get_object(Bucket=made["BucketName"], Key="film")
    assert (film["Body"].read(), film["ETag"]) == (b"Alien", made["ETag"])
    assert log_group(logs, f"/films/{name}")["retentionInDays"] == 3

    run("destroy", "--app", "Alien.out", "--force")
    require_gone(cloudformation, name)
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=made["BucketName"])
    assert not log_group(logs, f"/films/{name}")
