// Members of a request of any operation, by their names: for what is driven by tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/operation.h"

namespace matinee::services {

/// The text of a member by its path ("Get.TableName"); null where it is absent or no text.
const std::string* find_text(const protocol::Operation& operation, const void* request,
                             std::string_view path);

/// Whether a member, by its path, is there, and is not false.
bool has_member(const protocol::Operation& operation, const void* request, std::string_view path);

/// The texts of a member by its path: numbers and truths in their usual spelling; of a list those
/// of its elements, of a map its keys. "Tables.*.Name": of all elements.
std::vector<std::string> texts_of_member(const protocol::Operation& operation, const void* request,
                                         std::string_view path);

/// The value of a condition key that the request itself has: aws:requesttag/KEY, aws:tagkeys,
/// kms:encryptioncontext:KEY, and those that the service's table calls members.
std::optional<std::vector<std::string>> find_request_key(const protocol::Operation& operation,
                                                         const void* request, std::string_view key);

}  // namespace matinee::services
