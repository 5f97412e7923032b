// Builds everything that is not deterministic, and hands it to the command line.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "cli/program.h"
#include "runtime/real/curl_http_client.h"
#include "runtime/real/limits.h"
#include "runtime/real/logging.h"
#include "runtime/real/parent_watch.h"
#include "runtime/real/real_disk.h"
#include "runtime/real/real_environment.h"
#include "runtime/real/real_folders.h"
#include "runtime/real/real_loop.h"
#include "runtime/real/real_processes.h"
#include "runtime/real/real_terminal.h"
#include "runtime/real/sandbox/launcher.h"
#include "runtime/real/sandbox/real_sandboxes.h"
#include "runtime/real/seedable_random.h"
#include "runtime/real/signals.h"
#include "runtime/real/start_pages.h"
#include "runtime/real/worker_pool.h"

namespace {

using namespace matinee;

/// What lasts as long as the program, also where a server takes the place of another one.
struct Lasting {
  runtime::SeedableRandom random;
  runtime::RealDisk disk;
  runtime::RealFolders folders;
  runtime::RealEnvironment environment;
  runtime::RealTerminal terminal;
  runtime::RealProcesses processes;
  /// It may end while one server takes the place of another, when nobody watches.
  int parent = runtime::find_parent();
  std::shared_ptr<cli::Handover> handover;
};

int run(Lasting& lasting, const std::vector<std::string>& arguments) {
  runtime::RealLoop loop;
  runtime::WorkerPool workers(4);
  workers.hold_while_busy(loop);
  runtime::CurlHttpClient http(
      loop, {.ca_bundle = lasting.environment.find("AWS_CA_BUNDLE").value_or("")});
  runtime::Runtime runtime{loop, loop, lasting.random, lasting.disk, workers, lasting.environment};
  std::unique_ptr<runtime::Signals> signals;
  std::optional<runtime::ParentWatch> parent;
  cli::Surroundings surroundings{
      .runtime = runtime,
      .terminal = lasting.terminal,
      .processes = lasting.processes,
      .http = http,
      .folders = lasting.folders,
      .started = loop.now(),
      .file_limit = runtime::file_limit(),
      .on_stop_signal =
          [&](std::function<void(int)> stop) {
            signals = std::make_unique<runtime::Signals>(
                loop, std::initializer_list<int>{SIGTERM, SIGINT}, std::move(stop));
          },
      .on_parent_exit =
          [&](std::function<void()> ended) {
            parent.emplace(loop, lasting.parent, std::move(ended));
          },
      .save_memory = runtime::return_large_blocks,
      .forget_start = [] { runtime::give_back_start_code(); },
      .keep_files_private = runtime::keep_files_private,
      .make_sandboxes =
          [&](const runtime::SandboxOptions& options) {
            return std::make_unique<runtime::RealSandboxes>(runtime, options);
          },
      .cores = runtime::count_cores(),
      .keep_locks = [&] { lasting.disk.keep_locks(); },
      .handover = std::move(lasting.handover)};
  const int code = cli::run(surroundings, arguments);
  lasting.handover = std::move(surroundings.handover);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (runtime::is_launcher(argc, argv)) return runtime::run_launcher();
  runtime::open_standard_streams();
  runtime::raise_file_limit();
  runtime::return_largest_blocks();
  runtime::give_back_start_pages();
  Lasting lasting;
  runtime::set_up_logging(runtime::LogFormat::text,
                          lasting.environment.find("MATINEE_LOG").value_or("warning"));
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  int code = 0;
  do code = run(lasting, arguments);
  while (lasting.handover);
  return code;
}
