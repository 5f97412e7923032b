#include "services/lambda/running/telemetry.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <deque>
#include <utility>

#include "protocol/json_writer.h"
#include "runtime/movable_clock.h"
#include "services/lambda/running/log_lines.h"

namespace matinee::lambda {

namespace {

/// Of what waits for an extension; beyond that it is dropped, and the extension is told how much.
constexpr std::size_t most_waiting_bytes = std::size_t{4} << 20;
/// What is kept has about that much around it.
constexpr std::size_t bytes_beside = 256;
constexpr int most_tries = 6;
constexpr runtime::Duration first_wait = std::chrono::milliseconds(50);

std::string http_request(const Subscription& subscription, const std::string& body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: sandbox.localdomain:{}\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      subscription.path, subscription.port, body.size(), body);
}

}  // namespace

struct Telemetry::Lane {
  runtime::Runtime& runtime;
  services::LocalSender& sender;
  Subscription subscription;
  std::string stream;  // of TCP: its connection's name
  bool lives = true;
  std::deque<std::string> waiting;  // documents
  std::size_t waiting_bytes = 0;
  std::size_t dropped = 0;
  std::size_t dropped_bytes = 0;
  bool is_flushing = false;  // all that waits goes, also if it is no full batch
  std::size_t sent = 0;      // documents of the batch that is on its way; 0: none is
  std::size_t sent_bytes = 0;
  std::string batch;
  int tries = 0;
  runtime::TimerId timer = runtime::TimerId::none;  // of a batch that is not full, or comes again

  runtime::Clock& clock() const { return runtime::real_clock(runtime.clock); }
  void cancel_timer() { clock().cancel(std::exchange(timer, runtime::TimerId::none)); }
  bool is_full() const {
    return waiting.size() >= subscription.most_items || waiting_bytes >= subscription.most_bytes;
  }
};

Telemetry::Telemetry(runtime::Runtime& runtime, services::LocalSender& sender)
    : runtime_(runtime), sender_(sender) {}

Telemetry::~Telemetry() {
  for (const auto& lane : lanes_) end(lane);
}

void Telemetry::end(const std::shared_ptr<Lane>& lane) {
  lane->lives = false;
  lane->cancel_timer();
  if (lane->subscription.is_tcp) lane->sender.end_stream(lane->stream);
}

void Telemetry::subscribe(Subscription subscription) {
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    if ((*lane)->subscription.extension != subscription.extension) continue;
    end(*lane);
    lanes_.erase(lane);
    break;
  }
  auto lane = std::make_shared<Lane>(
      Lane{.runtime = runtime_, .sender = sender_, .subscription = std::move(subscription)});
  lane->stream = runtime_.random.uuid();
  for (const Told& told : early_) pass_on(lane, told);
  lanes_.push_back(std::move(lane));
}

bool Telemetry::has_other(const std::string& extension, TelemetryApi api) const {
  for (const auto& lane : lanes_)
    if (lane->subscription.extension == extension && lane->subscription.api != api) return true;
  return false;
}

void Telemetry::tell(const PlatformEvent& event, runtime::Time now) {
  if (is_closed_ && lanes_.empty()) return;
  remember({.event = event, .type = "platform", .document = {}, .time = now});
}

void Telemetry::tell_line(std::string_view type, std::string_view line, bool is_json,
                          runtime::Time now) {
  if (is_closed_ && lanes_.empty()) return;
  std::string record;
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (is_json && parser.parse(std::string(line)).get(element) == simdjson::SUCCESS &&
      element.is_object())
    record = line.substr(0, line.find_last_not_of("\r\n") + 1);
  else
    protocol::json::append_string(record, line);
  remember({.event = std::nullopt,
            .type = std::string(type),
            .document = fmt::format("{{\"time\":\"{}\",\"type\":\"{}\",\"record\":{}}}",
                                    time_text(now), type, record),
            .time = now});
}

/// For those who are there, and for those who come before all are ready.
void Telemetry::remember(Told told) {
  for (const auto& lane : lanes_) pass_on(lane, told);
  std::size_t bytes = told.document.size() + bytes_beside;
  if (told.event) bytes += told.event->record.size() + told.event->text.size();
  if (is_closed_ || early_bytes_ + bytes > most_waiting_bytes) return;
  early_bytes_ += bytes;
  early_.push_back(std::move(told));
}

void Telemetry::close() {
  is_closed_ = true;
  early_.clear();
}

