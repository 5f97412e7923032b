// Rows of CSV: fields between delimiters, in quotes where they hold delimiters, quotes (doubled) or
// newlines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::table_files {

/// The fields of a row, which has no newline at its end. Nothing where a quote is not closed or
/// something stands behind one that is.
std::optional<std::vector<std::string>> read_row(std::string_view row, char delimiter);

}  // namespace matinee::table_files
