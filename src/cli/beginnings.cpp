#include "cli/beginnings.h"

#include <set>
#include <string_view>
#include <utility>

namespace matinee::cli {
namespace {

using Place = std::pair<std::string, std::string>;  // a message's id, and the ARN where it is

std::string_view root_of(std::string_view header) {
  constexpr std::string_view mark = "Root=";
  if (const std::size_t start = header.find(mark); start != std::string_view::npos)
    header.remove_prefix(start + mark.size());
  return header.substr(0, header.find(';'));
}

/// Services have names, as sqs.amazonaws.com, or act for a rule; who has no name is unknown.
bool is_client(std::string_view caller) {
  return caller.empty() || caller.contains(":iam::") || caller.contains(":sts::");
}

/// Whether a caller handed it to the resource. What SDKs send from within a call of a function
/// carries the call's lineage.
bool is_taken_from_client(const insight::Hop& hop) {
  return (hop.kind == "sent" || hop.kind == "invoked") && is_client(hop.caller.value_or("")) &&
         !hop.trace.value_or("").contains("Lineage=");
}

std::vector<insight::HopMessage> messages_of(const insight::Hop& hop) {
  return hop.messages.value_or(std::vector<insight::HopMessage>());
}

/// What is told of as taken from somewhere else in any hop: later ones do not repeat it.
std::set<Place> find_delivered(const std::vector<insight::Hop>& hops) {
  std::set<Place> delivered;
  for (const insight::Hop& hop : hops)
    for (const insight::HopMessage& message : messages_of(hop))
      if (hop.kind == "delivered" || !message.cause.value_or("").empty())
        delivered.emplace(message.id.value_or(""), hop.resource.value_or(""));
  return delivered;
}

}  // namespace

std::vector<Beginning> find_beginnings(const std::string& root,
                                       const std::vector<insight::Hop>& hops) {
  std::set<Place> known = find_delivered(hops);
  std::vector<Beginning> beginnings;
  for (const insight::Hop& hop : hops) {
    if (root_of(hop.trace.value_or("")) != root || !is_taken_from_client(hop)) continue;
    for (const insight::HopMessage& message : messages_of(hop))
      if (Place place(message.id.value_or(""), hop.resource.value_or(""));
          known.insert(place).second)
        beginnings.push_back({.id = std::move(place.first),
                              .resource = std::move(place.second),
                              .bytes = message.bytes.value_or(0)});
  }
  return beginnings;
}

}  // namespace matinee::cli
