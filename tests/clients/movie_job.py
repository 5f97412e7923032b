"""Runs `matinee run movies` and looks at what it left behind, through boto3."""

import json

import aws_clients
import program


class Job(program.Finished):
    """One run of the job to its end."""

    def __init__(self, *arguments, cloud=None, environment=None):
        super().__init__(command(*arguments, cloud=cloud), environment)


def command(*arguments, cloud=None):
    return program.command_line("run", "movies", *arguments, cloud=cloud)


class Left:
    """What is in a cloud after a job, under the default names or others."""

    def __init__(self, url, queue="movie-load.fifo", table="movie-job-information",
                 bucket="movie-bucket"):
        self.sqs = aws_clients.client("sqs", url)
        self.dynamodb = aws_clients.client("dynamodb", url)
        self.s3 = aws_clients.client("s3", url, s3={"addressing_style": "path"})
        self.queue, self.table, self.bucket = queue, table, bucket

    def object(self, job_id):
        return self.s3.get_object(Bucket=self.bucket, Key=f"{job_id}.json")["Body"].read()

    def items(self, job_id):
        """The job's items, without those of other jobs."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table,
                                                             ConsistentRead=True)
        return [item for page in pages for item in page["Items"]
                if item["job_id"]["S"].split("#")[0] == job_id]

    def header(self, job_id):
        [header] = [item for item in self.items(job_id) if "started_on" in item]
        return header

    def stored_movies(self, job_id):
        """How many movies the parts in the table hold, counted one by one."""
        return sum(len(item["movies"]["L"]) for item in self.items(job_id) if "movies" in item)

    def queue_url(self, name=None):
        return self.sqs.get_queue_url(QueueName=name or self.queue)["QueueUrl"]

    def messages_in_queue(self, url=None):
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
                  "ApproximateNumberOfMessagesDelayed"]
        got = self.sqs.get_queue_attributes(QueueUrl=url or self.queue_url(),
                                            AttributeNames=counts)["Attributes"]
        return sum(int(got[name]) for name in counts)

    def dead_letter_url(self):
        got = self.sqs.get_queue_attributes(QueueUrl=self.queue_url(),
                                            AttributeNames=["RedrivePolicy"])["Attributes"]
        arn = json.loads(got["RedrivePolicy"])["deadLetterTargetArn"]
        return self.queue_url(arn.rsplit(":", 1)[1])

    def receive_all(self, url, **parameters):
        """Every message that is visible now or within a second."""
        messages = []
        while True:
            more = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10,
                                            WaitTimeSeconds=1, **parameters).get("Messages")
            if not more:
                return messages
            messages += more

    def require_complete(self, job_id, count):
        """Every movie once in the table, once in the object; returns the object's bytes."""
        body = self.object(job_id)
        movies = json.loads(body)
        assert len(movies) == count
        assert all({"title", "year", "director", "actor"} <= set(movie) for movie in movies)
        assert self.stored_movies(job_id) == count
        header = self.header(job_id)
        assert header["count"] == {"N": str(count)}
        assert int(header["parts"]["N"]) == sum("movies" in item for item in self.items(job_id))
        return body
