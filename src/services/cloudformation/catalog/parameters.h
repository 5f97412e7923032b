// The parameters of a template with their values, as they are kept with a stack.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "storage/record.h"

namespace matinee::cloudformation {

/// A parameter of a template with its value. Kept with the stack: the next update may take it over.
struct ParameterValue {
  std::string name;
  std::string type;  // "String", "List<Number>", "AWS::SSM::Parameter::Value<String>" ...
  /// What was given, or the default. Of a type of SSM's: the parameter's name there.
  std::string given;
  /// Of a type of SSM's: the value that was found there, lists joined with commas.
  std::optional<std::string> resolved = std::nullopt;
  bool no_echo = false;

  /// What Ref gives is made of this.
  const std::string& text() const { return resolved ? *resolved : given; }

  bool operator==(const ParameterValue&) const = default;
  static constexpr auto fields = std::tuple{
      storage::field<1>(&ParameterValue::name), storage::field<2>(&ParameterValue::type),
      storage::field<3>(&ParameterValue::given), storage::field<4>(&ParameterValue::resolved),
      storage::field<5>(&ParameterValue::no_echo)};
};

}  // namespace matinee::cloudformation
