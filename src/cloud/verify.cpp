#include "cloud/verify.h"

#include "services/s3/catalog/verification.h"

namespace matinee::cloud {

std::expected<storage::Verification, storage::OpenError> verify(runtime::Runtime& runtime,
                                                                const std::string& directory) {
  auto store =
      storage::Store::open({.directory = directory, .disk = &runtime.disk, .read_only = true});
  if (!store) return std::unexpected(store.error());
  storage::Verification found;
  (*store)->verify(found);
  s3::verify(s3::Catalog(**store, runtime.random), found);
  return found;
}

}  // namespace matinee::cloud
