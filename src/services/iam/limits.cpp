#include "services/iam/limits.h"

#include <fmt/format.h>

#include "iam/errors.h"

namespace matinee::iam {

namespace {

[[noreturn]] void exceed(const Quota& quota) {
  throw LimitExceededException(
      fmt::format("Cannot exceed quota for {}: {}", quota.name, quota.most));
}

}  // namespace

void require_room_for_one(const Quota& quota, std::uint64_t used) {
  if (used >= quota.most) exceed(quota);
}

void require_within(const Quota& quota, std::uint64_t size) {
  if (size > quota.most) exceed(quota);
}

void count_one(Catalog& catalog, std::string_view account, Counter counter, const Quota& quota) {
  require_room_for_one(quota, catalog.count(account, counter));
  catalog.add(account, counter, 1);
}

}  // namespace matinee::iam
