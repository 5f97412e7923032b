// The environment of this process.
#pragma once

#include "runtime/environment.h"

namespace matinee::runtime {

class RealEnvironment final : public Environment {
 public:
  std::optional<std::string> find(const std::string& name) const override;
  std::optional<std::string> find_home_directory() const override;
  std::string current_directory() const override;
  int process_id() const override;
};

}  // namespace matinee::runtime
