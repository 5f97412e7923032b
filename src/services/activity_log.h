// Takes note of what users and roles call, and stores it: at most a few hundred lines for each,
// since many resources of one kind become a pattern.
//
// A note costs a look-up in memory. Notes are stored a few seconds later, in a transaction of their
// own; a crash loses those that were not, which says nothing wrong of what is left.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include "identity/activity.h"
#include "runtime/runtime.h"
#include "services/authorization.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::services {

struct UseRecord {
  std::string region;
  runtime::Time first;
  runtime::Time last;
  std::uint64_t count = 0;
  std::uint64_t refused = 0;
  std::string refusal;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&UseRecord::region),  storage::field<2>(&UseRecord::first),
                 storage::field<3>(&UseRecord::last),    storage::field<4>(&UseRecord::count),
                 storage::field<5>(&UseRecord::refused), storage::field<6>(&UseRecord::refusal)};
};

struct KeyUseRecord {
  std::string account;
  std::string region;
  std::string service;
  runtime::Time last;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&KeyUseRecord::account), storage::field<2>(&KeyUseRecord::region),
      storage::field<3>(&KeyUseRecord::service), storage::field<4>(&KeyUseRecord::last)};
};

class ActivityLog final : public identity::Activity, public Resettable {
 public:
  /// How long notes wait before they are stored.
  static constexpr runtime::Duration patience = std::chrono::seconds(5);
  /// How many lines a user or role may have, and how many resources of one kind are told apart.
  static constexpr std::size_t most_lines = 300;
  static constexpr std::size_t most_alike = 10;

  /// Both must outlive it.
  ActivityLog(storage::Store& store, runtime::Clock& clock);
  ~ActivityLog() override;
  ActivityLog(const ActivityLog&) = delete;
  ActivityLog& operator=(const ActivityLog&) = delete;

  /// A call that was let through, and what it needed to be allowed.
  void note(const Context& context, const std::vector<Need>& needs);
  /// That a call is let through though no policy allows it. `note` follows.
  void note_refusal(const Inquiry& inquiry, const std::string& sentence);
  /// Stores what is waiting, in a transaction of its own. Throws StoreFailure.
  void store_now();

  std::vector<identity::ActionUse> uses_of(std::string_view arn) const override;
  std::optional<identity::LastUse> last_use_of(std::string_view arn) const override;
  std::optional<identity::LastUse> last_use_of_key(std::string_view access_key) const override;
  void forget(std::string_view arn) override;
  void reset(const ResetScope& scope) override;

 private:
  /// Account, ARN of the user or role, action, resource.
  using UseKey = std::tuple<std::string, std::string, std::string, std::string>;

  struct LineKey {
    std::string action;
    std::string resource;
  };
  struct LineView {
    std::string_view action;
    std::string_view resource;
    friend bool operator==(const LineView&, const LineView&) = default;
  };
  struct LineHash {
    using is_transparent = void;
    std::size_t operator()(const LineView& line) const;
    std::size_t operator()(const LineKey& line) const {
      return (*this)(LineView{line.action, line.resource});
    }
  };
  struct LineEqual {
    using is_transparent = void;
    static LineView view(const LineKey& line) { return {line.action, line.resource}; }
    static LineView view(const LineView& line) { return line; }
    bool operator()(const auto& one, const auto& other) const { return view(one) == view(other); }
  };
  struct Line {
    UseRecord record;
    bool is_changed = false;
  };
  /// All lines of one user or role, as they will be stored.
  struct Ledger {
    std::string account;
    std::string arn;
    std::unordered_map<LineKey, Line, LineHash, LineEqual> lines;
    std::vector<LineKey> removed;  // that became part of a pattern
    bool is_changed = false;
  };

  storage::Store& store_;
  runtime::Clock& clock_;
  storage::Table<UseKey, UseRecord> uses_;
  storage::Table<std::string, KeyUseRecord> keys_;  // by access key
  /// Those in use, the last used first.
  mutable std::list<Ledger> ledgers_;
  std::unordered_map<std::string, KeyUseRecord> changed_keys_;
  runtime::TimerId timer_ = runtime::TimerId::none;

  Ledger& ledger_of(std::string_view arn) const;
  Line& line_of(Ledger& ledger, std::string_view action, std::string_view resource);
  void add(Ledger& ledger, const Context& context, const Need& need);
  void fold(Ledger& ledger, const LineKey& line, std::size_t most);
  void fold_harder(Ledger& ledger);
  void note_key(const Context& context, std::string_view service);
  void store_later();
};

}  // namespace matinee::services
