#include "services/lambda/catalog/packages.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "archives/zip_reader.h"
#include "protocol/base64.h"
#include "runtime/assertion.h"
#include "runtime/elsewhere.h"

namespace matinee::lambda {

namespace {

std::string sha256_base64(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  runtime::expect(
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1,
      "OpenSSL computes SHA-256");
  return protocol::base64_encode({reinterpret_cast<const char*>(digest.data()), length});
}

using Prepared = std::expected<NewPackage, std::string>;

Prepared look_at(std::string bytes, storage::Blobs& blobs) {
  const std::optional<std::uint64_t> unzipped = archives::unzipped_size(bytes);
  if (!unzipped)
    return std::unexpected(
        "Could not unzip uploaded file. Please check your file, then try to upload again.");
  if (*unzipped > Packages::most_unzipped)
    return std::unexpected(
        fmt::format("Unzipped size must be smaller than {} bytes", Packages::most_unzipped));
  NewPackage package{.sha256 = sha256_base64(bytes), .size = bytes.size(), .unzipped = *unzipped};
  if (bytes.size() <= storage::blob_threshold_bytes) {
    package.bytes = std::move(bytes);
    return package;
  }
  runtime::DiskResult<storage::BlobWriter> writer = blobs.create();
  if (!writer) return std::unexpected(writer.error().message);
  if (const auto written = writer->write(bytes); !written)
    return std::unexpected(written.error().message);
  package.blob = std::make_shared<storage::BlobWriter>(*std::move(writer));
  if (const auto finished = package.blob->finish(); !finished)
    return std::unexpected(finished.error().message);
  return package;
}

}  // namespace

Packages::Packages(storage::Store& store, runtime::Runtime& runtime)
    : store_(store), runtime_(runtime), packages_(store, packages_table) {}

runtime::Task<Prepared> Packages::prepare(std::string bytes) {
  return runtime::elsewhere<Prepared>(
      runtime_, [bytes = std::move(bytes), &blobs = store_.blobs()]() mutable {
        return look_at(std::move(bytes), blobs);
      });
}

void Packages::keep(NewPackage& package) {
  if (packages_.contains({package.sha256})) return add_user(package.sha256);
  PackageRecord record{.bytes = std::move(package.bytes),
                       .size = package.size,
                       .users = 1,
                       .unzipped = package.unzipped};
  if (package.blob) record.blob = store_.blobs().keep(std::move(*package.blob));
  packages_.put({package.sha256}, record);
}

void Packages::add_user(const std::string& sha256) {
  std::optional<PackageRecord> record = packages_.find({sha256});
  if (!record) return;
  ++record->users;
  packages_.put({sha256}, *record);
}

void Packages::remove_user(const std::string& sha256) {
  std::optional<PackageRecord> record = packages_.find({sha256});
  if (!record) return;
  if (--record->users > 0) return packages_.put({sha256}, *record);
  if (record->blob.id != 0) store_.blobs().remove(record->blob);
  packages_.erase({sha256});
}

std::optional<PackageRecord> Packages::find(const std::string& sha256) const {
  return packages_.find({sha256});
}

std::string Packages::read(const PackageRecord& package) const {
  std::expected<std::string, std::string> bytes = reader_of(package)();
  if (!bytes) throw storage::StoreFailure(bytes.error());
  return *std::move(bytes);
}

runtime::ReadArchive Packages::reader_of(const std::string& sha256) const {
  const std::optional<PackageRecord> record = packages_.find({sha256});
  return reader_of(record.value_or(PackageRecord{}));
}

runtime::ReadArchive Packages::reader_of(const PackageRecord& package) const {
  if (package.blob.id == 0) return [bytes = package.bytes] { return bytes; };
  const auto blob = store_.blobs().open(package.blob);
  if (!blob) throw storage::StoreFailure(blob.error().message);
  return [blob = *blob, size = package.size]() -> std::expected<std::string, std::string> {
    std::string bytes(size, '\0');
    const runtime::DiskResult<std::size_t> count = blob->read_at(0, bytes);
    if (!count) return std::unexpected(count.error().message);
    bytes.resize(*count);
    return bytes;
  };
}

}  // namespace matinee::lambda
