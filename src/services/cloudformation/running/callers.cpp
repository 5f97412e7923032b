#include "services/cloudformation/running/callers.h"

#include <fmt/format.h>

#include "services/arn.h"

namespace matinee::cloudformation {

CallerRecord caller_record(const services::Context& context, const std::string& role) {
  CallerRecord record{.account = context.account,
                      .region = context.region,
                      .access_key = context.access_key,
                      .caller_arn = context.caller_arn,
                      .caller_id = context.caller_id,
                      .role_arn = context.role_arn,
                      .principal = static_cast<std::uint8_t>(context.principal),
                      .host = context.host,
                      .secure = context.secure};
  const std::optional<services::Arn> arn = services::parse_arn(role);
  if (!arn) return record;
  record.access_key.clear();
  record.role_arn = role;
  record.caller_arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/AWSCloudFormation", arn->account,
                                  arn->resource.substr(arn->resource.rfind('/') + 1));
  record.caller_id.clear();
  record.principal = static_cast<std::uint8_t>(services::PrincipalKind::role_session);
  return record;
}

services::Context caller_of(const CallerRecord& record) {
  services::Context context{.account = record.account, .region = record.region};
  context.access_key = record.access_key;
  context.caller_arn = record.caller_arn;
  context.caller_id = record.caller_id;
  context.role_arn = record.role_arn;
  context.principal = static_cast<services::PrincipalKind>(record.principal);
  context.host = record.host;
  context.secure = record.secure;
  return context;
}

}  // namespace matinee::cloudformation
