// A call as policies see it: who makes it, and the condition keys that every request has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/evaluate.h"
#include "runtime/clock.h"
#include "services/context.h"

namespace matinee::services {

/// Points into the context.
policy::Caller caller_of(const Context& context);

/// Whether the caller is the root user of that account.
bool is_root_of(const Context& context, std::string_view account);

/// The value of a key that begins with "aws:", in lower case; nothing for those that a request has
/// not got, or that a service has to know.
std::optional<std::vector<std::string>> find_global_key(const Context& context, runtime::Time now,
                                                        std::string_view key);

}  // namespace matinee::services
