// Between whom a delivery went, for the journal.
#pragma once

#include <string_view>

#include "delivery/outbox.h"

namespace matinee::delivery {

struct Outbox::Ends {
  std::string_view account;
  std::string_view target;
  std::string_view source;
  std::string_view principal;
};

}  // namespace matinee::delivery
