// Aliases: names for keys, of an account and region.
#include <fmt/format.h>

#include "services/kms/managed.h"
#include "services/kms/pages.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::string_view prefix = "alias/";
constexpr std::string_view reserved = "alias/aws/";
constexpr std::size_t most_aliases = 50;

std::string arn_of(const KeyName& alias) {
  return fmt::format("arn:{}:kms:{}:{}:{}", partition_of(alias.region), alias.region, alias.account,
                     alias.id);
}

bool has_right_letters(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
           c == '_' || c == '-';
  });
}

/// For what a customer may name.
void require_name(const std::string& name) {
  if (!name.starts_with(prefix))
    refuse(
        "Alias must start with the prefix \"alias/\". Please see "
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  if (name.starts_with(reserved)) throw protocol::ServiceError("NotAuthorizedException", 400, "");
  if (name.size() == prefix.size() || !has_right_letters(std::string_view(name).substr(6)))
    throw InvalidAliasNameException(
        "Alias contains invalid characters. Alias name must be alphanumeric with optional "
        "forward slashes (/), underscores (_), and dashes (-).");
}

}  // namespace

CreateAliasResponse Service::create_alias(const Context& context,
                                          const CreateAliasRequest& request) {
  require_name(request.alias_name);
  const KeyName alias{
      .account = context.account, .region = context.region, .id = request.alias_name};
  const Key key = require_own(context, request.target_key_id, "CreateAlias");
  if (catalog_.aliases.contains(alias.tuple()))
    throw AlreadyExistsException(
        fmt::format("An alias with the name {} already exists", arn_of(alias)));
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
  std::size_t count = 0;
  const auto range = catalog_.key_aliases.prefix(alias.account, alias.region, key.name.id);
  catalog_.key_aliases.scan(range, [&](const auto&, bool) { return ++count < most_aliases; });
  if (count >= most_aliases)
    throw LimitExceededException(fmt::format("{} has {} aliases already.", key.arn(), count));
  const runtime::Time now = clock_.now();
  catalog_.aliases.put(alias.tuple(), {.key = key.name.id, .created = now, .updated = now});
  catalog_.key_aliases.put({alias.account, alias.region, key.name.id, alias.id}, true);
  return {};
}

UpdateAliasResponse Service::update_alias(const Context& context,
                                          const UpdateAliasRequest& request) {
  require_name(request.alias_name);
  const KeyName name{
      .account = context.account, .region = context.region, .id = request.alias_name};
  std::optional<AliasRecord> alias = catalog_.aliases.find(name.tuple());
  if (!alias) throw NotFoundException(fmt::format("Alias {} is not found.", arn_of(name)));
  const Key key = require_own(context, request.target_key_id, "UpdateAlias");
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
  const std::optional<Key> old = catalog_.find({name.account, name.region, alias->key});
  if (old && (old->record.usage != key.record.usage ||
              old->facts().is_asymmetric() != key.facts().is_asymmetric()))
    refuse(
        fmt::format("Alias {} cannot be changed from key {} to key {}, which is of another type "
                    "or usage.",
                    arn_of(name), old->arn(), key.arn()));
  catalog_.key_aliases.erase({name.account, name.region, alias->key, name.id});
  alias->key = key.name.id;
  alias->updated = clock_.now();
  catalog_.aliases.put(name.tuple(), *alias);
  catalog_.key_aliases.put({name.account, name.region, key.name.id, name.id}, true);
  return {};
}

DeleteAliasResponse Service::delete_alias(const Context& context,
                                          const DeleteAliasRequest& request) {
  require_name(request.alias_name);
  const KeyName name{
      .account = context.account, .region = context.region, .id = request.alias_name};
  const std::optional<AliasRecord> alias = catalog_.aliases.find(name.tuple());
  if (!alias) throw NotFoundException(fmt::format("Alias {} is not found.", arn_of(name)));
  catalog_.key_aliases.erase({name.account, name.region, alias->key, name.id});
  catalog_.aliases.erase(name.tuple());
  return {};
}

AliasListEntry Service::describe_alias(const KeyName& name, const AliasRecord& alias) const {
  return {.alias_name = name.id,
          .alias_arn = arn_of(name),
          .target_key_id = alias.key,
          .creation_date = alias.created,
          .last_updated_date = alias.updated};
}

/// AWS's own aliases are there before their keys are.
ListAliasesResponse Service::list_aliases(const Context& context,
                                          const ListAliasesRequest& request) {
  const auto most = static_cast<std::size_t>(request.limit.value_or(default_small_limit));
  const std::string after = read_marker(request.marker);
  KeyName name{.account = context.account, .region = context.region, .id = after};
  ListAliasesResponse response;
  response.aliases.emplace();
  response.truncated = false;
  const auto add = [&](AliasListEntry entry) {
    if (response.aliases->size() == most) {
      response.truncated = true;
      response.next_marker = make_marker(*response.aliases->back().alias_name);
      return false;
    }
    response.aliases->push_back(std::move(entry));
    return true;
  };
  if (request.key_id) {
    const Key key = require_named(context, *request.key_id, Naming::key_only);
    const auto all = catalog_.key_aliases.prefix(name.account, name.region, key.name.id);
    const auto range = after.empty() ? all
                                     : catalog_.key_aliases.after(
                                           all, {name.account, name.region, key.name.id, after});
    catalog_.key_aliases.scan(range, [&](const auto& found, bool) {
      name.id = std::get<3>(found);
      return add(describe_alias(name, *catalog_.aliases.find(name.tuple())));
    });
    return response;
  }
  const auto all = catalog_.aliases.prefix(name.account, name.region);
  auto place =
      catalog_.aliases.cursor(after.empty() ? all : catalog_.aliases.after(all, name.tuple()));
  auto managed = managed_services().begin();
  // Both are in the order of names: they are merged.
  while (true) {
    const std::string stored = place.valid() ? std::get<2>(place.key()) : std::string();
    std::string own;
    for (; managed != managed_services().end(); ++managed) {
      own = fmt::format("{}{}", reserved, managed->name);
      if (own > after && own != stored) break;
      own.clear();
    }
    if (stored.empty() && own.empty()) return response;
    if (!own.empty() && (stored.empty() || own < stored)) {
      name.id = own;
      if (!add({.alias_name = own, .alias_arn = arn_of(name)})) return response;
      ++managed;
      continue;
    }
    name.id = stored;
    if (!add(describe_alias(name, place.record()))) return response;
    place.next();
  }
}

}  // namespace matinee::kms
