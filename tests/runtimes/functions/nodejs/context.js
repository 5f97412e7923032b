'use strict';

exports.handler = async (event, context) => ({
  members: Object.keys(context),
  context: { ...context, getRemainingTimeInMillis: typeof context.getRemainingTimeInMillis },
  remaining: Math.sign(context.getRemainingTimeInMillis()),
  trace: process.env._X_AMZN_TRACE_ID,
  descriptor: process.env._LAMBDA_TELEMETRY_LOG_FD,
  global: Object.keys(globalThis.awslambda ?? {}).sort(),
});
exports.stored = async () => [
  awslambda.InvokeStore.getRequestId(), awslambda.InvokeStore.getXRayTraceId()];
exports.layer = async () => require('in-a-layer');
