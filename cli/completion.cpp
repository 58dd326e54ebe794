#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <vector>

namespace croupier::cli {
namespace {

constexpr const char* footer = R"(The script is made from the commands of this very program, so it knows what it knows.

Examples:
  source <(croupier completion bash)
  croupier completion bash > ~/.local/share/bash-completion/completions/croupier
  croupier completion zsh > "${fpath[1]}/_croupier"

Exit codes: 0 printed, 2 wrong usage.)";

/// What may stand behind an option, as text of the shell that puts it into COMPREPLY.
std::string values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name() + " " + option.get_name(true);
  const auto says = [&](std::string_view word) { return type.find(word) != std::string::npos; };
  if (says("DIR") || says("BACKUPS")) return "COMPREPLY=($(compgen -d -- \"$cur\"))";
  if (says("FILE") || says("path")) return "COMPREPLY=($(compgen -f -- \"$cur\"))";
  // "debug, info, warning or error": the names of choices are lower-case words, hyphens included.
  std::string words = option.get_type_name();
  for (const std::string_view separator : {", ", " or "})
    for (auto at = words.find(separator); at != std::string::npos; at = words.find(separator))
      words.replace(at, separator.size(), " ");
  const bool is_choice = words.find(' ') != std::string::npos && std::all_of(words.begin(), words.end(), [](char c) {
                           return c == ' ' || c == '-' || (c >= 'a' && c <= 'z');
                         });
  return is_choice ? "COMPREPLY=($(compgen -W '" + words + "' -- \"$cur\"))" : "COMPREPLY=()";
}

/// The two tables of the script: what may stand next in a command, and what behind an option of it.
struct tables {
  std::string paths;
  std::string words;
  std::string values;
};

/// The names of an option as a user types them: "-h", "--help".
std::vector<std::string> typed_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

/// Adds a command and those below it. `path` is "", "/keys", "/keys/generate".
void add_command(const CLI::App& command, const std::string& path, tables& to) {
  if (!path.empty()) to.paths += "      '" + path + "') path='" + path + "' ;;\n";
  std::string words;
  std::string operands;
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; }))
    words += below->get_name() + " ";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) operands = values_of(*option);
    for (const std::string& name : typed_names(*option)) {
      words += name + " ";
      if (option->get_items_expected_max() > 0)
        to.values += "    '" + path + " " + name + "') " + values_of(*option) + "; return ;;\n";
    }
  }
  if (!words.empty()) words.pop_back();
  to.words += "    '" + path + "') words='" + words + "'";
  // An operand may be a file; its names come beside the options, which begin with a dash.
  if (!operands.empty()) to.words += "; [[ $cur == -* ]] || { " + operands + "; return; }";
  to.words += " ;;\n";
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; }))
    add_command(*below, path + "/" + below->get_name(), to);
}

std::string bash_script(const CLI::App& app) {
  tables content;
  add_command(app, "", content);
  return R"(_croupier() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/${COMP_WORDS[i]}" in
)" + content.paths +
         R"(    esac
  done
  case "$path $prev" in
)" + content.values +
         R"(  esac
  case "$path" in
)" + content.words +
         R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o filenames -F _croupier croupier
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
  command->add_subcommand("zsh", "For zsh, through its bashcompinit")->callback([&app, &code] {
    std::cout << "#compdef croupier\nautoload -U +X bashcompinit && bashcompinit\n" << bash_script(app);
    code = exit_code::success;
  });
}

} // namespace croupier::cli
