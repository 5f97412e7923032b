// The transform AWS::LanguageExtensions: loops (Fn::ForEach), Fn::Length, Fn::ToJsonString, and
// functions in more places; what is known before anything is made is carried out.
#pragma once

#include <string_view>

#include "templates/intrinsics.h"
#include "templates/template_error.h"
#include "templates/tree.h"

namespace matinee::templates {

inline constexpr std::string_view language_extensions_name = "AWS::LanguageExtensions";

/// The template without loops, and with the functions carried out whose arguments are known:
/// parameters, pseudo parameters, mappings. References to resources stay, as do conditions.
/// `Transform` is left to the caller. Takes `environment.mappings` from the template itself where
/// it is null. Throws TemplateError with what CloudFormation says after "Transform
/// AWS::LanguageExtensions failed with: "; also where the result becomes larger than
/// `max_result_bytes`.
Value expand_language_extensions(const Value& root, const Environment& environment);

}  // namespace matinee::templates
