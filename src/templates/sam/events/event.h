// Events of a function: what calls it.
#pragma once

#include <string>

#include "templates/sam/functions/function.h"
#include "templates/sam/transform.h"

namespace matinee::templates::sam {

/// An event while it is translated.
struct Event {
  Function& function;
  const std::string& key;  // in `Events`
  std::string id;          // FUNCTION + key
  const std::string& type;
  const Value& properties;

  const Value* find(std::string_view property) const;
  /// "Event with id [key] is invalid. "
  [[noreturn]] void refuse(std::string_view message, const Value& at) const;
  /// "Event with id [FUNCTIONkey] is invalid. ", as faults of some properties say it.
  [[noreturn]] void refuse_by_id(std::string_view message, const Value& at) const;
  /// Adds FUNCTIONkey + suffix, with the attributes of the function.
  void add(std::string_view suffix, Value resource) const;
  /// A permission to call the function, without a source.
  Value permit(std::string_view principal) const;
};

// Each adds what is made of an event of its types; `find(..)` has been checked to be of such kinds
// as the translator wants.
void translate_mapping(const Event& event);           // SQS, Kinesis, DynamoDB
void translate_topic(const Event& event);             // SNS
void translate_bucket(const Event& event);            // S3
void translate_schedule(const Event& event);          // Schedule
void translate_rule(const Event& event);              // EventBridgeRule, CloudWatchEvent
void translate_scheduler(const Event& event);         // ScheduleV2
void translate_log_subscription(const Event& event);  // CloudWatchLogs

/// Throws SamFault for an event of a type that there is not, or that is not served here.
void check_event_type(const std::string& function_id, const Member& event);

/// The queue for what could not be delivered (DeadLetterConfig): its ARN. `makes_policy`: a queue
/// that is made for it lets the rule send; else the caller cares. Null where none is wanted.
Value read_dead_letters(const Event& event, bool makes_policy);
/// A policy of a queue that lets `principal` send for `source`.
Value make_queue_policy(const Event& event, Value principal, const Value& source);
/// Sets what the policy is of: a queue by its ARN and its URL.
void set_queue(Value& policy, Value arn, Value url);

}  // namespace matinee::templates::sam
