// The types of resources that CloudFormation carries out itself: nested stacks, custom resources,
// wait conditions and their handles, macros, and the metadata of the CDK. All others are found by
// `resources::find_type`.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "resources/type.h"

namespace matinee::cloudformation {

class Answers;
class Macros;
class StackWatch;

class OwnTypes {
 public:
  struct Parts {
    Answers& answers;    // what custom resources and wait conditions are waiting for
    Macros& macros;      // which are there
    StackWatch& stacks;  // tells when a nested stack has come to an end
  };

  /// All parts must outlive the types.
  explicit OwnTypes(const Parts& parts);
  ~OwnTypes();

  /// "AWS::CloudFormation::Stack", "Custom::Anything"; null where the type is not one of these.
  /// The result lives as long as this.
  ///
  /// Their HandlerErrors without a code are told as they are: as the reason of the resource's
  /// failure, and not as a message of a handler.
  ///
  /// `update` of a custom resource may return another id than it was given: then the old one is to
  /// be removed in the clean-up phase, with the properties of before.
  const resources::ResourceType* find(std::string_view name);

 private:
  std::map<std::string, std::unique_ptr<resources::ResourceType>, std::less<>> types_;
  Parts parts_;

  std::unique_ptr<resources::ResourceType> make(std::string_view name) const;
};

}  // namespace matinee::cloudformation
