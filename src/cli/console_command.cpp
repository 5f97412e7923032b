// `matinee console`: where the web console is, opened in the browser; and a link that signs in.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "jobs/report.h"
#include "protocol/base64.h"
#include "sts/client.h"

namespace matinee::cli {
namespace {

constexpr int session_seconds = 12 * 3600;

struct ConsoleCommand {
  CloudChoice cloud;
  bool signs_in = false;
  bool only_prints = false;
};

/// What the page reads behind `#/login?with=`: the credentials as JSON, in the Base64 of URLs. What
/// stands behind # is sent to nobody.
std::string login_text(const sts::Credentials& credentials) {
  jobs::JsonObject json;
  json.add("accessKeyId", credentials.access_key_id);
  json.add("secretAccessKey", credentials.secret_access_key);
  json.add("sessionToken", credentials.session_token);
  std::string text = protocol::base64_encode(json.take());
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

/// The browser may be missing, or this may be a terminal far away: the address is printed anyway.
void show(Surroundings& surroundings, const ConsoleCommand& command, const std::string& address) {
  surroundings.terminal.out(address + "\n");
  if (command.only_prints) return;
  const auto opened =
      surroundings.processes.run({"xdg-open", address}, runtime::ProgramOutput::dropped);
  if (!opened || *opened != 0)
    surroundings.terminal.error("No browser could be opened: open the address yourself.\n");
}

int show_console(Surroundings& surroundings, ConsoleCommand& command) {
  if (const std::string fault = find_cloud_fault(command.cloud); !fault.empty())
    return refuse_usage(surroundings, fault);
  command.cloud.directory = data_directory(surroundings, command.cloud.directory);
  const auto connection = connect(surroundings, command.cloud);
  if (!connection) return fail(surroundings, connection.error());
  const std::string url = (*connection)->url();
  if (url.empty())
    return fail(surroundings, "No server has a console there: start one with \"matinee up\".");
  std::string address = url + "/_matinee/console/";
  if (command.signs_in) {
    const sts::Client client((*connection)->channel());
    const auto answer = wait_for<sts::GetSessionTokenResponse>(surroundings.runtime.loop, [&] {
      return client.get_session_token({.duration_seconds = session_seconds});
    });
    if (!answer.response) return fail(surroundings, answer.failure);
    address += "#/login?with=" + login_text(*answer.response->credentials);
  }
  show(surroundings, command, address);
  return done;
}

}  // namespace

void add_console(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app =
      parent.add_subcommand("console", "Open the web console of a server, and print its address");
  auto options = std::make_shared<ConsoleCommand>();
  app->add_flag("--login", options->signs_in,
                "Print a link with temporary credentials, for a server with --auth sigv4; they end "
                "after twelve hours");
  app->add_flag("--print", options->only_prints, "Only print the address");
  add_cloud_options(*app, options->cloud);
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return show_console(surroundings, *options); };
  });
}

}  // namespace matinee::cli
