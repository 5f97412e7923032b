// Users and roles as decisions need them, with all that speaks for them: put together from the
// tables when somebody asks, kept until something of it changes. On the state thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "identity/directory.h"
#include "services/iam/catalog.h"

namespace matinee::iam {

class Identities final : public identity::Directory {
 public:
  /// Both must outlive it.
  Identities(storage::Store& store, const Catalog& catalog) : store_(store), catalog_(catalog) {}

  std::shared_ptr<const identity::Identity> find_user(std::string_view account,
                                                      std::string_view name) const override;
  std::shared_ptr<const identity::Identity> find_role(std::string_view account,
                                                      std::string_view name) const override;
  std::shared_ptr<const identity::AttachedPolicy> find_policy(std::string_view arn) const override;

  /// What a group, user or role has itself, inline and managed.
  std::vector<identity::AttachedPolicy> policies_of(const std::string& account,
                                                    const Catalog::HolderName& holder) const;

  /// To be called by whatever changes something of a user or role, in its transaction.
  void forget(std::string_view account, Kind kind, std::string_view name);
  /// Likewise for what may matter to many: policies, groups, principals that trust policies name.
  void forget_all();

 private:
  /// So many of each are kept; then all are forgotten, which costs only reading them again.
  static constexpr std::size_t most_kept = 4'096;

  using Known = std::unordered_map<std::string, std::shared_ptr<const identity::Identity>>;

  storage::Store& store_;
  const Catalog& catalog_;
  mutable Known known_;
  mutable std::unordered_map<std::string, std::shared_ptr<const identity::AttachedPolicy>>
      policies_;
  /// A version of a managed policy never changes, so that all who have it share it.
  mutable std::unordered_map<std::string, std::shared_ptr<const policy::Document>> documents_;

  std::shared_ptr<const policy::Document> document_of(const std::string& version,
                                                      const std::string& text) const;
  identity::AttachedPolicy read_managed(const std::string& arn) const;
  void add_policies(identity::Identity& identity, const Catalog::HolderName& holder) const;
  std::shared_ptr<const policy::Document> read_trust(const RoleRecord& role) const;
  identity::Identity read_user(const std::string& account, const UserRecord& user) const;
  identity::Identity read_role(const std::string& account, const RoleRecord& role) const;
};

}  // namespace matinee::iam
