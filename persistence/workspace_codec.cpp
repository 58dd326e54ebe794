#include "persistence/byte_codec.hpp"
#include "persistence/record_codec.hpp"

// The grammar of an object of the workspace, in the words of record_codec.cpp; uuid is 16 bytes.
//
//   object        := kind:u8 version:u8 body               version is 1 for every kind
//
//   kind 1, brand         := number:v id:uuid name:text currency:text aliases:v alias:text{aliases} flags:u8
//                            flags: bit 0 default
//   kind 2, metric        := number:v id:uuid code:text name:text type:u8 flags:u8
//                            flags: bit 0 monetary, bit 1 visible, bit 2 archived
//   kind 3, affiliate     := number:v id:uuid name:text
//   kind 4, offer         := number:v id:uuid name:text flags:u8 [metric:v rate:z]       flags: bit 0 revshare
//   kind 5, tracking_link := number:v id:uuid name:text offer:v affiliate:v destination:text flags:u8
//                            flags: bit 0 enabled
//   kind 6, api_key       := number:v id:uuid name:text secret_sha256:32 bytes scopes:u8 brands:v brand:v{brands}
//                            flags:u8 [expires_at_us:z]    flags: bit 0 expires, bit 1 revoked

namespace croupier::persistence {

namespace {

/// On disk: do not change the values, add new ones.
enum class object_kind : std::uint8_t {
  brand = 1,
  metric = 2,
  affiliate = 3,
  offer = 4,
  tracking_link = 5,
  api_key = 6
};

constexpr std::uint8_t object_version = 1;

/// Number, id and name stand first in every object, codes before names.
void put_head(std::string& out, object_kind kind, std::uint64_t number, const uuid& id) {
  put_byte(out, static_cast<std::uint8_t>(kind));
  put_byte(out, object_version);
  put_varint(out, number);
  out.append(id.bytes.begin(), id.bytes.end());
}

uuid read_uuid(byte_reader& in) {
  uuid id;
  const auto bytes = in.raw(id.bytes.size());
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

std::uint8_t read_flags(byte_reader& in, unsigned known) {
  const auto flags = in.byte();
  in.require((flags & ~known) == 0, "an unknown flag is set");
  return flags;
}

constexpr unsigned bit(bool set, int place) noexcept {
  return set ? 1U << place : 0U;
}

void put_body(std::string& out, const brand& value) {
  put_head(out, object_kind::brand, value.number.value, value.id);
  put_text(out, value.name);
  put_text(out, value.currency);
  put_varint(out, value.aliases.size());
  for (const auto& alias : value.aliases) put_text(out, alias);
  put_byte(out, static_cast<std::uint8_t>(bit(value.is_default, 0)));
}

brand read_brand(byte_reader& in) {
  brand value;
  value.number = in.number<brand_number>();
  value.id = read_uuid(in);
  value.name = in.text();
  value.currency = in.text();
  const auto aliases = in.varint();
  for (std::uint64_t i = 0; i < aliases && !in.failed(); ++i) value.aliases.emplace_back(in.text());
  value.is_default = read_flags(in, 1) != 0;
  return value;
}

void put_body(std::string& out, const metric& value) {
  put_head(out, object_kind::metric, value.number.value, value.id);
  put_text(out, value.code);
  put_text(out, value.name);
  put_byte(out, static_cast<std::uint8_t>(value.type));
  put_byte(out, static_cast<std::uint8_t>(bit(value.monetary, 0) | bit(value.visible, 1) | bit(value.archived, 2)));
}

metric read_metric(byte_reader& in) {
  metric value;
  value.number = in.number<metric_number>();
  value.id = read_uuid(in);
  value.code = in.text();
  value.name = in.text();
  const auto type = in.byte();
  in.require(type == 1 || type == 2, "the type of a metric is unknown");
  value.type = static_cast<metric_type>(type);
  const auto flags = read_flags(in, 7);
  value.monetary = (flags & 1U) != 0;
  value.visible = (flags & 2U) != 0;
  value.archived = (flags & 4U) != 0;
  return value;
}

void put_body(std::string& out, const affiliate& value) {
  put_head(out, object_kind::affiliate, value.number.value, value.id);
  put_text(out, value.name);
}

affiliate read_affiliate(byte_reader& in) {
  affiliate value;
  value.number = in.number<affiliate_number>();
  value.id = read_uuid(in);
  value.name = in.text();
  return value;
}

void put_body(std::string& out, const offer& value) {
  put_head(out, object_kind::offer, value.number.value, value.id);
  put_text(out, value.name);
  put_byte(out, static_cast<std::uint8_t>(bit(value.revshare.has_value(), 0)));
  if (!value.revshare) return;
  put_varint(out, value.revshare->metric);
  put_zigzag(out, value.revshare->rate.units());
}

offer read_offer(byte_reader& in) {
  offer value;
  value.number = in.number<offer_number>();
  value.id = read_uuid(in);
  value.name = in.text();
  if (read_flags(in, 1) == 0) return value;
  const auto metric = in.number<metric_number>();
  value.revshare = revshare_terms{metric, percentage::from_units(in.zigzag())};
  return value;
}

void put_body(std::string& out, const tracking_link& value) {
  put_head(out, object_kind::tracking_link, value.number.value, value.id);
  put_text(out, value.name);
  put_varint(out, value.offer);
  put_varint(out, value.affiliate);
  put_text(out, value.destination);
  put_byte(out, static_cast<std::uint8_t>(bit(value.enabled, 0)));
}

tracking_link read_link(byte_reader& in) {
  tracking_link value;
  value.number = in.number<link_number>();
  value.id = read_uuid(in);
  value.name = in.text();
  value.offer = in.number<offer_number>();
  value.affiliate = in.number<affiliate_number>();
  value.destination = in.text();
  value.enabled = read_flags(in, 1) != 0;
  return value;
}

void put_body(std::string& out, const api_key& value) {
  put_head(out, object_kind::api_key, value.number, value.id);
  put_text(out, value.name);
  out.append(value.secret_sha256.begin(), value.secret_sha256.end());
  put_byte(out, value.scopes);
  put_varint(out, value.brands.size());
  for (const auto brand : value.brands) put_varint(out, brand);
  put_byte(out, static_cast<std::uint8_t>(bit(value.expires_at.has_value(), 0) | bit(value.revoked, 1)));
  if (value.expires_at) put_zigzag(out, value.expires_at->unix_us);
}

api_key read_api_key(byte_reader& in) {
  api_key value;
  value.number = in.varint<std::uint32_t>();
  value.id = read_uuid(in);
  value.name = in.text();
  const auto secret = in.raw(value.secret_sha256.size());
  std::copy(secret.begin(), secret.end(), value.secret_sha256.begin());
  value.scopes = in.byte();
  const auto brands = in.varint();
  for (std::uint64_t i = 0; i < brands && !in.failed(); ++i) value.brands.push_back(in.number<brand_number>());
  const auto flags = read_flags(in, 3);
  if ((flags & 1U) != 0) value.expires_at = timestamp{in.zigzag64()};
  value.revoked = (flags & 2U) != 0;
  return value;
}

workspace_changed::object read_body(object_kind kind, byte_reader& in) {
  switch (kind) {
  case object_kind::brand: return read_brand(in);
  case object_kind::metric: return read_metric(in);
  case object_kind::affiliate: return read_affiliate(in);
  case object_kind::offer: return read_offer(in);
  case object_kind::tracking_link: return read_link(in);
  case object_kind::api_key: return read_api_key(in);
  }
  in.fail("the kind of the object is unknown");
  return {};
}

} // namespace

void encode_object(const workspace_changed::object& what, std::string& out) {
  std::visit([&out](const auto& value) { put_body(out, value); }, what);
}

result<workspace_changed::object, std::string> decode_object(std::string_view bytes) {
  byte_reader in(bytes);
  const auto kind = static_cast<object_kind>(in.byte());
  const auto version = in.byte();
  if (in.failed()) return in.problem();
  if (version != object_version)
    return "the object has version " + std::to_string(version) + ", this build knows version 1";
  auto value = read_body(kind, in);
  in.expect_end();
  if (in.failed()) return in.problem();
  return value;
}

} // namespace croupier::persistence
