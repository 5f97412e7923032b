// The list of an account's secrets.
#include <fmt/format.h>

#include <charconv>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/filters.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/tokens.h"

namespace matinee::secretsmanager {
namespace {

/// How many secrets one call looks at. Then AWS too answers with what it has found so far, even if
/// that is nothing, and a token.
constexpr int most_looked_at = 2000;

// Where a page ends: the moment by which the list is sorted, and the name.
struct Stop {
  runtime::Time moment;
  std::string name;
};

std::string to_text(const Stop& stop) {
  return fmt::format("{}/{}", stop.moment.time_since_epoch().count(), stop.name);
}

std::optional<Stop> read_stop(std::string_view kind, const std::optional<std::string>& token) {
  const auto text = read_token(kind, token);
  if (!text) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (error != std::errc() || *end != '/')
    throw InvalidNextTokenException("The NextToken value is invalid.");
  return Stop{.moment = runtime::Time(runtime::Duration(count)), .name = std::string(end + 1)};
}

Moment moment_for(std::string_view sort_by) {
  if (sort_by == "last-changed-date") return Moment::changed;
  if (sort_by == "last-accessed-date") return Moment::accessed;
  return Moment::created;
}

// Goes through the secrets of a place in the order that was asked for.
class Walk {
 public:
  Walk(const Catalog& catalog, const Place& place, const ListSecretsRequest& request)
      : catalog_(catalog),
        place_(place),
        sort_by_(request.sort_by.value_or("created-date")),
        order_(request.sort_order == "desc" ? storage::Order::backward : storage::Order::forward),
        start_(read_stop(sort_by_, request.next_token)) {}

  /// Calls `visit(Stop, SecretRecord)` until it returns false.
  template <class Visit>
  void run(Visit visit) const {
    if (sort_by_ == "name") {
      const auto range = catalog_.secrets.prefix(place_.account, place_.region);
      const Secrets::KeyType key{place_.account, place_.region,
                                 storage::RawKey{start_ ? start_->name : ""}};
      catalog_.secrets.scan(
          cut(catalog_.secrets, range, key),
          [&](const auto&, const SecretRecord& secret) {
            return visit(Stop{.moment = {}, .name = secret.name}, secret);
          },
          order_);
      return;
    }
    const Moment moment = moment_for(sort_by_);
    const auto range = catalog_.orders.prefix(place_.account, place_.region, moment);
    const Orders::KeyType key{place_.account, place_.region, moment,
                              start_ ? start_->moment : runtime::Time{},
                              storage::RawKey{start_ ? start_->name : ""}};
    catalog_.orders.scan(
        cut(catalog_.orders, range, key),
        [&](const Orders::KeyType& at, const NothingRecord&) {
          const auto secret = catalog_.find(place_, std::get<4>(at).bytes);
          return !secret || visit(Stop{.moment = std::get<3>(at), .name = secret->name}, *secret);
        },
        order_);
  }

  std::string token(const Stop& stop) const { return make_token(sort_by_, to_text(stop)); }

 private:
  const Catalog& catalog_;
  const Place& place_;
  std::string sort_by_;
  storage::Order order_;
  std::optional<Stop> start_;

  template <class Table>
  storage::KeyRange cut(const Table& table, const storage::KeyRange& range,
                        const typename Table::KeyType& key) const {
    if (!start_) return range;
    return order_ == storage::Order::forward ? table.after(range, key) : table.before(range, key);
  }
};

}  // namespace

ListSecretsResponse Service::list_secrets(const Context& context,
                                          const ListSecretsRequest& request) {
  constexpr std::int32_t most = 100;
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  const std::vector<Filter> filters = request.filters.value_or(std::vector<Filter>{});
  require_filters(filters);
  const bool deleted_too = request.include_planned_deletion.value_or(false);
  const Place place{context.account, context.region};
  const Walk walk(catalog_, place, request);
  ListSecretsResponse response;
  response.secret_list.emplace();
  std::optional<Stop> last;
  int looked_at = 0;
  walk.run([&](const Stop& stop, const SecretRecord& secret) {
    const bool listed = (deleted_too || !secret.deleted) && pass(filters, secret);
    if (looked_at++ == most_looked_at || (listed && response.secret_list->size() == limit)) {
      response.next_token = walk.token(*last);
      return false;
    }
    last = stop;
    if (listed) response.secret_list->push_back(to_list_entry(place, secret));
    return true;
  });
  return response;
}

}  // namespace matinee::secretsmanager
