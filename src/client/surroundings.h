// Everything about its surroundings that the client needs to find settings and credentials.
#pragma once

#include "client/config_files.h"
#include "client/endpoints.h"
#include "runtime/http_client.h"
#include "runtime/runtime.h"

namespace matinee::client {

/// All must outlive what is made with it.
struct Surroundings {
  runtime::Clock& clock;
  runtime::Random& random;
  const runtime::Disk& disk;
  const runtime::Environment& environment;
  runtime::HttpClient& http;
  const ConfigFiles& files;
};

/// What the user said on the command line; the rest is looked for.
struct CloudChoice {
  std::optional<std::string> region;
  std::optional<std::string> profile;
  /// One URL for every service; nothing for AWS, unless the environment or the profile name others.
  std::optional<std::string> url;
};

/// The profile to use: the one chosen, AWS_PROFILE, AWS_DEFAULT_PROFILE, or "default".
std::string profile_name(const runtime::Environment& environment, const CloudChoice& choice);

/// --region, AWS_REGION, AWS_DEFAULT_REGION, the profile's region; us-east-1 where a URL was
/// chosen. Throws ClientError where none is set.
std::string require_region(const Surroundings& around, const CloudChoice& choice);

/// The endpoints chosen by --cloud, AWS_ENDPOINT_URL_SQS and so on, AWS_ENDPOINT_URL, and the
/// profile's services and endpoint_url, in this order; AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true
/// leaves all but the first alone.
Endpoints find_endpoints(const Surroundings& around, const CloudChoice& choice);

}  // namespace matinee::client
