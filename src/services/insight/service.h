// What Matinee tells of itself through an API of its own ("matinee" in signatures), for its own
// commands: what was called, and which policy would have allowed it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "identity/activity.h"
#include "identity/directory.h"
#include "insight/shapes.h"
#include "runtime/movable_clock.h"
#include "runtime/random.h"
#include "runtime/sandbox.h"
#include "services/change_explainer.h"
#include "services/due_source.h"
#include "services/endpoint.h"
#include "services/explainer.h"
#include "services/faults.h"
#include "services/input_preview.h"
#include "services/insight/job_runs.h"
#include "services/insight/live_events.h"
#include "services/insight/login_links.h"
#include "services/kept_hop.h"
#include "services/queue_view.h"
#include "services/snapshot_keeper.h"
#include "services/unsent_messages.h"

namespace matinee::insight {

using services::Context;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// What it looks at; all must outlive it. Without a directory nobody is known.
  struct Sources {
    const identity::Activity& activity;
    const identity::Directory* directory;
    runtime::Clock& clock;
    /// Null: nothing is told of messages.
    services::JournalReader* journal = nullptr;
    /// Of long work; null with a journal is a bug.
    runtime::Loop* loop = nullptr;
  };
  explicit Service(const Sources& sources);

  /// What all accounts have together is nobody's own: no policy of an identity is enough for it.
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;

  /// A service whose resources have policies: `check_policy` asks it for them.
  void add(const services::ServiceBase& service) { guards_.push_back(&service); }

  /// Throws NoSuchEntityException, and ValidationException unless exactly one of the names is
  /// given.
  SuggestPolicyResponse suggest_policy(const Context&, const SuggestPolicyRequest&);

  /// What would be decided about a call that nobody makes, and what each statement has to do with
  /// it (check.cpp). Throws NoSuchEntityException and ValidationException.
  CheckPolicyResponse check_policy(const Context&, const CheckPolicyRequest&);

  /// How long a call may move the clock, in real time. What is left is told: `Complete` is false.
  static constexpr runtime::Duration longest_move = std::chrono::seconds(20);

  /// Who keeps what would have gone to people: `list_unsent` tells it.
  void use(const services::UnsentMessages& unsent) { unsent_ = &unsent; }
  /// The newest first, of the caller's account.
  ListUnsentResponse list_unsent(const Context&, const ListUnsentRequest&);

  /// Who explains resources: `explain` asks the one whose they are.
  void add(services::Explainer& explainer) { explainers_.push_back(&explainer); }

  /// Who explains what functions see of streams.
  void use(services::ChangeExplainer& changes) { changes_ = &changes; }

  /// Where functions run: null where they do not. Has to outlive this, or the next call.
  void use(runtime::Sandboxes* sandboxes) { sandboxes_ = sandboxes; }
  /// What this machine allows for functions, and what it does not, in words (abilities.cpp).
  runtime::Task<GetAbilitiesResponse> get_abilities(const Context&, const GetAbilitiesRequest&);

  // Patterns and inputs of targets, tried on an event before anything is sent (pattern.cpp).

  /// Each leaf of a pattern, and whether it holds. Throws ValidationException, in AWS's words where
  /// the pattern is none.
  ExplainPatternResponse explain_pattern(const Context&, const ExplainPatternRequest&);
  void use(services::InputPreview& inputs) { inputs_ = &inputs; }
  /// What a target would get. Throws ValidationException for settings that PutTargets refuses.
  PreviewInputResponse preview_input(const Context&, const PreviewInputRequest&);

  // Faults on purpose (faults.cpp). They are settings of a run: a restart ends them.

  /// Who has them, and what a seed is drawn from where none was given. Both have to outlive this.
  void use(services::Faults& faults, runtime::Random& random);
  /// Throws ValidationException with a sentence.
  AddFaultResponse add_fault(const Context&, const AddFaultRequest&);
  ListFaultsResponse list_faults(const Context&, const ListFaultsRequest&);
  /// One, by its id, or all. Throws ValidationException where there is no such fault.
  ClearFaultsResponse clear_faults(const Context&, const ClearFaultsRequest&);

  // What happened to messages (trace.cpp, explain.cpp). Throw NotImplemented without a journal.

  /// The hops of a message or a trace (`Id`), of a queue, a topic or another resource, or all: the
  /// last ones, or those after a number, for which it may wait.
  runtime::Task<TraceResponse> trace(const Context&, const TraceRequest&);
  /// What the messages of such hops had in them, as far as the journal has kept that. Throws
  /// ValidationException.
  runtime::Task<GetPayloadsResponse> get_payloads(const Context&, const GetPayloadsRequest&);
  /// Why a message is not there, or whether one would be. Throws NoSuchEntityException and
  /// ValidationException.
  runtime::Task<ExplainResponse> explain(const Context&, const ExplainRequest&);

  // Queues and what happens, for the console (queues.cpp). Throw NotImplemented without those.

