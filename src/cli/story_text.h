// What happened to messages, as a person reads it: a message, its hops with their times, and below
// it what it has caused elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "insight/shapes.h"

namespace matinee::cli {

/// "queue orders", "topic orders", "rule daily": of ARNs of the caller's own words; others stay.
std::string resource_text(std::string_view arn);

/// A tree of messages. Of a batch only those of `hops` that have to do with each other.
std::string story_text(const std::vector<insight::Hop>& hops);

/// A line for each hop, for lists and for those who follow.
std::string hop_line(const insight::Hop& hop);

}  // namespace matinee::cli
