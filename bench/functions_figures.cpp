// The figures of functions: calls a second, what a call costs, cold starts, how soon a message
// reaches its handler, and what functions cost that nobody calls. Beside MiniStack, which runs
// functions as processes too, where one runs.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "figures.h"
#include "functions_load.h"
#include "loader_start.h"
#include "measuring.h"
#include "requests.h"
#include "sqs_load.h"
#include "wire.h"

namespace bench {
namespace {

constexpr int kColdStarts = 15;
constexpr std::chrono::milliseconds kPause(100);
constexpr int kMessages = 200;
constexpr int kIdleFunctions = 1000;
constexpr int kPatienceMilliseconds = 20'000;
constexpr const char* kProbe = "build/functions/bench_probe.zip";
constexpr const char* kLoader = "runtimes/python";
constexpr const char* kApp =
    "import sys\n\ndef handler(event, context):\n"
    "    return sys.executable if event == 1 else event\n";

/// A server that is measured.
struct Side {
  std::uint16_t port = 0;
  pid_t pid = 0;  // zero where its memory cannot be told
};

NewFunction cpp_function(const std::string& name) {
  std::ifstream file(kProbe, std::ios::binary);
  if (!file) throw std::runtime_error(fmt::format("{} is missing", kProbe));
  return {.name = name,
          .runtime = "provided.al2023",
          .handler = "bootstrap",
          .zip = std::string(std::istreambuf_iterator(file), {})};
}

NewFunction python_function(const std::string& name) {
  return {.name = name,
          .runtime = "python3.12",
          .handler = "app.handler",
          .zip = stored_zip("app.py", kApp)};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.at(values.size() / 2);
}

double invocations_a_second(const LoadPlan& plan, const NewFunction& function) {
  make_function(plan.port, function);
  InvokeLoad load(plan.port, function.name);
  return run_load(plan, load).units_per_second();
}

/// What one client waits for a function that does nothing, in milliseconds.
double added_milliseconds(LoadPlan plan, const NewFunction& function) {
  make_function(plan.port, function);
  plan.connections = 1;
  InvokeLoad load(plan.port, function.name);
  return run_load(plan, load).median_us / 1000;
}

/// The first call of a function whose package the server has not seen before, so long after it was
/// made. What is deployed is rarely called in the same millisecond.
double first_call_milliseconds(std::uint16_t port, NewFunction function, int number,
                               std::chrono::milliseconds pause) {
  function.name += fmt::format("-{}", number);
  function.zip = with_comment(function.zip, function.name);
  make_function(port, function);
  std::this_thread::sleep_for(pause);
  Wire wire(port);
  const double began = now_seconds();
  wire.send(invoke_request(port, function.name));
  require_event(wire.receive());
  const double taken = (now_seconds() - began) * 1000;
  delete_function(port, function.name);
  return taken;
}

double cold_milliseconds(std::uint16_t port, const NewFunction& function,
                         std::chrono::milliseconds pause) {
  std::vector<double> times;
  for (int i = 0; i <= kColdStarts; ++i)
    times.push_back(first_call_milliseconds(port, function, i, pause));
  times.erase(times.begin());  // of the whole server
  return median(std::move(times));
}

/// Which interpreter runs Python functions there.
std::string interpreter_of(std::uint16_t port) {
  const NewFunction function = python_function("cold-which");
  make_function(port, function);
  const std::string path =
      require_success(port, rest_request(port, {.service = "lambda",
                                                .method = "POST",
                                                .path = "/2015-03-31/functions/cold-which/"
                                                        "invocations",
                                                .body = "1"}))
          .body;
  if (path.size() < 3 || path.front() != '"') throw std::runtime_error("no interpreter: " + path);
  return path.substr(1, path.size() - 2);
}

/// In turn, since these machines are noisy: cold starts of functions, and of the interpreter alone.
Figure cold_python(std::uint16_t port) {
  const LoaderStart loader(interpreter_of(port), kLoader);
  (void)first_call_milliseconds(port, python_function("cold-python"), 0, kPause);
  std::vector<double> cold;
  std::vector<double> alone;
  for (int i = 1; i <= kColdStarts; ++i) {
    cold.push_back(first_call_milliseconds(port, python_function("cold-python"), i, kPause));
    alone.push_back(loader.milliseconds());
  }
  return {.name = "Python cold : its interpreter with the loader",
          .unit = "ratio",
          .measured = median(cold) / median(alone),
          .target = 1.5,
          .better = Better::lower,
          .note = fmt::format("{:.1f} and {:.1f} ms", median(cold), median(alone)),
          .failure = {}};
}

/// Where the probe tells of its events.
class Told {
 public:
  Told() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (fd_ < 0 || ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw std::system_error(errno, std::generic_category(), "a port of UDP");
    port_ = ntohs(address.sin_port);
  }
  ~Told() { ::close(fd_); }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

  std::uint16_t port() const { return port_; }

