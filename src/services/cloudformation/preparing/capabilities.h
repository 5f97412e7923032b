// What somebody has to acknowledge before a template is carried out: that it makes identities, that
// it gives them names, that it is expanded by macros.
#pragma once

#include <string>
#include <vector>

#include "templates/tree.h"

namespace matinee::cloudformation {

struct NeededCapabilities {
  bool iam = false;
  bool named_iam = false;
  bool auto_expand = false;
  /// Types of resources that need IAM's, in the order of the template, and names of transforms.
  std::vector<std::string> causes;

  /// As AWS lists them: the strongest one of IAM's, and CAPABILITY_AUTO_EXPAND.
  std::vector<std::string> names() const;
  /// "The following resource(s) require capabilities: [AWS::IAM::Role]"
  std::string reason() const;
};

/// Of a template as it stands: what its transforms will make of it is not known yet.
NeededCapabilities needed_capabilities(const templates::Value& root);

/// Those that `given` lacks, as AWS names them in "Requires capabilities : [CAPABILITY_IAM]"; empty
/// where it lacks none. CAPABILITY_NAMED_IAM includes CAPABILITY_IAM.
std::vector<std::string> missing_capabilities(const NeededCapabilities& needed,
                                              const std::vector<std::string>& given);

/// Names of all transforms: the section `Transform`, and every Fn::Transform, in the order of the
/// text, each once.
std::vector<std::string> declared_transforms(const templates::Value& root);

}  // namespace matinee::cloudformation
