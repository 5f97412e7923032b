#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace matinee::cli {
namespace {

/// A command by its words ("run movies"; empty for the program itself) and what may follow it.
struct Command {
  std::string words;
  std::string description;
  std::vector<std::pair<std::string, std::string>> options;   // "--count", what it is for
  std::vector<std::pair<std::string, std::string>> commands;  // "movies", what it is for
};

/// Text between single quotes of a shell, without what would end them or start a new line.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, text.find('\n')))
    if (c != '\'' && c != '[' && c != ']' && c != ':' && c != '\\') result += c;
  return result;
}

void collect(const CLI::App& app, const std::string& words, std::vector<Command>& commands) {
  Command command{
      .words = words, .description = app.get_description(), .options = {}, .commands = {}};
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames())
      command.options.emplace_back("--" + name, plain(option->get_description()));
  const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : subcommands)
    command.commands.emplace_back(sub->get_name(), plain(sub->get_description()));
  commands.push_back(std::move(command));
  for (const CLI::App* sub : subcommands)
    collect(*sub, words.empty() ? sub->get_name() : words + " " + sub->get_name(), commands);
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string cases;
  for (const Command& command : commands) {
    std::string candidates;
    for (const auto& [name, description] : command.commands) candidates += name + " ";
    for (const auto& [name, description] : command.options) candidates += name + " ";
    cases += fmt::format("    '{}') candidates='{}' ;;\n", command.words, candidates);
  }
  return fmt::format(
      R"(# bash completion for matinee: source <(matinee completion bash)
_matinee() {{
  local words='' candidates='' longer i
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="${{words:+$words/}}${{COMP_WORDS[i]}}"
    case " {} " in
      *" $longer "*) words=$longer ;;
    esac
  done
  case ${{words//\// }} in
{}  esac
  COMPREPLY=($(compgen -W "$candidates" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _matinee matinee
)",
      [&] {
        std::string known;
        for (const Command& command : commands) {
          std::string path = command.words;
          std::ranges::replace(path, ' ', '/');
          known += path + " ";
        }
        return known;
      }(),
      cases);
}

std::string zsh_script(const std::vector<Command>& commands) {
  std::string cases;
  for (const Command& command : commands) {
    std::string candidates;
    for (const auto& [name, description] : command.commands)
      candidates += fmt::format("'{}:{}' ", name, description);
    for (const auto& [name, description] : command.options)
      candidates += fmt::format("'{}:{}' ", name, description);
    cases += fmt::format("    '{}') candidates=({}) ;;\n", command.words, candidates);
  }
  return fmt::format(
      R"(#compdef matinee
# zsh completion for matinee: source <(matinee completion zsh)
_matinee() {{
  local command='' word
  local -a candidates known
  known=({})
  for word in ${{words[2,CURRENT-1]}}; do
    local longer="${{command:+$command }}$word"
    (( ${{known[(Ie)$longer]}} )) && command=$longer
  done
  case $command in
{}  esac
  _describe 'matinee' candidates || _files
}}
compdef _matinee matinee
)",
      [&] {
        std::string known;
        for (const Command& command : commands)
          if (!command.words.empty()) known += fmt::format("'{}' ", command.words);
        return known;
      }(),
      cases);
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string script = "# fish completion for matinee: matinee completion fish | source\n";
  for (const Command& command : commands) {
    std::string condition = "__fish_use_subcommand";
    if (!command.words.empty()) {
      condition.clear();
      std::string_view rest = command.words;
      while (!rest.empty()) {
        const std::size_t space = std::min(rest.find(' '), rest.size());
        condition += fmt::format("{}__fish_seen_subcommand_from {}",
                                 condition.empty() ? "" : "; and ", rest.substr(0, space));
        rest.remove_prefix(std::min(space + 1, rest.size()));
      }
    }
    for (const auto& [name, description] : command.commands)
      script += fmt::format("complete -c matinee -n '{}' -f -a '{}' -d '{}'\n", condition, name,
                            description);
    for (const auto& [name, description] : command.options)
      script += fmt::format("complete -c matinee -n '{}' -l '{}' -d '{}'\n", condition,
                            name.substr(2), description);
  }
  return script;
}

}  // namespace

std::expected<std::string, std::string> completion_script(const CLI::App& program,
                                                          std::string_view shell) {
  std::vector<Command> commands;
  collect(program, "", commands);
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return zsh_script(commands);
  if (shell == "fish") return fish_script(commands);
  return std::unexpected(
      fmt::format("There is no completion for \"{}\": bash, zsh and fish are served.", shell));
}

}  // namespace matinee::cli
