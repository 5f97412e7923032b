"""sam builds, deploys, changes and deletes a project."""

import json

from deployed import item, outputs, require_gone, status


def send(aws, url, film, points):
    aws("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"film": film, "points": points}))


def test_sam_builds_deploys_changes_and_deletes_a_project(sam, aws, project, name):
    place = project("scores")
    deploy = ("deploy", "--stack-name", name, "--resolve-s3", "--capabilities", "CAPABILITY_IAM",
              "--no-confirm-changeset", "--no-progressbar")
    sam.run("build", cwd=place)
    said = sam.run(*deploy, cwd=place)
    assert f"Successfully created/updated stack - {name}" in said
    made = outputs(aws("cloudformation"), name)
    send(aws, made["QueueUrl"], "Alien", 3)
    found = item(aws("dynamodb"), made["Table"], {"film": {"S": "Alien"}})
    assert found["points"] == {"N": "3"}

    assert "No changes to deploy" in sam.run(*deploy, cwd=place, codes=(0, 1))

    said = sam.run(*deploy, "--parameter-overrides", "Factor=10", cwd=place)
    assert "UPDATE_COMPLETE" in said
    assert outputs(aws("cloudformation"), name) == made
    send(aws, made["QueueUrl"], "Brazil", 2)
    found = item(aws("dynamodb"), made["Table"], {"film": {"S": "Brazil"}})
    assert found["points"] == {"N": "20"}

    assert made["Table"] in sam.run("list", "resources", "--stack-name", name, "--output", "json",
                                    cwd=place)
    answer = sam.run("remote", "invoke", made["Function"], "--event", '{"Records": []}', cwd=place)
    assert '"added"' in answer
    assert "REPORT RequestId" in sam.run("logs", "--stack-name", name, cwd=place)

    sam.run("delete", "--stack-name", name, "--no-prompts", "--region", "us-east-1", cwd=place)
    require_gone(aws("cloudformation"), name)


def test_sam_says_which_resource_has_failed(sam, aws, project, name):
    place = project("scores")
    text = (place / "template.yaml").read_text()
    (place / "template.yaml").write_text(text.replace("VisibilityTimeout: 60",
                                                      "VisibilityTimeout: 5"))
    said = sam.run("deploy", "--stack-name", name, "--resolve-s3", "--capabilities",
                   "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar", cwd=place,
                   codes=(1,))
    assert "CREATE_FAILED" in said and "AdderScore" in said
    assert status(aws("cloudformation"), name) == "ROLLBACK_COMPLETE"
