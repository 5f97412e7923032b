// What batch calls of queues and topics have in common.
#pragma once

#include <fmt/format.h>

#include "client/retry.h"
#include "services/delivery_target.h"

namespace matinee::delivery {

/// Whether waiting may help: throttling and faults of the target.
inline bool is_passing(const protocol::ServiceError& error) {
  return client::is_retryable(error);
}

/// The code is the one that AWS's SDKs know: of services that once spoke the query protocol, its.
inline services::Refusal to_refusal(const protocol::ServiceError& error) {
  return {.reason = fmt::format("{}: {}", error.code(), error.message()),
          .code = error.query_code().empty() ? error.code() : error.query_code(),
          .for_ever = !is_passing(error),
          .status = error.status()};
}

/// The entry of a batch that failed.
template <class Failed>
services::Refusal refusal_of_entry(const Failed& failed) {
  return {.reason = fmt::format("{}: {}", failed.code, failed.message.value_or("")),
          .code = failed.code,
          .for_ever = failed.sender_fault};
}

template <class Value>
std::map<std::string, Value> to_attributes(
    const std::vector<services::MessageAttribute>& attributes) {
  std::map<std::string, Value> values;
  for (const services::MessageAttribute& attribute : attributes) {
    Value& value = values[attribute.name];
    value.data_type = attribute.type;
    if (attribute.type.starts_with("Binary"))
      value.binary_value.emplace().bytes = attribute.value;
    else
      value.string_value = attribute.value;
  }
  return values;
}

}  // namespace matinee::delivery
