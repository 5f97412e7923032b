// A program of version 2 of the SDK, which knows only AWS's endpoints: run by version2.test.js.
const AWS = require("aws-sdk");
const { HttpsProxyAgent } = require("https-proxy-agent");

AWS.config.update({
  region: "eu-central-1",
  httpOptions: { agent: new HttpsProxyAgent(process.env.https_proxy) },
});

async function main(name) {
  const s3 = new AWS.S3();
  await s3.createBucket({ Bucket: name }).promise();
  await s3.putObject({ Bucket: name, Key: "film.json", Body: "x".repeat(300000) }).promise();
  const sqs = new AWS.SQS();
  const { QueueUrl } = await sqs.createQueue({ QueueName: name }).promise();
  await sqs.sendMessage({ QueueUrl, MessageBody: "film.json" }).promise();
  const { Messages } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 }).promise();
  const object = await s3.getObject({ Bucket: name, Key: Messages[0].Body }).promise();
  const table = { TableName: name, Key: { id: { S: "1" } } };
  const dynamodb = new AWS.DynamoDB();
  await dynamodb.createTable({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  }).promise();
  await dynamodb.putItem({ TableName: name, Item: { ...table.Key, n: { N: "5" } } }).promise();
  const { Item } = await dynamodb.getItem(table).promise();
  return { queue: QueueUrl, size: object.ContentLength, n: Item.n.N };
}

main(process.argv[2]).then((told) => console.log(JSON.stringify(told)), (error) => {
  console.error(error);
  process.exitCode = 1;
});
