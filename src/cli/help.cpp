#include "cli/help.h"

#include <fmt/format.h>

#include "cli/option_values.h"
#include "cli/suggest.h"
#include "jobs/report.h"

namespace matinee::cli {

using jobs::shortened;

namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t description_column = 28;

/// A space at which no line ends.
constexpr char fixed_space = '\x1f';

/// `text` in lines that end before the page does, each one after the first indented.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > page_width) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      result += ' ';
      ++column;
    }
    result += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::ranges::replace(result, fixed_space, ' ');
  return result;
}

/// A name in the left column, and its description in the right one.
std::string entry(std::string_view name, std::string_view description) {
  std::string line = fmt::format("  {}", name);
  if (line.size() + 2 > description_column)
    line += '\n' + std::string(description_column, ' ');
  else
    line.resize(description_column, ' ');
  return line + wrap(description, description_column) + '\n';
}

std::string option_entry(const CLI::Option& option) {
  std::string name = option.get_name(option.get_positional(), !option.get_positional());
  if (const std::size_t comma = name.find(','); comma != std::string::npos)
    name.insert(comma + 1, " ");
  std::string description = option.get_description();
  if (option.get_positional()) return entry(name, description);
  if (option.get_type_size() != 0) {
    name += ' ' + option.get_type_name();
    if (!option.get_default_str().empty())
      description += fmt::format(" (default:{}{})", fixed_space, option.get_default_str());
  }
  return entry(name, description);
}

class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    const auto positionals =
        app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    const auto options =
        app->get_options([](const CLI::Option* option) { return option->nonpositional(); });
    const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
    std::string page = "Usage: " + name;
    if (!commands.empty()) page += " COMMAND";
    for (const CLI::Option* option : positionals) page += ' ' + option->get_name(true, false);
    page += " [OPTIONS]\n\n" + wrap(app->get_description() + ".", 0) + '\n';
    if (!commands.empty()) page += "\nCommands:\n";
    for (const CLI::App* command : commands)
      page += entry(command->get_name(), command->get_description());
    if (!positionals.empty()) page += "\nArguments:\n";
    for (const CLI::Option* option : positionals) page += option_entry(*option);
    page += "\nOptions:\n";
    for (const CLI::Option* option : options) page += option_entry(*option);
    if (!app->get_footer().empty()) page += '\n' + app->get_footer() + '\n';
    return page;
  }
};

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// What is not understood, or missing, on the command line of `app`.
std::string explain_words(const CLI::App& program, const CLI::App& app, std::string_view command) {
  if (const std::vector<std::string> unknown = program.remaining(true); !unknown.empty()) {
    const std::string& word = unknown.front();
    if (word.starts_with("-"))
      return fmt::format("There is no option \"{}\"{}", shortened(word),
                         did_you_mean(word, option_names(app)));
    if (!command_names(app).empty())
      return fmt::format("There is no command \"{}\"{}", shortened(word),
                         did_you_mean(word, command_names(app)));
    return fmt::format("\"{}\" has no place in \"{}\"", shortened(word), command);
  }
  std::vector<std::string> names = command_names(app);
  std::vector<std::string> places;
  for (const CLI::Option* each : app.get_options()) {
    if (each->count() > 0) continue;
    if (each->get_positional()) {
      names = words_of(*each);
      places.push_back(each->get_name(true, false));
    } else if (each->get_required()) {
      places.push_back(each->get_name());
    }
  }
  if (names.empty()) return fmt::format("\"{}\" needs {}", command, fmt::join(places, " and "));
  return fmt::format("\"{}\" needs a word more: {}", command, alternatives(names));
}

/// The argument library names the option somewhere in its sentence. Options check their values
/// before it does, so what is left to it are flags.
std::string explain_conversion(std::string_view sentence) {
  sentence.remove_prefix(std::min(sentence.find("--"), sentence.size()));
  const std::string_view name = sentence.substr(0, sentence.find_first_of(" :="));
  return fmt::format("{} is given once, and takes no value", name);
}

}  // namespace

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

std::shared_ptr<CLI::FormatterBase> help_formatter() {
  return std::make_shared<HelpFormatter>();
}

const CLI::App& last_command(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string explain_fault(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* app = &program;
  std::string command = program.get_name();
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    command += ' ' + app->get_name();
  }
  const auto kind = static_cast<CLI::ExitCodes>(error.get_exit_code());
  std::string sentence = error.what();
  const std::string option = sentence.substr(0, sentence.find(':'));
  if (kind == CLI::ExitCodes::RequiredError || kind == CLI::ExitCodes::ExtrasError)
    sentence = explain_words(program, *app, command);
  else if (kind == CLI::ExitCodes::ValidationError && option.size() < sentence.size())
    sentence.erase(option.size(), 1);  // "--port: must be ..."
  else if (kind == CLI::ExitCodes::ArgumentMismatch)
    sentence = option + (sentence.ends_with("missing") ? " needs a value" : " is given twice");
  else if (kind == CLI::ExitCodes::ConversionError)
    sentence = explain_conversion(sentence);
  const std::string_view end = sentence.ends_with('?') ? " See" : "; see";
  return fmt::format("{}{} \"{} --help\".", sentence, end, command);
}

}  // namespace matinee::cli
