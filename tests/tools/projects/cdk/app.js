// Films come in by a queue; a function reads them, and wakes up every day.
const { App, CfnOutput, Duration, RemovalPolicy, Stack } = require("aws-cdk-lib");
const events = require("aws-cdk-lib/aws-events");
const targets = require("aws-cdk-lib/aws-events-targets");
const lambda = require("aws-cdk-lib/aws-lambda");
const { SqsEventSource } = require("aws-cdk-lib/aws-lambda-event-sources");
const s3 = require("aws-cdk-lib/aws-s3");
const sqs = require("aws-cdk-lib/aws-sqs");

class Films extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const inbox = new sqs.Queue(this, "Inbox", { visibilityTimeout: Duration.seconds(60) });
    const bucket = new s3.Bucket(this, "Bucket", { removalPolicy: RemovalPolicy.DESTROY });
    const reader = new lambda.Function(this, "Reader", {
      runtime: new lambda.Runtime("{{runtime}}"),
      handler: "app.handler",
      code: lambda.Code.fromAsset("reader"),
      timeout: Duration.seconds(20),
      environment: {
        BUCKET: bucket.bucketName,
        PREFIX: this.node.tryGetContext("prefix") ?? "films/",
      },
    });
    bucket.grantPut(reader);
    reader.addEventSource(new SqsEventSource(inbox, { batchSize: 5 }));
    new events.Rule(this, "Daily", {
      schedule: events.Schedule.rate(Duration.days(1)),
      targets: [new targets.LambdaFunction(reader)],
    });
    new CfnOutput(this, "QueueUrl", { value: inbox.queueUrl });
    new CfnOutput(this, "BucketName", { value: bucket.bucketName });
  }
}

const app = new App();
new Films(app, app.node.getContext("stack"));
