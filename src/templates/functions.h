// The form of functions: what is one, and what its arguments have to look like before anything is
// known of their values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

/// {"Ref": argument} or {"Fn::Name": argument}: a map with that one member.
struct Call {
  std::string_view name;
  const Value& argument;
  Place place;
};

/// Where functions stand: conditions have functions of their own, and rules have some more.
enum class Section : std::uint8_t { resources, conditions, rules };

/// The call that a value is. {"Condition": "Name"} is one in conditions only: elsewhere it is a
/// property like others.
std::optional<Call> as_call(const Value& value, Section section = Section::resources);

/// Throws TemplateError where the function is unknown, or not for this section, or its arguments
/// have not the right form: "Template error: every Ref object must have a single String value.".
/// Arguments that are functions themselves are passed over.
void check_form(const Call& call, Section section);

/// Throws TemplateError where a function is there only with the transform AWS::LanguageExtensions.
void refuse_extensions(const Call& call);

/// "AWS::Region" and others.
bool is_pseudo_parameter(std::string_view name);

/// What Fn::GetAtt names: ["Queue", "Arn"] or "Queue.Arn", which is cut at its first point. The
/// attribute may be a function.
struct AttributeName {
  std::string resource;
  Value attribute;
};
AttributeName attribute_name(const Call& get_att);

/// The text of Fn::Sub, without its map.
const std::string& sub_text(const Call& sub);

/// A piece of the text of Fn::Sub.
struct SubPiece {
  bool is_variable = false;
  std::string text;  // literal text, with ${!Name} as ${Name}; or the variable's name
};
/// Throws TemplateError where a variable has a name that none can have.
std::vector<SubPiece> sub_pieces(const std::string& text, Place place);

}  // namespace matinee::templates
