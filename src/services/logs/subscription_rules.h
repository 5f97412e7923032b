// Subscriptions at work: which events of a group go to which functions. A group has filters of its
// own, and those of its account's policy. They are kept parsed for the groups that were written to
// last.
//
// Streams (Kinesis, Firehose) and destinations of other accounts are kept by other files, and get
// nothing: they are not served.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/logs/catalog/catalog.h"
#include "services/logs/catalog/event_writer.h"
#include "services/logs/filters/filter_pattern.h"

namespace matinee::logs {

constexpr std::string_view subscription_type = "SUBSCRIPTION_FILTER_POLICY";

/// In whose name functions are called, as their policies write it today.
constexpr std::string_view logs_principal = "logs.amazonaws.com";

struct SubscriptionRule {
  std::string name;
  std::string function;   // an ARN
  std::string principal;  // in whose name it is called
  bool is_of_account = false;
  /// Of a pattern between brackets: its fields are told beside the message.
  bool tells_fields = false;
  filters::FilterPattern pattern;
};

/// What of a batch matches one rule: the places of the events in it.
struct Subscribed {
  SubscriptionRule rule;
  std::vector<std::size_t> events;
};

/// What an account policy says.
struct AccountSubscription {
  std::string destination;  // an ARN
  std::string role;         // an ARN; empty without
  std::string pattern;
  std::vector<std::string> left_out;  // names of groups
};

/// Nothing where the document or the selection is none: `LogGroupName NOT IN ["a", "b"]`.
std::optional<AccountSubscription> read_account_subscription(
    const std::string& document, const std::optional<std::string>& selection);

/// Events of one stream on their way to a function, at most so many that a call may carry them.
struct SubscriptionBatch {
  const Group& group;
  const std::string& stream;
  const SubscriptionRule& rule;
  std::span<const NewEvent> events;
  std::span<const Position> positions;  // one for each event
  std::span<const std::size_t> which;   // of them
};

/// How many of the batch's events, from the first on, fit into one call: one at least.
std::size_t events_in_one_call(const SubscriptionBatch& batch);
/// `{"awslogs":{"data":...}}`, the event of the function.
std::string subscription_event(const SubscriptionBatch& batch);

class SubscriptionRules {
 public:
  explicit SubscriptionRules(const Catalog& catalog) : catalog_(catalog) {}

  using Rules = std::shared_ptr<const std::vector<SubscriptionRule>>;
  Rules of(const Group& group);

  void forget() { rules_.clear(); }

 private:
  static constexpr std::size_t most_groups = 64;

  const Catalog& catalog_;
  std::unordered_map<GroupNumber, Rules> rules_;
};

}  // namespace matinee::logs
