#include "jobs/deploy/artifact_store.h"

#include <fmt/format.h>

#include "jobs/report.h"
#include "s3/errors.h"

namespace matinee::jobs::deploy {

namespace {

runtime::Task<bool> has_bucket(s3::Client s3, std::string bucket) {
  try {
    co_await s3.head_bucket({.bucket = bucket});
    co_return true;
  } catch (const protocol::ServiceError& error) {
    if (error.status() == 404) co_return false;
    if (error.status() != 403 && error.status() != 301 && error.status() != 400) throw;
    throw JobError(
        fmt::format("The bucket {} belongs to somebody else, you may not see it, or it is in "
                    "another region; choose another --bucket.",
                    bucket));
  }
}

runtime::Task<> require_bucket(const ArtifactStore& store, StackListener& listener) {
  const Destination& destination = store.destination;
  if (co_await has_bucket(store.s3, destination.bucket)) co_return;
  if (!store.create)
    throw JobError(
        fmt::format("There is no bucket {} for code and templates. --make-bucket makes it, or "
                    "--bucket NAME takes another.",
                    destination.bucket));
  s3::CreateBucketRequest request{.bucket = destination.bucket};
  if (destination.region != "us-east-1")
    request.create_bucket_configuration.emplace().location_constraint = destination.region;
  try {
    co_await store.s3.create_bucket(std::move(request));
    listener.note(fmt::format("Created the bucket {} for code and templates.", destination.bucket));
  } catch (const protocol::ServiceError& error) {
    if (!error.is<s3::BucketAlreadyOwnedByYou>()) throw;
  }
}

runtime::Task<bool> has_object(s3::Client s3, const Destination& destination, std::string key) {
  try {
    co_await s3.head_object({.bucket = destination.bucket, .key = std::move(key)});
    co_return true;
  } catch (const protocol::ServiceError& error) {
    // Who may not list the bucket is not told what is missing.
    if (error.status() != 404 && error.status() != 403) throw;
    co_return false;
  }
}

std::string size_text(std::size_t bytes) {
  if (bytes >= std::size_t{1} << 20)
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / (1 << 20));
  return fmt::format("{} KB", (bytes + 1023) >> 10);
}

}  // namespace

runtime::Task<Destination> find_destination(sts::Client sts, BucketChoice choice,
                                            std::string region) {
  if (choice.name.empty()) {
    const auto caller = co_await sts.get_caller_identity({});
    choice.name = fmt::format("matinee-artifacts-{}-{}", caller.account.value_or(""), region);
  }
  co_return Destination{.bucket = choice.name, .prefix = "", .region = region};
}

runtime::Task<> upload(ArtifactStore store, const std::vector<Artifact>& artifacts,
                       StackListener& listener) {
  if (artifacts.empty()) co_return;
  co_await require_bucket(store, listener);
  for (const Artifact& artifact : artifacts) {
    if (co_await has_object(store.s3, store.destination, artifact.key)) continue;
    s3::PutObjectRequest request{.body = protocol::Body(artifact.bytes),
                                 .bucket = store.destination.bucket};
    request.key = artifact.key;
    co_await store.s3.put_object(std::move(request));
    listener.note(
        fmt::format("Uploaded {} ({}).", artifact.source, size_text(artifact.bytes.size())));
  }
}

}  // namespace matinee::jobs::deploy
