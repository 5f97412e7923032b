// Code that stands in a template (Code.ZipFile), as the package that Lambda makes of it.
#pragma once

#include <string>
#include <string_view>

namespace matinee::resources::types::lambda {

/// Whether functions of that runtime may have their code in a template: Python and Node.js.
bool has_inline_code(std::string_view runtime);

/// A zip archive, in base64: index.py with the module cfnresponse beside it, or index.js with
/// cfn-response. The same code gives the same bytes.
std::string inline_package(std::string_view runtime, std::string_view code);

}  // namespace matinee::resources::types::lambda
