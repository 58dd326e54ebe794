#include "engine/check.hpp"
#include "http/deliver/outgoing_http.hpp"
#include "http/deliver/outlet.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <ctime>

namespace croupier::http::deliver {

namespace {

constexpr std::size_t batch_entries_max = 100;
constexpr std::size_t batch_bytes_max = 256 * 1024;

class webhook final : public outlet {
public:
  webhook(const destination& target, outgoing_url url, const outlet_means& means)
      : id_(target.id.text()), secret_(target.secret), path_(url.path), http_(std::move(url), means) {}

  void add(const committed_entry& entry, entry_renderer& render) override {
    std::string text; // whole before it counts: rendering reads the disk, which may fail
    render.append(text, entry);
    if (count_ == 0) first_ = entry.at;
    last_ = entry.at;
    if (count_++ != 0) entries_ += ',';
    entries_ += text;
  }
  bool full() const override { return count_ >= batch_entries_max || entries_.size() >= batch_bytes_max; }
  bool pending() const override { return count_ != 0; }

  sent_outcome send() override {
    const auto range = std::to_string(first_.value) + "-" + std::to_string(last_.value);
    const auto now = std::to_string(std::time(nullptr));
    outgoing_http::call what;
    what.method = "POST";
    what.path = path_;
    what.content_type = "application/json";
    json::writer out(what.body);
    out.begin_object().key("destinationId").string(id_);
    out.key("first").unsigned_integer(first_.value).key("last").unsigned_integer(last_.value);
    out.key("entries").raw("[" + entries_ + "]").end_object();
    what.headers = {{"X-Croupier-Timestamp", now},
                    {"X-Croupier-Signature", "sha256=" + webhook_signature(secret_, now, what.body)},
                    {"X-Croupier-Delivery", id_ + ":" + range}};
    auto outcome = http_.send(what);
    if (outcome.delivered) {
      entries_.clear();
      count_ = 0;
    }
    return outcome;
  }

  void abort() noexcept override { http_.abort(); }

private:
  const std::string id_;
  const std::string secret_;
  const std::string path_;
  outgoing_http http_;
  std::string entries_; ///< joined by commas
  std::size_t count_ = 0;
  sequence first_;
  sequence last_;
};

/// A target that is no address to send to: says so at each attempt, and keeps what is to be sent.
class unusable final : public outlet {
public:
  explicit unusable(std::string why) : why_(std::move(why)) {}
  void add(const committed_entry&, entry_renderer&) override { pending_ = true; }
  bool full() const override { return pending_; }
  bool pending() const override { return pending_; }
  sent_outcome send() override { return {false, why_, {}}; }

private:
  const std::string why_;
  bool pending_ = false;
};

} // namespace

std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  constexpr std::string_view hex = "0123456789abcdef";
  const std::string text = std::string(timestamp) + "." + std::string(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  const auto* made = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  CROUPIER_ASSERT(made != nullptr, "OpenSSL has no HMAC-SHA256");
  std::string out;
  for (unsigned i = 0; i < length; ++i) {
    out += hex[mac[i] >> 4U];
    out += hex[mac[i] & 0xfU];
  }
  return out;
}

std::unique_ptr<outlet> make_webhook(const destination& target, const outlet_means& means) {
  auto url = parse_outgoing(target.target);
  if (!url || (url->scheme != "http" && url->scheme != "https"))
    return std::make_unique<unusable>("the target is not an http or https address without user and password");
  return std::make_unique<webhook>(target, std::move(*url), means);
}

std::unique_ptr<outlet> make_outlet(const destination& target, const outlet_means& means) {
  if (!means.refusal.empty()) return std::make_unique<unusable>(means.refusal);
  switch (target.kind) {
  case destination_kind::webhook: return make_webhook(target, means);
  case destination_kind::file: return make_file_outlet(target, means);
  case destination_kind::nats: {
    const auto url = parse_outgoing(target.target);
    if (!url || (url->scheme != "nats" && url->scheme != "tls"))
      return std::make_unique<unusable>("the target is not a nats or tls address without user and password");
    return make_nats_outlet(target, means);
  }
  case destination_kind::postback: {
    const auto url = parse_outgoing(target.target);
    if (!url || (url->scheme != "http" && url->scheme != "https"))
      return std::make_unique<unusable>("the target is not an http or https address without user, password and macros "
                                        "in its host");
    return make_postback(target, means);
  }
  }
  ::croupier::detail::invariant_failed("kind in destination_kind", __FILE__, __LINE__, "a kind is none of its names");
}

} // namespace croupier::http::deliver
