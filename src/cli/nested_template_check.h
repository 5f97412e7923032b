// What a template gives to the nested templates of this machine, and takes from them: parameters
// that they do not have, or need; outputs that are not there.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/template_check.h"

namespace matinee::cli {

/// By the logical ids of the nested stacks that are made of them.
using NestedTemplates = std::map<std::string, templates::Value, std::less<>>;

/// Those that are of this machine. `read` gives nothing for all others.
NestedTemplates find_nested_templates(
    const templates::Value& root,
    const std::function<std::optional<templates::Value>(const std::string& name)>& read);

/// `checked` is the template around them, after its transforms.
std::vector<TemplateFault> check_nested_stacks(const templates::Template& checked,
                                               const NestedTemplates& nested);

}  // namespace matinee::cli
