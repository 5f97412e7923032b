#include "services/events/names.h"

#include <fmt/format.h>

#include "events/errors.h"
#include "protocol/base64.h"
#include "services/arn.h"

namespace matinee::events {

std::string arn_of(const BusKey& key) {
  return arn_of("event-bus", key.stored());
}

std::string rule_arn(const BusKey& bus, std::string_view rule) {
  if (bus.name == default_bus)
    return fmt::format("arn:aws:events:{}:{}:rule/{}", bus.region, bus.account, rule);
  return fmt::format("arn:aws:events:{}:{}:rule/{}/{}", bus.region, bus.account, bus.name, rule);
}

std::string arn_of(std::string_view kind, const NameKey& key) {
  return fmt::format("arn:aws:events:{}:{}:{}/{}", std::get<1>(key), std::get<0>(key), kind,
                     std::get<2>(key));
}

std::optional<NameKey> key_in_arn(std::string_view kind, std::string_view arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "events") return std::nullopt;
  const std::string_view resource = parts->resource;
  if (!resource.starts_with(kind) || resource.size() < kind.size() + 2 ||
      resource[kind.size()] != '/')
    return std::nullopt;
  return NameKey{parts->account, parts->region, std::string(resource.substr(kind.size() + 1))};
}

BusKey bus_key(const Context& context, std::string_view name_or_arn) {
  if (const std::optional<NameKey> key = key_in_arn("event-bus", name_or_arn))
    return {std::get<0>(*key), std::get<1>(*key), std::get<2>(*key)};
  const std::string_view name = name_or_arn.empty() ? default_bus : name_or_arn;
  return {context.account, context.region, std::string(name)};
}

std::optional<Named> find_named(std::string_view arn) {
  if (std::optional<NameKey> bus = key_in_arn("event-bus", arn)) {
    auto& [account, region, name] = *bus;
    return Named{.bus = {account, region, name}, .rule = {}};
  }
  const std::optional<NameKey> rule = key_in_arn("rule", arn);
  if (!rule) return std::nullopt;
  const auto& [account, region, path] = *rule;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return Named{.bus = {account, region, std::string(default_bus)}, .rule = path};
  return Named{.bus = {account, region, path.substr(0, slash)}, .rule = path.substr(slash + 1)};
}

void refuse(std::string message) {
  throw protocol::ServiceError("ValidationException", 400, std::move(message));
}

void refuse_unknown_bus(std::string_view name) {
  throw ResourceNotFoundException(fmt::format("Event bus {} does not exist.", name));
}

std::string page_token(std::string_view last) {
  return protocol::base64_encode(last);
}

std::string read_page_token(const Text& token) {
  if (!token) return {};
  std::optional<std::string> last = protocol::base64_decode(*token);
  if (!last || last->empty())
    refuse("Parameter NextToken is not valid. Reason: Malformed request.");
  return *std::move(last);
}

}  // namespace matinee::events
