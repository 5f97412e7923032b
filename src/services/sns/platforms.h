// ARNs of platform applications ("app/GCM/NAME") and of devices ("endpoint/GCM/NAME/ID").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/arn.h"
#include "services/context.h"

namespace matinee::sns {

struct PlatformName {
  std::string account;
  std::string region;
  std::string application;  // "GCM/NAME"
  std::string id;           // of a device; else empty
};

/// `kind` is "app" or "endpoint". Nothing where the text is no such ARN.
std::optional<PlatformName> find_platform_name(std::string_view arn, std::string_view kind);

/// Throws InvalidParameter for a push service that AWS does not know.
void require_platform(const std::string& platform);

/// Throws InvalidParameter for an ARN that is none of an application of the caller's.
PlatformName require_application_name(const services::Context& context, const std::string& arn);

}  // namespace matinee::sns
