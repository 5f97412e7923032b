const s3 = require('@aws-sdk/client-s3'); exports.handler = async () => s3;
