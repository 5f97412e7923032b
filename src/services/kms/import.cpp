// Keys whose material comes from outside: wrapped for them, perhaps for a time only.
//
// An import token carries the private part of its wrapping key, sealed, so that nothing has to be
// kept for those that are never used.
#include <fmt/format.h>

#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::string_view token_purpose = "import token";
constexpr std::chrono::hours token_lives{24};
constexpr std::chrono::days longest_life{365};

struct ImportToken {
  std::string key;  // ARN
  std::string algorithm;
  runtime::Time valid_to{};
  std::string wrapping_key;  // PKCS #8

  static constexpr auto fields = std::tuple{
      storage::field<1>(&ImportToken::key), storage::field<2>(&ImportToken::algorithm),
      storage::field<3>(&ImportToken::valid_to), storage::field<4>(&ImportToken::wrapping_key)};
};

struct WrappingPair {
  std::string private_key;
  std::string public_key;
};

/// What was wrapped, or nothing. An AES key of its own wraps what is too long for RSA.
std::optional<std::string> unwrap_material(const ImportToken& token, std::string_view wrapped,
                                           runtime::Random& random) {
  const Pair pair = read_private(token.wrapping_key);
  if (token.algorithm == "RSAES_PKCS1_V1_5") return decrypt(pair, {}, wrapped, random);
  const Padding padding{hash_of(token.algorithm)};
  if (token.algorithm.starts_with("RSAES_OAEP")) return decrypt(pair, padding, wrapped, random);
  const std::size_t key_bytes = modulus_bytes(pair);
  if (wrapped.size() <= key_bytes) return std::nullopt;
  const std::optional<std::string> key =
      decrypt(pair, padding, wrapped.substr(0, key_bytes), random);
  return key ? unwrap(*key, wrapped.substr(key_bytes)) : std::nullopt;
}

/// Bytes of the spec's length, or a private key of it; nothing for others.
std::optional<NewMaterial> read_material(const SpecFacts& facts, std::string bytes) {
  if (!facts.is_asymmetric()) {
    if (bytes.size() != static_cast<std::size_t>(facts.size)) return std::nullopt;
    return NewMaterial{.bytes = std::move(bytes), .public_key = {}};
  }
  const Pair pair = read_private(bytes);
  if (!pair || !suits(pair, facts)) return std::nullopt;
  return NewMaterial{.bytes = private_bytes(pair), .public_key = public_bytes(pair)};
}

/// When the material is to be forgotten, if ever.
std::optional<runtime::Time> read_expiry(const ImportKeyMaterialRequest& request,
                                         runtime::Time now) {
  const bool expires = request.expiration_model != "KEY_MATERIAL_DOES_NOT_EXPIRE";
  if (!expires && request.valid_to)
    refuse("A validTo date may not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE");
  if (!expires) return std::nullopt;
  if (!request.valid_to)
    refuse("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
  if (*request.valid_to <= now || *request.valid_to > now + longest_life)
    refuse("The validTo date must be in the future, and at most 365 days from now");
  return request.valid_to;
}

void require_import_state(const Key& key) {
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
}

}  // namespace

Task<GetParametersForImportResponse> Service::get_parameters_for_import(
    const Context& context, const GetParametersForImportRequest& request) {
  const Key key = require_own(context, request.key_id, "GetParametersForImport");
  require_import_state(key);
  require_origin(key, true);
  const SpecFacts* facts = find_spec(request.wrapping_key_spec);
  if (!facts || request.wrapping_algorithm == "SM2PKE") refuse_unserved("wrapping keys of SM2");
  const WrappingPair pair = co_await elsewhere<WrappingPair>([facts, &random = random_] {
    const Pair made = make_pair(*facts, random);
    return WrappingPair{.private_key = private_bytes(made), .public_key = public_bytes(made)};
  });
  const ImportToken token{.key = key.arn(),
                          .algorithm = request.wrapping_algorithm,
                          .valid_to = clock_.now() + token_lives,
                          .wrapping_key = pair.private_key};
  std::string text;
  storage::encode_record_bytes(text, token);
  storage::Transaction transaction(store_);
  std::string sealed = catalog_.seal(text, token_purpose);
  transaction.commit();
  GetParametersForImportResponse response;
  response.key_id = key.arn();
  response.import_token = protocol::Blob{std::move(sealed)};
  response.public_key = protocol::Blob{pair.public_key};
  response.parameters_valid_to = token.valid_to;
  co_return response;
}

Task<ImportKeyMaterialResponse> Service::import_key_material(
    const Context& context, const ImportKeyMaterialRequest& request) {
  const Key before = require_own(context, request.key_id, "ImportKeyMaterial");
  require_import_state(before);
  require_origin(before, true);
  const std::optional<runtime::Time> expires_at = read_expiry(request, clock_.now());
  const std::optional<std::string> text =
      catalog_.unseal(request.import_token.bytes, token_purpose);
  if (!text) throw InvalidImportTokenException("");
  auto token = storage::decode_record_bytes<ImportToken>(*text);
  if (token.key != before.arn()) throw InvalidImportTokenException("");
  if (token.valid_to <= clock_.now()) throw ExpiredImportTokenException("");
  std::optional<std::string> bytes = co_await elsewhere<std::optional<std::string>>(
      [token = std::move(token), wrapped = request.encrypted_key_material.bytes,
       &random = random_] { return unwrap_material(token, wrapped, random); });
  if (!bytes) throw InvalidCiphertextException("");
  std::optional<NewMaterial> material = read_material(before.facts(), *std::move(bytes));
  if (!material) throw IncorrectKeyMaterialException("");
  storage::Transaction transaction(store_);
  Key key = require_existing(before.name);
  require_import_state(key);
  const std::uint32_t number = place_material(key, *material, request);
  MaterialRecord record = *catalog_.find_material(key.name, number);
  catalog_.seal_again(key.name, record, *material);
  record.expires_at = expires_at;
  if (request.key_material_description) record.description = request.key_material_description;
  catalog_.put_material(key.name, number, record);
  if (expires_at) schedule(key.name, *expires_at, Due::expiry);
  if (key.record.state == State::pending_import && is_complete(key))
    key.record.state = State::enabled;
  catalog_.put(key);
  transaction.commit();
  co_return ImportKeyMaterialResponse{.key_id = key.arn(), .key_material_id = to_hex(record.id)};
}

