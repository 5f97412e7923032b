// Templates are written in YAML or JSON; what begins with a brace is JSON.
//
// YAML is read as CloudFormation reads it: version 1.1, one document, plain true, yes, on, false,
// no, off and decimal numbers with their types, everything else as text: dates stay what they are
// written as, so do hexadecimal, sexagesimal and octal numbers (0644), and numbers with an exponent
// that have no point (12e4567 is the beginning of a commit's name). Keys are always texts. Of two
// members of one name the last counts.
//
// Short forms become long ones: !Ref A is {"Ref": "A"}, !Condition C {"Condition": "C"}, any other
// !Name {"Fn::Name": ...}; the text of !GetAtt A.B.C is cut at its first point: ["A", "B.C"].
#pragma once

#include <cstdint>
#include <string_view>

#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

enum class Aliases : std::uint8_t {
  /// As CloudFormation does: "Template error: YAML aliases are not allowed in CloudFormation
  /// templates".
  refused,
  /// As tools do that read a local file and send what comes of it: aliases become copies and merge
  /// keys (<<) members, until they have made 100,000 values or 4 MB of text.
  expanded
};

/// Reads a template, which is a map. Throws TemplateError: "Template format error: YAML not
/// well-formed. (line 3, column 5)", the same with JSON, "Template format error: unsupported
/// structure."; also for what lies deeper than 200 levels. Linear in time.
Value read_template(std::string_view text, Aliases aliases = Aliases::refused);

/// Reads an object or list of JSON.
Value read_json(std::string_view text);

/// Reads any value: a fragment that is included, the body of a resource.
Value read_value(std::string_view text, Aliases aliases = Aliases::refused);

}  // namespace matinee::templates
