// The transform AWS::Serverless-2016-10-31: makes of every AWS::Serverless::* resource of a
// template the plain resources that AWS's translator makes of it, with the same logical ids. Pure:
// it asks nobody but what it is given here. The Serverless types and the events whose services this
// cloud does not have (API Gateway, Step Functions, AppSync, ...) are refused by name and place.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "templates/tree.h"

namespace matinee::templates::sam {

inline constexpr std::string_view transform_name = "AWS::Serverless-2016-10-31";

struct SamContext {
  /// Of the stack: values of parameters by their names. Defaults of the template are used for those
  /// that are not here; a parameter of the type of an SSM parameter has its name here, as at AWS.
  std::map<std::string, Value, std::less<>> parameters;
  std::string region = "us-east-1";
  std::string partition = "aws";
  /// The ARN of a policy of AWS by its name ("AmazonSNSFullAccess"); nothing where there is none.
  std::function<std::optional<std::string>(std::string_view name)> find_managed_policy;
};

struct SamFault {
  std::string resource;  // empty: of the whole template
  std::string message;   // in the translator's words, without "Resource with id [..] is invalid."
  Place place;           // of the property, or of what is nearest above it

  /// The whole sentence.
  std::string text() const;
};

/// A template is wrong: all faults that were found. `what()` is the translator's text, which
/// CloudFormation shows after "Transform AWS::Serverless-2016-10-31 failed with: ".
class SamError : public std::runtime_error {
 public:
  explicit SamError(std::vector<SamFault> faults);
  const std::vector<SamFault>& faults() const { return faults_; }

 private:
  std::vector<SamFault> faults_;
};

/// Whether `Transform` names this transform, by itself or in a list.
bool wants_transform(const Value& root);

/// All faults, also several of one resource or event, with the properties that are unknown, missing
/// or of a wrong kind: for those who look at a template before they deploy it. Empty where
/// `transform` makes something of it; what is wrong in that, those know who know its types.
std::vector<SamFault> find_faults(Value root, const SamContext& context);

/// The template without Serverless resources, `Globals`, and its name in `Transform`. Throws
/// SamError.
Value transform(Value root, const SamContext& context);

}  // namespace matinee::templates::sam
