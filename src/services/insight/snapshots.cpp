// The cloud as it was, under names.
#include "insight/errors.h"
#include "insight/operations.h"
#include "services/insight/service.h"

namespace matinee::insight {

namespace {

Snapshot to_shape(services::KeptSnapshot kept) {
  if (!kept.damage.empty()) return {.name = std::move(kept.name), .damage = std::move(kept.damage)};
  return {.name = std::move(kept.name),
          .saved = kept.saved,
          .bodies = static_cast<std::int64_t>(kept.bodies),
          .bytes = static_cast<std::int64_t>(kept.bytes)};
}

}  // namespace

services::SnapshotKeeper& Service::snapshots() const {
  if (!snapshots_) throw protocol::ServiceError("NotImplemented", 501, "Nothing is kept here.");
  return *snapshots_;
}

runtime::Task<SaveSnapshotResponse> Service::save_snapshot(const Context&,
                                                           const SaveSnapshotRequest& request) {
  co_return SaveSnapshotResponse{.snapshot = to_shape(co_await snapshots().save(request.name))};
}

runtime::Task<ListSnapshotsResponse> Service::list_snapshots(const Context&,
                                                             const ListSnapshotsRequest&) {
  ListSnapshotsResponse response;
  std::vector<Snapshot>& found = response.snapshots.emplace();
  for (services::KeptSnapshot& kept : co_await snapshots().list())
    found.push_back(to_shape(std::move(kept)));
  co_return response;
}

runtime::Task<DeleteSnapshotResponse> Service::delete_snapshot(
    const Context&, const DeleteSnapshotRequest& request) {
  co_await snapshots().remove(request.name);
  co_return DeleteSnapshotResponse{};
}

runtime::Task<RestoreSnapshotResponse> Service::restore_snapshot(
    const Context&, const RestoreSnapshotRequest& request) {
  co_await snapshots().restore(request.name);
  co_return RestoreSnapshotResponse{};
}

}  // namespace matinee::insight
