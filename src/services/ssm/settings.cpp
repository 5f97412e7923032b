#include "services/ssm/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/arn.h"
#include "services/ssm/faults.h"
#include "services/ssm/service.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

struct Setting {
  std::string_view id;
  std::string_view initial;
  std::array<std::string_view, 3> values;
};

constexpr std::array<Setting, 2> all_settings = {{
    {default_tier_setting, "Standard", {"Standard", "Advanced", "Intelligent-Tiering"}},
    {throughput_setting, "false", {"false", "true", ""}},
}};

// By its id or its ARN. Those of the parts of Systems Manager that are not served are unknown.
const Setting& require_setting(std::string_view id) {
  std::string name(id);
  constexpr std::string_view kind = "servicesetting";
  if (const auto arn = services::parse_arn(id); arn && arn->resource.starts_with(kind))
    name = arn->resource.substr(kind.size());
  const auto* found = std::ranges::find(all_settings, name, &Setting::id);
  if (found != all_settings.end()) return *found;
  throw ServiceSettingNotFound(
      "The specified service setting wasn't found. Either the service name or the setting hasn't "
      "been provisioned by the AWS service team.");
}

}  // namespace

std::string setting_value(const Catalog& catalog, const Place& place, std::string_view id) {
  const auto record = catalog.settings.find({place.account, place.region, std::string(id)});
  return record ? record->value : std::string(require_setting(id).initial);
}

ServiceSetting Service::show_setting(const Context& context, const std::string& id) const {
  const Setting& setting = require_setting(id);
  const auto record =
      catalog_.settings.find({context.account, context.region, std::string(setting.id)});
  ServiceSetting shown{.setting_id = std::string(setting.id),
                       .setting_value = std::string(setting.initial),
                       .last_modified_date = runtime::Time{},
                       .last_modified_user = "System",
                       .arn = fmt::format("arn:aws:ssm:{}:{}:servicesetting{}", context.region,
                                          context.account, setting.id),
                       .status = "Default"};
  if (record) {
    shown.setting_value = record->value;
    shown.last_modified_date = record->modified;
    shown.last_modified_user = record->user;
    shown.status = "Customized";
  }
  return shown;
}

GetServiceSettingResponse Service::get_service_setting(const Context& context,
                                                       const GetServiceSettingRequest& request) {
  return {.service_setting = show_setting(context, request.setting_id)};
}

UpdateServiceSettingResponse Service::update_service_setting(
    const Context& context, const UpdateServiceSettingRequest& request) {
  const Setting& setting = require_setting(request.setting_id);
  if (std::ranges::find(setting.values, request.setting_value) == setting.values.end())
    throw validation(fmt::format("The value {} is not valid for the setting {}.",
                                 request.setting_value, setting.id));
  catalog_.settings.put(
      {context.account, context.region, std::string(setting.id)},
      {.value = request.setting_value, .modified = now(), .user = context.caller_arn});
  return {};
}

ResetServiceSettingResponse Service::reset_service_setting(
    const Context& context, const ResetServiceSettingRequest& request) {
  const Setting& setting = require_setting(request.setting_id);
  catalog_.settings.erase({context.account, context.region, std::string(setting.id)});
  return {.service_setting = show_setting(context, request.setting_id)};
}

}  // namespace matinee::ssm
