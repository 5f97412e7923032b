#include "services/kms/catalog.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "runtime/assertion.h"
#include "services/kms/due_keys.h"
#include "services/kms/rules.h"

namespace matinee::kms {

namespace {

constexpr storage::TableId keys_table{0x0901};
constexpr storage::TableId details_table{0x0902};
constexpr storage::TableId materials_table{0x0903};
constexpr storage::TableId material_ids_table{0x0904};
constexpr storage::TableId aliases_table{0x0905};
constexpr storage::TableId key_aliases_table{0x0906};
constexpr storage::TableId grants_table{0x0907};
constexpr storage::TableId retirable_table{0x0908};
constexpr storage::TableId uses_table{0x090A};
constexpr storage::TableId master_table{0x090B};

constexpr storage::TableId grantees_table{0x090C};

constexpr std::uint64_t the_master = 1;
/// So much material is kept open, of a few kilobytes each.
constexpr std::size_t most_opened = 512;

}  // namespace

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

std::string Key::arn() const {
  return fmt::format("arn:{}:kms:{}:{}:key/{}", partition_of(name.region), name.region,
                     name.account, name.id);
}

Material::~Material() {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

Catalog::Catalog(storage::Store& store, runtime::Random& random)
    : aliases(store, aliases_table),
      key_aliases(store, key_aliases_table),
      grants(store, grants_table),
      grantees(store, grantees_table),
      retirable(store, retirable_table),
      due(store, due_table),
      uses(store, uses_table),
      store_(store),
      random_(random),
      master_(store, master_table),
      keys_(store, keys_table),
      details_(store, details_table),
      materials_(store, materials_table),
      material_ids_(store, material_ids_table) {
  if (std::optional<std::string> stored = master_.find(the_master)) {
    if (stored->size() != Cipher::key_bytes)
      throw storage::DamagedRecord("a master key of no size");
    master_bytes_ = *std::move(stored);
    stored_ = true;
  }
}

/// The key of a new directory is stored with the first material that it seals.
void Catalog::keep_master() {
  if (master_bytes_.empty()) {
    master_bytes_.resize(Cipher::key_bytes);
    random_.fill({reinterpret_cast<std::uint8_t*>(master_bytes_.data()), master_bytes_.size()});
  }
  if (!cipher_) cipher_ = std::make_unique<Cipher>(master_bytes_);
  if (std::exchange(stored_, true)) return;
  store_.on_rollback([this] { stored_ = false; });
  master_.put(the_master, master_bytes_);
}

std::string Catalog::seal(std::string_view text, std::string_view purpose) {
  keep_master();
  return cipher_->seal(random_, text, purpose);
}

std::optional<std::string> Catalog::unseal(std::string_view sealed, std::string_view purpose) {
  if (master_bytes_.empty()) return std::nullopt;
  if (!cipher_) cipher_ = std::make_unique<Cipher>(master_bytes_);
  return cipher_->open(sealed, purpose);
}

std::optional<Key> Catalog::find(const KeyName& name) const {
  std::optional<KeyRecord> record = keys_.find(name.tuple());
  if (!record) return std::nullopt;
  return Key{.name = name, .record = *std::move(record)};
}

void Catalog::put(const Key& key) {
  keys_.put(key.name.tuple(), key.record);
}

void Catalog::remove(const KeyName& name) {
  const auto& [account, region, id] = name;
  std::vector<std::string> names;
  key_aliases.scan(key_aliases.prefix(account, region, id), [&](const auto& key, bool) {
    names.push_back(std::get<3>(key));
    return true;
  });
  for (const std::string& alias : names) aliases.erase({account, region, alias});
  key_aliases.erase_range(key_aliases.prefix(account, region, id));
  grants.scan(grants.prefix(account, region, id), [&](const auto& key, const GrantRecord& grant) {
    erase_grant(name, std::get<3>(key), grant);
    return true;
  });
  for (const auto& [number, material] : materials(name)) opened_.erase(place_of(name, material.id));
  materials_.erase_range(materials_.prefix(account, region, id));
  material_ids_.erase_range(material_ids_.prefix(account, region, id));
  uses.erase(name.tuple());
  details_.erase(name.tuple());
  keys_.erase(name.tuple());
}

void Catalog::put_grant(const KeyName& key, const std::string& id, const GrantRecord& grant) {
  const auto& [account, region, key_id] = key;
  grants.put({account, region, key_id, id}, grant);
  for (const std::string& principal : {grant.grantee, grant.grantee_service})
    if (!principal.empty()) grantees.put({account, region, key_id, principal, id}, true);
  for (const std::string& principal : {grant.retiring, grant.retiring_service})
    if (!principal.empty()) retirable.put({account, region, principal, key_id, id}, true);
}

void Catalog::erase_grant(const KeyName& key, const std::string& id, const GrantRecord& grant) {
  const auto& [account, region, key_id] = key;
  for (const std::string& principal : {grant.grantee, grant.grantee_service})
    if (!principal.empty()) grantees.erase({account, region, key_id, principal, id});
  for (const std::string& principal : {grant.retiring, grant.retiring_service})
    if (!principal.empty()) retirable.erase({account, region, principal, key_id, id});
  grants.erase({account, region, key_id, id});
}

void Catalog::reset(const services::ResetScope& scope) {
  const auto range = [&](const auto& table) {
    return scope.account ? table.prefix(*scope.account) : table.all();
  };
  keys_.erase_range(range(keys_));
  details_.erase_range(range(details_));
  materials_.erase_range(range(materials_));
  material_ids_.erase_range(range(material_ids_));
  aliases.erase_range(range(aliases));
  key_aliases.erase_range(range(key_aliases));
  grants.erase_range(range(grants));
  grantees.erase_range(range(grantees));
  retirable.erase_range(range(retirable));
  uses.erase_range(range(uses));
  due.scan(due.all(), [&](const auto& key, bool) {
    if (scope.covers(std::get<1>(key))) due.erase(key);
    return true;
  });
  opened_.clear();
}

DetailsRecord Catalog::details(const KeyName& name) const {
  std::optional<DetailsRecord> found = details_.find(name.tuple());
  if (!found) return {};
  if (found->policy.empty()) found->policy = default_policy(name);
  return *std::move(found);
}

void Catalog::put_details(const KeyName& name, const DetailsRecord& details) {
  if (details.policy != default_policy(name)) return details_.put(name.tuple(), details);
  // Most keys have the default policy, which would be a third of all that is kept of a key.
  DetailsRecord without = details;
  without.policy.clear();
  details_.put(name.tuple(), without);
}

void Catalog::scan(const KeyName& after,
                   const std::function<bool(const std::string&)>& visit) const {
  const storage::KeyRange all = keys_.prefix(after.account, after.region);
  auto place = keys_.cursor(after.id.empty() ? all : keys_.after(all, after.tuple()));
  for (; place.valid() && visit(std::get<2>(place.key())); place.next()) {
  }
}

std::string Catalog::material_id(const std::string& key_id, const NewMaterial& material) {
  return hmac_sha256(material.bytes, "key material of " + key_id);
}

void Catalog::seal_again(const KeyName& name, MaterialRecord& record, const NewMaterial& material) {
  record.sealed = seal(material.bytes, name.id);
  record.public_key = material.public_key;
}

std::uint32_t Catalog::add_material(Key& key, const NewMaterial& material, MaterialRecord record) {
  const std::uint32_t number = ++key.record.last;
  record.id = material_id(key.name.id, material);
  seal_again(key.name, record, material);
  put_material(key.name, number, record);
  return number;
}

void Catalog::make_current(Key& key, std::uint32_t number) {
  const std::optional<MaterialRecord> record = find_material(key.name, number);
  runtime::expect(record.has_value(), "a key turns to material that it has");
  key.record.current = number;
  key.record.material_id = record->id;
}

std::optional<std::uint32_t> Catalog::find_number(const KeyName& name,
                                                  const std::string& id) const {
  return material_ids_.find({name.account, name.region, name.id, id});
}

std::optional<MaterialRecord> Catalog::find_material(const KeyName& name,
                                                     std::uint32_t number) const {
  return materials_.find({name.account, name.region, name.id, number});
}

void Catalog::put_material(const KeyName& name, std::uint32_t number,
                           const MaterialRecord& record) {
  materials_.put({name.account, name.region, name.id, number}, record);
  material_ids_.put({name.account, name.region, name.id, record.id}, number);
  if (record.sealed.empty()) opened_.erase(place_of(name, record.id));
}

void Catalog::remove_material(const KeyName& name, std::uint32_t number) {
  const std::optional<MaterialRecord> record = find_material(name, number);
  if (!record) return;
  opened_.erase(place_of(name, record->id));
  material_ids_.erase({name.account, name.region, name.id, record->id});
  materials_.erase({name.account, name.region, name.id, number});
}

std::vector<std::pair<std::uint32_t, MaterialRecord>> Catalog::materials(
    const KeyName& name) const {
  std::vector<std::pair<std::uint32_t, MaterialRecord>> all;
  materials_.scan(materials_.prefix(name.account, name.region, name.id),
                  [&](const auto& key, MaterialRecord record) {
                    all.emplace_back(std::get<3>(key), std::move(record));
                    return true;
                  });
  return all;
}

std::string Catalog::place_of(const KeyName& name, std::string_view id) const {
  std::string place = name.region;
  place.append(name.account).append(name.id).append(id);
  return place;
}

std::shared_ptr<Material> Catalog::open(const Key& key, const std::string& id) {
  if (id.empty()) return nullptr;
  std::string place = place_of(key.name, id);
  if (const auto found = opened_.find(place); found != opened_.end()) return found->second;
  const std::optional<std::uint32_t> number = find_number(key.name, id);
  if (!number) return nullptr;
  const std::optional<MaterialRecord> record = find_material(key.name, *number);
  if (!record || record->sealed.empty()) return nullptr;
  std::optional<std::string> bytes = unseal(record->sealed, key.name.id);
  if (!bytes) throw storage::DamagedRecord("the material of a key cannot be opened");
  auto material = std::make_shared<Material>();
  material->bytes = *std::move(bytes);
  material->public_key = record->public_key;
  if (key.facts().is_asymmetric()) {
    material->pair = read_private(material->bytes);
    if (!material->pair) throw storage::DamagedRecord("the material of a key cannot be read");
  } else if (key.facts().family == Family::symmetric) {
    material->cipher = std::make_unique<Cipher>(material->bytes);
  }
  if (opened_.size() >= most_opened) opened_.erase(opened_.begin());
  opened_.emplace(std::move(place), material);
  return material;
}

}  // namespace matinee::kms