  void wait() const {
    pollfd wanted{.fd = fd_, .events = POLLIN, .revents = 0};
    char told = 0;
    if (::poll(&wanted, 1, kPatienceMilliseconds) != 1 || ::recv(fd_, &told, 1, 0) != 1)
      throw std::runtime_error("a message has not reached its handler");
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

/// From the sending of a message until the handler of a mapping has it.
double message_milliseconds(std::uint16_t port) {
  const Told told;
  NewFunction function = cpp_function("handler");
  function.told_port = told.port();
  make_function(port, function);
  const Queue queue = create_queue(port, "handled");
  require_success(
      port, rest_request(port, {.service = "lambda",
                                .method = "POST",
                                .path = "/2015-03-31/event-source-mappings",
                                .body = R"({"FunctionName":"handler","BatchSize":1,)"
                                        R"("EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:)"
                                        R"(handled"})"}));
  SingleRequest request(queue);
  Wire wire(port);
  std::vector<double> times;
  for (int i = 0; i <= kMessages; ++i) {
    const double began = now_seconds();
    wire.send(request.numbered(static_cast<std::uint64_t>(i)));
    told.wait();
    times.push_back((now_seconds() - began) * 1000);
    wire.receive();
  }
  times.erase(times.begin());  // it has started the function
  return median(std::move(times));
}

double resident_megabytes_of(pid_t pid) {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(statm >> total >> resident)) throw std::runtime_error("a server is gone");
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

void create_idle_functions(std::uint16_t port) {
  for (int i = 0; i < kIdleFunctions; ++i) {
    NewFunction function = python_function(fmt::format("idle-{}", i));
    function.zip = with_comment(function.zip, function.name);
    create_function(port, function);
  }
  await_active(port, fmt::format("idle-{}", kIdleFunctions - 1));
  std::this_thread::sleep_for(std::chrono::seconds(1));
}

/// Resident memory of a server that has just been started again, in megabytes.
double megabytes_after_restart(ServerProcess& server) {
  server.restart(SIGTERM);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return server.resident_megabytes();
}

/// What a thousand functions with packages of their own cost while nobody calls them: after a
/// restart, since what was written last stays in memory for a while, whatever it was.
Figure idle_functions(const Settings& settings, const Side& other) {
  ServerProcess server(settings.binary);
  const double without = megabytes_after_restart(server);
  create_idle_functions(server.port());
  const double created = server.resident_megabytes() - without;
  Figure figure{.name = "1,000 idle functions, memory",
                .unit = "MB",
                .measured = megabytes_after_restart(server) - without,
                .target = 1,
                .better = Better::lower,
                .note = fmt::format("{:.2f} before the restart", created),
                .failure = {}};
  if (other.pid == 0) return figure;
  const double before = resident_megabytes_of(other.pid);
  create_idle_functions(other.port);
  figure.note += fmt::format("; MiniStack {:.2f}", resident_megabytes_of(other.pid) - before);
  return figure;
}

/// A figure that both servers have.
struct Shared {
  Figure figure;
  std::function<double(const Side&)> measure;
};

/// For how the other one does it there is a note, and no verdict.
std::string beside(const Shared& shared, const Side& other) {
  if (other.port == 0) return {};
  fmt::print(stderr, "measuring MiniStack: {} ...\n", shared.figure.name);
  try {
    const double theirs = shared.measure(other);
    const double ours = shared.figure.measured;
    const double ratio =
        shared.figure.better == Better::higher ? ours / theirs : theirs / std::max(ours, 0.001);
    return fmt::format("MiniStack {:.2f}: {:.1f} times", theirs, ratio);
  } catch (const std::exception& error) {
    return fmt::format("MiniStack failed: {}", error.what());
  }
}

Figure measure_both(Shared shared, const Side& ours, const Side& other) {
  shared.figure.measured = shared.measure(ours);
  shared.figure.note = beside(shared, other);
  return shared.figure;
}

Figure wanted(std::string name, std::string unit, double target, Better better) {
  return {.name = std::move(name),
          .unit = std::move(unit),
          .target = target,
          .better = better,
          .note = {},
          .failure = {}};
}

std::vector<Shared> shared_figures(const Settings& settings) {
  const auto plan = [settings](const Side& side) { return plan_for(settings, side.port); };
  std::vector<Shared> figures;
  figures.push_back(
      {wanted("C++ function, warm, " + std::to_string(settings.connections) + " clients", "calls/s",
              10'000, Better::higher),
       [plan](const Side& side) {
         return invocations_a_second(plan(side), cpp_function("warm-cpp"));
       }});
  figures.push_back(
      {wanted("  one client, median", "ms", 0.3, Better::lower), [plan](const Side& side) {
         return added_milliseconds(plan(side), cpp_function("alone-cpp"));
       }});
  figures.push_back({wanted("Python function, warm, one client, median", "ms", 1, Better::lower),
                     [plan](const Side& side) {
                       return added_milliseconds(plan(side), python_function("alone-python"));
                     }});
  figures.push_back(
      {wanted("C++ function, cold, median", "ms", 8, Better::lower), [](const Side& side) {
         return cold_milliseconds(side.port, cpp_function("cold-cpp"), kPause);
       }});
  figures.push_back(
      {{.name = "  in the moment it was made",
        .unit = "ms",
        .target = {},
        .better = Better::lower,
        .note = {},
        .failure = {}},
       [](const Side& side) { return cold_milliseconds(side.port, cpp_function("new-cpp"), {}); }});
  figures.push_back({wanted("from an SQS message to its handler, median", "ms", 2, Better::lower),
                     [](const Side& side) { return message_milliseconds(side.port); }});
  return figures;
}

}  // namespace

std::vector<Figure> measure_functions(const Settings& settings) {
  const Target target(settings);
  const Side ours{.port = target.port(), .pid = target.process() ? target.process()->pid() : 0};
  const Side other{.port = settings.ministack_port, .pid = settings.ministack_process};
  std::vector<Figure> figures;
  const auto add = [&](const std::string& name, const std::function<Figure()>& measure) {
    if (!name.contains(settings.functions)) return;
    try {
      figures.push_back(measure());
    } catch (const std::exception& error) {
      figures.push_back(
          {.name = name, .unit = {}, .target = {}, .note = {}, .failure = error.what()});
    }
  };
  add("1,000 idle functions", [&] { return idle_functions(settings, other); });
  for (const Shared& shared : shared_figures(settings))
    add(shared.figure.name, [&] { return measure_both(shared, ours, other); });
  add("Python cold", [&] { return cold_python(ours.port); });
  return figures;
}

}  // namespace bench
