// ARNs of topics and of what belongs to them, taken apart; and the errors for those that are none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/context.h"
#include "services/sns/records.h"
#include "sns/errors.h"

namespace matinee::sns {

struct TopicKey {
  std::string account;
  std::string region;
  std::string name;

  StoredTopic stored() const { return {account, region, name}; }
  auto operator<=>(const TopicKey&) const = default;
};

std::string arn_of(const TopicKey& key);

/// The topic behind "arn:aws:sns:REGION:ACCOUNT:NAME"; nothing where it is no such ARN.
std::optional<TopicKey> find_topic_key(std::string_view arn);

/// "arn:aws:sns:REGION:ACCOUNT:NAME" of "arn:aws:sns:REGION:ACCOUNT:NAME:ID", and the id; the id is
/// empty where there is none.
struct SubscriptionName {
  std::string_view topic_arn;
  std::string_view id;
};
SubscriptionName split_subscription(std::string_view arn);

/// InvalidParameter, "Invalid parameter: PARAMETER Reason: An ARN must have at least 6 elements,
/// not N", where it has not.
void require_arn_form(std::string_view parameter, std::string_view arn);

/// The key of a topic's ARN in the region of the call; a caller without a signature has none.
TopicKey require_topic_key(const services::Context& context, std::string_view parameter,
                           std::string_view arn);

/// InvalidParameter: "Invalid parameter: TEXT".
[[noreturn]] void refuse(std::string_view text);

/// 1 to 256 letters, digits, hyphens and underscores; the name of a FIFO topic ends in ".fifo".
void require_topic_name(std::string_view name, bool fifo);

}  // namespace matinee::sns
