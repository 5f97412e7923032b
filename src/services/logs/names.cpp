#include "services/logs/names.h"

#include <fmt/format.h>

#include "logs/errors.h"
#include "protocol/base64.h"
#include "services/arn.h"

namespace matinee::logs {

namespace {

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

std::uint32_t check_of(std::string_view kind, std::string_view place) {
  std::uint32_t check = 2166136261;
  for (const std::string_view text : {kind, place})
    for (const char c : text) check = (check ^ static_cast<unsigned char>(c)) * 16777619;
  return check;
}

}  // namespace

std::string arn_of(std::string_view account, std::string_view region, std::string_view resource) {
  return fmt::format("arn:{}:logs:{}:{}:{}", partition_of(region), region, account, resource);
}

std::string arn_of(const Group& group) {
  return arn_of(group.account(), group.region(), "log-group:" + group.name());
}

NameKey key_of(const services::Context& context, const std::string& name) {
  return {context.account, context.region, name};
}

std::optional<NameKey> read_group_identifier(const services::Context& context,
                                             const std::string& identifier) {
  if (!identifier.starts_with("arn:")) return key_of(context, identifier);
  const std::optional<services::Arn> arn = services::parse_arn(identifier);
  constexpr std::string_view kind = "log-group:";
  if (!arn || arn->service != "logs" || !arn->resource.starts_with(kind)) return std::nullopt;
  std::string name = arn->resource.substr(kind.size());
  if (name.ends_with(":*")) name.resize(name.size() - 2);
  // Neither other accounts' groups nor those of other regions can be seen from here.
  if (arn->account != context.account || arn->region != context.region)
    return key_of(context, identifier);
  return NameKey{arn->account, arn->region, name};
}

std::string page_token(std::string_view kind, std::string_view place) {
  return protocol::base64_encode(fmt::format("{:08x}{}", check_of(kind, place), place));
}

std::string read_page_token(std::string_view kind, const std::string& token) {
  constexpr std::size_t check_digits = 8;
  const std::optional<std::string> text = protocol::base64_decode(token);
  if (text && text->size() >= check_digits) {
    std::string place = text->substr(check_digits);
    if (text->substr(0, check_digits) == fmt::format("{:08x}", check_of(kind, place))) return place;
  }
  throw InvalidParameterException("The specified nextToken is invalid.");
}

}  // namespace matinee::logs
