// What a function writes into its log, in the form that its configuration asks for:
// AWS_LAMBDA_LOG_FORMAT (Text or JSON) and AWS_LAMBDA_LOG_LEVEL (TRACE to FATAL; INFO by default).
//
//   lambda::log(lambda::Level::info, "The day is written.", {{"day", "2026-01-01"}});
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "library/json.h"

namespace lambda {

enum class Level : int { trace, debug, info, warn, error, fatal };

using LogField = std::pair<std::string_view, Json>;
using LogFields = std::initializer_list<LogField>;

/// Writes one record to standard output, in one call, if the level is to be logged. As text it is
/// a line `TIME\tREQUEST\tLEVEL\tmessage {fields}`, in which line ends are written as \n; as JSON
/// an object with timestamp, level, requestId, message and the fields.
void log(Level level, std::string_view message, LogFields fields = {});

/// The same, as `log` would write it at that time (milliseconds since 1970), ending with a newline.
/// Without a look at the level.
std::string log_record(Level level, std::string_view message, LogFields fields,
                       std::int64_t milliseconds);

/// Whose records the following ones are; empty before the first invocation.
void set_log_request(std::string request_id);

/// Whether AWS_LAMBDA_LOG_LEVEL wants records of this level.
bool is_logged(Level level);

}  // namespace lambda
