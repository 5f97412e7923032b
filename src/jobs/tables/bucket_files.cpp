// Objects below a prefix.
#include <fmt/format.h>

#include "client/body_reader.h"
#include "jobs/report.h"
#include "jobs/tables/files.h"

namespace matinee::jobs::tables {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{4} << 20;

/// Where an object stands: its cloud for sentences, and how S3 is asked.
struct Bucket {
  const FileAccess& access;
  std::string name;

  [[noreturn]] void explain(const protocol::ServiceError& error, const std::string& key) const {
    if (error.code() == "NoSuchBucket")
      throw JobError(fmt::format("There is no bucket {} in {}.", name, access.cloud));
    if (error.status() == 403)
      throw JobError(fmt::format("s3://{}/{} may not be used: {}", name, key,
                                 sentence_of(error, access.cloud)));
    throw JobError(fmt::format("s3://{}/{}: {}", name, key, sentence_of(error, access.cloud)));
  }
};

class ObjectBytes final : public FileBytes {
 public:
  ObjectBytes(Bucket bucket, std::string key, std::uint64_t size)
      : bucket_(std::move(bucket)), key_(std::move(key)), size_(size) {}

  runtime::Task<std::string> next() override {
    if (offset_ >= size_) co_return "";
    s3::GetObjectRequest request{.bucket = bucket_.name, .key = key_};
    const std::uint64_t end = std::min(offset_ + piece_bytes, size_);
    request.range = fmt::format("bytes={}-{}", offset_, end - 1);
    // All pieces are of one object, also if another one is written in its place meanwhile.
    if (!etag_.empty()) request.if_match = etag_;
    std::string bytes;
    try {
      s3::GetObjectResponse response = co_await bucket_.access.s3.get_object(std::move(request));
      if (etag_.empty()) etag_ = response.etag.value_or("");
      bytes = client::read_body(std::move(response.body));
    } catch (const protocol::ServiceError& error) {
      if (error.status() == 412)
        throw JobError(
            fmt::format("s3://{}/{} was replaced while it was read.", bucket_.name, key_));
      bucket_.explain(error, key_);
    }
    offset_ += bytes.size();
    co_return bytes;
  }

 private:
  Bucket bucket_;
  std::string key_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
  std::string etag_;
};

class BucketFiles final : public Files {
 public:
  BucketFiles(FileAccess& access, std::string bucket, std::string prefix)
      : bucket_(access, std::move(bucket)), prefix_(std::move(prefix)) {}

  runtime::Task<std::vector<FoundFile>> list() override {
    std::vector<FoundFile> found;
    s3::ListObjectsV2Request request{.bucket = bucket_.name};
    if (!prefix_.empty()) request.prefix = prefix_ + "/";
    for (;;) {
      s3::ListObjectsV2Response page = co_await list_page(request);
      for (s3::Object& object : page.contents.value_or(std::vector<s3::Object>())) {
        std::string key = object.key.value_or("");
        if (key.ends_with('/')) continue;
        found.push_back({key.substr(prefix_.empty() ? 0 : prefix_.size() + 1),
                         static_cast<std::uint64_t>(object.size.value_or(0))});
      }
      request.continuation_token = page.next_continuation_token;
      if (!page.is_truncated.value_or(false) || !request.continuation_token) co_return found;
    }
  }

  runtime::Task<std::optional<std::uint64_t>> find_size(std::string name) override {
    const std::string key = key_of(name);
    try {
      const auto head =
          co_await bucket_.access.s3.head_object({.bucket = bucket_.name, .key = key});
      co_return static_cast<std::uint64_t>(head.content_length.value_or(0));
    } catch (const protocol::ServiceError& error) {
      if (error.status() != 404) bucket_.explain(error, key);
    }
    co_return std::nullopt;
  }

  runtime::Task<std::string> read(std::string name) override {
    const std::string key = key_of(name);
    try {
      auto response = co_await bucket_.access.s3.get_object({.bucket = bucket_.name, .key = key});
      co_return client::read_body(std::move(response.body));
    } catch (const protocol::ServiceError& error) {
      bucket_.explain(error, key);
    }
  }

  runtime::Task<std::unique_ptr<FileBytes>> open(FoundFile file) override {
    co_return std::make_unique<ObjectBytes>(bucket_, key_of(file.name), file.size);
  }

  runtime::Task<> write(std::string name, std::string bytes) override {
    const std::string key = key_of(name);
    s3::PutObjectRequest request;
    request.bucket = bucket_.name;
    request.key = key;
    request.body = std::move(bytes);
    try {
      co_await bucket_.access.s3.put_object(std::move(request));
    } catch (const protocol::ServiceError& error) {
      bucket_.explain(error, key);
    }
  }

  runtime::Task<> remove(std::string name) override {
    const std::string key = key_of(name);
    try {
      co_await bucket_.access.s3.delete_object({.bucket = bucket_.name, .key = key});
    } catch (const protocol::ServiceError& error) {
      bucket_.explain(error, key);
    }
  }

  std::string full_name(const std::string& name) const override {
    return fmt::format("s3://{}/{}", bucket_.name, key_of(name));
  }

 private:
  Bucket bucket_;
  std::string prefix_;

  std::string key_of(std::string_view name) const {
    std::string_view root = prefix_;
    while (name.starts_with("../")) {
      name.remove_prefix(3);
      const std::size_t slash = root.rfind('/');
      root = slash == std::string_view::npos ? "" : root.substr(0, slash);
    }
    if (name.empty()) return std::string(root);
    return root.empty() ? std::string(name) : fmt::format("{}/{}", root, name);
  }

  runtime::Task<s3::ListObjectsV2Response> list_page(s3::ListObjectsV2Request request) {
    try {
      co_return co_await bucket_.access.s3.list_objects_v2(std::move(request));
    } catch (const protocol::ServiceError& error) {
      bucket_.explain(error, prefix_);
    }
  }
};

}  // namespace

std::unique_ptr<Files> open_prefix(FileAccess& access, std::string bucket, std::string prefix) {
  return std::make_unique<BucketFiles>(access, std::move(bucket), std::move(prefix));
}

}  // namespace matinee::jobs::tables