void Telemetry::pass_on(const std::shared_ptr<Lane>& lane, const Told& told) {
  if (!lane->subscription.has(told.type)) return;
  if (!told.event) return add(lane, told.document);
  const bool is_of_api = lane->subscription.api == TelemetryApi::telemetry
                             ? told.event->is_in_telemetry
                             : told.event->is_in_logs;
  // Those two came to the Logs API with its second schema.
  const bool is_new =
      lane->subscription.schema == "2020-08-15" && told.event->type.ends_with("untimeDone");
  if (is_of_api && !is_new) add(lane, document_of(*told.event, told.time));
}

void Telemetry::add(const std::shared_ptr<Lane>& lane, std::string document) {
  if (lane->waiting_bytes + document.size() > most_waiting_bytes) {
    ++lane->dropped;
    lane->dropped_bytes += document.size();
    return;
  }
  lane->waiting_bytes += document.size();
  lane->waiting.push_back(std::move(document));
  if (lane->sent > 0) return;
  if (lane->is_full()) return send(lane);
  if (lane->timer != runtime::TimerId::none) return;
  wait_for_more(lane);
}

void Telemetry::wait_for_more(const std::shared_ptr<Lane>& lane) {
  lane->timer = lane->clock().call_at(lane->clock().now() + lane->subscription.patience, [lane] {
    lane->timer = runtime::TimerId::none;
    flush(lane);
  });
}

void Telemetry::flush() {
  for (const auto& lane : lanes_) flush(lane);
}

void Telemetry::flush(const std::shared_ptr<Lane>& lane) {
  lane->is_flushing = true;
  if (lane->sent == 0) return send(lane);
  if (lane->tries == 0 || lane->timer == runtime::TimerId::none) return;
  // It waits for its next try, which need not wait any longer.
  lane->cancel_timer();
  lane->timer = lane->clock().call_at(lane->clock().now(), [lane] {
    lane->timer = runtime::TimerId::none;
    send(lane);
  });
}

/// Documents from the front, as many as a batch may have; they stay until it has arrived. What was
/// dropped is told in it.
std::string Telemetry::take_batch(Lane& lane) {
  if (lane.dropped > 0) {
    lane.waiting.push_back(document_of(
        logs_dropped(std::exchange(lane.dropped, 0), std::exchange(lane.dropped_bytes, 0)),
        lane.runtime.clock.now()));
    lane.waiting_bytes += lane.waiting.back().size();
  }
  const Subscription& subscription = lane.subscription;
  std::string body;
  while (lane.sent < lane.waiting.size() && lane.sent < subscription.most_items) {
    const std::string& document = lane.waiting[lane.sent];
    if (lane.sent > 0 && lane.sent_bytes + document.size() > subscription.most_bytes) break;
    ++lane.sent;
    lane.sent_bytes += document.size();
    if (!subscription.is_tcp) body += body.empty() ? '[' : ',';
    body += document;
    if (subscription.is_tcp) body += '\n';
  }
  if (subscription.is_tcp || body.empty()) return body;
  return http_request(subscription, body + "]");
}

/// Begins a batch, or sends the one again that has not arrived.
void Telemetry::send(const std::shared_ptr<Lane>& lane) {
  if (!lane->lives) return;
  if (lane->sent == 0) {
    lane->cancel_timer();
    lane->tries = 0;
    lane->batch = take_batch(*lane);
    if (lane->sent == 0) {
      lane->is_flushing = false;
      return;
    }
  }
  ++lane->tries;
  lane->sender.send({.port = lane->subscription.port,
                     .bytes = lane->batch,
                     .is_http = !lane->subscription.is_tcp,
                     .stream = lane->subscription.is_tcp ? lane->stream : ""},
                    [lane](bool has_arrived) {
                      if (lane->lives) settle(lane, has_arrived);
                    });
}

void Telemetry::settle(const std::shared_ptr<Lane>& lane, bool has_arrived) {
  if (!has_arrived && lane->tries < most_tries) {
    const runtime::Duration wait = first_wait * (1 << (lane->tries - 1));
    lane->timer = lane->clock().call_at(lane->clock().now() + wait, [lane] {
      lane->timer = runtime::TimerId::none;
      send(lane);
    });
    return;
  }
  if (!has_arrived) {
    lane->dropped += lane->sent;
    lane->dropped_bytes += lane->sent_bytes;
  }
  lane->waiting.erase(lane->waiting.begin(),
                      lane->waiting.begin() + static_cast<std::ptrdiff_t>(lane->sent));
  lane->waiting_bytes -= std::exchange(lane->sent_bytes, 0);
  lane->sent = 0;
  lane->batch.clear();
  if (lane->waiting.empty()) {
    lane->is_flushing = false;
    return;
  }
  if (lane->is_flushing || lane->is_full()) return send(lane);
  wait_for_more(lane);
}

}  // namespace matinee::lambda
