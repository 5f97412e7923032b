// The lanes that list a bucket side by side, and what each does with an object: nothing, because it
// was published before, or its message.
#pragma once

#include "jobs/publish/job.h"
#include "jobs/publish/key_space.h"
#include "jobs/publish/ledger.h"
#include "jobs/publish/lister.h"
#include "jobs/publish/sender.h"
#include "runtime/task_group.h"

namespace matinee::jobs::publish {

/// What a publisher works with; all must outlive it.
struct PublisherParts {
  const PublishOptions& options;
  Ledger& ledger;
  Lister& lister;
  Sender& sender;
  runtime::Clock& clock;
  const StopRequest& stop;
};

/// What became of the objects that were listed.
struct Counts {
  std::uint64_t seen = 0;
  std::uint64_t not_selected = 0;
  std::uint64_t to_send = 0;  // handed to the sender, or in a dry run what would be
  std::uint64_t skipped = 0;
  std::uint64_t in_doubt = 0;
};

/// What a lane carries from page to page of a range.
struct LaneState;

class Publisher {
 public:
  explicit Publisher(PublisherParts parts);

  /// Sends again what a killed run has sent without hearing of it, as far as the queue drops
  /// repetitions: before anything else, because it does so only for five minutes.
  runtime::Task<> settle(std::vector<Entry> doubts);
  /// Lists and sends, until everything is published or there is a reason to stop. When it ends or
  /// throws, nothing is being sent any more.
  runtime::Task<> publish();

  const Counts& counts() const { return counts_; }
  double share() const { return space_ ? space_->finished_share() : 0; }
  /// Ended before everything was listed: told to, or because too much fails.
  bool is_stopped() const { return parts_.stop.is_made || has_given_up_; }
  bool is_limited() const { return is_limited_; }
  std::move_only_function<void()> on_page = [] {};

 private:
  PublisherParts parts_;
  Counts counts_;
  std::set<std::string> settled_;
  std::optional<KeySpace> space_;
  runtime::Event changed_;  // a range can be taken, or never again
  bool is_limited_ = false;
  bool has_given_up_ = false;
  std::vector<std::unique_ptr<LaneWriter>> lanes_;
  runtime::TaskGroup sends_;
  runtime::TaskGroup workers_;  // last, after what they send: both use all the others

  bool has_ended() const { return is_stopped() || is_limited_; }
  runtime::Task<> work();
  runtime::Task<> work_until_done();
  runtime::Task<> list(KeyRange& range, LaneWriter*& lane);
  runtime::Task<> handle(Page page, const Span& span, LaneState& state);
  runtime::Task<> send_batch(LaneState& state);
  std::optional<Entry> choose(const ListedObject& object, const Entry* before);
  std::optional<Entry> choose_again(const ListedObject& object, const Entry& before);
  bool is_selected(const ListedObject& object) const;
  LaneWriter& open_lane();
  runtime::Task<> join_all();
};

}  // namespace matinee::jobs::publish
