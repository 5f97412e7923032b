#include "cloud/snapshots.h"

#include <fmt/format.h>

#include "protocol/error.h"
#include "runtime/elsewhere.h"
#include "runtime/log.h"
#include "storage/restoring.h"

namespace matinee::cloud {

namespace {

using protocol::ServiceError;
using runtime::DiskError;
using services::KeptSnapshot;

void check_name(const std::string& name) {
  if (!storage::is_snapshot_name(name))
    throw ServiceError("ValidationException", 400,
                       "The name of a snapshot has up to 128 letters, digits, dots, hyphens and "
                       "underscores, does not begin with a dot or a hyphen, and is not \"now\".");
}

ServiceError to_service_error(const DiskError& error) {
  const std::string sentence = storage::sentence_of(error);
  switch (error.kind) {
    case DiskError::Kind::already_exists:
      return {"ConflictException", 409, sentence};
    case DiskError::Kind::not_found:
      return {"NoSuchEntityException", 404, sentence};
    default:
      return {"InternalFailure", 500, "The disk refuses: " + sentence};
  }
}

KeptSnapshot to_kept(const storage::Snapshot& snapshot) {
  return {.name = snapshot.name,
          .saved = snapshot.saved,
          .bodies = snapshot.content.bodies,
          .bytes = snapshot.content.bytes,
          .damage = snapshot.damage};
}

}  // namespace

Snapshots::Snapshots(runtime::Runtime& runtime, std::shared_ptr<const storage::Condition> condition,
                     const std::string& directory, std::function<void()> on_replaced)
    : runtime_(runtime),
      condition_(std::move(condition)),
      directory_(directory),
      on_replaced_(std::move(on_replaced)),
      snapshots_(std::make_shared<storage::Snapshots>(runtime.disk, directory)) {
  if (!condition_->copier()) return;
  std::vector<std::string> left = snapshots_->find_left_overs();
  if (left.empty()) return;
  runtime_.workers.post([snapshots = snapshots_, left = std::move(left)] {
    if (const auto removed = snapshots->remove_left_overs(left); !removed)
      spdlog::warn("What a snapshot left behind stays: {}.", removed.error().message);
  });
}

std::shared_ptr<const storage::Copier> Snapshots::copier() const {
  auto copier = condition_->copier();
  if (!copier)
    throw ServiceError("NotImplemented", 501,
                       "A cloud in memory has no snapshots: start it without --durability memory.");
  return copier;
}

runtime::Task<KeptSnapshot> Snapshots::save(std::string name) {
  check_name(name);
  storage::Snapshot snapshot{.name = std::move(name), .saved = runtime_.clock.now()};
  const auto saved = co_await runtime::elsewhere<runtime::DiskResult<storage::Snapshot>>(
      runtime_, [snapshots = snapshots_, copier = copier(), snapshot = std::move(snapshot),
                 unfinished = "saving-" + runtime_.random.uuid()] {
        return snapshots->save(*copier, snapshot, unfinished);
      });
  if (!saved) throw to_service_error(saved.error());
  co_return to_kept(*saved);
}

runtime::Task<std::vector<KeptSnapshot>> Snapshots::list() {
  (void)copier();
  const auto found =
      co_await runtime::elsewhere<runtime::DiskResult<std::vector<storage::Snapshot>>>(
          runtime_, [snapshots = snapshots_] { return snapshots->list(); });
  if (!found) throw to_service_error(found.error());
  std::vector<KeptSnapshot> kept;
  for (const storage::Snapshot& snapshot : *found) kept.push_back(to_kept(snapshot));
  co_return kept;
}

runtime::Task<> Snapshots::remove(std::string name) {
  check_name(name);
  (void)copier();
  const auto removed = co_await runtime::elsewhere<runtime::DiskResult<>>(
      runtime_,
      [snapshots = snapshots_, name = std::move(name),
       place = "removed-" + runtime_.random.uuid()] { return snapshots->remove(name, place); });
  if (!removed) throw to_service_error(removed.error());
}

runtime::Task<> Snapshots::restore(std::string name) {
  check_name(name);
  (void)copier();
  if (!on_replaced_)
    throw ServiceError("NotImplemented", 501,
                       "This cloud is part of a command: `matinee up` restores snapshots.");
  const auto prepared = co_await runtime::elsewhere<runtime::DiskResult<>>(
      runtime_, [&disk = runtime_.disk, directory = directory_, name = std::move(name),
                 unfinished = "restoring-" + runtime_.random.uuid()] {
        return storage::prepare_restore(disk, directory, name, unfinished);
      });
  if (!prepared) throw to_service_error(prepared.error());
  on_replaced_();
}

}  // namespace matinee::cloud
