#include "services/iam/identities.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/iam/describe.h"
#include "services/iam/documents.h"
#include "services/iam/managed_policies.h"

namespace matinee::iam {

namespace {

using Attached = identity::AttachedPolicy;
using identity::Identity;
using identity::SourceType;

std::string key_of(std::string_view account, Kind kind, std::string_view name) {
  return fmt::format("{}/{}/{}", account, word_of(kind), fold(name));
}

SourceType source_of(Kind holder) {
  if (holder == Kind::group) return SourceType::group;
  return holder == Kind::role ? SourceType::role : SourceType::user;
}

template <class Record>
Identity start_identity(const std::string& account, Kind kind, const Record& record) {
  Identity identity;
  identity.arn = arn_of(account, kind, record);
  identity.id = record.id;
  identity.account = account;
  identity.name = record.name;
  identity.path = record.path;
  for (const auto& [key, value] : record.tags) identity.tags.emplace(key, value);
  return identity;
}

template <class Known>
void make_room(Known& known, std::size_t most) {
  if (known.size() >= most) known.clear();
}

}  // namespace

std::shared_ptr<const policy::Document> Identities::document_of(const std::string& version,
                                                                const std::string& text) const {
  make_room(documents_, most_kept);
  std::shared_ptr<const policy::Document>& document = documents_[version];
  if (!document) document = read_identity_policy(text);
  return document;
}

/// Empty where the policy is gone.
Attached Identities::read_managed(const std::string& arn) const {
  const std::optional<EntityArn> parts = parse_entity_arn(arn);
  if (!parts) return {};
  Attached attached{.name = parts->name, .arn = arn};
  std::string version;
  if (parts->account == "aws") {
    const auto policy = find_managed_policy(arn);
    if (!policy) return {};
    attached.source = SourceType::aws_managed;
    attached.text = find_managed_policy_version(arn, policy->default_version)->text;
    version = arn;
  } else {
    const auto policy = catalog_.find_policy(parts->account, arn);
    if (!policy) return {};
    attached.source = SourceType::user_managed;
    const auto stored =
        catalog_.policy_versions.find({parts->account, policy->id, policy->default_version});
    if (!stored) return {};
    attached.text = stored->text;
    version = fmt::format("{}/{}/{}", parts->account, policy->id, policy->default_version);
  }
  attached.document = document_of(version, attached.text);
  return attached;
}

void Identities::add_policies(Identity& identity, const Catalog::HolderName& holder) const {
  const std::string& account = identity.account;
  catalog_.inline_policies.scan(
      catalog_.inline_policies.prefix(account, holder.id),
      [&](const ById& key, const std::string& text) {
        identity.policies.push_back({.name = std::get<2>(key),
                                     .arn = {},
                                     .holder = holder.name,
                                     .source = source_of(holder.kind),
                                     .text = text,
                                     .document = read_identity_policy(text)});
        return true;
      });
  catalog_.attachments.scan(catalog_.attachments.prefix(account, holder.id),
                            [&](const ById& key, runtime::Time) {
                              Attached policy = read_managed(std::get<2>(key));
                              if (!policy.arn.empty())
                                identity.policies.push_back(std::move(policy));
                              return true;
                            });
}

Identity Identities::read_user(const std::string& account, const UserRecord& user) const {
  Identity identity = start_identity(account, Kind::user, user);
  if (!user.boundary.empty()) identity.boundary = read_managed(user.boundary);
  add_policies(identity, {Kind::user, user.name, user.id});
  catalog_.groups_of_users.scan(catalog_.groups_of_users.prefix(account, user.id),
                                [&](const ById& key, runtime::Time) {
                                  const std::string& id = std::get<2>(key);
                                  if (const auto group = catalog_.entities.find({account, id}))
                                    add_policies(identity, {Kind::group, group->name, id});
                                  return true;
                                });
  return identity;
}

/// The trust policy with the principals of now: those who are gone are nobody.
std::shared_ptr<const policy::Document> Identities::read_trust(const RoleRecord& role) const {
  const std::shared_ptr<const policy::Document> written = read_trust_policy(role.trust);
  if (!written || role.trusted.empty()) return written;
  policy::Document document = *written;
  for (policy::Statement& statement : document.statements) {
    if (!statement.principals) continue;
    std::vector<std::string> arns;
    for (const std::string& arn : statement.principals->arns) {
      const auto named = std::ranges::find(role.trusted, arn, &TrustedPrincipal::arn);
      if (named == role.trusted.end()) {
        arns.push_back(arn);
      } else if (const auto parts = parse_entity_arn(arn)) {
        if (auto now = catalog_.find_arn(parts->account, named->id))
          arns.push_back(*std::move(now));
      }
    }
    statement.principals->arns = std::move(arns);
  }
  return std::make_shared<const policy::Document>(std::move(document));
}

Identity Identities::read_role(const std::string& account, const RoleRecord& role) const {
  Identity identity = start_identity(account, Kind::role, role);
  if (!role.boundary.empty()) identity.boundary = read_managed(role.boundary);
  identity.trust = current_trust(catalog_, role);
  identity.trust_document = read_trust(role);
  if (role.max_session_seconds) identity.max_session_seconds = *role.max_session_seconds;
  add_policies(identity, {Kind::role, role.name, role.id});
  return identity;
}

std::shared_ptr<const Identity> Identities::find_user(std::string_view account,
                                                      std::string_view name) const {
  const std::string key = key_of(account, Kind::user, name);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  const std::optional<UserRecord> user = catalog_.find_user(account, name);
  if (!user) return nullptr;
  make_room(known_, most_kept);
  return known_[key] = std::make_shared<const Identity>(read_user(std::string(account), *user));
}

std::shared_ptr<const Identity> Identities::find_role(std::string_view account,
                                                      std::string_view name) const {
  const std::string key = key_of(account, Kind::role, name);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  const std::optional<RoleRecord> role = catalog_.find_role(account, name);
  if (!role) return nullptr;
  make_room(known_, most_kept);
  return known_[key] = std::make_shared<const Identity>(read_role(std::string(account), *role));
}

std::shared_ptr<const Attached> Identities::find_policy(std::string_view arn) const {
  const std::string key(arn);
  if (const auto found = policies_.find(key); found != policies_.end()) return found->second;
  Attached policy = read_managed(key);
  if (policy.arn.empty()) return nullptr;
  make_room(policies_, most_kept);
  return policies_[key] = std::make_shared<const Attached>(std::move(policy));
}

std::vector<Attached> Identities::policies_of(const std::string& account,
                                              const Catalog::HolderName& holder) const {
  Identity identity;
  identity.account = account;
  add_policies(identity, holder);
  return std::move(identity.policies);
}

/// At once, for the transaction sees its own writes; and at its end, since somebody may have asked
/// before the last of them, or before they were taken back.
void Identities::forget(std::string_view account, Kind kind, std::string_view name) {
  std::string key = key_of(account, kind, name);
  known_.erase(key);
  const auto drop = [this, key = std::move(key)] { known_.erase(key); };
  store_.on_commit(drop);
  store_.on_rollback(drop);
}

void Identities::forget_all() {
  const auto drop = [this] {
    known_.clear();
    policies_.clear();
  };
  drop();
  store_.on_commit(drop);
  store_.on_rollback(drop);
}

}  // namespace matinee::iam
