// Which profile, which region, which endpoints.
#include "client/surroundings.h"

#include <fmt/format.h>

namespace matinee::client {

namespace {

std::optional<std::string> find_variable(const runtime::Environment& environment,
                                         const std::string& name) {
  std::optional<std::string> value = environment.find(name);
  if (value && value->empty()) value.reset();
  return value;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

const Settings& settings_of(const Surroundings& around, const CloudChoice& choice) {
  static const Settings none;
  const Settings* profile = around.files.find_profile(profile_name(around.environment, choice));
  return profile ? *profile : none;
}

/// The URL that the surroundings name for one service alone.
std::optional<std::string> find_service_url(const Surroundings& around, const Settings& profile,
                                            const std::string& service) {
  if (auto url = find_variable(around.environment, "AWS_ENDPOINT_URL_" + upper(service)))
    return url;
  // A URL for all services in the environment counts more than anything in the files.
  if (find_variable(around.environment, "AWS_ENDPOINT_URL")) return std::nullopt;
  const std::string* section = find_setting(profile, "services");
  const Settings* services = section ? around.files.find_services(*section) : nullptr;
  if (!services) return std::nullopt;
  const std::string* url = find_setting(*services, service + ".endpoint_url");
  return url ? std::optional(*url) : std::nullopt;
}

}  // namespace

std::string profile_name(const runtime::Environment& environment, const CloudChoice& choice) {
  if (choice.profile) return *choice.profile;
  if (auto name = find_variable(environment, "AWS_PROFILE")) return *name;
  return find_variable(environment, "AWS_DEFAULT_PROFILE").value_or("default");
}

std::string require_region(const Surroundings& around, const CloudChoice& choice) {
  if (choice.region) return *choice.region;
  if (auto region = find_variable(around.environment, "AWS_REGION")) return *region;
  if (auto region = find_variable(around.environment, "AWS_DEFAULT_REGION")) return *region;
  if (const std::string* region = find_setting(settings_of(around, choice), "region"))
    return *region;
  if (choice.url) return "us-east-1";
  throw ClientError(
      "No region is set: give --region, set AWS_REGION, or set a region in the profile.");
}

Endpoints find_endpoints(const Surroundings& around, const CloudChoice& choice) {
  Endpoints endpoints(require_region(around, choice));
  if (choice.url) {
    endpoints.set_url(*choice.url);
    return endpoints;
  }
  if (find_variable(around.environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true")
    return endpoints;
  const Settings& profile = settings_of(around, choice);
  for (const std::string service : {"sqs", "dynamodb", "s3", "sts"})
    if (auto url = find_service_url(around, profile, service)) endpoints.set_url(service, *url);
  if (auto url = find_variable(around.environment, "AWS_ENDPOINT_URL"))
    endpoints.set_url(*url);
  else if (const std::string* configured = find_setting(profile, "endpoint_url"))
    endpoints.set_url(*configured);
  return endpoints;
}

}  // namespace matinee::client
