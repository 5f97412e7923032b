// What requests say of schedules: what is allowed, and what AWS takes where nothing is said.
#include "services/scheduler/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/json_text.h"
#include "scheduler/errors.h"
#include "schedules/schedule.h"
#include "services/arn.h"

namespace matinee::scheduler {

namespace {

constexpr std::string_view universal = "arn:aws:scheduler:::aws-sdk:";
constexpr std::size_t most_input = std::size_t{256} << 10;

/// What a schedule may call by the ARN of a resource alone.
struct Kind {
  std::string_view service;
  std::string_view resource;  // begins so
  std::string_view name;
};
constexpr std::array kinds = {
    Kind{"sqs", "", "Amazon SQS"},
    Kind{"sns", "", "Amazon SNS"},
    Kind{"events", "event-bus/", "Amazon EventBridge"},
    Kind{"lambda", "function:", "AWS Lambda"},
    Kind{"states", "stateMachine:", "AWS Step Functions"},
    Kind{"kinesis", "stream/", "Amazon Kinesis"},
    Kind{"firehose", "deliverystream/", "Amazon Data Firehose"},
    Kind{"ecs", "cluster/", "Amazon ECS"},
    Kind{"codebuild", "project/", "AWS CodeBuild"},
    Kind{"codepipeline", "", "AWS CodePipeline"},
    Kind{"inspector", "target/", "Amazon Inspector"},
    Kind{"sagemaker", "pipeline/", "Amazon SageMaker"},
};

/// Operations that only read are no targets, as AWS documents it.
constexpr std::array<std::string_view, 17> reading = {
    "get",      "describe", "list",          "poll",      "receive",    "search",
    "scan",     "query",    "select",        "read",      "lookup",     "discover",
    "validate", "batchGet", "batchDescribe", "batchRead", "transactGet"};

const Kind* find_kind(const services::Arn& arn) {
  for (const Kind& kind : kinds)
    if (arn.service == kind.service && arn.resource.starts_with(kind.resource) &&
        !arn.region.empty() && !arn.account.empty())
      return &kind;
  return nullptr;
}

void check_universal(const Target& target, const services::Outbox* outbox) {
  const std::string_view rest = std::string_view(target.arn).substr(universal.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size())
    throw ValidationException("Provided Arn is not in correct format.");
  const std::string_view operation = rest.substr(colon + 1);
  if (std::ranges::any_of(reading,
                          [&](std::string_view verb) { return operation.starts_with(verb); }))
    throw ValidationException(
        fmt::format("{} is not supported as a target: it only reads.", target.arn));
  if (target.input && !protocol::json::is_object(*target.input))
    throw ValidationException("Invalid RequestJson provided. Reason: it is not a JSON object.");
  if (outbox && !outbox->serves(target.arn))
    throw ValidationException(
        fmt::format("{} is not an operation that Matinee serves.", target.arn));
}

/// Parameters of one kind of target mean nothing to another.
void check_parameters(const Target& target, std::string_view service) {
  const auto refuse_for_others = [&](bool is_given, std::string_view name, std::string_view owner) {
    if (is_given && service != owner)
      throw ValidationException(
          fmt::format("{} cannot be given for the target {}.", name, target.arn));
  };
  refuse_for_others(target.sqs_parameters.has_value(), "SqsParameters", "sqs");
  refuse_for_others(target.event_bridge_parameters.has_value(), "EventBridgeParameters", "events");
  refuse_for_others(target.kinesis_parameters.has_value(), "KinesisParameters", "kinesis");
  refuse_for_others(target.ecs_parameters.has_value(), "EcsParameters", "ecs");
  refuse_for_others(target.sage_maker_pipeline_parameters.has_value(),
                    "SageMakerPipelineParameters", "sagemaker");
  refuse_for_others(target.event_bridge_put_events_v2_parameters.has_value(),
                    "EventBridgePutEventsV2Parameters", "eventsv2");
  refuse_for_others(target.event_bridge_put_raw_events_parameters.has_value(),
                    "EventBridgePutRawEventsParameters", "eventsv2");
}

void check_templated(const Target& target, const services::Outbox* outbox) {
  const std::optional<services::Arn> arn = services::parse_arn(target.arn);
  const Kind* kind = arn ? find_kind(*arn) : nullptr;
  if (!kind) throw ValidationException("Provided Arn is not in correct format.");
  check_parameters(target, arn->service);
  const bool is_fifo = arn->service == "sqs" && arn->resource.ends_with(".fifo");
  if (is_fifo && (!target.sqs_parameters || !target.sqs_parameters->message_group_id))
    throw ValidationException("SqsParameters.MessageGroupId is required for a FIFO queue.");
  if (arn->service == "events" && !target.event_bridge_parameters)
    throw ValidationException("EventBridgeParameters is required for an event bus.");
  const bool takes_json =
      arn->service == "events" || arn->service == "lambda" || arn->service == "states";
  if (takes_json && target.input && !protocol::json::is_json(*target.input))
    throw ValidationException("Input must be valid JSON for this target.");
  const std::string called = arn->service == "events" ? std::string(put_events_target) : target.arn;
  if (outbox && !outbox->serves(called))
    throw ValidationException(
        fmt::format("Matinee does not serve targets of {} yet: {}.", kind->name, target.arn));
}

}  // namespace

TargetRecord checked_target(const Target& target, const services::Outbox* outbox) {
  if (target.input && target.input->size() > most_input)
    throw ValidationException(fmt::format("Input must not be larger than {} bytes.", most_input));
  if (target.arn.starts_with(universal)) {
    check_parameters(target, "");
    check_universal(target, outbox);
  } else {
    check_templated(target, outbox);
  }
  TargetRecord record{.arn = target.arn, .role = target.role_arn, .input = target.input};
  if (target.dead_letter_config) record.dead_letters = target.dead_letter_config->arn;
  if (target.retry_policy) {
    record.oldest_seconds = target.retry_policy->maximum_event_age_in_seconds;
    record.most_retries = target.retry_policy->maximum_retry_attempts;
  }
  if (target.sqs_parameters) {
    record.has_sqs_parameters = true;
    record.message_group = target.sqs_parameters->message_group_id;
  }
  if (target.event_bridge_parameters) {
    record.detail_type = target.event_bridge_parameters->detail_type;
    record.source = target.event_bridge_parameters->source;
  }
  return record;
}

Target told_target(const TargetRecord& record) {
  constexpr std::int32_t day = 86'400;
  constexpr std::int32_t retries = 185;
  Target target{.arn = record.arn, .role_arn = record.role, .input = record.input};
  if (record.dead_letters) target.dead_letter_config = DeadLetterConfig{.arn = record.dead_letters};
  target.retry_policy =
      RetryPolicy{.maximum_event_age_in_seconds = record.oldest_seconds.value_or(day),
                  .maximum_retry_attempts = record.most_retries.value_or(retries)};
  if (record.has_sqs_parameters)
    target.sqs_parameters = SqsParameters{.message_group_id = record.message_group};
  if (record.detail_type)
    target.event_bridge_parameters = EventBridgeParameters{.detail_type = *record.detail_type,
                                                           .source = record.source.value_or("")};
  return target;
}

void check_times(const Definition& definition, runtime::Time now) {
  const auto schedule =
      schedules::Schedule::parse(definition.expression, schedules::Grammar::scheduler);
  if (!schedule)
    throw ValidationException(
        fmt::format("Invalid Schedule Expression {}.", definition.expression));
  if (definition.flexible && !definition.window_minutes)
    throw ValidationException(
        "MaximumWindowInMinutes is required when the mode of the flexible time window is "
        "FLEXIBLE.");
  // Both are ignored for what falls once.
  if (schedule->is_at()) return;
  if (definition.start && *definition.start < now - std::chrono::minutes(5))
    throw ValidationException("The StartDate you specify cannot be earlier than 5 minutes ago.");
  if (definition.end && *definition.end < now)
    throw ValidationException("The EndDate you specify cannot be in the past.");
  if (definition.start && definition.end && *definition.end <= *definition.start)
    throw ValidationException("The EndDate you specify must be later than the StartDate.");
}

}  // namespace matinee::scheduler
