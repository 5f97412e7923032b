// Platform applications: the push services of makers of devices.
#include <fmt/format.h>

#include <algorithm>

#include "services/sns/named.h"
#include "services/sns/platforms.h"

namespace matinee::sns {

namespace {

constexpr std::size_t page_size = 100;

constexpr std::string_view platforms[] = {
    "ADM",   "APNS",          "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM",
    "MACOS", "MACOS_SANDBOX", "MPNS",         "WNS"};
constexpr std::string_view names[] = {
    "ApplePlatformBundleID", "ApplePlatformTeamID",    "Enabled",
    "EventDeliveryFailure",  "EventEndpointCreated",   "EventEndpointDeleted",
    "EventEndpointUpdated",  "FailureFeedbackRoleArn", "PlatformCredential",
    "PlatformPrincipal",     "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"};

void require_names(const Attributes& attributes) {
  for (const auto& [name, value] : attributes)
    if (std::ranges::find(names, name) == std::end(names))
      refuse(fmt::format("Attributes Reason: Invalid attribute name: {}", name));
}

/// What is secret is never told.
Attributes told(const Attributes& attributes) {
  Attributes out{{"Enabled", "true"}};
  for (const auto& [name, value] : attributes)
    if (name != "PlatformCredential" && name != "PlatformPrincipal") out[name] = value;
  return out;
}

std::string arn_of_application(const Context& context, std::string_view application) {
  return fmt::format("arn:aws:sns:{}:{}:app/{}", context.region, context.account, application);
}

NotFoundException no_such_application() {
  return NotFoundException("PlatformApplication does not exist");
}

}  // namespace

std::optional<PlatformName> find_platform_name(std::string_view arn, std::string_view kind) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "sns" || !parts->resource.starts_with(kind)) return std::nullopt;
  std::string_view rest = std::string_view(parts->resource).substr(kind.size());
  if (!rest.starts_with('/')) return std::nullopt;
  rest.remove_prefix(1);
  const std::size_t first = rest.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = rest.find('/', first + 1);
  PlatformName name{.account = parts->account,
                    .region = parts->region,
                    .application = std::string(rest.substr(0, second)),
                    .id = second == std::string_view::npos ? std::string()
                                                           : std::string(rest.substr(second + 1))};
  return name;
}

void require_platform(const std::string& platform) {
  if (std::ranges::find(platforms, platform) == std::end(platforms))
    refuse(fmt::format("Platform Reason: {} is not supported", platform));
}

PlatformName require_application_name(const Context& context, const std::string& arn) {
  require_arn_form("PlatformApplicationArn", arn);
  std::optional<PlatformName> name = find_platform_name(arn, "app");
  if (!name || !name->id.empty() || name->region != context.region ||
      name->account != context.account)
    refuse("PlatformApplicationArn");
  return *std::move(name);
}

CreatePlatformApplicationResponse Service::create_platform_application(
    const Context& context, const CreatePlatformApplicationRequest& request) {
  require_platform(request.platform);
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
  };
  constexpr std::size_t longest = 256;
  if (request.name.empty() || request.name.size() > longest ||
      !std::ranges::all_of(request.name, fits))
    refuse(fmt::format("{} Reason: cannot be empty", "Name"));
  require_names(request.attributes);
  const std::string application = fmt::format("{}/{}", request.platform, request.name);
  applications_.put({context.account, context.region, application}, request.attributes);
  return {.platform_application_arn = arn_of_application(context, application)};
}

DeletePlatformApplicationResponse Service::delete_platform_application(
    const Context& context, const DeletePlatformApplicationRequest& request) {
  const PlatformName name = require_application_name(context, request.platform_application_arn);
  applications_.erase({name.account, name.region, name.application});
  devices_.erase_range(devices_.prefix(name.account, name.region, name.application));
  device_tokens_.erase_range(device_tokens_.prefix(name.account, name.region, name.application));
  return {};
}

GetPlatformApplicationAttributesResponse Service::get_platform_application_attributes(
    const Context& context, const GetPlatformApplicationAttributesRequest& request) {
  const PlatformName name = require_application_name(context, request.platform_application_arn);
  const auto found = applications_.find({name.account, name.region, name.application});
  if (!found) throw no_such_application();
  return {.attributes = told(*found)};
}

SetPlatformApplicationAttributesResponse Service::set_platform_application_attributes(
    const Context& context, const SetPlatformApplicationAttributesRequest& request) {
  const PlatformName name = require_application_name(context, request.platform_application_arn);
  if (request.attributes.empty())
    throw ValidationError(
        "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: "
        "Member must not be null");
  auto found = applications_.find({name.account, name.region, name.application});
  if (!found) throw no_such_application();
  require_names(request.attributes);
  for (const auto& [attribute, value] : request.attributes) {
    if (value.empty())
      found->erase(attribute);
    else
      (*found)[attribute] = value;
  }
  applications_.put({name.account, name.region, name.application}, *found);
  return {};
}

ListPlatformApplicationsResponse Service::list_platform_applications(
    const Context& context, const ListPlatformApplicationsRequest& request) {
  storage::KeyRange range = applications_.prefix(context.account, context.region);
  if (request.next_token)
    range = applications_.after(
        range, {context.account, context.region, require_page_token(*request.next_token)});
  ListPlatformApplicationsResponse response{
      .platform_applications = std::vector<PlatformApplication>{}, .next_token = std::nullopt};
  std::string last;
  for (auto place = applications_.cursor(range); place.valid(); place.next()) {
    if (response.platform_applications->size() == page_size) {
      response.next_token = page_token(last);
      break;
    }
    last = std::get<2>(place.key());
    response.platform_applications->push_back(
        {.platform_application_arn = arn_of_application(context, last),
         .attributes = told(place.record())});
  }
  return response;
}

}  // namespace matinee::sns
