#include "cli/movement_source.hpp"

#include <boost/json/parse.hpp>

#include <istream>

namespace croupier::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t line_bytes_max = 1U << 20;

std::string text_member(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

class ndjson_movements final : public movement_source {
public:
  explicit ndjson_movements(std::istream& from) : from_(from) {}

  bool next(import_item& out) override {
    out = {};
    while (broken_.empty() && read_line(out.body)) {
      if (out.body.find_first_not_of(" \t") == std::string::npos) continue;
      out.line = line_;
      out.problem = examine(out);
      return true;
    }
    return false;
  }

  std::string broken() const override { return broken_; }
  std::uint64_t bytes_read() const noexcept override { return bytes_read_; }

private:
  /// A line without its break; of one that is too long to be a movement only as much as shows it.
  bool read_line(std::string& line) {
    line.clear();
    int c = from_.get();
    if (from_.bad()) broken_ = "line " + std::to_string(line_ + 1) + ": the file cannot be read";
    if (from_.fail()) return false;
    ++line_;
    for (; !from_.fail() && c != '\n'; c = from_.get()) {
      ++bytes_read_;
      if (line.size() <= line_bytes_max) line.push_back(static_cast<char>(c));
    }
    ++bytes_read_;
    if (line.ends_with('\r')) line.pop_back();
    return true;
  }

  /// Only what the import itself stands on; the server judges the rest.
  static std::string examine(import_item& item) {
    if (item.body.size() > line_bytes_max) return "longer than 1 MiB";
    boost::system::error_code error;
    const json::value parsed = json::parse(item.body, error);
    if (error || !parsed.is_object()) return "not a JSON object";
    const json::object& body = parsed.get_object();
    if (text_member(body, "requestId").empty()) return "no requestId: importing the file again would apply it again";
    item.brand = text_member(body, "revenueOriginId");
    item.player = text_member(body, "externalClientId");
    const json::value* opening = body.if_contains("opening");
    item.opening = opening != nullptr && opening->is_bool() && opening->get_bool();
    return {};
  }

  std::istream& from_;
  std::uint64_t line_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::string broken_;
};

} // namespace

std::unique_ptr<movement_source> read_ndjson(std::istream& from) {
  return std::make_unique<ndjson_movements>(from);
}

} // namespace croupier::cli
