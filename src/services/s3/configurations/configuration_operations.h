// What the operations on all kinds of configurations have in common, written once; for the .cpp
// files that define them.
#pragma once

#include "protocol/base64.h"
#include "s3/errors.h"
#include "services/s3/configurations/bucket_configurations.h"
#include "services/s3/configurations/configuration_rules.h"

namespace matinee::s3 {

/// Of listings of configurations with ids.
inline constexpr std::size_t configurations_a_page = 100;

/// The error that says that a bucket has no configuration of this kind.
[[noreturn]] void throw_missing(ConfigurationKind kind, const std::string& bucket);

/// The id of those configurations of which a bucket has several; empty for the others.
template <class Request>
std::string id_of(const Request& request) {
  if constexpr (requires { request.id; })
    return request.id;
  else
    return "";
}

template <class Request>
Configurations::Key key_of(const Request& request, ConfigurationKind kind) {
  return Configurations::key(request.bucket, kind, id_of(request));
}

template <class Response, class Request, class Configuration>
Response BucketConfigurations::put_configuration(const Context& context, const Request& request,
                                                 ConfigurationKind kind,
                                                 const Configuration& configuration) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  if constexpr (requires { check_configuration(configuration); })
    check_configuration(configuration);
  const Configurations::Key key = key_of(request, kind);
  if constexpr (requires { request.id; }) {
    if (configuration.id != request.id) refuse_document();
    std::size_t others = 0;
    if (!configurations_.contains(key))
      configurations_.scan(request.bucket, kind, "",
                           [&](const auto&, const auto&) { return ++others < max_rules; });
    if (others == max_rules)
      throw TooManyConfigurations(
          "You are attempting to create a new configuration but have already reached the "
          "1,000-configuration limit.");
  }
  configurations_.put(key, configuration);
  return {};
}

template <class Response, class Request>
std::optional<Response> BucketConfigurations::find_configuration(const Context& context,
                                                                 const Request& request,
                                                                 ConfigurationKind kind) const {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  return configurations_.find<Response>(key_of(request, kind));
}

template <class Response, class Request>
Response BucketConfigurations::require_configuration(const Context& context, const Request& request,
                                                     ConfigurationKind kind) const {
  std::optional<Response> found = find_configuration<Response>(context, request, kind);
  if (!found) throw_missing(kind, request.bucket);
  return std::move(*found);
}

/// Deleting what is not there is a success, but for one of several configurations.
template <class Response, class Request>
Response BucketConfigurations::delete_configuration(const Context& context, const Request& request,
                                                    ConfigurationKind kind) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const Configurations::Key key = key_of(request, kind);
  if constexpr (requires { request.id; })
    if (!configurations_.contains(key)) throw_missing(kind, request.bucket);
  configurations_.erase(key);
  return {};
}

template <auto member, class Response, class Request>
Response BucketConfigurations::list_configurations(const Context& context, const Request& request,
                                                   ConfigurationKind kind) const {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  std::string after;
  if (request.continuation_token) {
    const auto decoded = protocol::base64_decode(*request.continuation_token);
    if (!decoded) throw InvalidArgument("The continuation token provided is incorrect");
    after = *decoded;
  }
  Response response{};
  response.continuation_token = request.continuation_token;
  response.is_truncated = false;
  auto& found = (response.*member).emplace();
  configurations_.scan(request.bucket, kind, after, [&](const auto&, const auto& record) {
    if (found.size() == configurations_a_page) {
      response.is_truncated = true;
      response.next_continuation_token = protocol::base64_encode(found.back().id);
      return false;
    }
    auto& configuration = found.emplace_back();
    Configurations::read(record, std::decay_t<decltype(configuration)>::shape, &configuration);
    return true;
  });
  return response;
}

}  // namespace matinee::s3