  void use(services::QueueView& queues) { queues_ = &queues; }
  runtime::Task<ListQueueStatesResponse> list_queue_states(const Context&,
                                                           const ListQueueStatesRequest&);
  /// Messages without receiving them, each with why it cannot be received. Throws AWS's error where
  /// there is no such queue.
  runtime::Task<PeekQueueResponse> peek_queue(const Context&, const PeekQueueRequest&);
  /// Deletes or moves messages in whatever state; those that were gone are told.
  ChangeQueuedResponse change_queued(const Context&, const ChangeQueuedRequest&);
  /// Server-sent events; the reply goes on for as long as somebody reads it.
  runtime::Task<StreamEventsResponse> stream_events(const Context&, const StreamEventsRequest&);

  /// Who keeps the cloud as it is. Must outlive this.
  void use(services::SnapshotKeeper& snapshots) { snapshots_ = &snapshots; }
  // The cloud under names (snapshots.cpp). Throw what SnapshotKeeper does.
  runtime::Task<SaveSnapshotResponse> save_snapshot(const Context&, const SaveSnapshotRequest&);
  runtime::Task<ListSnapshotsResponse> list_snapshots(const Context&, const ListSnapshotsRequest&);
  runtime::Task<DeleteSnapshotResponse> delete_snapshot(const Context&,
                                                        const DeleteSnapshotRequest&);
  runtime::Task<RestoreSnapshotResponse> restore_snapshot(const Context&,
                                                          const RestoreSnapshotRequest&);

  /// Who has something to do at times that are known: `list_due` tells it (due.cpp). Must outlive
  /// this.
  void add(const services::DueSource& source) { due_.push_back(&source); }
  /// The earliest first, and the timers of the clock among them. Takes turns. Throws
  /// ValidationException.
  runtime::Task<ListDueResponse> list_due(const Context&, const ListDueRequest&);

  // Runs of jobs (jobs.cpp), kept in memory: they are over when the server is.

  /// What a run says of itself, about once a second. Throws ValidationException for what is too
  /// long, and ConflictException for a run that has ended.
  ReportJobResponse report_job(const Context&, const ReportJobRequest&);
  /// Of the caller's account, in all regions; the one that began last comes first.
  ListJobsResponse list_jobs(const Context&, const ListJobsRequest&);

  /// Where links to the console wait. Must outlive this.
  void use(LoginLinks& logins) { logins_ = &logins; }
  /// Keeps credentials for whoever uses the link first (login.cpp).
  CreateLoginResponse create_login(const Context&, const CreateLoginRequest&);

  // The clock of all services (clock.cpp). Throw NotImplemented where it cannot be moved.

  GetClockResponse get_clock(const Context&, const GetClockRequest&);
  /// One of `Advance` (a span such as 1d12h), `Set` (a time that is not over) and `Action`
  /// ("pause", "resume", "next" timer, "run-until-idle"). Ends where it is once the caller has
  /// gone. Throws ValidationException.
  runtime::Task<MoveClockResponse> move_clock(const Context&, const MoveClockRequest&);

 private:
  struct Checked;

  const identity::Activity& activity_;
  const identity::Directory* directory_;
  runtime::Clock& clock_;
  services::JournalReader* journal_;
  runtime::Loop* loop_;
  std::vector<services::Explainer*> explainers_;
  services::ChangeExplainer* changes_ = nullptr;
  services::InputPreview* inputs_ = nullptr;
  const services::UnsentMessages* unsent_ = nullptr;
  runtime::Sandboxes* sandboxes_ = nullptr;
  services::QueueView* queues_ = nullptr;
  std::optional<LiveEvents> events_;  // once somebody has listened
  services::SnapshotKeeper* snapshots_ = nullptr;
  std::vector<const services::ServiceBase*> guards_;
  std::vector<const services::DueSource*> due_;
  LoginLinks* logins_ = nullptr;
  JobRuns job_runs_;
  services::Faults* faults_ = nullptr;
  runtime::Random* random_ = nullptr;

  runtime::MovableClock& movable() const;
  services::SnapshotKeeper& snapshots() const;
  services::JournalReader& journal() const;
  services::QueueView& queues() const;
  faults::Plan& plan() const;
  runtime::Task<> add_timers(std::vector<services::DueThing>& told, std::size_t most) const;
  runtime::Task<> wait_for_hops(const Context& context, std::uint64_t after,
                                std::int32_t seconds) const;
  runtime::Task<ExplainResponse> explain_change(const Context& context,
                                                const ExplainRequest& request);
  ExplainResponse response_of(services::Explanation found,
                              std::vector<services::NumberedHop> story) const;
  runtime::Task<services::Explanation> ask(const Context& context, services::Question question);
  Checked read_principal(const std::string& text) const;
  services::Guarded find_guarded(const services::Inquiry& inquiry) const;
  std::optional<std::vector<std::string>> value_of(const Checked& checked,
                                                   const services::Inquiry& inquiry,
                                                   std::string_view key) const;
};

}  // namespace matinee::insight
