// Subscription filters: kept and checked. Those for functions deliver (subscription_calls.cpp).
#include <fmt/format.h>

#include "services/arn.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::int32_t most_filters = 2;
constexpr std::size_t default_page = 50;

/// What can be said of a destination without looking at it.
void check_destination(const Context& context, const PutSubscriptionFilterRequest& request) {
  const std::optional<services::Arn> arn = services::parse_arn(request.destination_arn);
  if (!arn) throw InvalidParameterException("Invalid destinationArn: " + request.destination_arn);
  const std::string& vendor = arn->service;
  if (vendor == "kinesis" || vendor == "firehose") {
    if (!request.role_arn)
      throw InvalidParameterException(
          fmt::format("destinationArn for vendor {} cannot be used without roleArn", vendor));
    return;
  }
  if (vendor == "lambda") {
    if (arn->account != context.account)
      throw AccessDeniedException(
          "Cross-account lambda invocation passing is not allowed. You must use "
          "DestinationPolicies to create cross account lambda triggers.");
    if (request.role_arn)
      throw InvalidParameterException(
          "destinationArn for vendor lambda cannot be used with roleArn");
    return;
  }
  if (vendor == "logs" && arn->resource.starts_with("destination:")) return;
  throw InvalidParameterException(fmt::format(
      "PutSubscriptionFilter operation cannot work with destinationArn for vendor {}", vendor));
}

SubscriptionFilter describe(const std::string& group, const std::string& name,
                            const SubscriptionFilterRecord& record) {
  SubscriptionFilter filter{
      .filter_name = name,
      .log_group_name = group,
      .filter_pattern = record.pattern,
      .destination_arn = record.destination,
      .role_arn = record.role,
      .distribution = record.distribution,
      .apply_on_transformed_logs = record.apply_on_transformed.value_or(false),
      .creation_time = record.created,
      .field_selection_criteria = record.selection};
  if (!record.system_fields.empty()) filter.emit_system_fields = record.system_fields;
  return filter;
}

}  // namespace

runtime::Task<std::string> Service::require_callable(std::string function, std::string source_arn) {
  const services::Arn arn = services::parse_arn(function).value();
  const std::string principals[] = {std::string(logs_principal),
                                    fmt::format("logs.{}.amazonaws.com", arn.region)};
  if (!neighbours_.outbox) co_return principals[0];
  for (const std::string& principal : principals) {
    services::Delivery trial{.target = function,
                             .body = "{}",
                             .service_principal = principal,
                             .source_arn = source_arn,
                             .source_account = arn.account};
    trial.parameters = R"({"InvocationType":"DryRun"})";
    try {
      co_await neighbours_.outbox->deliver_now(std::move(trial));
      co_return principal;
    } catch (const protocol::ServiceError&) {
      // AWS has one answer for all reasons.
    }
  }
  throw InvalidParameterException(
      "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission "
      "to execute your function.");
}

/// The destination is looked at before the group, as on AWS.
runtime::Task<PutSubscriptionFilterResponse> Service::put_subscription_filter(
    const Context& context, const PutSubscriptionFilterRequest& request) {
  check_destination(context, request);
  parse_pattern(request.filter_pattern);
  std::string principal;
  if (services::parse_arn(request.destination_arn)->service == "lambda") {
    const Group group = require_group(context, request.log_group_name);
    principal = co_await require_callable(request.destination_arn, arn_of(group) + ":*");
  }
  storage::Transaction transaction(store_);
  keep_subscription_filter(context, request, principal);
  transaction.commit();
  co_return PutSubscriptionFilterResponse{};
}

void Service::keep_subscription_filter(const Context& context,
                                       const PutSubscriptionFilterRequest& request,
                                       const std::string& principal) {
  const filters::FilterPattern pattern = parse_pattern(request.filter_pattern);
  Group group = require_group(context, request.log_group_name);
  if (group.record.log_class != "STANDARD")
    throw InvalidOperationException(
        "Subscription filters are not supported for log groups of class " + group.record.log_class +
        ".");
  if (const auto arn = services::parse_arn(request.destination_arn); arn->service == "logs") {
    constexpr std::string_view of_destination = "destination:";
    if (!catalog_.destinations.contains(
            {arn->account, arn->region, arn->resource.substr(of_destination.size())}))
      throw ResourceNotFoundException("The specified destination does not exist.");
  }
  require_regexes_left(group, request.filter_name, pattern.regex_count());
  const std::tuple key(group.record.number, request.filter_name);
  const auto existing = catalog_.subscription_filters.find(key);
  if (!existing) {
    if (group.record.subscription_filters >= most_filters)
      throw LimitExceededException("Resource limit exceeded.");
    ++group.record.subscription_filters;
    catalog_.change(group);
  }
  SubscriptionFilterRecord record{.pattern = request.filter_pattern,
                                  .created = existing ? existing->created : now(),
                                  .destination = request.destination_arn,
                                  .role = request.role_arn,
                                  .distribution = request.distribution.value_or("ByLogStream"),
                                  .apply_on_transformed = request.apply_on_transformed_logs,
                                  .selection = request.field_selection_criteria,
                                  .system_fields = {},
                                  .principal = principal};
  if (request.emit_system_fields) record.system_fields = *request.emit_system_fields;
  for (const std::string& field : record.system_fields)
    if (field != "@aws.account" && field != "@aws.region" && field != "@source.log")
      throw InvalidParameterException(fmt::format("Invalid system field: {}", field));
  catalog_.subscription_filters.put(key, record);
  subscription_rules_.forget();
}

DeleteSubscriptionFilterResponse Service::delete_subscription_filter(
    const Context& context, const DeleteSubscriptionFilterRequest& request) {
  Group group = require_group(context, request.log_group_name);
  const std::tuple key(group.record.number, request.filter_name);
  if (!catalog_.subscription_filters.contains(key))
    throw ResourceNotFoundException("The specified subscription filter does not exist.");
  catalog_.subscription_filters.erase(key);
  subscription_rules_.forget();
  --group.record.subscription_filters;
  catalog_.change(group);
  return {};
}

DescribeSubscriptionFiltersResponse Service::describe_subscription_filters(
    const Context& context, const DescribeSubscriptionFiltersRequest& request) {
  constexpr std::string_view kind = "subscriptions";
  const Group group = require_group(context, request.log_group_name);
  PageQuery page{
      .prefix = request.filter_name_prefix.value_or(""),
      .limit = static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}))};
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  DescribeSubscriptionFiltersResponse response;
  std::vector<SubscriptionFilter>& filters = response.subscription_filters.emplace();
  const auto last =
      visit_page(catalog_.subscription_filters, std::tuple(group.record.number), page,
                 [&](const std::string& name, const SubscriptionFilterRecord& record) {
                   filters.push_back(describe(group.name(), name, record));
                   return true;
                 });
  if (last) response.next_token = page_token(kind, *last);
  return response;
}

}  // namespace matinee::logs
