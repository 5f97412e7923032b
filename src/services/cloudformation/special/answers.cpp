#include "services/cloudformation/special/answers.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "protocol/json.h"
#include "services/cloudformation/special/documents.h"

namespace matinee::cloudformation {

namespace {

constexpr int ok = 200;
constexpr int bad_request = 400;
constexpr int not_found = 404;
constexpr int method_not_allowed = 405;
constexpr int unavailable = 503;
/// As AWS documents for responses of custom resources.
constexpr std::size_t longest_answer = 4096;
/// A box that was answered, or never will be, is of no use any more after that.
constexpr runtime::Duration keeping = std::chrono::hours(1);

protocol::HttpResponse reply_of(int status) {
  protocol::HttpResponse response{.status = status};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  if (status == not_found) response.body = "Nobody waits for this answer.\n";
  if (status == bad_request) response.body = "This is no signal of a wait condition.\n";
  if (status == method_not_allowed) response.body = "Answers are sent with PUT.\n";
  if (status == unavailable) response.body = "The answer cannot be kept.\n";
  return response;
}

}  // namespace

Answers::Answers(storage::Store& store, runtime::Runtime& runtime)
    : store_(store),
      runtime_(runtime),
      boxes_(store, boxes_table),
      ends_(store, box_ends_table),
      waiting_(runtime.loop) {}

Answers::~Answers() = default;

std::string Answers::url_of(const std::string& box) const {
  return endpoint_ + std::string(path) + box;
}

std::string Answers::url_for(const std::string& box, const std::string& provider) const {
  const std::string start = function_endpoint_ ? function_endpoint_(provider) : "";
  return start.empty() ? url_of(box) : start + std::string(path) + box;
}

std::string Answers::box_of(std::string_view url) {
  const std::size_t place = url.find(path);
  if (place == std::string_view::npos) return "";
  url.remove_prefix(place + path.size());
  return std::string(url.substr(0, url.find_first_of("?#/")));
}

void Answers::open(const std::string& box, BoxRecord record, std::optional<runtime::Time> end) {
  remove_ended();
  if (boxes_.contains(box)) return;
  record.opened = runtime_.clock.now();
  if (end) ends_.put({*end + keeping, box}, {});
  boxes_.put(box, record);
}

/// Some at a time, whenever another one is opened: so they never become many.
void Answers::remove_ended() {
  constexpr int most_at_once = 8;
  for (int count = 0; count < most_at_once; ++count) {
    const auto first = ends_.first();
    if (!first || std::get<0>(first->first) > runtime_.clock.now()) return;
    boxes_.erase(std::get<1>(first->first));
    ends_.erase(first->first);
  }
}

bool Answers::hides(const std::string& box) const {
  const std::optional<BoxRecord> record = boxes_.find(box);
  return record && record->answer && has_no_echo(*record->answer);
}

void Answers::mark_sent(const std::string& box) {
  std::optional<BoxRecord> record = boxes_.find(box);
  if (!record) return;
  record->is_sent = true;
  record->endpoint = endpoint_;
  boxes_.put(box, *record);
}

bool Answers::put(const std::string& box, const std::string& id, SignalRecord signal) {
  std::optional<BoxRecord> record = boxes_.find(box);
  if (!record || !record->takes_signals) return false;
  record->signals.try_emplace(id, std::move(signal));
  boxes_.put(box, *record);
  store_.on_commit([this, box] { wake(box); });
  return true;
}

runtime::Task<> Answers::until_changed(std::string box, runtime::Time latest,
                                       resources::Halt* halt) {
  co_await waiting_.wait(std::move(box), halt, {.clock = &runtime_.clock, .latest = latest});
}

bool Answers::claims(const protocol::HttpRequest& head) const {
  return head.path.starts_with(path);
}

void Answers::handle(services::LocalRequest request, services::LocalReply reply) {
  const std::string box = box_of(request.http.path);
  int status = method_not_allowed;
  if (request.http.method == "PUT") {
    try {
      storage::Transaction transaction(store_);
      status = put_document(box, request.is_too_large ? std::string(longest_answer + 1, ' ')
                                                      : std::string(request.http.body.bytes));
      transaction.commit();
    } catch (const storage::StoreFailure& failure) {
      spdlog::error("An answer for a stack cannot be kept: {}", failure.what());
      status = unavailable;
    }
  }
  // Nobody is told that it was taken before it is kept.
  runtime_.loop.after_flush(
      [reply = std::move(reply), status]() mutable { reply(reply_of(status)); });
}

int Answers::put_document(const std::string& box, const std::string& text) {
  std::optional<BoxRecord> record = boxes_.find(box);
  if (!record) return not_found;
  if (record->takes_signals) {
    if (text.size() > longest_answer || !add_signal(*record, text)) return bad_request;
  } else if (record->answer || record->is_too_long) {
    return ok;  // as at AWS, where what comes later is written and never read
  } else if (text.size() > longest_answer) {
    record->is_too_long = true;
  } else {
    record->answer = text;
  }
  boxes_.put(box, *record);
  store_.on_commit([this, box] { wake(box); });
  return ok;
}

bool Answers::add_signal(BoxRecord& record, const std::string& text) {
  const std::optional<Signal> signal = read_signal(text);
  if (!signal) return false;
  record.signals.try_emplace(signal->id, SignalRecord{.has_succeeded = signal->has_succeeded,
                                                      .data = signal->data,
                                                      .reason = signal->reason});
  return true;
}

void Answers::reset(const services::ResetScope& scope) {
  std::vector<std::string> removed;
  boxes_.scan(boxes_.all(), [&](const std::string& box, const BoxRecord& record) {
    if (scope.covers(record.account)) removed.push_back(box);
    return true;
  });
  for (const std::string& box : removed) {
    boxes_.erase(box);
    store_.on_commit([this, box] { wake(box); });
  }
}

}  // namespace matinee::cloudformation
