// What is set for a log group: how long events are kept, its key, and that it cannot be deleted.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/arn.h"
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::array<std::int32_t, 22> allowed_days = {1,    3,    5,    7,    14,   30,  60,  90,
                                                       120,  150,  180,  365,  400,  545, 731, 1096,
                                                       1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace

PutRetentionPolicyResponse Service::put_retention_policy(const Context& context,
                                                         const PutRetentionPolicyRequest& request) {
  if (std::ranges::find(allowed_days, request.retention_in_days) == allowed_days.end())
    throw InvalidParameterException(fmt::format(
        "1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy "
        "constraint: Member must satisfy enum value set: [{}]",
        request.retention_in_days, fmt::join(allowed_days, ", ")));
  Group group = require_group(context, request.log_group_name);
  // Documented: the class for deliveries keeps events for one day, whatever is set.
  if (group.record.log_class == "DELIVERY") return {};
  group.record.retention_days = request.retention_in_days;
  catalog_.change(group);
  catalog_.expiring.put(group.record.number, request.retention_in_days);
  store_.on_commit([this] { housekeeping_.wake(); });
  return {};
}

DeleteRetentionPolicyResponse Service::delete_retention_policy(
    const Context& context, const DeleteRetentionPolicyRequest& request) {
  Group group = require_group(context, request.log_group_name);
  if (group.record.log_class == "DELIVERY") return {};
  group.record.retention_days.reset();
  catalog_.change(group);
  catalog_.expiring.erase(group.record.number);
  return {};
}

PutLogGroupDeletionProtectionResponse Service::put_log_group_deletion_protection(
    const Context& context, const PutLogGroupDeletionProtectionRequest& request) {
  Group group = require_group_of(context, request.log_group_identifier);
  group.record.deletion_protection = request.deletion_protection_enabled;
  catalog_.change(group);
  return {};
}

/// The ARN of a key that may be used. Throws InvalidParameterException.
std::string Service::require_key(const Context& context, const NameKey& group,
                                 const std::string& key) {
  const std::optional<services::Arn> arn = services::parse_arn(key);
  if (!arn || arn->service != "kms") throw InvalidParameterException("Invalid KMS Key ARN: " + key);
  if (neighbours_.keys == nullptr) return key;
  const Group named{.key = group, .record = {}};
  const std::string group_arn = arn_of(named);
  try {
    return neighbours_.keys->require_key(
        context, {.key = key,
                  .service = fmt::format("logs.{}.amazonaws.com", context.region),
                  .context = {{"aws:logs:arn", group_arn}}});
  } catch (const protocol::ServiceError&) {
    throw InvalidParameterException(
        fmt::format("The specified KMS key does not exist or is not allowed to be used with "
                    "LogGroup '{}'",
                    group_arn));
  }
}

/// Results of queries have no key of their own here, since there are no queries.
Group Service::require_group_to_encrypt(const Context& context,
                                        const std::optional<std::string>& name,
                                        const std::optional<std::string>& identifier) const {
  if (name.has_value() == identifier.has_value())
    throw InvalidParameterException(
        name ? "LogGroup name and resource identifier are mutually exclusive parameters."
             : "Either LogGroup name or resource identifier must be specified.");
  if (identifier && identifier->contains(":query-result:"))
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Matinee does not serve queries of CloudWatch Logs.");
  return name ? require_group(context, *name) : require_group_of(context, *identifier);
}

AssociateKmsKeyResponse Service::associate_kms_key(const Context& context,
                                                   const AssociateKmsKeyRequest& request) {
  Group group =
      require_group_to_encrypt(context, request.log_group_name, request.resource_identifier);
  group.record.kms_key = require_key(context, group.key, request.kms_key_id);
  catalog_.change(group);
  return {};
}

DisassociateKmsKeyResponse Service::disassociate_kms_key(const Context& context,
                                                         const DisassociateKmsKeyRequest& request) {
  Group group =
      require_group_to_encrypt(context, request.log_group_name, request.resource_identifier);
  group.record.kms_key.reset();
  catalog_.change(group);
  return {};
}

}  // namespace matinee::logs
