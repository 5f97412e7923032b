// The modules by which inline code answers CloudFormation for a custom resource: `cfnresponse` for
// Python, `cfn-response` for Node.js. Names, parameters and constants as AWS documents them.
#pragma once

#include <string_view>

namespace matinee::resources::types::lambda {

/// cfnresponse.send(event, context, responseStatus, responseData, physicalResourceId=None,
/// noEcho=False, reason=None). Without the library requests or urllib3: they are not everywhere.
inline constexpr std::string_view python_response_module = R"py(import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False,
         reason=None):
    """Tells CloudFormation what became of a request for a custom resource."""
    answer = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: " + context.log_stream_name,
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    })
    print("Response body:")
    print(answer)
    request = urllib.request.Request(event["ResponseURL"], data=answer.encode("utf-8"),
                                     method="PUT", headers={"Content-Type": ""})
    try:
        with urllib.request.urlopen(request) as response:
            print("Status code:", response.status)
    except Exception as error:
        print("send(..) failed executing http.request(..):", error)
)py";

/// response.send(event, context, responseStatus, responseData, physicalResourceId, noEcho): calls
/// context.done at the end, and gives a promise that then resolves.
inline constexpr std::string_view node_response_module = R"js('use strict';

exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  const answer = JSON.stringify({
    Status: responseStatus,
    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: responseData,
  });
  console.log('Response body:\n', answer);

  const url = new URL(event.ResponseURL);
  const client = require(url.protocol === 'http:' ? 'http' : 'https');
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(answer) };
  return new Promise((resolve) => {
    const end = () => {
      if (typeof context.done === 'function') context.done();
      resolve();
    };
    const request = client.request(url, { method: 'PUT', headers: headers }, (response) => {
      console.log('Status code: ' + response.statusCode);
      response.resume();
      response.on('end', end);
    });
    request.on('error', (error) => {
      console.log('send(..) failed executing https.request(..): ' + error);
      end();
    });
    request.write(answer);
    request.end();
  });
};
)js";

}  // namespace matinee::resources::types::lambda
