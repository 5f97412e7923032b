// Which subscriptions of a topic want a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/sns/message.h"
#include "services/sns/topic_attributes.h"

namespace matinee::sns {

enum class Scope : std::uint8_t { attributes, body };

/// The filter policies of one topic. Places are those of a list of subscriptions.
class Filters {
 public:
  void clear() { open_.clear(); }
  /// A subscription without a policy takes everything; `policy` is then empty.
  void add(std::uint32_t place, const std::string& policy, Scope scope);
  /// The places of the subscriptions that want it, in order.
  std::vector<std::uint32_t> matching(const Message& message);
  /// In words, for one that does not want it.
  std::string why_not(std::uint32_t place, const Message& message) const;

 private:
  std::vector<std::uint32_t> open_;  // without a policy
};

/// Throws InvalidParameter for a policy that AWS does not take.
void require_filter(const std::string& policy, Scope scope, GivenTo given_to);

}  // namespace matinee::sns
