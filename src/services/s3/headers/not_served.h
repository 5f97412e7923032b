// The answer to requests that ask for more than Matinee serves.
#pragma once

#include <string>
#include <string_view>

#include "s3/errors.h"

namespace matinee::s3 {

/// Answers 501 rather than leave out what was asked for.
[[noreturn]] inline void refuse(std::string_view what) {
  throw NotImplemented("A header you provided implies functionality that is not implemented: " +
                       std::string(what));
}

}  // namespace matinee::s3
