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

template <class Result>
void note(const runtime::DiskResult<Result>& removed) {
  if (removed) return;
  spdlog::warn("What a snapshot left behind stays: {}.", removed.error().message);
}

/// Removing a directory takes milliseconds, and there may be many files. Neither who waits for a
/// worker nor the end of the server waits for all of that; what is left then, the next start sees
/// to.
void remove_by_and_by(runtime::Workers& workers, std::shared_ptr<storage::Snapshots> snapshots,
                      std::vector<std::string> left_overs) {
  constexpr std::size_t files_a_turn = 200;
  if (left_overs.empty()) return;
  workers.post(
      [&workers, snapshots = std::move(snapshots), left = std::move(left_overs)]() mutable {
        const auto gone = snapshots->remove_some_of(left.back(), files_a_turn);
        note(gone);
        if (gone.value_or(true)) left.pop_back();
        remove_by_and_by(workers, std::move(snapshots), std::move(left));
      });
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
  if (on_replaced_) remove_by_and_by(runtime_.workers, snapshots_, std::move(left));
  if (on_replaced_ || left.empty()) return;
  runtime_.workers.post([snapshots = snapshots_, left = std::move(left)] {
    note(snapshots->remove_left_overs(left));
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
  const auto removed = co_await runtime::elsewhere<runtime::DiskResult<std::string>>(
      runtime_,
      [snapshots = snapshots_, name = std::move(name), place = "removed-" + runtime_.random.uuid(),
       at_once = !on_replaced_]() -> runtime::DiskResult<std::string> {
        auto left_over = snapshots->remove(name, place);
        // A command does not last long enough for later.
        if (!left_over || !at_once) return left_over;
        if (auto gone = snapshots->remove_left_overs({*left_over}); !gone)
          return std::unexpected(gone.error());
        return left_over;
      });
  if (!removed) throw to_service_error(removed.error());
  if (on_replaced_) remove_by_and_by(runtime_.workers, snapshots_, {*removed});
}

runtime::Task<> Snapshots::restore(std::string name) {
  check_name(name);
  (void)copier();
  if (!on_replaced_)
    throw ServiceError("NotImplemented", 501,
                       "This cloud is part of a command: `matinee up` restores snapshots.");
  const auto prepared = co_await runtime::elsewhere<runtime::DiskResult<>>(
      runtime_, [&disk = runtime_.disk,
                 wanted = storage::Restore{.directory = directory_,
                                           .name = std::move(name),
                                           .unfinished = "restoring-" + runtime_.random.uuid(),
                                           .workers = &runtime_.workers}] {
        return storage::prepare_restore(disk, wanted);
      });
  if (!prepared) throw to_service_error(prepared.error());
  on_replaced_();
}

}  // namespace matinee::cloud
