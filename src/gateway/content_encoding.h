// Bodies that a client has compressed. The content of an S3 object never is one: there the header
// is metadata of the object, which is stored and returned as it was sent.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "gateway/resolve.h"

namespace matinee::gateway {

/// Whether what the operation reads is the body uncompressed. AWS's services take no other encoding
/// than gzip: what names another one is read as it came.
bool is_compressed(const protocol::HttpRequest& request, const Target& target);

enum class UnzipFault { malformed, too_large };

/// What was compressed, in one member of gzip or several. It never holds much more than `limit`
/// bytes, which is the most that is taken.
std::expected<std::string, UnzipFault> unzip(std::string_view compressed, std::uint64_t limit);

/// The words of a service for a body that is not the gzip it was said to be.
protocol::ServiceError malformed_gzip(const Target& target);

}  // namespace matinee::gateway
