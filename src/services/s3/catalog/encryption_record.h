// How the content of an object is encrypted on AWS, as it is stored with the object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/record.h"

namespace matinee::s3 {

/// Numbers are stored: never renumber. SSE-S3, which every object has that asks for nothing else,
/// is stored as no record at all.
enum class EncryptionKind : std::uint8_t { kms = 1, kms_dsse = 2, customer = 3 };

struct EncryptionRecord {
  EncryptionKind kind = EncryptionKind::kms;
  std::string kms_key;                     // an ARN
  std::optional<std::string> kms_context;  // base64 of JSON, as the client sent it
  bool bucket_key = false;
  std::string customer_key_md5;  // base64, as it is reported
  /// SHA-256 of the salt followed by the customer's key, which itself is nowhere.
  std::string customer_key_hash;
  /// Random; also makes the entity tag something else than the MD5 of the content.
  std::string salt;

  static constexpr auto fields = std::tuple{storage::field<1>(&EncryptionRecord::kind),
                                            storage::field<2>(&EncryptionRecord::kms_key),
                                            storage::field<3>(&EncryptionRecord::kms_context),
                                            storage::field<4>(&EncryptionRecord::bucket_key),
                                            storage::field<5>(&EncryptionRecord::customer_key_md5),
                                            storage::field<6>(&EncryptionRecord::customer_key_hash),
                                            storage::field<7>(&EncryptionRecord::salt)};
};

}  // namespace matinee::s3
