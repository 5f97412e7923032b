#include "library/environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "library/errors.h"

namespace lambda {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string require_variable(const char* name) {
  std::string value = variable(name);
  if (value.empty())
    throw FunctionError("MissingSetting",
                        fmt::format("The environment variable {} is not set.", name));
  return value;
}

}  // namespace lambda
