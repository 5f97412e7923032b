// What the services will do at times that are known, for people who move the clock.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "insight/errors.h"
#include "insight/operations.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

namespace {

constexpr std::int32_t most_due = 500;
constexpr std::int32_t usual_due = 50;

}  // namespace

ListDueResponse Service::list_due(const Context& context, const ListDueRequest& request) {
  const std::int32_t most = request.max_items.value_or(usual_due);
  if (most < 1 || most > most_due)
    throw unusable(fmt::format("max-items is between 1 and {}.", most_due));
  const auto limit = static_cast<std::size_t>(most);
  std::vector<services::DueThing> all;
  // One more of each tells whether there are more.
  for (const services::DueSource* source : due_)
    std::ranges::move(source->due(context, clock_.now(), limit + 1), std::back_inserter(all));
  std::ranges::sort(all, {}, [](const services::DueThing& thing) {
    return std::tie(thing.at, thing.resource, thing.what);
  });
  ListDueResponse response{.now = clock_.now(), .complete = all.size() <= limit};
  if (all.size() > limit) all.resize(limit);
  std::vector<DueThing>& due = response.due.emplace();
  for (services::DueThing& thing : all)
    due.push_back(
        {.at = thing.at, .what = std::move(thing.what), .resource = std::move(thing.resource)});
  return response;
}

}  // namespace matinee::insight
