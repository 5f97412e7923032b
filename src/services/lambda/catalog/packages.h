// The zip archives of functions and layers: each kept once, whoever uses it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "runtime/runtime.h"
#include "runtime/sandbox.h"
#include "runtime/task.h"
#include "services/lambda/catalog/records.h"
#include "storage/store.h"

namespace matinee::lambda {

/// A package that is not kept yet.
struct NewPackage {
  std::string sha256;  // base64, as AWS tells it
  std::uint64_t size = 0;
  std::uint64_t unzipped = 0;  // bytes
  std::string bytes;           // where it is small
  std::shared_ptr<storage::BlobWriter> blob;
};

class Packages {
 public:
  /// AWS's limits, in bytes.
  static constexpr std::uint64_t most_unzipped = 262'144'000;
  static constexpr std::uint64_t most_zipped_in_request = 52'428'800;

  Packages(storage::Store& store, runtime::Runtime& runtime);

  /// Looks at an archive, and writes it where it is large; a worker does that. The error is AWS's
  /// sentence for the caller.
  runtime::Task<std::expected<NewPackage, std::string>> prepare(std::string bytes);

  // Inside a transaction.

  /// One user more; a package that is here already is not written again.
  void keep(NewPackage& package);
  void add_user(const std::string& sha256);
  /// One user less; the last one takes the package with it.
  void remove_user(const std::string& sha256);

  /// Nothing where there is no such package.
  std::optional<PackageRecord> find(const std::string& sha256) const;
  /// All of its bytes. Throws storage::StoreFailure where its file cannot be read.
  std::string read(const PackageRecord& package) const;
  /// Reads them elsewhere, also of a package that is removed meanwhile. Throws
  /// storage::StoreFailure.
  runtime::ReadArchive reader_of(const std::string& sha256) const;

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  storage::Table<std::tuple<std::string>, PackageRecord> packages_;

  runtime::ReadArchive reader_of(const PackageRecord& package) const;
};

}  // namespace matinee::lambda
