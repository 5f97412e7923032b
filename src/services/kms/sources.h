// What is to be decrypted, as Decrypt and ReEncrypt name it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kms/shapes.h"
#include "services/kms/catalog.h"
#include "services/kms/ciphertext.h"

namespace matinee::kms {

/// Of a request, which outlives it; null where the request does not say.
struct SourceNames {
  const std::string* key_id = nullptr;
  const std::string* algorithm = nullptr;
  const protocol::Blob* blob = nullptr;
  const EncryptionContext* context = nullptr;
  std::string_view operation;
  bool ignores_blob = false;  // a dry run that asks for the permissions alone
};

/// The key and material that open it. `ciphertext` points into the request; RSA's blobs have none.
struct Opened {
  Key key;
  std::shared_ptr<Material> material;
  std::optional<Ciphertext> ciphertext;
  std::string algorithm;
};

}  // namespace matinee::kms
