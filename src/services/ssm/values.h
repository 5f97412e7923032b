// What a parameter's value may be: its size by tier, its data type, its pattern.
#pragma once

#include <string>
#include <string_view>

#include "services/ssm/records.h"

namespace matinee::ssm {

inline constexpr std::size_t standard_bytes = 4096;
inline constexpr std::size_t advanced_bytes = 8192;

/// Throws ValidationException where it is larger than the tier's parameters may be, or refers to
/// other parameters.
void require_value(std::string_view value, std::string_view tier);

/// Throws InvalidAllowedPatternException and ParameterPatternMismatchException.
void require_pattern(const std::string& value, const std::string& pattern);

/// Throws ValidationException for data types that are not known, that the parameter's type cannot
/// have, or that the value is not of. Not for images: those are looked at afterwards.
void require_data_type(std::string_view value, const VersionDetails& details);

/// Whether it has the form of the id of an Amazon Machine Image.
bool is_image_id(std::string_view value);

/// Data types that only advanced parameters may have.
bool needs_advanced(std::string_view data_type);

}  // namespace matinee::ssm
