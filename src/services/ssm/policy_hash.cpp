#include "services/ssm/policy_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "runtime/assertion.h"

namespace matinee::ssm {

std::string policy_hash(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  const int done =
      EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), nullptr);
  runtime::expect(done == 1, "SHA-256 can be computed");
  std::string out;
  for (const unsigned char byte : digest) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace matinee::ssm
