#include "services/activity_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "identity/suggestion.h"
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/arn.h"

namespace matinee::services {

using identity::noted_resource;
using identity::wider_pattern;

namespace {

constexpr std::size_t most_ledgers = 16;

constexpr runtime::TimerPurpose storing{.what = "IAM notes who has called what"};

/// Whose calls these are: of a session, its role's.
std::string_view principal_of(const Context& context) {
  return context.principal == PrincipalKind::role_session ? std::string_view(context.role_arn)
                                                          : std::string_view(context.caller_arn);
}

std::string_view service_of(std::string_view action) {
  return action.substr(0, action.find(':'));
}

void merge(UseRecord& into, const UseRecord& from) {
  into.count += from.count;
  into.refused += from.refused;
  into.first = into.first == runtime::Time() ? from.first : std::min(into.first, from.first);
  if (from.last >= into.last) {
    into.last = from.last;
    into.region = from.region;
  }
  if (!from.refusal.empty()) into.refusal = from.refusal;
}

}  // namespace

std::size_t ActivityLog::LineHash::operator()(const LineView& line) const {
  const std::hash<std::string_view> hash;
  return hash(line.action) * 31 + hash(line.resource);
}

ActivityLog::ActivityLog(storage::Store& store, runtime::Clock& clock)
    : store_(store),
      clock_(clock),
      uses_(store, storage::TableId{0x0E01}),
      keys_(store, storage::TableId{0x0E02}) {}

ActivityLog::~ActivityLog() {
  clock_.cancel(timer_);
}

ActivityLog::Ledger& ActivityLog::ledger_of(std::string_view arn) const {
  for (auto ledger = ledgers_.begin(); ledger != ledgers_.end(); ++ledger)
    if (ledger->arn == arn) {
      if (ledger != ledgers_.begin()) ledgers_.splice(ledgers_.begin(), ledgers_, ledger);
      return ledgers_.front();
    }
  // Whoever is only asked about, role by role, must not fill the memory; what has changed waits
  // until it is stored.
  if (ledgers_.size() >= most_ledgers && !ledgers_.back().is_changed) ledgers_.pop_back();
  Ledger& made = ledgers_.emplace_front();
  made.account = account_of_arn(arn);
  made.arn = arn;
  uses_.scan(uses_.prefix(made.account, made.arn), [&](const UseKey& key, UseRecord record) {
    made.lines.emplace(LineKey{std::get<2>(key), std::get<3>(key)},
                       Line{.record = std::move(record)});
    return true;
  });
  return made;
}

ActivityLog::Line& ActivityLog::line_of(Ledger& ledger, std::string_view action,
                                        std::string_view resource) {
  if (const auto found = ledger.lines.find(LineView{action, resource}); found != ledger.lines.end())
    return found->second;
  // What many resources have become may stand for this one already.
  std::string pattern = wider_pattern(resource);
  for (; !pattern.empty(); pattern = wider_pattern(pattern))
    if (const auto found = ledger.lines.find(LineView{action, pattern});
        found != ledger.lines.end())
      return found->second;
  const LineKey key{std::string(action), std::string(resource)};
  ledger.lines.emplace(key, Line());
  fold(ledger, key, most_alike);
  if (ledger.lines.size() > most_lines) fold_harder(ledger);
  const auto placed = ledger.lines.find(key);
  return placed != ledger.lines.end() ? placed->second : line_of(ledger, action, resource);
}

/// Where more than `most` lines of an action have the same wider pattern, they become it.
void ActivityLog::fold(Ledger& ledger, const LineKey& line, std::size_t most) {
  const std::string pattern = wider_pattern(line.resource);
  if (pattern.empty()) return;
  std::vector<LineKey> alike;
  for (const auto& [key, entry] : ledger.lines)
    if (key.action == line.action && wider_pattern(key.resource) == pattern) alike.push_back(key);
  if (alike.size() <= most) return;
  Line whole;
  whole.is_changed = true;
  for (const LineKey& key : alike) {
    merge(whole.record, ledger.lines.at(key).record);
    ledger.lines.erase(key);
    ledger.removed.push_back(key);
  }
  ledger.is_changed = true;
  merge(whole.record, ledger.lines[LineKey{line.action, pattern}].record);
  ledger.lines[LineKey{line.action, pattern}] = std::move(whole);
}

/// Folds what is most alike until there is room again.
void ActivityLog::fold_harder(Ledger& ledger) {
  for (std::size_t most = most_alike / 2; ledger.lines.size() > most_lines / 2; most /= 2) {
    std::vector<LineKey> all;
    for (const auto& [key, entry] : ledger.lines) all.push_back(key);
    for (const LineKey& key : all)
      if (ledger.lines.contains(key)) fold(ledger, key, most);
    if (most == 0) break;
  }
}

void ActivityLog::add(Ledger& ledger, const Context& context, const Need& need) {
  Line* line = nullptr;
  // Most resources are told as they are.
  const bool is_plain = need.resource.find(":log-stream:") == std::string::npos &&
                        !need.action.starts_with("secretsmanager:");
  if (is_plain) {
    line = &line_of(ledger, need.action, need.resource);
  } else {
    line = &line_of(ledger, need.action, noted_resource(need.resource));
  }
  UseRecord& record = line->record;
  const runtime::Time now = clock_.now();
  if (record.count == 0) record.first = now;
  record.last = now;
  ++record.count;
  if (record.region != context.region) record.region = context.region;
  line->is_changed = true;
}

void ActivityLog::note(const Context& context, const std::vector<Need>& needs) {
  if (needs.empty()) return;
  Ledger& ledger = ledger_of(principal_of(context));
  for (const Need& need : needs) add(ledger, context, need);
  ledger.is_changed = true;
  if (!context.session) note_key(context, service_of(needs.front().action));
  store_later();
}

void ActivityLog::note_refusal(const Inquiry& inquiry, const std::string& sentence) {
  Ledger& ledger = ledger_of(principal_of(inquiry.context));
  Line& line = line_of(ledger, inquiry.action, noted_resource(inquiry.resource));
  ++line.record.refused;
  line.record.refusal = sentence;
  line.record.last = clock_.now();
  if (line.record.first == runtime::Time()) line.record.first = line.record.last;
  line.is_changed = true;
  ledger.is_changed = true;
  store_later();
}

void ActivityLog::note_key(const Context& context, std::string_view service) {
  KeyUseRecord& record = changed_keys_[context.access_key];
  if (record.account.empty()) record.account = context.account;
  record.last = clock_.now();
  if (record.region != context.region) record.region = context.region;
  if (record.service != service) record.service = service;
}

void ActivityLog::store_later() {
  if (timer_ != runtime::TimerId::none) return;
  timer_ = runtime::call_for(clock_, storing, clock_.now() + patience, [this] {
    timer_ = runtime::TimerId::none;
    try {
      store_now();
    } catch (const storage::StoreFailure& failure) {
      spdlog::warn("What was called could not be noted: {}", failure.what());
    }
  });
}

void ActivityLog::store_now() {
  const bool has_changes =
      !changed_keys_.empty() || std::ranges::any_of(ledgers_, &Ledger::is_changed);
  if (!has_changes) return;
  storage::Transaction transaction(store_);
  for (Ledger& ledger : ledgers_) {
    if (!std::exchange(ledger.is_changed, false)) continue;
    for (const LineKey& key : ledger.removed)
      uses_.erase({ledger.account, ledger.arn, key.action, key.resource});
    ledger.removed.clear();
    for (auto& [key, line] : ledger.lines)
      if (std::exchange(line.is_changed, false))
        uses_.put({ledger.account, ledger.arn, key.action, key.resource}, line.record);
  }
  for (const auto& [access_key, record] : changed_keys_) keys_.put(access_key, record);
  changed_keys_.clear();
  transaction.commit();
  while (ledgers_.size() > most_ledgers) ledgers_.pop_back();
}

std::vector<identity::ActionUse> ActivityLog::uses_of(std::string_view arn) const {
  std::vector<identity::ActionUse> uses;
  for (const auto& [key, line] : ledger_of(arn).lines)
    uses.push_back({.action = key.action,
                    .resource = key.resource,
                    .region = line.record.region,
                    .first = line.record.first,
                    .last = line.record.last,
                    .count = line.record.count,
                    .refused = line.record.refused,
                    .refusal = line.record.refusal});
  std::ranges::sort(
      uses, {}, [](const identity::ActionUse& use) { return std::tie(use.action, use.resource); });
  return uses;
}

std::optional<identity::LastUse> ActivityLog::last_use_of(std::string_view arn) const {
  std::optional<identity::LastUse> last;
  for (const auto& [key, line] : ledger_of(arn).lines)
    if (!last || line.record.last > last->when)
      last = identity::LastUse{.when = line.record.last,
                               .region = line.record.region,
                               .service = std::string(service_of(key.action))};
  return last;
}

std::optional<identity::LastUse> ActivityLog::last_use_of_key(std::string_view access_key) const {
  const auto told = [](const KeyUseRecord& record) {
    return identity::LastUse{
        .when = record.last, .region = record.region, .service = record.service};
  };
  const std::string key(access_key);
  if (const auto found = changed_keys_.find(key); found != changed_keys_.end())
    return told(found->second);
  const std::optional<KeyUseRecord> stored = keys_.find(key);
  return stored ? std::optional(told(*stored)) : std::nullopt;
}

void ActivityLog::forget(std::string_view arn) {
  const std::string account(account_of_arn(arn));
  uses_.erase_range(uses_.prefix(account, std::string(arn)));
  std::erase_if(ledgers_, [&](const Ledger& ledger) { return ledger.arn == arn; });
}

void ActivityLog::reset(const ResetScope& scope) {
  uses_.erase_range(scope.account ? uses_.prefix(*scope.account) : uses_.all());
  keys_.scan(keys_.all(), [&](const std::string& key, const KeyUseRecord& record) {
    if (scope.covers(record.account)) keys_.erase(key);
    return true;
  });
  std::erase_if(ledgers_, [&](const Ledger& ledger) { return scope.covers(ledger.account); });
  std::erase_if(changed_keys_,
                [&](const auto& entry) { return scope.covers(entry.second.account); });
}

}  // namespace matinee::services
