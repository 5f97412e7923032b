// HTTP calls by libcurl's multi interface. The state thread hands calls over and gets results
// posted back; everything of libcurl happens on one other thread.
#include "runtime/real/curl_http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "runtime/assertion.h"
#include "runtime/movable_clock.h"
#include "runtime/real/curl_library.h"
#include "runtime/thread.h"

namespace matinee::runtime {

/// Who waits for which call; on the state thread only.
struct CurlHttpClient::Waiting {
  std::map<std::uint64_t, Done> calls;
};

namespace {

/// One call while libcurl works on it.
struct Transfer {
  std::uint64_t number = 0;
  HttpCall call;
  HttpReply reply;
  std::size_t head_bytes = 0;
  CURL* easy = nullptr;
  curl_slist* fields = nullptr;
};

/// To give back less than there is ends the transfer.
std::size_t append_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& transfer = *static_cast<Transfer*>(target);
  std::string& body = transfer.reply.body;
  const std::size_t taken = std::min(size * count, transfer.call.most_body_bytes - body.size());
  body.append(bytes, taken);
  transfer.reply.is_cut = taken < size * count;
  return taken;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

std::size_t append_header(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& transfer = *static_cast<Transfer*>(target);
  transfer.head_bytes += size * count;
  if (transfer.head_bytes > transfer.call.most_head_bytes) return 0;
  HttpReply& reply = transfer.reply;
  const std::string_view line = trimmed({bytes, size * count});
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    reply.headers.clear();  // An interim reply, such as 100 Continue, came before.
  } else if (colon != std::string_view::npos) {
    reply.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return size * count;
}

std::string_view host_of(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin != std::string_view::npos) url.remove_prefix(begin + 3);
  return url.substr(0, url.find_first_of("/?"));
}

/// The size of a buffer through which so many bytes go.
long buffer_for(std::size_t bytes) {
  constexpr std::size_t smallest = std::size_t{16} << 10;  // that libcurl takes for an upload
  constexpr std::size_t largest = std::size_t{256} << 10;
  return static_cast<long>(std::clamp(bytes, smallest, largest));
}

HttpFailure to_failure(CURLcode code, const CurlLibrary& curl, const HttpCall& call) {
  using Kind = HttpFailure::Kind;
  Kind kind = Kind::broken;
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
      code == CURLE_COULDNT_RESOLVE_PROXY)
    kind = Kind::not_reached;
  if (code == CURLE_OPERATION_TIMEDOUT) kind = Kind::timed_out;
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
    kind = Kind::not_trusted;
  return {kind,
          fmt::format("{} cannot be reached: {}.", host_of(call.url), curl.easy_strerror(code))};
}

}  // namespace

class CurlHttpClient::Worker {
 public:
  Worker(const CurlLibrary& curl, Loop& loop, CurlOptions options, std::weak_ptr<Waiting> waiting)
      : curl_(curl),
        loop_(loop),
        options_(std::move(options)),
        waiting_(std::move(waiting)),
        multi_(curl.multi_init()),
        thread_("http client", [this] { run(); }) {
    expect(multi_ != nullptr, "libcurl has memory for a multi handle");
  }
  ~Worker() {
    // With the lock held, because the thread ends the multi handle once it has seen the flag.
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    curl_.multi_wakeup(multi_);
  }

  void add(std::uint64_t number, HttpCall call) {
    {
      const std::lock_guard lock(mutex_);
      added_.emplace_back(number, std::move(call));
    }
    curl_.multi_wakeup(multi_);
  }
  void cancel(std::uint64_t number) {
    {
      const std::lock_guard lock(mutex_);
      cancelled_.push_back(number);
    }
    curl_.multi_wakeup(multi_);
  }

 private:
  const CurlLibrary& curl_;
  Loop& loop_;
  CurlOptions options_;
  std::weak_ptr<Waiting> waiting_;
  CURLM* multi_;

  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, HttpCall>> added_;
  std::vector<std::uint64_t> cancelled_;
  bool stopping_ = false;

