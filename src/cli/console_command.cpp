// `matinee console`: where the web console is, opened in the browser; and a link that signs in.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <expected>

#include "cli/commands.h"
#include "cli/insight_call.h"
#include "insight/client.h"
#include "sts/client.h"

namespace matinee::cli {
namespace {

constexpr int session_seconds = 12 * 3600;

struct ConsoleCommand {
  CloudChoice cloud;
  bool signs_in = false;
  bool only_prints = false;
};

/// What stands behind # of the link, which is sent to nobody: temporary credentials wait at the
/// server for the page that has the code, once.
std::expected<std::string, std::string> login_text(Surroundings& surroundings,
                                                   client::Channel& channel) {
  const sts::Client sts(channel);
  const auto session = wait_for<sts::GetSessionTokenResponse>(surroundings.runtime.loop, [&] {
    return sts.get_session_token({.duration_seconds = session_seconds});
  });
  if (!session.response) return std::unexpected(session.failure);
  const sts::Credentials& credentials = *session.response->credentials;
  const insight::Client client(channel);
  const auto login = wait_for<insight::CreateLoginResponse>(surroundings.runtime.loop, [&] {
    return client.create_login({.access_key_id = credentials.access_key_id,
                                .secret_access_key = credentials.secret_access_key,
                                .session_token = credentials.session_token});
  });
  if (!login.response) return std::unexpected(login.failure);
  return "#/login?code=" + login.response->code.value_or("");
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
    const auto text = login_text(surroundings, (*connection)->channel());
    if (!text) return fail(surroundings, text.error());
    address += *text;
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
                "Print a link that signs in once, within five minutes, for a server with --auth "
                "sigv4; after twelve hours it has to be done again");
  app->add_flag("--print", options->only_prints, "Only print the address");
  add_cloud_options(*app, options->cloud);
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return show_console(surroundings, *options); };
  });
}

}  // namespace matinee::cli
