// The runtimes that functions may name.
#pragma once

#include <string>
#include <string_view>

namespace matinee::lambda {

enum class RuntimeSupport : std::uint8_t { supported, deprecated, unknown };

/// Of a name such as "python3.12"; upper and lower case differ.
RuntimeSupport support_of(std::string_view runtime);
/// The names that AWS's error lists, in AWS's order.
std::string_view supported_runtimes();
/// Whether a version of it can be made from a snapshot.
bool can_snap_start(std::string_view runtime);
/// "arn:aws:lambda:REGION::runtime:HEX", which differs from runtime to runtime and from processor
/// to processor.
std::string runtime_version_arn(std::string_view region, std::string_view runtime,
                                std::string_view architecture);

}  // namespace matinee::lambda
