#include "cli/function_host.h"

#include <fmt/format.h>

#include "cli/outside_hosts.h"
#include "cli/runtime_packages.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {

FunctionHost::FunctionHost(Surroundings& surroundings, cloud::Cloud& cloud,
                           const FunctionHostOptions& options)
    : cloud_(cloud),
      ports_(surroundings.runtime.loop, runtime::real_clock(surroundings.runtime.clock),
             surroundings.runtime.workers),
      sender_(surroundings.runtime.loop, runtime::real_clock(surroundings.runtime.clock)) {
  if (options.mode == "off" || !surroundings.make_sandboxes) return;
  sandboxes_ = surroundings.make_sandboxes(
      {.directory = options.directory, .locked_in = options.mode == "sandbox"});
  cloud::FunctionPlace place{
      .endpoint = options.url,
      .directory = options.directory + "/loaders",
      .packages = package_directory(surroundings),
      .run_aside =
          [&processes = surroundings.processes,
           &workers = surroundings.runtime.workers](std::vector<std::string> command) {
            workers.post([&processes, command = std::move(command)] {
              (void)processes.run(command, runtime::ProgramOutput::dropped);
            });
          },
      .sender = &sender_};
  if (options.outside)
    if (const auto told = tell_functions(*options.outside, surroundings.runtime.disk, place); !told)
      surroundings.terminal.error(fmt::format("warning: {}\n", told.error()));
  cloud_.run_functions(*sandboxes_, ports_, place);
}

}  // namespace matinee::cli
