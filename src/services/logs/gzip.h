// Bytes as gzip, as exports and subscriptions carry them.
#pragma once

#include <string>
#include <string_view>

#include "runtime/runtime.h"
#include "runtime/task.h"

namespace matinee::logs {

/// At level 6, as AWS documents it.
std::string zip(std::string_view bytes);

/// By a worker: for what takes long.
runtime::Task<std::string> zip_aside(std::string bytes, runtime::Runtime& runtime);

}  // namespace matinee::logs
