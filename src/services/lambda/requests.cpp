#include "services/lambda/requests.h"

#include <fmt/format.h>

#include "protocol/error.h"

namespace matinee::lambda {

void refuse_member(std::string_view member, std::string_view reason) {
  constexpr int not_implemented = 501;
  throw protocol::ServiceError("NotImplemented", not_implemented,
                               fmt::format("{} cannot be given: {}.", member, reason));
}

/// Levels belong to the format JSON: they come with it, and go with it.
void apply_logging(const LoggingConfig& config, LoggingRecord& logging) {
  if (config.log_group) logging.group = *config.log_group;
  if (config.log_format) logging.format = *config.log_format;
  if (logging.format != "JSON") {
    if (config.application_log_level || config.system_log_level)
      refuse("To specify ApplicationLogLevel or SystemLogLevel, the LogFormat must be JSON.");
    logging.application_level.clear();
    logging.system_level.clear();
    return;
  }
  if (config.application_log_level) logging.application_level = *config.application_log_level;
  if (config.system_log_level) logging.system_level = *config.system_log_level;
  if (logging.application_level.empty()) logging.application_level = "INFO";
  if (logging.system_level.empty()) logging.system_level = "INFO";
}

NetworkRecord network_of(const VpcConfig& config) {
  return {.subnets = config.subnet_ids.value_or(std::vector<std::string>{}),
          .security_groups = config.security_group_ids.value_or(std::vector<std::string>{}),
          .dual_stack = config.ipv6_allowed_for_dual_stack};
}

}  // namespace matinee::lambda