  std::unordered_map<std::uint64_t, std::unique_ptr<Transfer>> transfers_;  // of the thread
  Thread thread_;  // last: it uses all the others

  void run();
  bool take_over();
  void begin(std::uint64_t number, HttpCall call);
  void set_request(Transfer& transfer);
  void set_limits(Transfer& transfer);
  void collect();
  void end(Transfer& transfer);
  void report(std::uint64_t number, HttpResult result);

  template <class Value>
  void set(const Transfer& transfer, CURLoption option, Value value) {
    const CURLcode code = curl_.easy_setopt(transfer.easy, option, value);
    expect(code == CURLE_OK, "libcurl knows the options that are set");
  }
};

void CurlHttpClient::Worker::run() {
  curl_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, options_.idle_connections);
  while (take_over()) {
    int running = 0;
    curl_.multi_perform(multi_, &running);
    collect();
    constexpr int longest_sleep_milliseconds = 60'000;
    curl_.multi_poll(multi_, nullptr, 0, longest_sleep_milliseconds, nullptr);
  }
  for (auto& [number, transfer] : transfers_) end(*transfer);
  transfers_.clear();
  curl_.multi_cleanup(multi_);
}

/// Begins and ends what the state thread has asked for; false at the end of all.
bool CurlHttpClient::Worker::take_over() {
  std::vector<std::pair<std::uint64_t, HttpCall>> added;
  std::vector<std::uint64_t> cancelled;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    added.swap(added_);
    cancelled.swap(cancelled_);
  }
  for (auto& [number, call] : added) begin(number, std::move(call));
  for (const std::uint64_t number : cancelled) {
    const auto place = transfers_.find(number);
    if (place == transfers_.end()) continue;
    end(*place->second);
    transfers_.erase(place);
  }
  return true;
}

void CurlHttpClient::Worker::begin(std::uint64_t number, HttpCall call) {
  auto transfer = std::make_unique<Transfer>();
  transfer->number = number;
  transfer->call = std::move(call);
  transfer->easy = curl_.easy_init();
  expect(transfer->easy != nullptr, "libcurl has memory for a handle");
  set_request(*transfer);
  set_limits(*transfer);
  curl_.multi_add_handle(multi_, transfer->easy);
  transfers_.emplace(number, std::move(transfer));
}

