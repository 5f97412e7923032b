// What tables and buckets tell the journal: which items and objects were written within a trace.
// Without a trace nothing is told, so that loading data costs a branch, and pushes no messages out
// of the journal.
#pragma once

#include <span>
#include <string_view>

#include "services/journal.h"

namespace matinee::services {

/// Items of one table, or objects of one bucket, that one call has written or removed.
struct Written {
  HopKind kind = HopKind::wrote;  // or deleted
  std::string_view account;       // whose table or bucket it is
  std::string_view region;
  std::string_view resource;  // its ARN
  /// By their keys, which name them there and nowhere else.
  std::span<const HopMessage> what;
};

class Writes {
 public:
  /// Until it is told of one, there is no journal.
  void use(Journal& journal) { journal_ = &journal; }

  bool wants(const Context& caller) const {
    return journal_ && !caller.trace_header.empty() &&
           journal_->wants(caller.trace_header, std::string_view());
  }
  /// In a transaction. Nothing happens where nothing was written.
  void tell(const Context& caller, const Written& written) const {
    if (!journal_ || written.what.empty()) return;
    journal_->note({.kind = written.kind,
                    .account = written.account,
                    .region = written.region,
                    .trace = caller.trace_header,
                    .resource = written.resource,
                    .caller = caller.service_principal.empty()
                                  ? std::string_view(caller.caller_arn)
                                  : std::string_view(caller.service_principal),
                    .messages = written.what,
                    .by_trace_alone = true});
  }

 private:
  Journal* journal_ = nullptr;
};

}  // namespace matinee::services
