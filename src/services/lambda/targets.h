// What calls and mappings of functions are about, and words for how they have failed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "patterns/pattern.h"
#include "protocol/error.h"
#include "services/change_source.h"
#include "services/lambda/catalog/records.h"
#include "services/lambda/running/invocation.h"

namespace matinee::lambda {

/// A version of a function, as a name and a qualifier lead to it.
struct Target {
  FunctionKey key;
  std::uint32_t version = 0;
  std::string alias;  // by which it was found; empty without
};

/// A URL of a function, and where it leads.
struct FoundUrl {
  UrlRecord record;
  Target target;
};

/// A call that does not come by the API.
struct UrlInvocation {
  std::string id;
  std::string payload;
  std::string trace;
  std::shared_ptr<Receiver> receiver = nullptr;
  /// Gets the ids of faults that hit the call, before it is done.
  std::shared_ptr<std::vector<std::string>> faults = nullptr;
};

/// The `via` of what goes to destinations.
inline constexpr std::string_view via_destination = "destination";
/// Of batches of a mapping that were given up: what follows is its UUID, "/" and how many changes.
inline constexpr std::string_view via_mapping = "mapping/";

/// The filters of a mapping, which were checked when it was made.
std::vector<patterns::Pattern> filters_of(const MappingRecord& mapping);

/// How a call has failed, for the journal; empty where it has not.
std::string reason_of(const Result& result);
/// At most so many bytes of a text.
std::string shortened(std::string text, std::size_t most_bytes);
/// Why it was not even called: it is throttled, it is gone, it was in a loop.
std::string why_not_called(const protocol::ServiceError& error);

/// A change of a stream that somebody asks about, and a mapping that reads the stream.
struct AskedChange {
  FunctionKey key;
  MappingRecord mapping;
  services::StreamState stream;
  services::FoundChange change;
};

}  // namespace matinee::lambda
