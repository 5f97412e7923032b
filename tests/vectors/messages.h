// Short ways to decode and encode one message in a test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "protocol/codec.h"

namespace matinee::vectors {

struct Decoded {
  protocol::Object object;
  protocol::Violations violations;

  template <class T>
  T& as() {
    return object.as<T>();
  }
};

inline protocol::HttpRequest http(std::string method, std::string_view target, std::string body,
                                  protocol::Headers headers = {}) {
  protocol::HttpRequest request{.method = std::move(method)};
  EXPECT_TRUE(request.set_target(target)) << target;
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

inline Decoded decode(const protocol::Operation& operation, protocol::Protocol used,
                      protocol::HttpRequest request) {
  Decoded result{protocol::Object(*operation.request), {}};
  result.violations = protocol::decode_request(operation, used, request, result.object.get());
  return result;
}

/// What a server reads of what a client sends.
template <class Request>
Request sent_and_received(const protocol::Operation& operation, const Request& request) {
  protocol::HttpRequest message = protocol::encode_request(operation, &request);
  Decoded decoded = decode(operation, operation.service->protocol, std::move(message));
  EXPECT_TRUE(decoded.violations.empty());
  return std::move(decoded.as<Request>());
}

/// What a client reads of what a server answers.
template <class Response>
Response answered_and_received(const protocol::Operation& operation, const Response& response) {
  protocol::HttpResponse message =
      protocol::encode_response(operation, operation.service->protocol, &response, "id-1");
  Response result;
  protocol::decode_response(operation, message, &result);
  return result;
}

inline std::string header(const auto& message, std::string_view name) {
  return std::string(message.headers.find(name).value_or("(none)"));
}

}  // namespace matinee::vectors
