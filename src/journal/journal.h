// Keeps what is told of every hop: in the store, in the transaction of what it tells, so that it is
// as true after a crash as the state.
//
// Hops have growing numbers and lie in chapters of some thousands; the oldest chapters go as a
// whole, so that the journal has an end and removing costs nothing. Per chapter an index says which
// hops a message or a trace has.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "journal/payloads.h"
#include "journal/sampling.h"
#include "runtime/loop.h"
#include "services/kept_hop.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::journal {

struct JournalLimits {
  std::uint64_t chapter = 4096;  // hops
  std::uint64_t chapters = 32;
  /// Of one hop: further messages are counted only.
  std::size_t most_messages = 100;
  std::size_t longest_reason = 1000;
  Sampling::Limits sampling = {};
  PayloadLimits payloads = {};
};

class Journal final : public services::Journal,
                      public services::JournalReader,
                      public services::Resettable {
 public:
  using Numbered = services::NumberedHop;

  /// Both must outlive it.
  Journal(storage::Store& store, runtime::Loop& loop, JournalLimits limits = {});

  bool keeps_all() const override { return sampling_.keeps_all(); }
  bool wants(std::string_view trace, std::string_view message) const override;
  bool wants_new(std::string_view trace, std::string_view message) const override;
  void note(const services::Hop& hop) override;
  void keep(const services::Payload& payload) override;
  void withhold(std::string_view id) override { payloads_.withhold(id); }
  bool is_withheld(std::string_view id) const override { return payloads_.is_withheld(id); }
  void reset(const services::ResetScope& scope) override;

  std::vector<Numbered> after(std::uint64_t number, std::size_t most) const override;
  std::vector<Numbered> before(std::uint64_t number, std::size_t most) const override;
  std::vector<Numbered> story(std::string_view token, std::size_t most) const override;
  std::uint64_t last_number() const override { return last_number_; }
  std::vector<services::KeptPayload> payloads(std::string_view id) const override {
    return payloads_.find(id);
  }
  std::uint64_t watch(runtime::Callback callback) override;
  void unwatch(std::uint64_t watcher) override { watchers_.erase(watcher); }

  /// The hops that name one message or trace, in their order.
  std::vector<Numbered> of(std::string_view token, std::size_t most) const;

  /// "1-67891233-abcdef012345678912345678" of "Root=1-67891233-...;Parent=...;Sampled=1"; of a text
  /// of another form the text itself.
  static std::string_view root_of(std::string_view trace_header);

 private:
  using IndexKey = std::tuple<std::uint64_t, std::string, std::uint64_t>;  // chapter, token, number

  storage::Store& store_;
  runtime::Loop& loop_;
  JournalLimits limits_;
  storage::Table<std::uint64_t, services::KeptHop> hops_;
  storage::Table<IndexKey, bool> index_;
  mutable Sampling sampling_;
  Payloads payloads_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, runtime::Callback> watchers_;
  std::uint64_t last_watcher_ = 0;
  bool is_calling_ = false;

  void call_watchers();
  void keep_payloads(const services::Hop& hop, std::uint64_t number);
  std::uint64_t next_number();
  void forget_old(std::uint64_t chapter);
};

}  // namespace matinee::journal
