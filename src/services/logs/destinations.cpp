// Destinations: names under which other accounts subscribe to a stream, and their policies.
#include "services/arn.h"
#include "services/logs/documents.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t most_policy_bytes = 5120;
constexpr std::size_t default_page = 50;

Destination describe(const NameKey& key, const DestinationRecord& record) {
  const auto& [account, region, name] = key;
  return {.destination_name = name,
          .target_arn = record.target,
          .role_arn = record.role,
          .access_policy = record.policy,
          .arn = arn_of(account, region, "destination:" + name),
          .creation_time = record.created};
}

}  // namespace

PutDestinationResponse Service::put_destination(const Context& context,
                                                const PutDestinationRequest& request) {
  const std::optional<services::Arn> target = services::parse_arn(request.target_arn);
  if (!target || (target->service != "kinesis" && target->service != "firehose"))
    throw InvalidParameterException("The specified targetArn is invalid.");
  if (const auto role = services::parse_arn(request.role_arn); !role || role->service != "iam")
    throw InvalidParameterException("The specified roleArn is invalid.");
  const NameKey key = key_of(context, request.destination_name);
  DestinationRecord record =
      catalog_.destinations.find(key).value_or(DestinationRecord{.created = now()});
  record.target = request.target_arn;
  record.role = request.role_arn;
  if (request.tags) record.tags = *request.tags;
  catalog_.destinations.put(key, record);
  return {.destination = describe(key, record)};
}

PutDestinationPolicyResponse Service::put_destination_policy(
    const Context& context, const PutDestinationPolicyRequest& request) {
  const NameKey key = key_of(context, request.destination_name);
  std::optional<DestinationRecord> record = catalog_.destinations.find(key);
  if (!record) throw ResourceNotFoundException("The specified destination does not exist.");
  if (request.access_policy.size() > most_policy_bytes || !is_json_object(request.access_policy))
    throw InvalidParameterException("The specified accessPolicy is invalid.");
  record->policy = request.access_policy;
  catalog_.destinations.put(key, *record);
  return {};
}

DeleteDestinationResponse Service::delete_destination(const Context& context,
                                                      const DeleteDestinationRequest& request) {
  const NameKey key = key_of(context, request.destination_name);
  if (!catalog_.destinations.contains(key))
    throw ResourceNotFoundException("The specified destination does not exist.");
  catalog_.destinations.erase(key);
  return {};
}

DescribeDestinationsResponse Service::describe_destinations(
    const Context& context, const DescribeDestinationsRequest& request) {
  constexpr std::string_view kind = "destinations";
  PageQuery page{
      .prefix = request.destination_name_prefix.value_or(""),
      .limit = static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}))};
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  DescribeDestinationsResponse response;
  std::vector<Destination>& destinations = response.destinations.emplace();
  const auto last = visit_page(catalog_.destinations, std::tuple(context.account, context.region),
                               page, [&](const std::string& name, const DestinationRecord& record) {
                                 destinations.push_back(describe(key_of(context, name), record));
                                 return true;
                               });
  if (last) response.next_token = page_token(kind, *last);
  return response;
}

}  // namespace matinee::logs
