// What CDK brings its own functions for: a bucket that is emptied before it goes, a call of an
// operation as a resource, files that are put into a bucket, a log whose events are kept for some
// days; and a provider of the app's own within CDK's framework.
const { App, CfnOutput, CustomResource, Duration, RemovalPolicy, Stack } = require("aws-cdk-lib");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");
const s3 = require("aws-cdk-lib/aws-s3");
const resources = require("aws-cdk-lib/custom-resources");

const HANDLER = `
exports.handler = async (event) => {
  const { Title } = event.ResourceProperties;
  if (Title === "none" && event.RequestType !== "Delete") throw new Error("no film has no title");
  return { PhysicalResourceId: "film", Data: { Twice: Title + Title } };
};`;

class Films extends Stack {
  constructor(scope, id, title) {
    super(scope, id);
    const bucket = new s3.Bucket(this, "Bucket", {
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });

    const put = new resources.AwsCustomResource(this, "Put", {
      onUpdate: {
        service: "S3",
        action: "PutObject",
        parameters: { Bucket: bucket.bucketName, Key: "film", Body: title },
        physicalResourceId: resources.PhysicalResourceId.of("film"),
      },
      policy: resources.AwsCustomResourcePolicy.fromSdkCalls({
        resources: [bucket.arnForObjects("*")],
      }),
      installLatestAwsSdk: false,
    });
    bucket.grantPut(put);

    const provider = new resources.Provider(this, "Provider", {
      onEventHandler: new lambda.Function(this, "Own", {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: "index.handler",
        code: lambda.Code.fromInline(HANDLER),
      }),
    });
    const film = new CustomResource(this, "Film", {
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.seconds(60), // a provider that says nothing is not waited for
      properties: { Title: title },
    });
    film.node.addDependency(put);

    new logs.LogRetention(this, "Kept", {
      logGroupName: `/films/${id}`,
      retention: logs.RetentionDays.THREE_DAYS,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    new CfnOutput(this, "BucketName", { value: bucket.bucketName });
    new CfnOutput(this, "ETag", { value: put.getResponseField("ETag") });
    new CfnOutput(this, "Twice", { value: film.getAttString("Twice") });
  }
}

const app = new App();
new Films(app, app.node.getContext("stack"), app.node.tryGetContext("title") ?? "Alien");
