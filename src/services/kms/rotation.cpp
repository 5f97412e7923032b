// Rotation: new material for new ciphertexts, under the same key; old ones are opened as before.
// Related multi-region keys are rotated together, through their primary.
#include <fmt/format.h>

#include "services/kms/pages.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::int32_t default_rotation_days = 365;
constexpr std::uint32_t most_on_demand_rotations = 25;
/// For so long the status tells that a rotation on demand is going on.
constexpr std::chrono::seconds rotation_shows{1};

bool is_primary(const Key& key) {
  return !key.record.is_multi_region || key.record.primary_region == key.name.region;
}

void require_primary(const Key& key) {
  if (!is_primary(key))
    throw UnsupportedOperationException(
        fmt::format("{} is not a multi-region primary key.", key.arn()));
}

std::string_view state_of(const Key& key, std::uint32_t number, const MaterialRecord& material) {
  if (material.is_waiting) return "PENDING_ROTATION";
  return number == key.record.current ? "CURRENT" : "NON_CURRENT";
}

RotationsListEntry describe_rotation(const Key& key, std::uint32_t number,
                                     const MaterialRecord& material, bool with_material) {
  RotationsListEntry entry;
  entry.key_id = key.arn();
  entry.key_material_id = to_hex(material.id);
  if (with_material) entry.key_material_state = state_of(key, number, material);
  if (key.record.is_external) {
    entry.key_material_description = material.description;
    entry.import_state = material.sealed.empty() ? "PENDING_IMPORT" : "IMPORTED";
    if (!material.sealed.empty())
      entry.expiration_model =
          material.expires_at ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE";
    entry.valid_to = material.expires_at;
  }
  entry.rotation_date = material.rotated_at;
  if (material.rotation == Rotation::automatic) entry.rotation_type = "AUTOMATIC";
  if (material.rotation == Rotation::on_demand) entry.rotation_type = "ON_DEMAND";
  return entry;
}

}  // namespace

std::vector<Key> Service::related(const Key& key) const {
  std::vector<Key> others;
  for (const std::string& region : key.record.replica_regions)
    if (auto found = catalog_.find({key.name.account, region, key.name.id}))
      others.push_back(*std::move(found));
  return others;
}

/// A key that has material which can be rotated at all.
Key Service::require_rotating(const Context& context, const std::string& text,
                              std::string_view operation) {
  Key key = require_own(context, text, operation);
  if (key.record.state == State::disabled) require_state(key, {});
  if (key.record.state == State::pending_deletion ||
      key.record.state == State::pending_replica_deletion || key.record.state == State::creating)
    require_state(key, {});
  if (key.facts().family != Family::symmetric) throw UnsupportedOperationException("");
  return key;
}

void Service::set_rotation(Key& key, std::optional<std::int32_t> days) {
  unschedule(key.name, key.record.next_rotation, Due::rotation);
  key.record.rotates = days.has_value();
  key.record.rotation_days = days.value_or(0);
  key.record.next_rotation.reset();
  if (days) {
    key.record.next_rotation = clock_.now() + std::chrono::days(*days);
    schedule(key.name, *key.record.next_rotation, Due::rotation);
  }
  catalog_.put(key);
  for (Key& other : related(key)) {
    other.record.rotates = key.record.rotates;
    other.record.rotation_days = key.record.rotation_days;
    other.record.next_rotation = key.record.next_rotation;
    catalog_.put(other);
  }
}

EnableKeyRotationResponse Service::enable_key_rotation(const Context& context,
                                                       const EnableKeyRotationRequest& request) {
  Key key = require_rotating(context, request.key_id, "EnableKeyRotation");
  require_origin(key, false);
  require_primary(key);
  const std::int32_t days = request.rotation_period_in_days.value_or(default_rotation_days);
  if (key.record.rotates && key.record.rotation_days == days) return {};
  set_rotation(key, days);
  return {};
}

DisableKeyRotationResponse Service::disable_key_rotation(const Context& context,
                                                         const DisableKeyRotationRequest& request) {
  Key key = require_rotating(context, request.key_id, "DisableKeyRotation");
  require_origin(key, false);
  require_primary(key);
  set_rotation(key, std::nullopt);
  return {};
}

GetKeyRotationStatusResponse Service::get_key_rotation_status(
    const Context& context, const GetKeyRotationStatusRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  GetKeyRotationStatusResponse response;
  response.key_id = key.arn();
  response.key_rotation_enabled = key.record.rotates;
  if (key.record.rotates) {
    response.rotation_period_in_days = key.record.rotation_days;
    response.next_rotation_date = key.record.next_rotation;
  }
  if (key.record.on_demand_started && clock_.now() < *key.record.on_demand_started + rotation_shows)
    response.on_demand_rotation_start_date = key.record.on_demand_started;
  return response;
}

