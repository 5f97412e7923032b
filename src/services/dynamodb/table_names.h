// Names of tables in requests. The model lets a name be an ARN as well, and so has none of the
// rules for names; AWS tells of them together with the model's.
#pragma once

#include <string>
#include <string_view>

#include "protocol/violation.h"

namespace matinee::dynamodb {

bool is_table_name(std::string_view name);
/// Whether a text can be a table's name, or is an ARN.
bool is_table(std::string_view name_or_arn);

/// Adds what is wrong with a name at `parent` ("" for the request itself), an empty one included. A
/// name that is missing is told of by the model's rules.
void check_table_name(const std::string& name_or_arn, std::string_view parent,
                      protocol::Violations& violations);

}  // namespace matinee::dynamodb
