// For tests: nobody has called anything yet.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "identity/activity.h"

namespace matinee::insight {

class NoActivity final : public identity::Activity {
 public:
  std::vector<identity::ActionUse> uses_of(std::string_view) const override { return {}; }
  std::optional<identity::LastUse> last_use_of(std::string_view) const override { return {}; }
  std::optional<identity::LastUse> last_use_of_key(std::string_view) const override { return {}; }
  void forget(std::string_view) override {}
};

}  // namespace matinee::insight
