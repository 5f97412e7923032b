// Which key a request means: by id, ARN, alias or an alias's ARN.
#include <fmt/format.h>

#include "services/arn.h"
#include "services/kms/managed.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::string_view alias_prefix = "alias/";
constexpr std::string_view key_prefix = "key/";
constexpr std::string_view managed_prefix = "alias/aws/";

[[noreturn]] void refuse_id(std::string_view text) {
  throw NotFoundException(fmt::format("Invalid keyId '{}'", text));
}

}  // namespace

Key Service::require_existing(const KeyName& name) const {
  std::optional<Key> key = catalog_.find(name);
  if (!key)
    throw NotFoundException(
        fmt::format("Key '{}' does not exist", Key{.name = name, .record = {}}.arn()));
  return *std::move(key);
}

Key Service::require_named(const Context& context, const std::string& text, Naming naming) {
  KeyName name{.account = context.account, .region = context.region, .id = text};
  if (text.starts_with("arn:")) {
    const std::optional<services::Arn> arn = services::parse_arn(text);
    if (!arn || arn->service != "kms") throw NotFoundException(fmt::format("Invalid arn {}", text));
    if (arn->region != context.region)
      throw NotFoundException(fmt::format("Invalid arn {}", arn->region));
    name.account = arn->account;
    name.id = arn->resource;
    if (name.id.starts_with(key_prefix))
      name.id.erase(0, key_prefix.size());
    else if (!name.id.starts_with(alias_prefix))
      throw NotFoundException(fmt::format("Invalid arn {}", text));
  }
  if (name.id.starts_with(alias_prefix) && naming == Naming::alias_too) {
    std::optional<Key> key = find_by_alias(name);
    if (!key)
      throw NotFoundException(fmt::format("Alias arn:{}:kms:{}:{}:{} is not found.",
                                          partition_of(name.region), name.region, name.account,
                                          name.id));
    return *std::move(key);
  }
  if (name.id.starts_with(alias_prefix) && text.starts_with("arn:"))
    throw InvalidArnException("Key Aliases are not supported for this operation");
  if (!is_key_id(name.id)) refuse_id(name.id);
  return require_existing(name);
}

std::optional<Key> Service::find_by_alias(const KeyName& alias) {
  const std::optional<AliasRecord> found = catalog_.aliases.find(alias.tuple());
  if (found) return catalog_.find({alias.account, alias.region, found->key});
  if (!alias.id.starts_with(managed_prefix)) return std::nullopt;
  const std::string service = alias.id.substr(managed_prefix.size());
  if (!is_managed_service(service)) return std::nullopt;
  return make_managed_key(alias, service);
}

/// The policies of the keys that AWS manages let nobody change them.
Key Service::require_own(const Context& context, const std::string& text,
                         std::string_view operation) {
  Key key = require_named(context, text, Naming::key_only);
  if (key.record.is_managed)
    throw protocol::ServiceError(
        "AccessDeniedException", 400,
        fmt::format("User: {} is not authorized to perform: kms:{} on resource: {} because no "
                    "resource-based policy allows the kms:{} action",
                    context.caller_arn, operation, key.arn(), operation));
  return key;
}

Key Service::require_usable(const Context& context, const std::string& text,
                            std::pair<Usage, std::string_view> what) {
  Key key = require_named(context, text, Naming::alias_too);
  require_state(key, {State::enabled});
  require_usage(key, what.first, what.second);
  return key;
}

std::shared_ptr<Material> Service::require_material(const Key& key) {
  std::shared_ptr<Material> material = catalog_.open_current(key);
  if (!material) throw KMSInvalidStateException(fmt::format("{} is pending import.", key.arn()));
  return material;
}

}  // namespace matinee::kms
