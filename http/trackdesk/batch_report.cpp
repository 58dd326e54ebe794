#include "http/trackdesk/batch_report.hpp"

namespace croupier::http::trackdesk {

batch_report::batch_report(const folder_key& key, bool list_all) : key_(key), list_all_(list_all), out_(results_) {
  out_.begin_array();
}

void batch_report::accepted(std::uint64_t index, sequence at) {
  ++accepted_;
  if (list_all_) list(index, "accepted", nullptr, at);
}

void batch_report::duplicate(std::uint64_t index, const api_error& error) {
  ++duplicates_;
  list(index, "duplicate", &error, {});
}

void batch_report::refused(std::uint64_t index, const api_error& error) {
  ++errors_;
  list(index, "error", &error, {});
}

void batch_report::list(std::uint64_t index, std::string_view status, const api_error* error, sequence at) {
  truncated_ = listed_ == listed_max;
  if (truncated_) return;
  ++listed_;
  out_.begin_object();
  out_.key("index").unsigned_integer(index);
  out_.key("status").string(status);
  if (error != nullptr)
    out_.key("error").raw(to_json(*error));
  else
    out_.key("movementId").string(make_id(key_, id_kind::movement, at.value).text());
  out_.end_object();
}

std::string batch_report::finish() {
  out_.end_array();
  std::string body;
  json::writer out(body);
  out.begin_object().key("summary").begin_object();
  out.key("total").unsigned_integer(total());
  out.key("accepted").unsigned_integer(accepted_);
  out.key("duplicates").unsigned_integer(duplicates_);
  out.key("errors").unsigned_integer(errors_);
  out.end_object();
  out.key("results").raw(results_);
  if (truncated_) out.key("resultsTruncated").boolean(true);
  out.end_object();
  return body;
}

} // namespace croupier::http::trackdesk
