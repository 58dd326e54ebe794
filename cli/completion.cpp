#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <vector>

namespace croupier::cli {
namespace {

constexpr const char* footer = R"(The script is made from the commands of this very program, so it knows what it knows.

Examples:
  source <(croupier completion bash)
  croupier completion bash > ~/.local/share/bash-completion/completions/croupier
  source <(croupier completion zsh)
  croupier completion zsh > "${fpath[1]}/_croupier"

Exit codes: 0 printed, 2 wrong usage.)";

/// What a shell may offer for a word of the user's.
struct offer {
  enum class kind : std::uint8_t { nothing, folders, files, choices };
  kind what = kind::nothing;
  std::string choices; ///< with spaces between them
};

/// What may stand behind an option, or as an operand.
offer offer_of(const CLI::Option& option) {
  const std::string type = option.get_type_name() + " " + option.get_name(true);
  const auto says = [&](std::string_view word) { return type.find(word) != std::string::npos; };
  if (says("DIR") || says("BACKUPS")) return {offer::kind::folders, {}};
  if (says("FILE") || says("path")) return {offer::kind::files, {}};
  // "debug, info, warning or error": the names of choices are lower-case words, hyphens included.
  std::string words = option.get_type_name();
  for (const std::string_view separator : {", ", " or "})
    for (auto at = words.find(separator); at != std::string::npos; at = words.find(separator))
      words.replace(at, separator.size(), " ");
  const bool is_choice = words.find(' ') != std::string::npos && std::all_of(words.begin(), words.end(), [](char c) {
                           return c == ' ' || c == '-' || (c >= 'a' && c <= 'z');
                         });
  return is_choice ? offer{offer::kind::choices, words} : offer{};
}

/// The names of an option as a user types them: "-h", "--help".
std::vector<std::string> typed_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

/// A name that may be typed, and what it is for.
struct word {
  std::string name;
  std::string meaning;
};

/// How a shell writes down what it is to offer.
struct shell {
  std::string (*offering)(const offer& what);
  /// What is offered in a command: the commands below it, its options, its operand (nothing: it takes none).
  std::string (*words)(const std::vector<word>& commands, const std::vector<word>& options, const offer& operand);
};

/// The tables of a script, as branches of a `case`: which command is meant, what may stand behind an option of it, and
/// what may stand next in it.
struct tables {
  std::string paths;
  std::string values;
  std::string words;
};

/// Adds a command and those below it. `path` is "", "/keys", "/keys/generate".
void add_command(const CLI::App& command, const std::string& path, const shell& to_write, tables& to) {
  if (!path.empty()) to.paths += "      '" + path + "') at='" + path + "' ;;\n";
  const auto all_below = command.get_subcommands([](const CLI::App*) { return true; });
  std::vector<word> commands;
  std::vector<word> options;
  offer operand;
  for (const CLI::App* below : all_below) commands.push_back({below->get_name(), below->get_description()});
  for (const CLI::Option* option : command.get_options()) {
    const offer value = offer_of(*option);
    if (option->get_positional()) operand = value;
    for (const std::string& name : typed_names(*option)) {
      options.push_back({name, option->get_description()});
      if (option->get_items_expected_max() > 0)
        to.values += "    '" + path + " " + name + "') " + to_write.offering(value) + "; return ;;\n";
    }
  }
  to.words += "    '" + path + "') " + to_write.words(commands, options, operand) + " ;;\n";
  for (const CLI::App* below : all_below) add_command(*below, path + "/" + below->get_name(), to_write, to);
}

tables tables_of(const CLI::App& app, const shell& to_write) {
  tables content;
  add_command(app, "", to_write, content);
  return content;
}

std::string bash_offering(const offer& what) {
  switch (what.what) {
  case offer::kind::folders: return "COMPREPLY=($(compgen -d -- \"$cur\"))";
  case offer::kind::files: return "COMPREPLY=($(compgen -f -- \"$cur\"))";
  case offer::kind::choices: return "COMPREPLY=($(compgen -W '" + what.choices + "' -- \"$cur\"))";
  case offer::kind::nothing: break;
  }
  return "COMPREPLY=()";
}

std::string bash_words(const std::vector<word>& commands, const std::vector<word>& options, const offer& operand) {
  std::string names;
  for (const auto* list : {&commands, &options})
    for (const word& each : *list) names += (names.empty() ? "" : " ") + each.name;
  // An operand may be a file; its names come beside the options, which begin with a dash.
  const bool takes = operand.what != offer::kind::nothing;
  return "words='" + names + "'" + (takes ? "; [[ $cur == -* ]] || { " + bash_offering(operand) + "; return; }" : "");
}

std::string bash_script(const CLI::App& app) {
  const tables content = tables_of(app, {bash_offering, bash_words});
  return R"(_croupier() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/${COMP_WORDS[i]}" in
)" + content.paths +
         R"(    esac
  done
  case "$at $prev" in
)" + content.values +
         R"(  esac
  case "$at" in
)" + content.words +
         R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o filenames -F _croupier croupier
)";
}

std::string zsh_offering(const offer& what) {
  switch (what.what) {
  case offer::kind::folders: return "_files -/";
  case offer::kind::files: return "_files";
  case offer::kind::choices: return "compadd -- " + what.choices;
  case offer::kind::nothing: break;
  }
  return "_message value";
}

/// As an array for `_describe`: name, colon, meaning.
std::string zsh_list(const std::vector<word>& from) {
  std::string text;
  for (const word& each : from) {
    text += (text.empty() ? "'" : " '") + each.name + ":";
    for (const char c : each.meaning) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
  }
  return "(" + text + ")";
}

std::string zsh_words(const std::vector<word>& commands, const std::vector<word>& options, const offer& operand) {
  std::string text;
  if (!commands.empty()) text += "commands=" + zsh_list(commands) + "\n      ";
  text += "options=" + zsh_list(options);
  // What begins with a dash is an option; where nothing else can stand, so is everything.
  if (operand.what != offer::kind::nothing)
    text += "\n      [[ $PREFIX == -* ]] || { " + zsh_offering(operand) + "; return }";
  return text;
}

/// As a file of $fpath it is the function itself, called to complete; sourced, it says what completes.
std::string zsh_script(const CLI::App& app) {
  const tables content = tables_of(app, {zsh_offering, zsh_words});
  return R"(#compdef croupier
_croupier() {
  local at i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/${words[i]}" in
)" + content.paths +
         R"(    esac
  done
  case "$at ${words[CURRENT-1]}" in
)" + content.values +
         R"(  esac
  case "$at" in
)" + content.words +
         R"(  esac
  if (( $#commands )) && [[ $PREFIX != -* ]]; then
    _describe -t commands command commands
  else
    _describe -O option options
  fi
}
if [[ ${funcstack[1]} == _croupier ]]; then
  _croupier "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _croupier croupier
fi
)";
}

} // namespace

void add_completion(CLI::App& app, exit_code& code) {
  CLI::App* command = app.add_subcommand("completion", "Print what makes a shell complete croupier's commands");
  command->require_subcommand(1);
  command->footer(footer);
  command->add_subcommand("bash", "For bash")->callback([&app, &code] {
    std::cout << bash_script(app);
    code = exit_code::success;
  });
  command->add_subcommand("zsh", "For zsh")->callback([&app, &code] {
    std::cout << zsh_script(app);
    code = exit_code::success;
  });
}

} // namespace croupier::cli
