#include "services/kept_hop.h"

#include <fmt/format.h>

#include "services/faults.h"

namespace matinee::services {

std::string payload_id(std::uint64_t hop, std::size_t message) {
  return fmt::format("#{}/{}", hop, message);
}

std::string_view to_text(HopKind kind) {
  if (kind == hop_of_fault) return "fault";
  switch (kind) {
    case HopKind::sent:
      return "sent";
    case HopKind::matched:
      return "matched";
    case HopKind::not_matched:
      return "not matched";
    case HopKind::delivered:
      return "delivered";
    case HopKind::put_off:
      return "put off";
    case HopKind::dead_lettered:
      return "dead-lettered";
    case HopKind::dropped:
      return "dropped";
    case HopKind::received:
      return "received";
    case HopKind::hidden:
      return "hidden";
    case HopKind::returned:
      return "returned";
    case HopKind::deleted:
      return "deleted";
    case HopKind::expired:
      return "expired";
    case HopKind::moved:
      return "moved";
    case HopKind::invoked:
      return "invoked";
    case HopKind::wrote:
      return "wrote";
    case HopKind::fired:
      return "fired";
    case HopKind::refused:
      return "refused";
    case HopKind::duplicate:
      return "duplicate";
  }
  return "unknown";
}

}  // namespace matinee::services
