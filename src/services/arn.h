// Amazon Resource Names, taken apart: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::services {

struct Arn {
  std::string partition;
  std::string service;
  std::string region;    // empty for what has none, such as buckets
  std::string account;   // the same
  std::string resource;  // all the rest, colons included
};

/// Nothing where the text has not six parts, or no service or resource.
std::optional<Arn> parse_arn(std::string_view text);

/// The account in an ARN, without taking it apart; empty where it has none of twelve characters.
/// Points into the text.
std::string_view account_of_arn(std::string_view arn);

}  // namespace matinee::services