/// Imported material waits for this; other is made here.
void Service::rotate(Key& key, Rotation kind) {
  const runtime::Time now = clock_.now();
  std::vector<Key> others = related(key);
  NewMaterial material;
  if (!key.record.is_external) {
    material.bytes.resize(Cipher::key_bytes);
    random_.fill({reinterpret_cast<std::uint8_t*>(material.bytes.data()), material.bytes.size()});
  }
  const auto turn = [&](Key& one) {
    std::optional<std::uint32_t> number;
    if (!one.record.is_external)
      number = catalog_.add_material(one, material,
                                     {.created = now, .rotation = kind, .rotated_at = now});
    else
      number = find_waiting(one);
    if (!number) return;
    MaterialRecord record = *catalog_.find_material(one.name, *number);
    record.is_waiting = false;
    record.rotation = kind;
    record.rotated_at = now;
    catalog_.put_material(one.name, *number, record);
    catalog_.make_current(one, *number);
    catalog_.put(one);
    announce(one, "KMS CMK Rotation");
  };
  turn(key);
  for (Key& other : others) turn(other);
}

std::optional<std::uint32_t> Service::find_waiting(const Key& key) const {
  for (const auto& [number, material] : catalog_.materials(key.name))
    if (material.is_waiting) return number;
  return std::nullopt;
}

bool Service::is_everywhere(const Key& key, const std::string& material_id) const {
  return std::ranges::all_of(related(key), [&](const Key& other) {
    return catalog_.find_number(other.name, material_id).has_value();
  });
}

RotateKeyOnDemandResponse Service::rotate_key_on_demand(const Context& context,
                                                        const RotateKeyOnDemandRequest& request) {
  Key key = require_rotating(context, request.key_id, "RotateKeyOnDemand");
  require_state(key, {State::enabled});
  require_primary(key);
  if (key.record.is_external) {
    const std::optional<std::uint32_t> waiting = find_waiting(key);
    if (!waiting || catalog_.find_material(key.name, *waiting)->sealed.empty())
      throw KMSInvalidStateException(
          fmt::format("No available key material pending rotation for the key: {}.", key.arn()));
    if (!is_everywhere(key, catalog_.find_material(key.name, *waiting)->id))
      throw KMSInvalidStateException(fmt::format(
          "The key material pending rotation has not been imported into all replicas of {}.",
          key.arn()));
  }
  if (key.record.on_demand_rotations >= most_on_demand_rotations)
    throw LimitExceededException(fmt::format(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        "rotations can be performed for this key: {}",
        key.arn()));
  ++key.record.on_demand_rotations;
  key.record.on_demand_started = clock_.now();
  rotate(key, Rotation::on_demand);
  return {.key_id = key.arn()};
}

/// A key that is not enabled is rotated once it is: its time stays where it was.
void Service::rotate_by_schedule(Key key) {
  if (!key.record.rotates || !key.record.next_rotation || !is_primary(key)) return;
  if (key.record.state != State::enabled || *key.record.next_rotation > clock_.now()) return;
  key.record.next_rotation =
      *key.record.next_rotation + std::chrono::days(key.record.rotation_days);
  schedule(key.name, *key.record.next_rotation, Due::rotation);
  rotate(key, Rotation::automatic);
  catalog_.put(key);
  for (Key& other : related(key)) {
    other.record.next_rotation = key.record.next_rotation;
    catalog_.put(other);
  }
}

/// Of a key that is enabled again: at once where its time has passed, and by that time from now on.
void Service::catch_up_with_rotation(Key& key) {
  if (!key.record.rotates || !key.record.next_rotation || !is_primary(key)) return;
  if (*key.record.next_rotation > clock_.now()) return;
  key.record.next_rotation = clock_.now();
  schedule(key.name, *key.record.next_rotation, Due::rotation);
}

ListKeyRotationsResponse Service::list_key_rotations(const Context& context,
                                                     const ListKeyRotationsRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  if (key.facts().family != Family::symmetric) throw UnsupportedOperationException("");
  const bool all = request.include_key_material == "ALL_KEY_MATERIAL";
  const auto most = static_cast<std::size_t>(request.limit.value_or(default_limit));
  const std::string after = read_marker(request.marker);
  ListKeyRotationsResponse response;
  response.rotations.emplace();
  response.truncated = false;
  for (const auto& [number, material] : catalog_.materials(key.name)) {
    if (!all && !material.rotated_at) continue;
    if (!after.empty() && fmt::format("{:010}", number) <= after) continue;
    if (response.rotations->size() == most) {
      response.truncated = true;
      break;
    }
    response.rotations->push_back(describe_rotation(key, number, material, all));
    if (material.is_waiting && !is_everywhere(key, material.id))
      response.rotations->back().key_material_state = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
    response.next_marker = make_marker(fmt::format("{:010}", number));
  }
  if (!*response.truncated) response.next_marker.reset();
  return response;
}

}  // namespace matinee::kms
