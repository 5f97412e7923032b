#include "services/due_source.h"

#include <algorithm>
#include <tuple>

namespace matinee::services {

void keep_earliest(std::vector<DueThing>& things, std::size_t most) {
  std::ranges::sort(things, {}, [](const DueThing& thing) {
    return std::tie(thing.at, thing.resource, thing.what);
  });
  if (things.size() > most) things.resize(most);
}

}  // namespace matinee::services