/// Where it belongs: in the place of the same material, or behind the others. The first becomes
/// current at once, later ones wait for the next rotation.
std::uint32_t Service::place_material(Key& key, const NewMaterial& material,
                                      const ImportKeyMaterialRequest& request) {
  const bool is_symmetric = key.facts().family == Family::symmetric;
  if (!is_symmetric && (request.import_type || request.key_material_id))
    refuse("ImportType and KeyMaterialId are only valid for symmetric encryption keys.");
  const std::string id = Catalog::material_id(key.name.id, material);
  const std::optional<std::uint32_t> known = catalog_.find_number(key.name, id);
  const bool is_first = key.record.last == 0;
  const bool is_new = request.import_type ? *request.import_type == "NEW_KEY_MATERIAL" : is_first;
  if (is_new && request.key_material_id)
    refuse("KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.");
  if (request.key_material_id && *request.key_material_id != to_hex(id))
    throw IncorrectKeyMaterialException("");
  if (known && (!is_new || !is_symmetric)) return *known;
  const bool is_replica =
      key.record.is_multi_region && key.record.primary_region != key.name.region;
  std::optional<MaterialRecord> of_primary;
  if (is_replica) {
    const KeyName primary{key.name.account, key.record.primary_region, key.name.id};
    if (const auto number = catalog_.find_number(primary, id))
      of_primary = catalog_.find_material(primary, *number);
    if (!of_primary) throw IncorrectKeyMaterialException("");
  } else if (known || (!is_new && !is_first) || (!is_first && !is_symmetric)) {
    throw IncorrectKeyMaterialException("");
  }
  const bool waits = of_primary ? of_primary->is_waiting : !is_first;
  if (const auto waiting = find_waiting(key); waits && waiting)
    throw KMSInvalidStateException(fmt::format(
        "New key material (id: {}) cannot be imported into KMS key {}, because another key "
        "material (id: {}) is pending rotation.",
        to_hex(id), key.arn(), to_hex(catalog_.find_material(key.name, *waiting)->id)));
  MaterialRecord record{.created = clock_.now(), .is_waiting = waits};
  if (of_primary) record.rotation = of_primary->rotation;
  if (of_primary) record.rotated_at = of_primary->rotated_at;
  const std::uint32_t number = catalog_.add_material(key, material, record);
  if (!waits) catalog_.make_current(key, number);
  return number;
}

/// Without an id it is the current material.
DeleteImportedKeyMaterialResponse Service::delete_imported_key_material(
    const Context& context, const DeleteImportedKeyMaterialRequest& request) {
  Key key = require_own(context, request.key_id, "DeleteImportedKeyMaterial");
  require_origin(key, true);
  std::optional<std::uint32_t> number = key.record.current;
  if (request.key_material_id)
    number = catalog_.find_number(key.name, from_hex(*request.key_material_id).value_or(""));
  if (!number)
    throw NotFoundException(
        fmt::format("Key material {} does not exist", *request.key_material_id));
  const auto material = catalog_.find_material(key.name, *number);
  DeleteImportedKeyMaterialResponse response;
  response.key_id = key.arn();
  if (!material) return response;
  response.key_material_id = to_hex(material->id);
  if (material->is_waiting)
    for (Key& other : related(key))
      if (const auto there = catalog_.find_number(other.name, material->id))
        forget_material(other, *there);
  forget_material(key, *number);
  return response;
}

bool Service::is_complete(const Key& key) const {
  if (key.record.current == 0) return false;
  for (const auto& [number, material] : catalog_.materials(key.name))
    if (material.sealed.empty() && !material.is_waiting) return false;
  return true;
}

/// Material that nothing was encrypted with yet is gone for good; other can be brought again.
void Service::forget_material(Key& key, std::uint32_t number) {
  std::optional<MaterialRecord> material = catalog_.find_material(key.name, number);
  if (!material) return;
  if (material->is_waiting) {
    catalog_.remove_material(key.name, number);
    return;
  }
  material->sealed.clear();
  material->expires_at.reset();
  catalog_.put_material(key.name, number, *material);
  if (key.record.state != State::enabled && key.record.state != State::disabled) return;
  key.record.state = State::pending_import;
  catalog_.put(key);
}

/// All that has expired by now; what was imported again since then has not.
void Service::expire_material(Key key) {
  const runtime::Time now = clock_.now();
  bool has_expired = false;
  for (const auto& [number, material] : catalog_.materials(key.name)) {
    if (!material.expires_at || *material.expires_at > now) continue;
    forget_material(key, number);
    has_expired = true;
  }
  if (has_expired) announce(key, "KMS Imported Key Material Expiration");
}

}  // namespace matinee::kms
