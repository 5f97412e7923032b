#include "cli/help.h"

#include <fmt/format.h>

#include <charconv>

namespace matinee::cli {
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

/// "bash, zsh or fish"
std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

/// What is not understood, or missing, on the command line of `app`.
std::string explain_words(const CLI::App& program, const CLI::App& app, std::string_view command) {
  if (const std::vector<std::string> unknown = program.remaining(true); !unknown.empty()) {
    const std::string& word = unknown.front();
    if (word.starts_with("-")) return fmt::format("There is no option \"{}\"", word);
    if (!app.get_subcommands([](const CLI::App*) { return true; }).empty())
      return fmt::format("There is no command \"{}\"", word);
    return fmt::format("\"{}\" has no place in \"{}\"", word, command);
  }
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  std::vector<std::string> places;
  for (const CLI::Option* each : app.get_options()) {
    if (!each->get_positional()) continue;
    names = words_of(*each);
    places.push_back(each->get_name(true, false));
  }
  if (names.empty()) return fmt::format("\"{}\" needs {}", command, fmt::join(places, " and "));
  return fmt::format("\"{}\" needs a word more: {}", command, alternatives(names));
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() {
  return std::make_shared<HelpFormatter>();
}

void take_one_of(CLI::Option& option, const std::vector<std::string>& words) {
  option.type_name(fmt::format("{}", fmt::join(words, "|")));
  option.check([words](const std::string& given) {
    if (std::ranges::find(words, given) != words.end()) return std::string();
    return fmt::format("must be {}, and \"{}\" is not", alternatives(words), given);
  });
}

void take_number(CLI::Option& option, std::uint64_t least, std::uint64_t most) {
  option.type_name("NUMBER");
  option.check([least, most](const std::string& given) {
    std::uint64_t number = 0;
    const char* end = given.data() + given.size();
    const auto [stop, fault] = std::from_chars(given.data(), end, number);
    if (fault == std::errc() && stop == end && number >= least && number <= most)
      return std::string();
    return fmt::format("must be a whole number between {} and {}, and \"{}\" is not", least, most,
                       given);
  });
}

std::vector<std::string> words_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  std::vector<std::string> words;
  if (!type.contains('|')) return words;
  for (const std::string& word : CLI::detail::split(type, '|'))
    if (std::ranges::none_of(word, [](char c) { return c >= 'A' && c <= 'Z'; }))
      words.push_back(word);
  return words;
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
  return fmt::format("{}; see \"{} --help\".", sentence, command);
}

}  // namespace matinee::cli
