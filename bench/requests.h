// The requests that the load generator sends, as whole HTTP messages built once. They carry the
// headers that an SDK sends; the signature is a constant, which a server on loopback accepts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// A POST of a JSON protocol: target is e.g. "AmazonSQS.SendMessage", service e.g. "sqs".
struct JsonCall {
  std::string_view service;
  std::string_view target;
  std::string_view body;
};

/// Who calls; empty is somebody whom the server does not know.
struct Credentials {
  std::string access_key = {};
  std::string session_token = {};
};

/// For the requests of JSON protocols and forms that are built from now on.
void use_credentials(Credentials credentials);

/// A form of the query protocol: "Action=CreateRole&Version=2010-05-08&...".
std::string form_request(std::uint16_t port, std::string_view service, std::string_view form);

/// A value of a form.
std::string form_encoded(std::string_view text);

/// The whole request for 127.0.0.1:port.
std::string json_request(std::uint16_t port, const JsonCall& call);

/// A request of a REST service with JSON: "lambda", "POST", "/2015-03-31/functions", and a body.
struct RestCall {
  std::string_view service;
  std::string_view method;
  std::string_view path;
  std::string_view body;
};

/// The whole request for 127.0.0.1:port.
std::string rest_request(std::uint16_t port, const RestCall& call);

/// An S3 request: path includes the bucket; the body may be empty.
struct S3Call {
  std::string_view method;
  std::string_view path;
  std::string_view body;
};

/// The whole request for 127.0.0.1:port, path style, with an unsigned payload.
std::string s3_request(std::uint16_t port, const S3Call& call);

/// Only the head of an S3 PUT whose body of that many bytes the caller sends itself.
std::string s3_put_head(std::uint16_t port, std::string_view path, std::uint64_t length);

/// Overwrites the eight digits at that place of a request with the number, modulo 100,000,000, so
/// that one prebuilt request serves for many keys.
void patch_number(std::string& request, std::size_t position, std::uint64_t number);

/// What patch_number looks for in a template: put it where the number belongs.
inline constexpr std::string_view kNumberPlace = "@@@@@@@@";

/// The value of the first string member of that name in a JSON text, from a position on; moves the
/// position behind it. Empty when there is none. Knows no escapes: only for opaque identifiers.
std::string_view next_json_string(std::string_view json, std::string_view name,
                                  std::size_t& position);

}  // namespace bench