void CurlHttpClient::Worker::set_request(Transfer& transfer) {
  const HttpCall& call = transfer.call;
  set(transfer, CURLOPT_URL, call.url.c_str());
  if (call.method == "HEAD") {
    set(transfer, CURLOPT_NOBODY, 1L);
  } else if (call.method == "GET") {
    set(transfer, CURLOPT_HTTPGET, 1L);
  } else {
    set(transfer, CURLOPT_POST, 1L);
    set(transfer, CURLOPT_POSTFIELDS, call.body.data());
    set(transfer, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    set(transfer, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }
  bool has_type = false;
  for (const auto& [name, value] : call.headers) {
    if (::strcasecmp(name.c_str(), "content-length") == 0) continue;  // libcurl's own business
    if (::strcasecmp(name.c_str(), "content-type") == 0) has_type = true;
    // A header without a value is written with a semicolon.
    const std::string line = value.empty() ? name + ";" : name + ": " + value;
    transfer.fields = curl_.slist_append(transfer.fields, line.c_str());
  }
  // Headers that libcurl would add by itself.
  if (!has_type) transfer.fields = curl_.slist_append(transfer.fields, "Content-Type:");
  transfer.fields = curl_.slist_append(transfer.fields, "Expect:");
  transfer.fields = curl_.slist_append(transfer.fields, "Accept:");
  set(transfer, CURLOPT_HTTPHEADER, transfer.fields);
  set(transfer, CURLOPT_USERAGENT, "matinee");
}

void CurlHttpClient::Worker::set_limits(Transfer& transfer) {
  const auto milliseconds = [](Duration duration) {
    return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
  };
  set(transfer, CURLOPT_PRIVATE, static_cast<void*>(&transfer));
  set(transfer, CURLOPT_WRITEFUNCTION, &append_body);
  set(transfer, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(transfer, CURLOPT_HEADERFUNCTION, &append_header);
  set(transfer, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(transfer, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(transfer.call.connect_timeout));
  set(transfer, CURLOPT_TIMEOUT_MS, milliseconds(transfer.call.total_timeout));
  set(transfer, CURLOPT_NOSIGNAL, 1L);
  set(transfer, CURLOPT_PATH_AS_IS, 1L);
  set(transfer, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // libcurl has these for each call: where little is said, hundreds of calls cost little.
  set(transfer, CURLOPT_BUFFERSIZE, buffer_for(transfer.call.most_body_bytes));
  set(transfer, CURLOPT_UPLOAD_BUFFERSIZE, buffer_for(transfer.call.body.size()));
#if LIBCURL_VERSION_NUM >= 0x075700
  // A name server that is silent must not hold up this thread, and so all other calls, once the
  // time of its own call is over: libcurl waits for it otherwise. Older libraries do not know it.
  curl_.easy_setopt(transfer.easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  if (!transfer.call.use_proxy) set(transfer, CURLOPT_PROXY, "");
  if (!options_.ca_bundle.empty()) set(transfer, CURLOPT_CAINFO, options_.ca_bundle.c_str());
}

void CurlHttpClient::Worker::collect() {
  int left = 0;
  while (CURLMsg* message = curl_.multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* owner = nullptr;
    curl_.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    Transfer& transfer = *static_cast<Transfer*>(static_cast<void*>(owner));
    if (code == CURLE_OK || transfer.reply.is_cut) {
      long status = 0;
      curl_.easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
      transfer.reply.status = static_cast<int>(status);
      report(transfer.number, std::move(transfer.reply));
    } else {
      report(transfer.number, std::unexpected(to_failure(code, curl_, transfer.call)));
    }
    end(transfer);
    transfers_.erase(transfer.number);
  }
}

void CurlHttpClient::Worker::end(Transfer& transfer) {
  curl_.multi_remove_handle(multi_, transfer.easy);
  curl_.easy_cleanup(transfer.easy);
  curl_.slist_free_all(transfer.fields);
}

void CurlHttpClient::Worker::report(std::uint64_t number, HttpResult result) {
  loop_.post([waiting = waiting_, number, result = std::move(result)]() mutable {
    const std::shared_ptr<Waiting> here = waiting.lock();
    if (!here) return;
    auto call = here->calls.extract(number);
    if (call) call.mapped()(std::move(result));
  });
}

CurlHttpClient::CurlHttpClient(Loop& loop, CurlOptions options)
    : loop_(loop), options_(std::move(options)), waiting_(std::make_shared<Waiting>()) {}

CurlHttpClient::~CurlHttpClient() = default;

std::uint64_t CurlHttpClient::start(HttpCall call, Done done) {
  const std::uint64_t number = next_call_++;
  // Nobody moves the clock while another machine is asked.
  waiting_->calls.emplace(number, [done = std::move(done), hold = ClockHold(loop_.clock())](
                                      HttpResult result) mutable { done(std::move(result)); });
  const auto& library = CurlLibrary::load();
  if (!library) {
    loop_.post([waiting = std::weak_ptr(waiting_), number, message = library.error()] {
      const std::shared_ptr<Waiting> here = waiting.lock();
      if (!here) return;
      auto waiter = here->calls.extract(number);
      if (waiter)
        waiter.mapped()(std::unexpected(HttpFailure{HttpFailure::Kind::unavailable, message}));
    });
    return number;
  }
  if (!worker_)
    worker_ = std::make_unique<Worker>(*library, loop_, options_, std::weak_ptr(waiting_));
  worker_->add(number, std::move(call));
  return number;
}

void CurlHttpClient::cancel(std::uint64_t call) {
  if (waiting_->calls.erase(call) == 0) return;
  if (worker_) worker_->cancel(call);
}

}  // namespace matinee::runtime
