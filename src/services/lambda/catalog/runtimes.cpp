#include "services/lambda/catalog/runtimes.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "runtime/assertion.h"

namespace matinee::lambda {

namespace {

/// As recorded in an answer of AWS's.
constexpr std::string_view supported =
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, "
    "java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, "
    "java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";
constexpr std::string_view deprecated =
    "java8, go1.x, provided, ruby2.5, ruby2.7, nodejs, nodejs4.3, nodejs6.10, nodejs8.10, "
    "nodejs10.x, nodejs12.x, nodejs14.x, python2.7, python3.6, python3.7, dotnetcore1.0, "
    "dotnetcore2.0, dotnetcore2.1, dotnetcore3.1";
constexpr std::string_view with_snapshots =
    "java11, java17, java21, java25, python3.12, python3.13, python3.14, dotnet8, dotnet10";

bool lists(std::string_view names, std::string_view name) {
  return std::ranges::any_of(names | std::views::split(std::string_view(", ")),
                             [&](auto part) { return std::string_view(part) == name; });
}

}  // namespace

RuntimeSupport support_of(std::string_view runtime) {
  if (lists(supported, runtime)) return RuntimeSupport::supported;
  return lists(deprecated, runtime) ? RuntimeSupport::deprecated : RuntimeSupport::unknown;
}

std::string_view supported_runtimes() {
  return supported;
}

bool can_snap_start(std::string_view runtime) {
  return lists(with_snapshots, runtime);
}

std::string runtime_version_arn(std::string_view region, std::string_view runtime,
                                std::string_view architecture) {
  const std::string text = fmt::format("{} {}", runtime, architecture);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  runtime::expect(
      EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1,
      "OpenSSL computes SHA-256");
  std::string arn = fmt::format("arn:aws:lambda:{}::runtime:", region);
  for (unsigned i = 0; i < length; ++i) arn += fmt::format("{:02x}", digest[i]);
  return arn;
}

}  // namespace matinee::lambda
