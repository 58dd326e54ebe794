// Gives every file of the corpora, among them everything that ever failed, to its target, as it is and damaged in a few
// ways that a seed decides: fuzz_replay CORPUS [ROUNDS]. `fuzz_replay --seeds FOLDER` writes records and pages to start
// from instead.

#include "persistence/journal_page.hpp"
#include "persistence/record_codec.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/persistence/random_entry.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void run(const croupier::fuzz::target& target, const std::string& input) {
  // Of the exact size, so that a sanitizer sees a read behind the end.
  const std::vector<char> exact(input.begin(), input.end());
  target.run({exact.data(), exact.size()});
}

std::string damaged(std::string input, std::mt19937_64& random) {
  for (auto times = 1 + random() % 4; times > 0; --times) {
    const std::size_t at = input.empty() ? 0 : random() % input.size();
    switch (random() % 4) {
    case 0: input.resize(at); break;
    case 1: input.insert(at, 1, static_cast<char>(random())); break;
    case 2: input.insert(at, input.substr(0, random() % 64)); break;
    default:
      if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1U << random() % 8));
    }
  }
  return input;
}

int replay(const fs::path& corpora, unsigned rounds) {
  std::size_t files = 0;
  std::size_t inputs = 0;
  for (const auto& target : croupier::fuzz::targets()) {
    run(target, {});
    const std::size_t before = files;
    for (const auto& entry : fs::directory_iterator(corpora / target.name)) {
      ++files;
      const auto input = content_of(entry.path());
      run(target, input);
      std::mt19937_64 random(files);
      for (unsigned i = 0; i < rounds; ++i) run(target, damaged(input, random));
      inputs += rounds + 1;
    }
    if (files == before) {
      std::cerr << "no corpus for " << target.name << '\n';
      return 1;
    }
  }
  std::cout << files << " files, " << inputs << " inputs, " << croupier::fuzz::targets().size() << " targets\n";
  return 0;
}

void write(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

int write_seeds(const fs::path& folder) {
  using namespace croupier::persistence;
  random_entries source(1);
  for (int i = 0; i < 16; ++i) {
    std::vector<std::string> records(1 + static_cast<std::size_t>(i) % 3);
    for (auto& each : records) encode(source.next(), each);
    write(folder / "record" / std::to_string(i), records.front());
    std::string object;
    encode_object(source.next_object(), object);
    write(folder / "record" / ("object-" + std::to_string(i)), object);
    if (i >= 4) continue;
    page_header header;
    header.first = {1};
    header.count = records.size();
    header.begins_group = header.ends_group = true;
    const std::vector<std::string_view> views(records.begin(), records.end());
    std::string page;
    page_hasher().write(header, views, {}, page);
    write(folder / "page" / std::to_string(i), page);
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--seeds") return write_seeds(arguments[1]);
  if (arguments.empty() || arguments.size() > 2) {
    std::cerr << "usage: fuzz_replay CORPUS [ROUNDS] | --seeds FOLDER\n";
    return 2;
  }
  return replay(arguments[0], arguments.size() == 2 ? static_cast<unsigned>(std::stoul(arguments[1])) : 200);
}
