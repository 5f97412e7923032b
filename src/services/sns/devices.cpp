// Endpoints of platform applications: devices, each with the token that its maker knows it by.
#include <fmt/format.h>

#include <algorithm>

#include "services/sns/named.h"
#include "services/sns/platforms.h"

namespace matinee::sns {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t longest_user_data = 2048;
constexpr std::string_view names[] = {"CustomUserData", "Enabled", "Token"};

/// With the token among them, as clients see it.
Attributes checked(const Attributes& given) {
  Attributes attributes;
  for (const auto& [name, value] : given) {
    if (std::ranges::find(names, name) == std::end(names))
      refuse(fmt::format("Attributes Reason: Invalid attribute name: {}", name));
    if (name == "CustomUserData" && value.size() > longest_user_data)
      refuse(
          "Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 "
          "bytes long in UTF-8 encoding");
    attributes[name] = value;
    if (name != "Enabled") continue;
    std::ranges::transform(value, attributes[name].begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    });
    if (attributes[name] != "true" && attributes[name] != "false")
      refuse(fmt::format("Attributes Reason: Invalid value for attribute: Enabled: {}", value));
  }
  return attributes;
}

Attributes told(const DeviceRecord& device) {
  Attributes attributes = device.attributes;
  attributes.try_emplace("Enabled", "true");
  attributes["Token"] = device.token;
  return attributes;
}

std::string arn_of_device(const PlatformName& name, std::string_view id) {
  return fmt::format("arn:aws:sns:{}:{}:endpoint/{}/{}", name.region, name.account,
                     name.application, id);
}

PlatformName require_device_name(const Context& context, const std::string& arn) {
  require_arn_form("EndpointArn", arn);
  std::optional<PlatformName> name = find_platform_name(arn, "endpoint");
  if (!name || name->id.empty() || name->region != context.region ||
      name->account != context.account)
    refuse("EndpointArn");
  return *std::move(name);
}

StoredSubscription key_of(const PlatformName& name) {
  return {name.account, name.region, name.application, name.id};
}

}  // namespace

std::string_view platform_of(std::string_view arn) {
  constexpr std::string_view mark = ":endpoint/";
  const std::size_t at = arn.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = arn.substr(at + mark.size());
  return rest.substr(0, rest.find('/'));
}

DeviceRecord Service::require_device(const Context& context, std::string_view parameter,
                                     const std::string& arn) const {
  const std::optional<PlatformName> name = find_platform_name(arn, "endpoint");
  std::optional<DeviceRecord> device;
  if (name && name->account == context.account && name->region == context.region)
    device = devices_.find(key_of(*name));
  if (device) return *std::move(device);
  if (parameter == "TargetArn")
    refuse("TargetArn Reason: No endpoint found for the target arn specified");
  refuse(fmt::format("{} Reason: Endpoint does not exist for endpoint {}", parameter, arn));
}

CreatePlatformEndpointResponse Service::create_platform_endpoint(
    const Context& context, const CreatePlatformEndpointRequest& request) {
  const PlatformName name = require_application_name(context, request.platform_application_arn);
  Attributes given = request.attributes.value_or(Attributes{});
  if (request.custom_user_data) given.try_emplace("CustomUserData", *request.custom_user_data);
  given.erase("Token");
  Attributes attributes = checked(given);
  if (!applications_.contains({name.account, name.region, name.application}))
    throw NotFoundException("PlatformApplication does not exist");
  if (request.token.empty()) refuse("Token Reason: cannot be empty");
  const StoredSubscription token_key{name.account, name.region, name.application, request.token};
  if (const std::optional<std::string> id = device_tokens_.find(token_key)) {
    const auto device = devices_.find({name.account, name.region, name.application, *id});
    const bool same = device && std::ranges::all_of(attributes, [&](const auto& attribute) {
                        const Attributes known = told(*device);
                        const auto found = known.find(attribute.first);
                        return found != known.end() && found->second == attribute.second;
                      });
    const bool has_other_data = device && device->attributes.contains("CustomUserData") &&
                                !attributes.contains("CustomUserData");
    if (!same || has_other_data)
      refuse(
          "Token Reason: Endpoint ARN already exists with the same Token, but different "
          "attributes.");
    return {.endpoint_arn = arn_of_device(name, *id)};
  }
  const std::string id = runtime_.random.uuid();
  devices_.put({name.account, name.region, name.application, id},
               {.token = request.token, .attributes = std::move(attributes)});
  device_tokens_.put(token_key, id);
  return {.endpoint_arn = arn_of_device(name, id)};
}

DeleteEndpointResponse Service::delete_endpoint(const Context& context,
                                                const DeleteEndpointRequest& request) {
  const PlatformName name = require_device_name(context, request.endpoint_arn);
  if (const std::optional<DeviceRecord> device = devices_.find(key_of(name))) {
    device_tokens_.erase({name.account, name.region, name.application, device->token});
    devices_.erase(key_of(name));
  }
  return {};
}

GetEndpointAttributesResponse Service::get_endpoint_attributes(
    const Context& context, const GetEndpointAttributesRequest& request) {
  const PlatformName name = require_device_name(context, request.endpoint_arn);
  const std::optional<DeviceRecord> device = devices_.find(key_of(name));
  if (!device) throw NotFoundException("Endpoint does not exist");
  return {.attributes = told(*device)};
}

SetEndpointAttributesResponse Service::set_endpoint_attributes(
    const Context& context, const SetEndpointAttributesRequest& request) {
  const PlatformName name = require_device_name(context, request.endpoint_arn);
  Attributes given = checked(request.attributes);
  std::optional<DeviceRecord> device = devices_.find(key_of(name));
  if (!device) throw NotFoundException("Endpoint does not exist");
  if (const auto token = given.find("Token"); token != given.end()) {
    device_tokens_.erase({name.account, name.region, name.application, device->token});
    device->token = token->second;
    device_tokens_.put({name.account, name.region, name.application, device->token}, name.id);
    given.erase(token);
  }
  for (auto& [attribute, value] : given) device->attributes[attribute] = std::move(value);
  devices_.put(key_of(name), *device);
  return {};
}

ListEndpointsByPlatformApplicationResponse Service::list_endpoints_by_platform_application(
    const Context& context, const ListEndpointsByPlatformApplicationRequest& request) {
  const PlatformName name = require_application_name(context, request.platform_application_arn);
  if (!applications_.contains({name.account, name.region, name.application}))
    throw NotFoundException("PlatformApplication does not exist");
  storage::KeyRange range = devices_.prefix(name.account, name.region, name.application);
  if (request.next_token)
    range = devices_.after(range, {name.account, name.region, name.application,
                                   require_page_token(*request.next_token)});
  ListEndpointsByPlatformApplicationResponse response{.endpoints = std::vector<Endpoint>{},
                                                      .next_token = std::nullopt};
  std::string last;
  for (auto place = devices_.cursor(range); place.valid(); place.next()) {
    if (response.endpoints->size() == page_size) {
      response.next_token = page_token(last);
      break;
    }
    last = std::get<3>(place.key());
    response.endpoints->push_back(
        {.endpoint_arn = arn_of_device(name, last), .attributes = told(place.record())});
  }
  return response;
}

}  // namespace matinee::sns
