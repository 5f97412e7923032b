// Where those answer that CloudFormation waits for: custom resources one time each, wait conditions
// as often as they were told to. Each has a letter box with a URL of its own on the server's port,
// to which one PUTs a document, as to the presigned URLs of S3 at AWS.
//
// A box and what lies in it are in the store, so that an answer is there after a restart too. Who
// waits does so in memory, and is told by the commit that puts something in.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "resources/type.h"
#include "runtime/runtime.h"
#include "services/cloudformation/special/waiting_tasks.h"
#include "services/local_api.h"
#include "services/reset.h"
#include "storage/front_table.h"
#include "storage/table.h"

namespace matinee::cloudformation {

inline constexpr storage::TableId boxes_table{0x1411};
inline constexpr storage::TableId box_ends_table{0x1412};
inline constexpr storage::TableId macros_table{0x1413};

/// What a wait condition was told under one id.
struct SignalRecord {
  bool has_succeeded = false;
  std::string data;
  std::string reason;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&SignalRecord::has_succeeded),
                 storage::field<2>(&SignalRecord::data), storage::field<3>(&SignalRecord::reason)};
};

struct BoxRecord {
  std::string account;
  bool takes_signals = false;  // else: one answer
  runtime::Time opened;
  bool is_sent = false;               // the request that it is the answer to
  std::optional<std::string> answer;  // a document, as it came
  bool is_too_long = false;           // the answer was, and is missing
  std::map<std::string, SignalRecord> signals;
  std::string endpoint;  // of the URL that the request was sent with

  static constexpr auto fields = std::tuple{
      storage::field<1>(&BoxRecord::account), storage::field<2>(&BoxRecord::takes_signals),
      storage::field<3>(&BoxRecord::opened),  storage::field<4>(&BoxRecord::is_sent),
      storage::field<5>(&BoxRecord::answer),  storage::field<6>(&BoxRecord::is_too_long),
      storage::field<7>(&BoxRecord::signals), storage::field<8>(&BoxRecord::endpoint)};
};

struct BoxEndRecord {
  static constexpr auto fields = std::tuple{};
};

/// Boxes are named by the token of the step that opens them, a UUID that nobody can guess. State
/// thread only, but for `claims`.
class Answers final : public services::LocalSite, public services::Resettable {
 public:
  static constexpr std::string_view path = "/_matinee/cloudformation/answers/";

  /// Both must outlive it.
  Answers(storage::Store& store, runtime::Runtime& runtime);
  ~Answers() override;  // after all who wait
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  /// Where this cloud is reached: "http://127.0.0.1:4566". Before that nobody can answer.
  void use_endpoint(std::string url) { endpoint_ = std::move(url); }
  bool has_endpoint() const { return !endpoint_.empty(); }
  std::string url_of(const std::string& box) const;
  /// Where some functions answer instead: `find` gives the start of the URL, "https://HOST", by a
  /// function's ARN, or nothing.
  void use_function_endpoint(std::function<std::string(const std::string& function)> find) {
    function_endpoint_ = std::move(find);
  }
  /// For the provider with that ARN.
  std::string url_for(const std::string& box, const std::string& provider) const;
  /// The box that a URL leads to; empty for other URLs.
  static std::string box_of(std::string_view url);

  std::optional<BoxRecord> find(const std::string& box) const { return boxes_.find(box); }
  // Inside a transaction.
  /// One that is there already stays as it is. It is removed at `end`, if nobody does so before.
  void open(const std::string& box, BoxRecord record, std::optional<runtime::Time> end);
  void mark_sent(const std::string& box);
  /// Whether nobody has been asked for an answer at this address. A server that was started again
  /// may have another port, and then what was sent before can only be answered to a closed one.
  bool is_unsent(const BoxRecord& record) const {
    return !record.is_sent || record.endpoint != endpoint_;
  }
  /// Whether what lies in it was answered with NoEcho.
  bool hides(const std::string& box) const;
  void close(const std::string& box) { boxes_.erase(box); }
  /// As if it had been sent to the box's URL. False where there is no such box.
  bool put(const std::string& box, const std::string& id, SignalRecord signal);

  /// Ends when something may lie in the box that was not there, when the box is gone, at that time,
  /// or when the halt is set.
  runtime::Task<> until_changed(std::string box, runtime::Time latest, resources::Halt* halt);
  /// Lets those look again who wait for a box.
  void wake(const std::string& box) { waiting_.wake(box); }

  bool claims(const protocol::HttpRequest& head) const override;
  void handle(services::LocalRequest request, services::LocalReply reply) override;
  void reset(const services::ResetScope& scope) override;

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  storage::Table<std::string, BoxRecord> boxes_;
  storage::FrontTable<std::tuple<runtime::Time, std::string>, BoxEndRecord> ends_;
  std::string endpoint_;
  std::function<std::string(const std::string& function)> function_endpoint_;
  WaitingTasks waiting_;

  int put_document(const std::string& box, const std::string& text);
  bool add_signal(BoxRecord& record, const std::string& text);
  void remove_ended();
};

}  // namespace matinee::cloudformation
