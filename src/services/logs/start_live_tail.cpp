// StartLiveTail.
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::string_view arn_start = "arn:";

void check_streams(const StartLiveTailRequest& request) {
  if (!request.log_stream_names && !request.log_stream_name_prefixes) return;
  if (request.log_stream_names && request.log_stream_name_prefixes)
    throw InvalidParameterException(
        "LogStream names and LogStream name prefixes are mutually exclusive parameters.");
  if (request.log_group_identifiers.size() > 1)
    throw InvalidParameterException(
        "LogStream names and LogStream name prefixes can be specified only with a single log "
        "group.");
}

}  // namespace

StartLiveTailResponse Service::start_live_tail(const Context& context,
                                               const StartLiveTailRequest& request) {
  check_streams(request);
  TailQuery query{.account = context.account,
                  .region = context.region,
                  .request_id = context.request_id,
                  .groups = {},
                  .pattern = parse_pattern(request.log_event_filter_pattern.value_or("")),
                  .request = request};
  std::set<GroupNumber> numbers;
  for (const std::string& identifier : request.log_group_identifiers) {
    // Names do not do, and neither do ARNs of what is in a group.
    if (!identifier.starts_with(arn_start) || identifier.ends_with('*'))
      throw InvalidParameterException("The specified log group ARN is invalid: " + identifier);
    Group group = require_group_of(context, identifier);
    if (group.record.log_class != "STANDARD")
      throw InvalidOperationException(
          "Live Tail is supported only for log groups in the Standard log class.");
    if (numbers.insert(group.record.number).second) query.groups.push_back(std::move(group));
  }
  return {.response_stream = live_tails_.start(std::move(query))};
}

}  // namespace matinee::logs
