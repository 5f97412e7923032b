// Starts s3rver on 127.0.0.1 for the access key of the load generator.
//   node start.js PORT DIRECTORY
import S3rver from "s3rver";
import AWSAccount from "s3rver/lib/models/account.js";

const [port, directory] = process.argv.slice(2);
AWSAccount.DUMMY_ACCOUNT.createKeyPair("AKIDEXAMPLE", "secret");
await new S3rver({
  address: "127.0.0.1", port: Number(port), directory, silent: true,
  allowMismatchedSignatures: true, vhostBuckets: false,
}).run();
