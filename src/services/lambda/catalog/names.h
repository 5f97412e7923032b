// Names and ARNs of functions, and the words of errors about them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/context.h"
#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

using services::Context;

inline constexpr std::string_view latest = "$LATEST";
inline constexpr std::string_view service_principal = "lambda.amazonaws.com";

/// A function as a request names it.
struct Named {
  FunctionKey key;
  std::string qualifier;  // a number, "$LATEST" or an alias; empty where none was given

  std::string qualifier_or_latest() const {
    return qualifier.empty() ? std::string(latest) : qualifier;
  }
};

/// "NAME", "NAME:QUALIFIER", "ACCOUNT:function:NAME", or an ARN, which may have a qualifier too.
/// Throws ResourceNotFoundException for another region, and InvalidParameterValueException where
/// the name and the request's member give different qualifiers.
Named named(const Context& context, std::string_view name,
            const std::optional<std::string>& qualifier = std::nullopt);
/// Nothing where that is no function's ARN of this partition.
std::optional<Named> find_named(std::string_view arn);

std::string arn_of(const FunctionKey& key);
/// With a qualifier, where it is not empty.
std::string arn_of(const FunctionKey& key, std::string_view qualifier);
/// "$LATEST" or the number.
std::string text_of_version(std::uint32_t version);
/// 0 for "$LATEST"; nothing for what is an alias.
std::optional<std::uint32_t> version_of_text(std::string_view text);

inline QualifiedKey qualified(const FunctionKey& key, std::string_view qualifier) {
  return {std::get<0>(key), std::get<1>(key), std::get<2>(key), std::string(qualifier)};
}
inline VersionKey versioned(const FunctionKey& key, std::uint32_t version) {
  return {std::get<0>(key), std::get<1>(key), std::get<2>(key), version};
}

/// As Lambda writes dates of functions and layers: "2026-01-31T12:00:00.000+0000".
std::string date_text(runtime::Time time);

/// InvalidParameterValueException (400), which names the caller as at fault.
[[noreturn]] void refuse(std::string message);
/// ResourceNotFoundException (404).
[[noreturn]] void refuse_unknown(std::string message);
/// "Function not found: ARN".
[[noreturn]] void refuse_unknown_function(const FunctionKey& key, std::string_view qualifier = {});
/// ResourceConflictException (409).
[[noreturn]] void refuse_conflict(std::string message);
/// PreconditionFailedException (412): `call` is what gives the newest revision,
/// "GetFunction/GetAlias".
[[noreturn]] void refuse_revision(std::string_view call);

/// The place in a list where the next page begins, as a token, and back. Throws
/// InvalidParameterValueException for what is none.
std::string marker_after(std::string_view last);
std::string read_marker(const std::optional<std::string>& marker);

}  // namespace matinee::lambda
