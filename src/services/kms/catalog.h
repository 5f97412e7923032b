// Which keys there are, and their material. Every change is part of the current transaction; what
// is kept in memory is opened material only, whose bytes never change.
//
// Material lies in the store sealed by a key that lies in the store as well: it is in no backup,
// log or search of the directory's files in plain sight, but who has the whole directory has the
// keys.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "runtime/random.h"
#include "services/kms/cipher.h"
#include "services/kms/pairs.h"
#include "services/kms/records.h"
#include "services/reset.h"

namespace matinee::kms {

/// "aws", "aws-cn" or "aws-us-gov".
std::string_view partition_of(std::string_view region);

struct Key {
  KeyName name;
  KeyRecord record;

  std::string arn() const;
  const SpecFacts& facts() const { return facts_of(record.spec); }
};

/// Opened: not to be logged.
struct Material {
  std::string bytes;               // of symmetric and HMAC keys
  std::unique_ptr<Cipher> cipher;  // of symmetric keys
  Pair pair;                       // of others
  std::string public_key;          // DER

  Material() = default;
  ~Material();
  Material(const Material&) = delete;
  Material& operator=(const Material&) = delete;
};

/// What becomes a key's material: bytes, or PKCS #8 with its public part.
struct NewMaterial {
  std::string bytes;
  std::string public_key;
};

class Catalog {
 public:
  /// Both must outlive it.
  Catalog(storage::Store& store, runtime::Random& random);

  std::optional<Key> find(const KeyName& name) const;
  void put(const Key& key);
  /// With its material, aliases and grants.
  void remove(const KeyName& name);
  void reset(const services::ResetScope& scope);

  /// A grant, with what finds it by its principals.
  void put_grant(const KeyName& key, const std::string& id, const GrantRecord& grant);
  void erase_grant(const KeyName& key, const std::string& id, const GrantRecord& grant);

  DetailsRecord details(const KeyName& name) const;
  void put_details(const KeyName& name, const DetailsRecord& details);

  /// Of a page: the keys of an account and region after `after`, by id, until `visit` says no.
  void scan(const KeyName& after, const std::function<bool(const std::string& id)>& visit) const;

  /// 32 bytes: the same for the same material of a key, in whatever region.
  static std::string material_id(const std::string& key_id, const NewMaterial& material);
  /// Adds material behind what the key has, and numbers it; `record` says all else about it. What
  /// is current stays so.
  std::uint32_t add_material(Key& key, const NewMaterial& material, MaterialRecord record);
  /// Makes it what new ciphertexts are made with. The caller stores the key.
  void make_current(Key& key, std::uint32_t number);
  std::optional<std::uint32_t> find_number(const KeyName& name, const std::string& id) const;
  std::optional<MaterialRecord> find_material(const KeyName& name, std::uint32_t number) const;
  void put_material(const KeyName& name, std::uint32_t number, const MaterialRecord& record);
  void remove_material(const KeyName& name, std::uint32_t number);
  void seal_again(const KeyName& name, MaterialRecord& record, const NewMaterial& material);
  std::vector<std::pair<std::uint32_t, MaterialRecord>> materials(const KeyName& name) const;

  /// Null where the key has no such material (any more). Lives as long as somebody holds it.
  std::shared_ptr<Material> open(const Key& key, const std::string& id);
  std::shared_ptr<Material> open_current(const Key& key) {
    return open(key, key.record.material_id);
  }

  /// Bytes that only this directory can open, and only with the same purpose.
  std::string seal(std::string_view text, std::string_view purpose);
  std::optional<std::string> unseal(std::string_view sealed, std::string_view purpose);

  AliasesTable aliases;
  KeyAliasesTable key_aliases;
  GrantsTable grants;
  GranteesTable grantees;
  RetirableTable retirable;
  DueTable due;
  UsesTable uses;

 private:
  storage::Store& store_;
  runtime::Random& random_;
  MasterTable master_;
  KeysTable keys_;
  DetailsTable details_;
  MaterialsTable materials_;
  MaterialIdsTable material_ids_;
  std::string master_bytes_;
  bool stored_ = false;
  std::unique_ptr<Cipher> cipher_;
  /// By key and material id.
  std::unordered_map<std::string, std::shared_ptr<Material>> opened_;

  void keep_master();
  std::string place_of(const KeyName& name, std::string_view id) const;
};

}  // namespace matinee::kms
