// What a target of a rule would get of an event: asked by who shows it before anything is sent.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "services/context.h"

namespace matinee::services {

/// At most one of input, path and template is given, as in PutTargets.
struct InputSettings {
  std::optional<std::string> input;
  std::optional<std::string> path;
  std::map<std::string, std::string> paths;  // of the template's variables
  std::optional<std::string> input_template;
  std::string rule_arn;
};

class InputPreview {
 public:
  virtual ~InputPreview() = default;

  /// Changes nothing. `event` is the JSON object that rules see. Throws ValidationException for
  /// settings that PutTargets refuses.
  virtual std::string preview_input(const InputSettings& settings, const std::string& event) = 0;
};

}  // namespace matinee::services
