// Bytes as gzip, as exports and subscriptions carry them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/runtime.h"
#include "runtime/task.h"

namespace matinee::logs {

/// AWS documents level 6; what is zipped on the state thread takes the quickest.
enum class ZipLevel : std::uint8_t { quickest = 1, documented = 6 };

std::string zip(std::string_view bytes, ZipLevel level = ZipLevel::documented);

/// By a worker: for what takes long.
runtime::Task<std::string> zip_aside(std::string bytes, runtime::Runtime& runtime);

}  // namespace matinee::logs
