// The templates of Matinee's sources that commands deploy, and the packages that these name.
#pragma once

#include <string>
#include <string_view>

#include "cli/surroundings.h"

namespace matinee::cli {

/// The absolute path of "templates/...": below the current directory, the program's, or a folder
/// above one of them. Empty where it is nowhere.
std::string find_own_template(const Surroundings& surroundings, std::string_view name);

/// What is missing as a sentence, of the template and of one of the functions that it names by
/// "../../build/functions/NAME.zip"; empty where both are there.
std::string find_missing_template(const Surroundings& surroundings, const std::string& path,
                                  std::string_view function);

}  // namespace matinee::cli
