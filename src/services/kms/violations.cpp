// How KMS tells of a request that breaks its model's rules, where its words are its own.
#include <fmt/format.h>

#include "kms/operations.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

/// The values of the enumerations as AWS lists them, in its order. Those that came later, and that
/// it takes as well, were not in the list when it was seen.
std::string_view listed_values(std::string_view path) {
  if (path == "KeySpec" || path == "CustomerMasterKeySpec")
    return "RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, "
           "ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512";
  if (path == "KeyUsage") return "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC";
  if (path == "MacAlgorithm") return "HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512";
  return "";
}

std::string tell(const protocol::Violation& violation) {
  const std::string_view values =
      violation.rule == protocol::Rule::one_of ? listed_values(violation.path) : std::string_view();
  std::string text = protocol::describe(violation);
  if (values.empty()) return text;
  text.resize(text.rfind('[') + 1);
  return text.append(values).append("]");
}

}  // namespace

protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  std::string text = fmt::format("{} validation error{} detected: ", violations.size(),
                                 violations.size() == 1 ? "" : "s");
  bool first = true;
  for (const protocol::Violation& violation : violations) {
    if (!first) text += "; ";
    first = false;
    text += tell(violation);
  }
  return {"ValidationException", 400, std::move(text)};
}

}  // namespace matinee::kms
