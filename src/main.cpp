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

int main(int argc, char** argv) {
  using namespace matinee;
  if (runtime::is_launcher(argc, argv)) return runtime::run_launcher();
  runtime::open_standard_streams();
  runtime::raise_file_limit();
  runtime::return_largest_blocks();
  runtime::give_back_start_pages();
  runtime::RealLoop loop;
  runtime::SeedableRandom random;
  runtime::RealDisk disk;
  runtime::RealFolders folders;
  runtime::WorkerPool workers(4);
  workers.hold_while_busy(loop);
  runtime::RealEnvironment environment;
  runtime::RealTerminal terminal;
  runtime::RealProcesses processes;
  runtime::CurlHttpClient http(loop, {.ca_bundle = environment.find("AWS_CA_BUNDLE").value_or("")});
  runtime::Runtime runtime{loop, loop, random, disk, workers, environment};
  std::unique_ptr<runtime::Signals> signals;
  std::optional<runtime::ParentWatch> parent;
  cli::Surroundings surroundings{
      .runtime = runtime,
      .terminal = terminal,
      .processes = processes,
      .http = http,
      .folders = folders,
      .started = loop.now(),
      .file_limit = runtime::file_limit(),
      .on_stop_signal =
          [&](std::function<void(int)> stop) {
            signals = std::make_unique<runtime::Signals>(
                loop, std::initializer_list<int>{SIGTERM, SIGINT}, std::move(stop));
          },
      .on_parent_exit =
          [&](std::function<void()> ended) { parent.emplace(loop, std::move(ended)); },
      .save_memory = runtime::return_large_blocks,
      .keep_files_private = runtime::keep_files_private,
      .make_sandboxes =
          [&](const runtime::SandboxOptions& options) {
            return std::make_unique<runtime::RealSandboxes>(runtime, options);
          },
      .cores = runtime::count_cores()};
  runtime::set_up_logging(runtime::LogFormat::text,
                          environment.find("MATINEE_LOG").value_or("warning"));
  return cli::run(surroundings, std::vector<std::string>(argv + 1, argv + argc));
}
