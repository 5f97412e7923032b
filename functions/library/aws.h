// Calls of AWS's services from a function, typed by the same generated models as Matinee's own
// client: signed with the role's credentials, to AWS or wherever AWS_ENDPOINT_URL points, over
// connections that are kept between invocations.
//
//   lambda::Aws aws;
//   const auto page = aws.call<matinee::s3::GetObjectResponse>(
//       matinee::s3::operations::GetObject, matinee::s3::GetObjectRequest{.bucket = …, .key = …});
#pragma once

#include <chrono>

#include "library/http.h"
#include "library/retry.h"
#include "protocol/http.h"
#include "protocol/operation.h"

namespace lambda {

class Aws {
 public:
  /// Settings are the environment's: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
  /// AWS_SESSION_TOKEN, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_SQS and so on. Throws FunctionError
  /// "MissingSetting".
  explicit Aws(RetryPolicy policy = {});

  /// When calls end, with "OutOfTime" or "ConnectionTimedOut", and until when they are tried again;
  /// to be set for each invocation.
  void set_deadline(Deadline deadline) { deadline_ = deadline; }

  /// Waits as between two attempts of a call, for what a service has left over of a batch; false
  /// where that was the last attempt or there is no time. The first attempt is 1.
  bool wait_before_retry(int attempt) const {
    return lambda::wait_before_retry(policy_, attempt, deadline_);
  }

  /// Throws matinee::protocol::ServiceError with the service's code, of its generated type where
  /// there is one, or FunctionError where there was no reply to the end.
  template <class Response, class Request>
  Response call(const matinee::protocol::Operation& operation, const Request& request) {
    Response response;
    send(operation, &request, &response);
    return response;
  }

 private:
  HttpClient http_;
  RetryPolicy policy_;
  Deadline deadline_ = Deadline::max();

  void send(const matinee::protocol::Operation& operation, const void* request, void* response);
  HttpReply send_once(const matinee::protocol::Operation& operation,
                      const matinee::protocol::HttpRequest& encoded);
};

}  // namespace lambda
