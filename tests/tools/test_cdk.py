"""cdk bootstraps an account, and deploys a stack twice, with a change in between."""

from botocore.exceptions import ClientError
from deployed import outputs, require_gone, status
from polling import eventually


def is_there(s3, bucket, key):
    try:
        return s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return None


def test_cdk_bootstraps_deploys_tells_differences_changes_and_destroys(cdk, aws, project, name,
                                                                       tmp_path):
    place = project("cdk")
    cloudformation, s3 = aws("cloudformation"), aws("s3")

    def run(*arguments, cwd=place):
        return cdk.run(*arguments, "--no-notices", cwd=cwd)

    # Where no app is, nothing but the environment is asked for, which saves a run of the app.
    bootstrap = ("bootstrap", f"aws://000000000000/{cloudformation.meta.region_name}")
    run(*bootstrap, cwd=tmp_path)
    assert status(cloudformation, "CDKToolkit") == "CREATE_COMPLETE"
    assert "BucketName" in outputs(cloudformation, "CDKToolkit")
    assert "(no changes)" in run(*bootstrap, cwd=tmp_path)

    # The app runs once a version; what it wrote is deployed.
    context = ("-c", f"stack={name}")
    assert "AWS::SQS::Queue" in run("synth", *context, "--output", "first.out")
    deploy = ("deploy", "--require-approval", "never", "--progress", "events", "--app")
    run(*deploy, "first.out")
    made = outputs(cloudformation, name)
    aws("sqs").send_message(QueueUrl=made["QueueUrl"], MessageBody="Alien")
    eventually(lambda: is_there(s3, made["BucketName"], "films/Alien"), 60)

    assert "There were no differences" in run("diff", "--app", "first.out")
    assert "(no changes)" in run(*deploy, "first.out")

    run("synth", *context, "-c", "prefix=seen/", "--output", "second.out", "--quiet")
    said = run("diff", "--app", "second.out")
    assert "AWS::Lambda::Function" in said and "seen/" in said
    run(*deploy, "second.out")
    assert status(cloudformation, name) == "UPDATE_COMPLETE"
    assert outputs(cloudformation, name) == made
    aws("sqs").send_message(QueueUrl=made["QueueUrl"], MessageBody="Brazil")
    eventually(lambda: is_there(s3, made["BucketName"], "seen/Brazil"), 60)

    for key in ("films/Alien", "seen/Brazil"):
        s3.delete_object(Bucket=made["BucketName"], Key=key)
    run("destroy", "--app", "second.out", "--force")
    require_gone(cloudformation, name)
