// The program's log: lines on standard error. Written with spdlog::info and its siblings.
#pragma once

#include <string>

namespace matinee::runtime {

enum class LogFormat { text, json };

/// `level` is one of trace, debug, info, warning, error, off; any other means info.
void set_up_logging(LogFormat format, const std::string& level);

}  // namespace matinee::runtime
