// The digests that SQS tells its clients, so that they can check what arrived.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "sqs/shapes.h"

namespace matinee::sqs {

using Md5 = std::array<std::uint8_t, 16>;

Md5 md5(std::string_view bytes);
/// In lower case.
std::string hex(std::span<const std::uint8_t> bytes);
/// In lower case: what content-based deduplication takes for an id.
std::string sha256_hex(std::string_view bytes);

/// MD5OfMessageAttributes: over names, types and values, each after its length in four bytes, in
/// the order of the names.
Md5 md5_of_attributes(const std::map<std::string, MessageAttributeValue>& attributes);
Md5 md5_of_attributes(const std::map<std::string, MessageSystemAttributeValue>& attributes);

}  // namespace matinee::sqs
