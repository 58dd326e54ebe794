#include "benchmarks/load/request.hpp"

#include <charconv>

namespace croupier::load {

request_head::request_head(std::string_view method, std::string_view path, std::string_view host,
                           const headers& fields) {
  text_.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  for (const auto& [name, value] : fields) text_.append(name).append(": ").append(value).append("\r\n");
}

void request_head::render(std::string_view body, std::string& wire) const {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, body.size()).ptr;
  wire.assign(text_).append("Content-Length: ").append(digits, end).append("\r\n\r\n").append(body);
}

void request_head::render_without_body(std::string& wire) const {
  wire.assign(text_).append("\r\n");
}

} // namespace croupier::load
