// What the outbox calls the endpoints of subscriptions.
#pragma once

#include <string>
#include <string_view>

namespace matinee::sns {

/// ARNs and URLs are called what they are; a mailbox "mailto:ADDRESS", a telephone "sms:NUMBER", a
/// device "push:ARN".
std::string target_of(std::string_view protocol, std::string_view endpoint);

}  // namespace matinee::sns
