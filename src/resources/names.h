// Names that CloudFormation gives to resources whose templates give none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace matinee::resources {

struct Subject;

struct NameRules {
  std::size_t most = 64;  // characters, `end` included
  bool is_lower_case = false;
  std::string_view end = "";  // ".fifo"
  /// What stands before the twelve letters and digits; empty: "STACK-LOGICALID-".
  std::string_view beginning = "";
};

/// "STACK-LOGICALID-RANDOM12": what is random follows from the step's token, so that a step that is
/// done again gives the same name. The stack's name and the logical id are cut where it would be
/// too long, what is random never. Without a stack what is random is all.
std::string generated_name(const Subject& subject, const NameRules& rules = {});

/// `size` letters and digits that follow from the step's token; others for another `purpose`.
std::string letters_of_token(const Subject& subject, std::size_t size,
                             std::string_view purpose = "");

}  // namespace matinee::resources
