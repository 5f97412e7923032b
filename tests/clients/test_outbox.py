"""`matinee outbox`: what would have gone to people is shown instead."""

import json
import os
import re
import subprocess
import urllib.request

import aws_clients
import matinee_server


def outbox(server, *arguments):
    run = subprocess.run(
        [matinee_server.find_binary(), "outbox", "--cloud", server.url, *arguments],
        capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    return run.stdout


def test_mail_is_confirmed_by_its_link_and_then_shown(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        sns = aws_clients.client("sns", server.url)
        topic = sns.create_topic(Name="premieres")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
        first = outbox(server)
        assert "ada@example.com" in first
        link = re.search(r'http://[^"\s]+Action=ConfirmSubscription[^"\s]+', first).group(0)
        urllib.request.urlopen(link, timeout=30).read()
        sns.publish(TopicArn=topic, Subject="Tonight", Message="Metropolis at eight")
        newest = json.loads(outbox(server, "--format", "json", "--max-items", "1"))
        assert newest["To"] == "mailto:ada@example.com"
        assert newest["Subject"] == "Tonight"
        assert newest["Body"].startswith("Metropolis at eight")
        assert newest["Source"] == topic
        sns.publish(PhoneNumber="+15551234567", Message="Curtain up")
        assert "SMS to +15551234567  from Publish" in outbox(server)
