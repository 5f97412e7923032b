// The S3 figures: small objects in and out, and one object of a gigabyte.
#pragma once

#include <cstdint>
#include <string>

#include "dynamodb_load.h"
#include "http_load.h"

namespace bench {

void create_bucket(std::uint16_t port, const std::string& name);

/// PUT of 4 KB under a new key each time.
class PutObjectLoad : public KeyedLoad {
 public:
  PutObjectLoad(std::uint16_t port, const std::string& bucket, int connections);
  std::uint64_t accept(int connection, std::string_view body) override;
};

/// GET of objects that PutObjectLoad stored under the first `keys` keys.
class GetObjectLoad : public KeyedLoad {
 public:
  struct Where {
    std::uint16_t port;
    std::string bucket;
    std::uint64_t keys;
  };
  GetObjectLoad(const Where& where, int connections);
  std::uint64_t accept(int connection, std::string_view body) override;
};

/// PUT of 16 bytes under a new key each time, for a bucket of many keys.
class PutKeyLoad : public KeyedLoad {
 public:
  PutKeyLoad(std::uint16_t port, const std::string& bucket, int connections);
  std::uint64_t accept(int connection, std::string_view body) override;
};

/// Walks a bucket with ListObjectsV2, page after page on one connection; returns keys a second.
/// Throws std::runtime_error unless there are at least `keys`.
double list_bucket(std::uint16_t port, const std::string& bucket, std::uint64_t keys);

/// Uploads an object of that many bytes in parts of 64 MiB, one after the other, and completes it;
/// returns bytes a second.
double upload_in_parts(std::uint16_t port, const std::string& path, std::uint64_t size);

/// Uploads an object of that many bytes as one PUT; returns bytes a second, until the answer.
double upload_large(std::uint16_t port, const std::string& path, std::uint64_t size);

/// Downloads it into a buffer that is overwritten again and again; returns bytes a second. Throws
/// std::runtime_error unless exactly `size` bytes arrive.
double download_large(std::uint16_t port, const std::string& path, std::uint64_t size);

}  // namespace bench
