#include "jobs/deploy/destroy.h"

#include <fmt/format.h>

#include "runtime/movable_clock.h"

namespace matinee::jobs::deploy {

namespace {

class Removal {
 public:
  Removal(DestroyOptions options, DeploySurroundings surroundings)
      : options_(std::move(options)),
        around_(surroundings),
        client_(surroundings.channel),
        s3_(surroundings.channel),
        clock_(runtime::real_clock(surroundings.runtime.clock)),
        reader_(client_, clock_, options_.pace) {
    summary_.stack = options_.stack;
  }

  runtime::Task<DestroySummary> run() {
    const runtime::Time started = clock_.now();
    const auto stack = co_await reader_.find(options_.stack);
    if (!stack) throw JobError(fmt::format("There is no stack {}.", options_.stack));
    const std::string id = stack->stack_id.value_or(options_.stack);
    if (stack->enable_termination_protection.value_or(false))
      throw JobError(
          fmt::format("The stack {} is protected: `aws cloudformation "
                      "update-termination-protection --no-enable-termination-protection` first.",
                      options_.stack));
    co_await remove(id);
    if (options_.empty_buckets && summary_.status == "DELETE_FAILED") {
      co_await empty_buckets(id);
      if (summary_.objects > 0) co_await remove(id);
    }
    summary_.seconds = std::chrono::duration<double>(clock_.now() - started).count();
    co_return std::move(summary_);
  }

 private:
  DestroyOptions options_;
  DeploySurroundings around_;
  cloudformation::Client client_;
  s3::Client s3_;
  runtime::Clock& clock_;
  StackReader reader_;
  DestroySummary summary_;

  runtime::Task<> remove(std::string id) {
    const std::string since = co_await reader_.newest_event(id);
    cloudformation::DeleteStackRequest request{.stack_name = id};
    if (!options_.retain.empty()) request.retain_resources = options_.retain;
    co_await client_.delete_stack(std::move(request));
    const std::vector<StackEvent> events = co_await reader_.follow(id, since, around_.listener);
    if (!events.empty()) summary_.status = events.back().status;
    summary_.failure.reset();
    if (!summary_.succeeded()) summary_.failure = co_await reader_.find_cause(events);
  }

  /// Those that CloudFormation has tried to remove and could not, because there is something in
  /// them: also in the stacks that are nested in it. Others are not to be removed, or stay for
  /// another reason, and keep what they have.
  runtime::Task<> empty_buckets(std::string stack_id) {
    cloudformation::ListStackResourcesRequest request{.stack_name = std::move(stack_id)};
    do {
      const auto response = co_await client_.list_stack_resources(request);
      if (response.stack_resource_summaries)
        for (const cloudformation::StackResourceSummary& resource :
             *response.stack_resource_summaries) {
          const std::string id = resource.physical_resource_id.value_or("");
          if (id.empty() || resource.resource_status != "DELETE_FAILED") continue;
          if (resource.resource_type == "AWS::S3::Bucket" &&
              resource.resource_status_reason.value_or("").contains("not empty"))
            co_await empty_bucket(id);
          if (resource.resource_type == "AWS::CloudFormation::Stack") co_await empty_buckets(id);
        }
      request.next_token = response.next_token;
    } while (request.next_token && !request.next_token->empty());
  }

  runtime::Task<> empty_bucket(std::string bucket) {
    std::uint64_t removed = 0;
    for (;;) {
      s3::ListObjectVersionsResponse found;
      try {
        found = co_await s3_.list_object_versions({.bucket = bucket});
      } catch (const protocol::ServiceError& error) {
        if (error.status() == 404) break;  // removed by hand
        throw;
      }
      const std::uint64_t before = removed;
      if (found.versions)
        for (const s3::ObjectVersion& version : *found.versions)
          removed += co_await remove_version(bucket, version.key, version.version_id);
      if (found.delete_markers)
        for (const s3::DeleteMarkerEntry& marker : *found.delete_markers)
          removed += co_await remove_version(bucket, marker.key, marker.version_id);
      if (removed == before) break;
    }
    if (removed == 0) co_return;
    summary_.objects += removed;
    around_.listener.note(fmt::format("Removed {} versions of objects from the bucket {}.",
                                      grouped(removed), bucket));
  }

  runtime::Task<std::uint64_t> remove_version(const std::string& bucket,
                                              const std::optional<std::string>& key,
                                              const std::optional<std::string>& version) {
    s3::DeleteObjectRequest request{.bucket = bucket, .key = key.value_or("")};
    request.version_id = version;
    co_await s3_.delete_object(std::move(request));
    co_return 1;
  }
};

}  // namespace

runtime::Task<DestroySummary> destroy(DestroyOptions options, DeploySurroundings surroundings) {
  Removal removal(std::move(options), surroundings);
  co_return co_await removal.run();
}

}  // namespace matinee::jobs::deploy
