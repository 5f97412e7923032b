#include "services/lambda/service.h"

#include <spdlog/spdlog.h>

#include "lambda/operations.h"

namespace matinee::lambda {

namespace {

constexpr runtime::Duration wait_for_disk = std::chrono::seconds(1);

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours)
    : ServiceBase(lambda::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      packages_(store, runtime),
      functions_(store, functions_table),
      versions_(store, versions_table),
      aliases_(store, aliases_table),
      policies_(store, policies_table),
      provisioned_(store, provisioned_table),
      unsettled_(store, unsettled_table),
      layers_(store, layers_table),
      layer_versions_(store, layer_versions_table),
      invoke_configs_(store, invoke_configs_table),
      signing_configs_(store, signing_configs_table),
      urls_(store, urls_table),
      url_ids_(store, url_ids_table),
      queued_(store, queued_table),
      mappings_(store, mappings_table),
      unsettled_mappings_(store, unsettled_mappings_table),
      stream_positions_(store, stream_positions_table),
      stream_windows_(store, stream_windows_table),
      measures_(store, runtime, neighbours.metrics) {
  if (neighbours_.outbox) neighbours_.outbox->listen(std::string(service_principal), *this);
  if (unsettled_.is_empty(unsettled_.all()) &&
      unsettled_mappings_.is_empty(unsettled_mappings_.all()))
    return;
  runtime_.loop.post([this, lives = lives_] {
    if (!*lives) return;
    settle();
    settle_mappings();
  });
}

Service::~Service() {
  *lives_ = false;
  runtime_.clock.cancel(queue_timer_);
  stop_running();
}

FunctionRecord Service::require_function(const FunctionKey& key, std::string_view qualifier) const {
  std::optional<FunctionRecord> record = functions_.find(key);
  if (!record) refuse_unknown_function(key, qualifier);
  return *std::move(record);
}

VersionRecord Service::require_version(const VersionKey& key) const {
  std::optional<VersionRecord> record = versions_.find(key);
  if (!record) {
    const auto& [account, region, name, version] = key;
    refuse_unknown_function({account, region, name},
                            version == 0 ? std::string() : text_of_version(version));
  }
  return *std::move(record);
}

Target Service::require_target(const Named& name) const {
  Target target{.key = name.key};
  if (name.qualifier.empty() || name.qualifier == latest) {
    if (!functions_.contains(name.key)) refuse_unknown_function(name.key, name.qualifier);
    return target;
  }
  if (const std::optional<std::uint32_t> version = version_of_text(name.qualifier)) {
    target.version = *version;
    if (!versions_.contains(versioned(name.key, *version)))
      refuse_unknown_function(name.key, name.qualifier);
    return target;
  }
  const auto alias = aliases_.find(qualified(name.key, name.qualifier));
  if (!alias) refuse_unknown_function(name.key, name.qualifier);
  target.version = version_of_text(alias->version).value_or(0);
  target.alias = name.qualifier;
  return target;
}

void Service::put_unsettled(const VersionKey& key, VersionRecord record) {
  record.modified = std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now());
  record.revision = new_revision();
  versions_.put(key, record);
  unsettled_.put(key, {});
  store_.on_commit([this, key] {
    if (runner_) runner_->retire(key);
    runtime_.loop.post([this, lives = lives_] {
      if (*lives) settle();
    });
  });
}

/// Every version is ready as soon as what made it is kept.
std::string Service::role_of(const FunctionKey& function) const {
  const std::optional<VersionRecord> version = versions_.find(versioned(function, 0));
  return version ? version->settings.role : "";
}

void Service::settle() {
  try {
    storage::Transaction transaction(store_);
    unsettled_.scan(unsettled_.all(), [&](const VersionKey& key, const UnsettledRecord&) {
      if (std::optional<VersionRecord> record = versions_.find(key)) {
        record->stage = Stage::active;
        record->revision = new_revision();
        versions_.put(key, *record);
      }
      unsettled_.erase(key);
      return true;
    });
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("Functions stay pending for now: {}", failure.what());
    runtime_.clock.call_at(runtime_.clock.now() + wait_for_disk, [this, lives = lives_] {
      if (*lives) settle();
    });
  }
}

void Service::reset(const services::ResetScope& scope) {
  const auto range = [&](const auto& table) {
    return scope.account ? table.prefix(*scope.account) : table.all();
  };
  versions_.scan(range(versions_), [&](const VersionKey&, const VersionRecord& record) {
    packages_.remove_user(record.settings.package);
    return true;
  });
  layer_versions_.scan(range(layer_versions_),
                       [&](const LayerVersionKey&, const LayerVersionRecord& record) {
                         packages_.remove_user(record.package);
                         return true;
                       });
  urls_.scan(range(urls_), [&](const QualifiedKey&, const UrlRecord& url) {
    url_ids_.erase({url.id});
    return true;
  });
  std::set<FunctionKey> provisioned;
  provisioned_.scan(range(provisioned_), [&](const QualifiedKey& key, const ProvisionedRecord&) {
    provisioned.insert({std::get<0>(key), std::get<1>(key), std::get<2>(key)});
    return true;
  });
  provisioned_.erase_range(range(provisioned_));
  for (const FunctionKey& key : provisioned) keep_provisioned_later(key);
  functions_.erase_range(range(functions_));
  layers_.erase_range(range(layers_));
  layer_versions_.erase_range(range(layer_versions_));
  invoke_configs_.erase_range(range(invoke_configs_));
  signing_configs_.erase_range(range(signing_configs_));
  urls_.erase_range(range(urls_));
  mappings_.erase_range(range(mappings_));
  unsettled_mappings_.erase_range(range(unsettled_mappings_));
  stream_positions_.erase_range(range(stream_positions_));
  stream_windows_.erase_range(range(stream_windows_));
  queued_.scan(queued_.all(), [&](const QueuedKey& key, const QueuedRecord& call) {
    if (!scope.account || call.account == *scope.account) queued_.erase(key);
    return true;
  });
  versions_.erase_range(range(versions_));
  aliases_.erase_range(range(aliases_));
  policies_.erase_range(range(policies_));
  unsettled_.erase_range(range(unsettled_));
  documents_.clear();
  store_.on_commit([this] {
    if (runner_) runner_->retire_all();
    const auto is_gone = [this](const auto& entry) { return !mappings_.contains(entry.first); };
    std::erase_if(pollers_, is_gone);
    std::erase_if(change_pollers_, is_gone);
    std::erase_if(mapping_calls_, is_gone);
  });
}

}  // namespace matinee::lambda
