// The files below models/resources and models/recipes, which are part of the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace matinee::resources {

struct DataFile {
  std::string_view name;  // "resources/sqs.json"
  std::string_view text;
};

std::span<const DataFile> data_files();
/// Empty where there is none of that name.
std::string_view find_data(std::string_view name);

/// The schema of a type as the registry tells it, JSON; empty where there is none of that name.
std::string find_schema_text(std::string_view type_name);

}  // namespace matinee::resources
