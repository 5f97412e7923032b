// Calls as signed HTTP requests to AWS, to Matinee, or to anything that speaks like them.
#pragma once

#include "client/channel.h"
#include "client/credentials.h"
#include "client/endpoints.h"
#include "client/retry.h"
#include "runtime/http_client.h"

namespace matinee::client {

/// What a channel works with; all must outlive it.
struct HttpChannelParts {
  runtime::HttpClient& http;
  CredentialsSource& credentials;
  runtime::Clock& clock;
  runtime::Random& random;
};

/// One channel serves all services of a region. Throttling, faults of the service and broken
/// connections are tried again, with the same idempotency token. A clock that differs from the
/// server's by more than its signature allows is corrected from the server's Date. A bucket that is
/// in another region is asked for there, once S3 has said so.
class HttpChannel final : public Channel {
 public:
  HttpChannel(HttpChannelParts parts, Endpoints endpoints, RetryPolicy policy = {});

  runtime::Task<protocol::Object> call(const protocol::Operation& operation,
                                       protocol::Object request) override;

 private:
  HttpChannelParts parts_;
  Endpoints endpoints_;
  Backoff backoff_;
  runtime::Duration clock_skew_{};                         // the server's time less ours
  std::map<std::string, std::string> regions_of_buckets_;  // of those in other regions

  /// The outcome of one attempt: a response, or an error and what the server says about trying
  /// again.
  struct Attempt {
    protocol::Object response;
    std::shared_ptr<protocol::ServiceError> error;
    bool may_help = false;     // to try again
    runtime::Duration wait{};  // at least, before that
  };

  runtime::Task<Attempt> attempt(const protocol::Operation& operation,
                                 const protocol::HttpRequest& request);
  Attempt read_reply(const protocol::Operation& operation, const protocol::HttpRequest& request,
                     runtime::HttpReply reply);
  void correct(Attempt& attempt, const protocol::HttpResponse& response);
  /// Where S3 says that the bucket of a request is elsewhere: goes there from now on.
  void follow(const protocol::HttpRequest& request, const protocol::HttpResponse& response,
              Attempt& attempt);
  std::string region_for(const protocol::Operation& operation,
                         const protocol::HttpRequest& request) const;
  void fill_tokens(const protocol::Operation& operation, protocol::Object& request);
};

}  // namespace matinee::client
