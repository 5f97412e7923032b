// Permissions that a template plainly lacks: what sends to a queue, topic or function that has not
// allowed it, and functions whose roles do not let them do what they are for. Only what the
// template shows is looked at: resources and roles of elsewhere are nobody's concern here.
#pragma once

#include <vector>

#include "cli/template_check.h"

namespace matinee::cli {

/// Warnings. `checked` is a template after its transforms.
std::vector<TemplateFault> find_missing_permissions(const templates::Template& checked);

}  // namespace matinee::cli
