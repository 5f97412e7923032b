#include "journal/payloads.h"

#include <algorithm>

#include "protocol/utf8.h"

namespace matinee::journal {

namespace {

constexpr storage::TableId payloads_table{0x1003};
constexpr storage::TableId withheld_table{0x1004};
constexpr std::size_t longest_id = 128;
constexpr std::size_t longest_settings = std::size_t{16} << 10;
/// Of an entry besides its body: key, resource, account.
constexpr std::uint64_t bytes_around = 256;

std::size_t hash_of(std::string_view id) {
  return std::hash<std::string_view>()(id.substr(0, longest_id));
}

}  // namespace

/// The volume that was filled last is not gone on with: how full it is nobody knows.
Payloads::Payloads(storage::Store& store, PayloadLimits limits)
    : store_(store),
      limits_(limits),
      payloads_(store, payloads_table),
      withheld_(store, withheld_table),
      saved_(limits.burst) {
  if (const auto newest = payloads_.first(payloads_.all(), storage::Order::backward))
    volume_ = std::get<0>(newest->first) + 1;
  withheld_.scan(withheld_.all(), [&](const WithheldKey& key, bool) {
    remember(std::get<0>(key), hash_of(std::get<1>(key)));
    volume_ = std::max(volume_, std::get<0>(key) + 1);
    return true;
  });
}

bool Payloads::may_spend(std::uint64_t bytes, runtime::Duration now) {
  const runtime::Duration passed = now - last_kept_.value_or(now);
  last_kept_ = now;
  const auto seconds = std::chrono::duration<double>(passed).count();
  const double earned = seconds * static_cast<double>(limits_.bytes_per_second);
  saved_ = static_cast<std::uint64_t>(
      std::min(static_cast<double>(limits_.burst), static_cast<double>(saved_) + earned));
  if (bytes > saved_) return false;
  saved_ -= bytes;
  return true;
}

/// A transaction that is rolled back leaves a volume smaller than it could be.
void Payloads::fill(std::uint64_t bytes) {
  filled_ += bytes;
  if (filled_ < limits_.volume) return;
  filled_ = 0;
  ++volume_;
  if (volume_ <= limits_.volumes) return;
  const std::uint64_t first = volume_ - limits_.volumes + 1;
  payloads_.erase_range(payloads_.between(std::tuple{std::uint64_t{0}}, std::tuple{first}));
  forget_secrets(first);
}

/// What is made of a secret may come days later: as long as they are few, they stay.
void Payloads::forget_secrets(std::uint64_t first) {
  std::uint64_t end = 0;
  while (secrets_.size() > limits_.most_old_secrets) {
    const auto oldest = secrets_by_volume_.begin();
    if (oldest->first >= first) break;
    for (const std::size_t hash : oldest->second) secrets_.erase(hash);
    end = oldest->first + 1;
    secrets_by_volume_.erase(oldest);
  }
  if (end == 0) return;
  withheld_.erase_range(withheld_.between(std::tuple{std::uint64_t{0}}, std::tuple{end}));
}

void Payloads::remember(std::uint64_t volume, std::size_t hash) {
  if (secrets_.insert(hash).second) secrets_by_volume_[volume].push_back(hash);
}

std::uint64_t Payloads::keep(const services::Payload& payload, runtime::Duration now) {
  if (limits_.longest == 0 || is_withheld(payload.id)) return 0;
  const std::string_view body = protocol::beginning(payload.body, limits_.longest);
  const bool fits = payload.settings.size() <= longest_settings;
  const std::uint64_t bytes = bytes_around + body.size() + (fits ? payload.settings.size() : 0);
  if (!may_spend(bytes, now)) return 0;
  services::KeptPayload kept{.account = std::string(payload.account),
                             .resource = std::string(payload.resource),
                             .body = std::string(body),
                             .bytes = payload.body.size(),
                             .settings = {}};
  if (fits) kept.settings = payload.settings;
  payloads_.put({volume_, std::string(payload.id.substr(0, longest_id)), kept.resource}, kept);
  fill(bytes);
  return bytes;
}

void Payloads::withhold(std::string_view id) {
  if (id.empty() || is_withheld(id)) return;
  withheld_.put({volume_, std::string(id.substr(0, longest_id))}, true);
  remember(volume_, hash_of(id));
  fill(bytes_around);
}

bool Payloads::is_withheld(std::string_view id) const {
  return !secrets_.empty() && secrets_.contains(hash_of(id));
}

std::vector<services::KeptPayload> Payloads::find(std::string_view id) const {
  std::vector<services::KeptPayload> found;
  const std::string text(id.substr(0, longest_id));
  const std::uint64_t first = volume_ < limits_.volumes ? 0 : volume_ - limits_.volumes + 1;
  for (std::uint64_t volume = first; volume <= volume_; ++volume)
    payloads_.scan(payloads_.prefix(volume, text), [&](const Key&, services::KeptPayload payload) {
      found.push_back(std::move(payload));
      return true;
    });
  return found;
}

/// What is withheld of one account stays so: its ids come nowhere else.
void Payloads::reset(const services::ResetScope& scope) {
  if (!scope.account) {
    payloads_.erase_range(payloads_.all());
    withheld_.erase_range(withheld_.all());
    store_.on_commit([this] {
      secrets_.clear();
      secrets_by_volume_.clear();
    });
    return;
  }
  std::vector<Key> covered;
  payloads_.scan(payloads_.all(), [&](const Key& key, const services::KeptPayload& payload) {
    if (scope.covers(payload.account)) covered.push_back(key);
    return true;
  });
  for (const Key& key : covered) payloads_.erase(key);
}

}  // namespace matinee::journal
