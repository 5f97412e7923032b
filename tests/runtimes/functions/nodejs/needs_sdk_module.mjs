import * as s3 from '@aws-sdk/client-s3'; export const handler = async () => s3;
