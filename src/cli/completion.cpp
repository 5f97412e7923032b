#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/option_values.h"

namespace matinee::cli {
namespace {

struct Option {
  std::string name;  // "--count"
  std::string description;
  bool takes_value = false;
  bool takes_directory = false;
  std::vector<std::string> values;  // where it takes one of a few words
};

/// What may follow a command: "run movies", or empty for the program itself.
struct Command {
  std::string words;
  std::vector<Option> options;
  std::vector<std::pair<std::string, std::string>> words_next;  // "movies", what it is for
};

/// Text between single quotes of a shell, without what would end them or has a meaning there.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ':')
      result += " -";
    else if (!std::string_view("'[]\\$`\"\n").contains(c))
      result += c;
  }
  return result;
}

Command describe(const CLI::App& app, const std::string& words) {
  Command command{.words = words, .options = {}, .words_next = {}};
  for (const CLI::Option* option : app.get_options()) {
    const std::vector<std::string> values = words_of(*option);
    if (option->get_positional())
      for (const std::string& value : values) command.words_next.emplace_back(value, "");
    for (const std::string& name : option->get_lnames())
      command.options.push_back({.name = "--" + name,
                                 .description = plain(option->get_description()),
                                 .takes_value = option->get_type_size() != 0,
                                 .takes_directory = option->get_type_name() == "DIR",
                                 .values = values});
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    command.words_next.emplace_back(sub->get_name(), plain(sub->get_description()));
  return command;
}

void collect(const CLI::App& app, const std::string& words, std::vector<Command>& commands) {
  commands.push_back(describe(app, words));
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    collect(*sub, words.empty() ? sub->get_name() : words + " " + sub->get_name(), commands);
}

/// "'run' 'run movies'", with which a script finds out which command it is in.
std::string known_commands(const std::vector<Command>& commands) {
  std::string known;
  for (const Command& command : commands)
    if (!command.words.empty()) known += fmt::format(" '{}'", command.words);
  return known;
}

constexpr std::string_view bash_frame =
    R"(# bash completion for matinee: source <(matinee completion bash)
_matinee() {{
  local command='' candidates='' longer known i
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="${{command:+$command }}${{COMP_WORDS[i]}}"
    for known in{}; do
      [[ $known == "$longer" ]] && command=$longer
    done
  done
  case "$command ${{COMP_WORDS[COMP_CWORD-1]}}" in
{}    *) case $command in
{}    esac ;;
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _matinee matinee
)";

std::string bash_script(const std::vector<Command>& commands) {
  std::string values;
  std::string candidates;
  for (const Command& command : commands) {
    std::string words;
    for (const auto& [word, description] : command.words_next) words += word + " ";
    for (const Option& option : command.options) {
      words += option.name + " ";
      const std::string label = fmt::format("    '{} {}') ", command.words, option.name);
      if (option.takes_directory)
        values += label + "compopt -o dirnames; return ;;\n";
      else if (option.takes_value)
        values += label + fmt::format("candidates='{}' ;;\n", fmt::join(option.values, " "));
    }
    candidates += fmt::format("    '{}') candidates='{}' ;;\n", command.words, words);
  }
  return fmt::format(bash_frame, known_commands(commands), values, candidates);
}

constexpr std::string_view zsh_frame = R"(#compdef matinee
# zsh completion for matinee: source <(matinee completion zsh)
_matinee() {{
  local command='' word longer
  local -a candidates known
  known=({})
  for word in ${{words[2,CURRENT-1]}}; do
    longer="${{command:+$command }}$word"
    (( ${{known[(Ie)$longer]}} )) && command=$longer
  done
  case "$command ${{words[CURRENT-1]}}" in
{}    *) case $command in
{}    esac ;;
  esac
  _describe 'matinee' candidates
}}
if [[ $funcstack[1] == _matinee ]]; then _matinee "$@"; else compdef _matinee matinee; fi
)";

std::string zsh_script(const std::vector<Command>& commands) {
  std::string values;
  std::string candidates;
  for (const Command& command : commands) {
    std::string words;
    for (const auto& [word, description] : command.words_next)
      words += description.empty() ? fmt::format("'{}' ", word)
                                   : fmt::format("'{}:{}' ", word, description);
    for (const Option& option : command.options) {
      words += fmt::format("'{}:{}' ", option.name, option.description);
      const std::string label = fmt::format("    '{} {}') ", command.words, option.name);
      if (option.takes_directory)
        values += label + "_files -/; return ;;\n";
      else if (!option.values.empty())
        values += label + fmt::format("candidates=({}) ;;\n", fmt::join(option.values, " "));
      else if (option.takes_value)
        values += label + fmt::format("_message '{}'; return ;;\n", option.description);
    }
    candidates += fmt::format("    '{}') candidates=({}) ;;\n", command.words, words);
  }
  return fmt::format(zsh_frame, known_commands(commands), values, candidates);
}

/// When fish offers what may follow `command`: its words were given, and none of the next.
std::string fish_condition(const Command& command) {
  std::string condition;
  for (const std::string& word : CLI::detail::split(command.words, ' '))
    if (!word.empty())
      condition +=
          fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", word);
  if (condition.empty()) return "__fish_use_subcommand";
  if (!command.words_next.empty()) {
    condition += "; and not __fish_seen_subcommand_from";
    for (const auto& [word, description] : command.words_next) condition += " " + word;
  }
  return condition;
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string script =
      "# fish completion for matinee: matinee completion fish | source\n"
      "complete -c matinee -f\n";
  for (const Command& command : commands) {
    const std::string start = fmt::format("complete -c matinee -n '{}'", fish_condition(command));
    for (const auto& [word, description] : command.words_next)
      script += fmt::format("{} -a '{}' -d '{}'\n", start, word, description);
    for (const Option& option : command.options) {
      std::string values;
      if (option.takes_directory)
        values = " -x -a '(__fish_complete_directories)'";
      else if (option.takes_value)
        values = fmt::format(" -x -a '{}'", fmt::join(option.values, " "));
      script += fmt::format("{} -l '{}'{} -d '{}'\n", start, option.name.substr(2), values,
                            option.description);
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& program, std::string_view shell) {
  std::vector<Command> commands;
  collect(program, "", commands);
  if (shell == "bash") return bash_script(commands);
  return shell == "zsh" ? zsh_script(commands) : fish_script(commands);
}

}  // namespace matinee::cli
