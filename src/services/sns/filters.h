// Which subscriptions of a topic want a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patterns/pattern_set.h"
#include "services/sns/message.h"
#include "services/sns/topic_attributes.h"

namespace matinee::sns {

enum class Scope : std::uint8_t { attributes, body };

/// The filter policies of one topic, however many: what a message does not match costs next to
/// nothing. Places are those of a list of subscriptions.
class Filters {
 public:
  /// A subscription without a policy takes everything; `policy` is then empty. Of a place that has
  /// none yet.
  void add(std::uint32_t place, const std::string& policy, Scope scope);
  void remove(std::uint32_t place);
  /// See PatternSet.
  bool free_some(std::size_t most);
  /// The places of the subscriptions that want it, in order.
  std::vector<std::uint32_t> matching(const Message& message);
  /// In words, for one that does not want it.
  std::string why_not(std::uint32_t place, const Message& message);

 private:
  std::vector<std::uint32_t> open_;  // without a policy, in order
  patterns::PatternSet attributes_;
  patterns::PatternSet body_;
  patterns::Event event_;  // is used again and again

  bool read_attributes(const Message& message);
  bool read_body(const Message& message);
};

/// Throws InvalidParameter for a policy that AWS does not take; an empty one is none.
void require_filter(const std::string& policy, Scope scope, GivenTo given_to);

}  // namespace matinee::sns
